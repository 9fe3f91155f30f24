"""What the pixels of a picture are made of, apart from all else in its file.

Used by `identity`, which hashes it and says what is left out and why. Whatever is not as it should
be raises `ValueError`, or `IndexError` where the file ends too early.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from photosearch.images.boxes import BoxError, Item, Items, read_items, walk
from photosearch.images.orientation import orientation_of
from photosearch.images.sizes import JXL_SIGNATURES

Part = bytes | memoryview
Parts = Iterator[Part]

_EXIF, _XMP, _ICC, _ADOBE = (
    b"Exif\0\0",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"ICC_PROFILE\0",
    b"Adobe",
)
#: Markers without a length: TEM, RSTn, SOI.
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI, _APP0, _APP15, _COM = 0xDA, 0xD9, 0xE0, 0xEF, 0xFE

#: Chunks of a PNG that say what its pixels look like (PNG 3; APNG).
_PNG_KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"iCCP", b"sRGB", b"sBIT", b"cICP"),
        *(b"acTL", b"fcTL", b"fdAT"),
    }
)
_PNG_XMP = b"XML:com.adobe.xmp\0"
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
#: Kinds of HEIF items that are no pictures.
_NO_PICTURES = frozenset({b"Exif", b"mime", b"uri "})
#: How items come together to a picture: tiles, transparency. Not thumbnails, depth, metadata.
_PICTURE_REFERENCES = frozenset({b"dimg", b"auxl", b"prem", b"tbas"})
_HEIF_BRANDS = re.compile(rb"ftyp(hei[cmsx]|hev[cmsx]|mif[12]|msf1|avi[fs]|miaf)")


class _UnsureError(ValueError):
    """The file is not as it should be."""


def way_of(encoded: bytes) -> tuple[bytes, Callable[[bytes], Parts] | None]:
    """Returns how to take a file apart, and what that is called; None where nobody knows."""
    if encoded[:3] == b"\xff\xd8\xff":
        return b"jpeg", _jpeg
    if encoded[:8] == b"\x89PNG\r\n\x1a\n":
        return b"png", _png
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return b"webp", _webp
    if encoded.startswith(JXL_SIGNATURES):
        return b"jxl", _jxl
    if _HEIF_BRANDS.match(encoded, 4):
        return b"heif", _heif
    return b"", None


def _turn(orientation: int) -> bytes:
    return b"turn" + bytes([orientation])


def _counted(kind: bytes, part: Part) -> Parts:
    """A part with its kind and length before it, so that no other parts read the same."""
    yield kind + len(part).to_bytes(8, "little")
    yield part


def _jpeg(encoded: bytes) -> Parts:
    """Frame headers, tables and scans; of the application segments colours only."""
    view = memoryview(encoded)
    marks = _jpeg_markers(encoded)
    kept: list[tuple[int, int]] = []
    exif = xmp = None
    at = 2
    while True:
        marker, at = _jpeg_marker(encoded, at)
        if marker == _EOI:
            break
        if marker in _BARE_MARKERS:
            continue
        end = at + int.from_bytes(encoded[at : at + 2], "big")
        if end < at + 2 or end > len(encoded):
            raise _UnsureError("segment")
        body = view[at + 2 : end]
        if _APP0 <= marker <= _APP15:
            exif, xmp = _jpeg_metadata(marker, body, exif, xmp)
            if (marker == 0xE2 and body[:12] == _ICC) or (marker == 0xEE and body[:5] == _ADOBE):
                # Before the rest: other programs may put their segments anywhere among these.
                yield from _counted(bytes([marker]), body)
        elif marker != _COM:
            start = at - 2
            if marker == _SOS:
                # Within a scan no marker stands but those of restarts.
                index = int(np.searchsorted(marks, end))
                end = int(marks[index]) if index < len(marks) else len(encoded)
            kept.append((start, end))
            if end == len(encoded):
                break  # cut short, or without its last marker
        at = end
    if not kept:
        raise _UnsureError("no frame")
    yield b"rest"
    for start, end in kept:
        yield view[start:end]
    yield _turn(orientation_of(exif, xmp))


def _jpeg_markers(encoded: bytes) -> npt.NDArray[np.intp]:
    """Offsets where a marker may stand that ends a scan."""
    data = np.frombuffer(encoded, np.uint8)
    found = np.flatnonzero(data[:-1] == 0xFF)
    after = data[found + 1]
    is_marker = (after != 0) & (after != 0xFF) & ((after < 0xD0) | (after > 0xD7))
    markers: npt.NDArray[np.intp] = found[is_marker]
    return markers


def _jpeg_marker(encoded: bytes, at: int) -> tuple[int, int]:
    """Returns the marker that stands there, and where it ends."""
    if encoded[at] != 0xFF:
        raise _UnsureError("no marker")
    while encoded[at] == 0xFF:  # any number may stand before it
        at += 1
    return encoded[at], at + 1


def _jpeg_metadata(
    marker: int, body: memoryview, exif: bytes | None, xmp: bytes | None
) -> tuple[bytes | None, bytes | None]:
    if marker == 0xE1 and body[:6] == _EXIF:
        # A block of more than 64 KB goes on in the next segment, as Pillow reads it.
        exif = bytes(body) if exif is None else exif + bytes(body[6:])
    elif marker == 0xE1 and body[:29] == _XMP:
        xmp = bytes(body[29:])
    return exif, xmp


def _png(encoded: bytes) -> Parts:
    """Chunks that make pixels. How the compressed data are divided into chunks tells nothing."""
    view = memoryview(encoded)
    exif = xmp = None
    has_pixels = False
    at = 8
    while True:
        length, kind = int.from_bytes(encoded[at : at + 4], "big"), encoded[at + 4 : at + 8]
        body = view[at + 8 : at + 8 + length]
        if len(kind) < 4 or len(body) < length:
            raise _UnsureError("chunk")
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            has_pixels = True
            yield body
        elif kind in _PNG_KEPT:
            yield from _counted(kind, body)
        elif kind == b"eXIf":
            exif = bytes(body)
        elif kind == b"iTXt" and body[: len(_PNG_XMP)] == _PNG_XMP:
            xmp = bytes(body)
        elif kind in {b"tEXt", b"zTXt"} and bytes(body[:21]) == b"Raw profile type exif":
            raise _UnsureError("an orientation in a form that nobody writes any more")
        at += 12 + length
    if not has_pixels:
        raise _UnsureError("no pixels")
    yield _turn(orientation_of(exif, xmp))


def _webp(encoded: bytes) -> Parts:
    view = memoryview(encoded)
    exif = xmp = None
    end = 8 + int.from_bytes(encoded[4:8], "little")
    if end > len(encoded):
        raise _UnsureError("cut short")
    at = 12
    has_pixels = is_animated = False
    canvas: Part = b""
    while at + 8 <= end:
        kind, length = encoded[at : at + 4], int.from_bytes(encoded[at + 4 : at + 8], "little")
        body = view[at + 8 : at + 8 + length]
        if at + 8 + length > end:
            raise _UnsureError("chunk")
        if kind in _WEBP_KEPT:
            has_pixels |= kind in {b"VP8 ", b"VP8L", b"ANMF"}
            is_animated |= kind == b"ANIM"
            yield from _counted(kind, body)
        elif kind == b"VP8X":
            canvas = body[4:10]  # its flags tell of metadata
        elif kind == b"EXIF":
            exif = bytes(body)
        elif kind == b"XMP ":
            xmp = bytes(body)
        at += 8 + length + length % 2
    if not has_pixels:
        raise _UnsureError("no pixels")
    if is_animated:  # of a still, the pixels' own header tells it
        yield from _counted(b"VP8X", canvas)
    yield _turn(orientation_of(exif, xmp))


def _jxl(encoded: bytes) -> Parts:
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
            raise _UnsureError("packed metadata")
    if not has_pixels:
        raise _UnsureError("no pixels")
    if jpeg is not None:
        yield from _counted(b"jbrd", jpeg)
        yield _turn(orientation_of(exif))


def _heif(encoded: bytes) -> Parts:
    """The data of the picture that is shown, of all that it is made from, and how."""
    view = memoryview(encoded)
    top = list(walk(view, 0, len(encoded)))
    metas = [box for box in top if box.kind == b"meta"]
    if len(metas) != 1 or any(box.kind == b"moov" for box in top):
        raise _UnsureError("a sequence")
    items = read_items(view, metas[0])
    numbers = _picture_items(items)
    yield items.primary.to_bytes(4, "little")
    for number in numbers:
        item = items.by_number[number]
        yield number.to_bytes(4, "little") + item.kind
        for described, is_essential in item.properties:
            yield from _counted(b"prop" + bytes([is_essential]), described)
        for kind, targets in item.references:
            if kind in _PICTURE_REFERENCES:
                yield from _counted(kind, repr(targets).encode())
        for part in _item_data(view, items, item):
            yield from _counted(b"data", part)


def _picture_items(items: Items) -> list[int]:
    """Numbers of the primary picture and all that it is made from, in order."""
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
            raise _UnsureError("item")
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


def _item_data(view: memoryview, items: Items, item: Item) -> Iterator[memoryview]:
    start, end = items.inside if item.is_inside else (0, len(view))
    for offset, length in item.extents:
        stop = start + offset + length if length else end  # 0: all that is left
        if start + offset > stop or stop > end:
            raise BoxError("item data outside the file")
        yield view[start + offset : stop]
