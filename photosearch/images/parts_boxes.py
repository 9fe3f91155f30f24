"""What the pixels of HEIF, AVIF and JPEG XL files are made of, for `picture_data`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from photosearch.images.boxes import BoxError, Item, Items, read_items, walk
from photosearch.images.orientation import orientation_of
from photosearch.images.parts import Part, Parts, UnsureError, counted, turn
from photosearch.images.sizes import JXL_SIGNATURES

#: Kinds of HEIF items that are no pictures.
_NO_PICTURES = frozenset({b"Exif", b"mime", b"uri "})
#: How items come together to a picture: tiles, transparency. Not thumbnails, depth, metadata.
_PICTURE_REFERENCES = frozenset({b"dimg", b"auxl", b"prem", b"tbas"})


def jxl_parts(encoded: bytes) -> Parts:
    """The code stream, which holds its own turn; a JPEG inside is turned by its EXIF block.

    However it is wrapped: programs put a bare stream into a container to add metadata.
    """
    view = memoryview(encoded)
    if encoded.startswith(JXL_SIGNATURES[0]):
        yield view
        return
    exif = None
    jpeg: Part | None = None
    has_pixels = False
    for box in walk(view, 0, len(encoded)):
        body = view[box.body : box.end]
        if box.kind in {b"jxlc", b"jxlp"}:
            has_pixels = True
            yield body[4:] if box.kind == b"jxlp" else body  # behind the number of the part
        elif box.kind == b"jbrd":
            jpeg = body
        elif box.kind == b"Exif" and exif is None:
            exif = bytes(body[4:])
        elif box.kind == b"brob" and bytes(body[:4]) == b"Exif":
            raise UnsureError("packed metadata")
    if not has_pixels:
        raise UnsureError("no pixels")
    if jpeg is not None:
        yield from counted(b"jbrd", jpeg)
        yield turn(orientation_of(exif))


def heif_parts(encoded: bytes) -> Parts:
    """The data of the picture that is shown, of all that it is made from, and how."""
    view = memoryview(encoded)
    top = list(walk(view, 0, len(encoded)))
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1 or any(box.kind == b"moov" for box in top):
        raise UnsureError("a sequence")
    items = read_items(view, metas[0])
    numbers = picture_items(items)
    yield items.primary.to_bytes(4, "little")
    for number in numbers:
        item = items.by_number[number]
        yield number.to_bytes(4, "little") + item.kind
        for described, is_essential in item.properties:
            yield from counted(b"prop" + bytes([is_essential]), described)
        for kind, targets in item.references:
            if kind in _PICTURE_REFERENCES:
                yield from counted(kind, repr(targets).encode())
        for part in item_data(view, items, item):
            yield from counted(b"data", part)


def picture_items(items: Items) -> list[int]:
    """Numbers of the primary picture and all that it is made from, in order.

    Raises:
        UnsureError: Some of it is not in this file, or is no picture.
    """
    wanted, waiting = set[int](), [items.primary]
    # Transparency points to its picture, tiles are pointed to by theirs.
    transparency = defaultdict[int, list[int]](list)
    for number, item in items.by_number.items():
        for kind, targets in item.references:
            if kind == b"auxl" and _is_transparency(item):
                for target in targets:
                    transparency[target].append(number)
    while waiting:
        number = waiting.pop()
        if number in wanted:
            continue
        part = items.by_number.get(number)
        if part is None or part.kind in _NO_PICTURES or not part.kind or part.is_elsewhere:
            raise UnsureError("item")
        wanted.add(number)
        for kind, targets in part.references:
            if kind in {b"dimg", b"tbas", b"prem"}:
                waiting += targets
        waiting += transparency.get(number, ())
    return sorted(wanted)


def _is_transparency(item: Item) -> bool:
    """Tells it from depth and gain maps, which nothing here shows (ISO 23008-12, 6.5.8)."""
    return any(
        box[4:8] == b"auxC" and (b":auxiliary:alpha" in box or b":auxid:1" in box)
        for box, _is_essential in item.properties
    )


def item_data(view: memoryview, items: Items, item: Item) -> Iterator[memoryview]:
    """The parts of an item's data.

    Raises:
        BoxError: Some of it lies outside the file.
    """
    start, end = items.inside if item.is_inside else (0, len(view))
    for offset, length in item.extents:
        stop = start + offset + length if length else end  # 0: all that is left
        if start + offset > stop or stop > end:
            raise BoxError("item data outside the file")
        yield view[start + offset : stop]
