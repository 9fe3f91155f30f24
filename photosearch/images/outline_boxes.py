"""The shape, metadata and thumbnail of HEIF, AVIF and Canon's CR3 files, for `listing`."""

from __future__ import annotations

from PIL import Image

from photosearch.images.boxes import (
    Box,
    BoxError,
    Item,
    Items,
    box_at,
    read_items,
    shown_size,
    walk,
)
from photosearch.images.orientation import SIDEWAYS, orientation_of
from photosearch.images.outline import Outline
from photosearch.images.outline_jpeg import preview_at
from photosearch.images.preview import first_preview
from photosearch.images.window import TooFarError, Window

_BOXES_MAX = 32
#: Metadata of longer items stay for the second reading.
_ITEM_MAX_BYTES = 60_000
_META_MAX_BYTES = 120_000
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
#: Canon's box of everything but pixels, and that of the preview.
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")


def outline_boxes(window: Window) -> Outline:
    """Reads what stands before the pixels, and the thumbnail.

    Raises:
        ValueError: It is malformed.
        TooFarError: It would be more than is allowed.
    """
    boxes = _top_boxes(window)
    brands = window.read(boxes[0].body, min(boxes[0].end - boxes[0].body, 256))
    if brands[:4] == b"crx ":
        return _canon_raw(window, boxes)
    meta = next((box for box in boxes if box.kind == b"meta"), None)
    if meta is None or meta.end - meta.start > _META_MAX_BYTES:
        raise BoxError("no usable list of items")
    window.read(meta.start, meta.end - meta.start)
    known = window.sparse(meta.end)
    items = read_items(known, meta)
    primary = items.by_number.get(items.primary)
    if primary is None:
        raise BoxError("no primary picture")
    for item in items.by_number.values():
        is_xmp = item.kind == b"mime" and b"rdf+xml" in item.content_type
        if item.kind == b"Exif" or is_xmp:
            _read_item(window, item)
    is_avif = bool(_AVIF_BRANDS & {brands[at : at + 4] for at in range(0, len(brands), 4)})
    preview = None if is_avif else _heif_thumbnail(window, items)
    name = "AVIF" if is_avif else "HEIF"
    return Outline(name, shown_size(primary), window.sparse(), preview)


def _top_boxes(window: Window) -> list[Box]:
    boxes: list[Box] = []
    at = 0
    while at < window.size_bytes and len(boxes) < _BOXES_MAX:
        try:
            boxes.append(box_at(window.read(at, 16), at, window.size_bytes))
        except (BoxError, TooFarError):
            break  # cut short
        at = boxes[-1].end
    if not boxes or boxes[0].kind != b"ftyp":
        raise BoxError("no brand")
    return boxes


def _read_item(window: Window, item: Item) -> bool:
    """Reads an item's data, unless they are long; tells whether they are there."""
    if item.is_elsewhere:
        return False
    if item.is_inside:
        return True
    if sum(length for _offset, length in item.extents) > _ITEM_MAX_BYTES:
        return False
    try:
        return all(len(window.read(start, length)) == length for start, length in item.extents)
    except TooFarError:
        return False


def _heif_thumbnail(window: Window, items: Items) -> Image.Image | None:
    """Decodes the thumbnail of the primary picture from the parts that were read."""
    thumbnails = [
        item
        for item in items.by_number.values()
        if any(kind == b"thmb" and items.primary in targets for kind, targets in item.references)
    ]
    if not any(_read_item(window, item) for item in thumbnails):
        return None
    # The decoder checks that the file is as long as its boxes say.
    return first_preview(window.sparse(window.size_bytes))


def _canon_raw(window: Window, boxes: list[Box]) -> Outline:
    size_px, turn, preview = (0, 0), 1, None
    for box in boxes:
        if box.kind == b"moov":
            inside = window.read(box.body, min(box.end - box.body, _META_MAX_BYTES))
            size_px, turn, preview = _canon_facts(inside)
        elif box.kind == b"uuid" and window.read(box.body, 16) == _CANON_PREVIEW:
            # 8 bytes, then a box "PRVW" whose JPEG begins 16 bytes into its content.
            start = box.body + 24
            inner = box_at(window.read(start, 16), start, box.end)
            begin = inner.body + 16
            preview = preview_at(window, begin, inner.end - begin) or preview
    if turn in SIDEWAYS:
        size_px = size_px[::-1]
    return Outline("CR3", size_px, window.sparse(), preview, turn)


def _canon_facts(inside: bytes) -> tuple[tuple[int, int], int, bytes | None]:
    """Returns size, orientation and thumbnail from the content of a CR3's "moov" box."""
    size_px, turn, thumbnail = (0, 0), 1, None
    for box in walk(inside, 0, len(inside)):
        if box.kind != b"uuid" or inside[box.body : box.body + 16] != _CANON:
            continue
        for inner in walk(inside, box.body + 16, box.end):
            body = inside[inner.body : inner.end]
            if inner.kind == b"CMT1":
                turn = orientation_of(body)
                exif = Image.Exif()
                exif.load(body)
                size_px = int(exif.get(0x0100, 0)), int(exif.get(0x0101, 0))
            elif inner.kind == b"THMB" and body[16:18] == b"\xff\xd8":
                thumbnail = body[16:]
        break
    return size_px, turn, thumbnail
