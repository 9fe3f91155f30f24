"""What the pixels of JPEG 2000 files are made of, for `picture_data` (ISO 15444-1, A and I)."""

from __future__ import annotations

from photosearch.images.boxes import walk
from photosearch.images.parts import Part, Parts, UnsureError, counted

#: Of a file of boxes, and of a bare code stream.
JP2_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
J2K_SIGNATURE = b"\xff\x4f\xff\x51"
_SOT, _COM = 0x90, 0x64
#: What the header says of the pixels; its resolution is for printers.
_HEADER_KEPT = frozenset({b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef"})
_BY_NUMBER = 1
#: Before the first tile: more than any writer makes.
_SEGMENTS_MAX = 10_000


def jp2_parts(encoded: bytes) -> Parts:
    """The boxes that tell colours, and the code streams, of which the first is shown."""
    view = memoryview(encoded)
    has_header = has_pixels = False
    for box in walk(view, 0, len(encoded)):
        if box.kind == b"ftyp":  # without it, nobody opens the file
            yield from counted(box.kind, view[box.body : box.end])
        elif box.kind == b"jp2h":
            if has_header:
                raise UnsureError("two headers")
            has_header = True
            for inner in walk(view, box.body, box.end):
                if inner.kind in _HEADER_KEPT:
                    body = view[inner.body : inner.end]
                    is_colours = inner.kind == b"colr"
                    yield from counted(inner.kind, _colours(body) if is_colours else body)
        elif box.kind == b"jp2c":
            body = view[box.body : box.end]
            yield from counted(b"more", body) if has_pixels else _stream(body)
            has_pixels = True
    if not (has_header and has_pixels):
        raise UnsureError("no pixels")


def j2k_parts(encoded: bytes) -> Parts:
    """The bare code stream, which tells colours by itself."""
    return _stream(memoryview(encoded))


def _colours(body: memoryview) -> Part:
    """Returns what a colour box says: a profile, or a number; exiv2 leaves rubbish behind that."""
    is_number = body[:1] == bytes([_BY_NUMBER])
    return bytes(body[:1]) + bytes(body[3:7]) if is_number else body


def _stream(view: memoryview) -> Parts:
    """A code stream without the comments before its first tile."""
    if view[:4] != J2K_SIGNATURE:
        raise UnsureError("no code stream")
    at, kept_from, segments = 2, 0, list[memoryview]()
    left = _SEGMENTS_MAX
    while view[at : at + 2] != bytes([0xFF, _SOT]):
        left -= 1
        if view[at] != 0xFF or left < 0:
            raise UnsureError("no marker, or too many")
        end = at + 2 + int.from_bytes(view[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(view):
            raise UnsureError("segment")
        if view[at + 1] == _COM:
            segments.append(view[kept_from:at])
            kept_from = end
        at = end
    segments.append(view[kept_from:])
    yield b"jp2c" + sum(map(len, segments)).to_bytes(8, "little")
    yield from segments
