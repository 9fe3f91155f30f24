"""What the pixels of PNG and WebP files are made of, for `picture_data`."""

from __future__ import annotations

from photosearch.images.orientation import orientation_of
from photosearch.images.parts import Part, Parts, UnsureError, counted, turn

#: Chunks of a PNG that say what its pixels look like (PNG 3; APNG).
_PNG_KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"iCCP", b"sRGB", b"sBIT", b"cICP"),
        *(b"acTL", b"fcTL", b"fdAT"),
    }
)
_PNG_XMP = b"XML:com.adobe.xmp\0"
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def png_parts(encoded: bytes) -> Parts:
    """Chunks that make pixels. How the compressed data are divided into chunks tells nothing."""
    view = memoryview(encoded)
    exif = xmp = None
    has_pixels = False
    at = 8
    while True:
        length, kind = int.from_bytes(encoded[at : at + 4], "big"), encoded[at + 4 : at + 8]
        body = view[at + 8 : at + 8 + length]
        if len(kind) < 4 or len(body) < length:
            raise UnsureError("chunk")
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            has_pixels = True
            yield body
        elif kind in _PNG_KEPT:
            yield from counted(kind, body)
        elif kind == b"eXIf":
            exif = bytes(body)
        elif kind == b"iTXt" and body[: len(_PNG_XMP)] == _PNG_XMP:
            xmp = bytes(body)
        elif kind in {b"tEXt", b"zTXt"} and bytes(body[:21]) == b"Raw profile type exif":
            raise UnsureError("an orientation in a form that nobody writes any more")
        at += 12 + length
    if not has_pixels:
        raise UnsureError("no pixels")
    yield turn(orientation_of(exif, xmp))


def webp_parts(encoded: bytes) -> Parts:
    """Chunks that make pixels; of an animation, its canvas too."""
    view = memoryview(encoded)
    exif = xmp = None
    end = 8 + int.from_bytes(encoded[4:8], "little")
    if end > len(encoded):
        raise UnsureError("cut short")
    at = 12
    has_pixels = is_animated = False
    canvas: Part = b""
    while at + 8 <= end:
        kind, length = encoded[at : at + 4], int.from_bytes(encoded[at + 4 : at + 8], "little")
        body = view[at + 8 : at + 8 + length]
        if at + 8 + length > end:
            raise UnsureError("chunk")
        if kind in _WEBP_KEPT:
            has_pixels |= kind in {b"VP8 ", b"VP8L", b"ANMF"}
            is_animated |= kind == b"ANIM"
            yield from counted(kind, body)
        elif kind == b"VP8X":
            canvas = body[4:10]  # its flags tell of metadata
        elif kind == b"EXIF":
            exif = bytes(body)
        elif kind == b"XMP ":
            xmp = bytes(body)
        at += 8 + length + length % 2
    if not has_pixels:
        raise UnsureError("no pixels")
    if is_animated:  # of a still, the pixels' own header tells it
        yield from counted(b"VP8X", canvas)
    yield turn(orientation_of(exif, xmp))
