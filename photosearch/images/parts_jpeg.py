"""What the pixels of a JPEG are made of, for `picture_data`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.images.orientation import orientation_of
from photosearch.images.parts import Parts, UnsureError, counted, turn

_EXIF, _XMP, _ICC, _ADOBE = (
    b"Exif\0\0",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"ICC_PROFILE\0",
    b"Adobe",
)
#: Markers without a length: TEM, RSTn, SOI.
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI, _APP0, _APP15, _COM = 0xDA, 0xD9, 0xE0, 0xEF, 0xFE


def jpeg_parts(encoded: bytes) -> Parts:
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
            raise UnsureError("segment")
        body = view[at + 2 : end]
        if _APP0 <= marker <= _APP15:
            exif, xmp = _jpeg_metadata(marker, body, exif, xmp)
            if (marker == 0xE2 and body[:12] == _ICC) or (marker == 0xEE and body[:5] == _ADOBE):
                # Before the rest: other programs may put their segments anywhere among these.
                yield from counted(bytes([marker]), body)
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
        raise UnsureError("no frame")
    yield b"rest"
    for start, end in kept:
        yield view[start:end]
    yield turn(orientation_of(exif, xmp))


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
        raise UnsureError("no marker")
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
