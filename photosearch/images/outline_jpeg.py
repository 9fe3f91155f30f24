"""The shape, metadata and EXIF thumbnail of a JPEG, for `listing`."""

from __future__ import annotations

from photosearch.images.orientation import orientation_of, turned_size
from photosearch.images.outline import Outline
from photosearch.images.tiff import Tiff
from photosearch.images.tiff_tags import JPEG_LENGTH, JPEG_OFFSET
from photosearch.images.window import TooFarError, Window

_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_SOI, _EOI, _SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
#: EXIF and XMP, IPTC, comments.
_METADATA = frozenset({0xE1, 0xED, 0xFE})
#: A file with more segments before its scan is made to be slow.
_SEGMENTS_MAX = 500


def outline_jpeg(window: Window, start: int = 0) -> Outline:
    """Reads the segments before the first scan, those that hold metadata only.

    Args:
        window: The file.
        start: Where the JPEG begins in it.

    Raises:
        TooFarError: It would be more than is allowed.
    """
    kept = [_SOI]
    exif = xmp = None
    size_px = (0, 0)
    at = start + 2
    for _ in range(_SEGMENTS_MAX):
        head = window.read(at, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in {_SOS, _EOI[1]}:
            break
        marker = head[1]
        if marker in _BARE_MARKERS or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(head[2:4], "big")
        if marker in _METADATA and window.has(at, length + 2):
            segment = window.read(at, 2 + length)
            kept.append(segment)
            body = segment[4:]
            if marker == 0xE1 and body.startswith(_EXIF):
                exif = body if exif is None else exif + body[len(_EXIF) :]
            elif marker == 0xE1 and body.startswith(_XMP):
                xmp = body[len(_XMP) :]
        elif marker in _FRAMES:
            frame = window.read(at, 9)
            size_px = (int.from_bytes(frame[7:9], "big"), int.from_bytes(frame[5:7], "big"))
            kept.append(window.read(at, 2 + length))
        at += 2 + max(2, length)
    orientation = orientation_of(exif, xmp)
    return Outline(
        "JPEG",
        turned_size(size_px, orientation),
        b"".join(kept) + _EOI,
        exif_thumbnail(exif),
        orientation,
    )


def exif_thumbnail(exif: bytes | None) -> bytes | None:
    """Returns the JPEG in an EXIF block's second directory; None where there is none."""
    if not exif:
        return None
    block = exif.removeprefix(_EXIF)
    tiff = Tiff(Window(block, len(block)))
    for directory in tiff.directories[1:]:
        offset = tiff.number(directory, JPEG_OFFSET)
        length = tiff.number(directory, JPEG_LENGTH)
        jpeg = block[offset : offset + length]
        if jpeg.startswith(_SOI):
            return jpeg
    return None


def preview_at(window: Window, start: int, length: int) -> bytes | None:
    """Returns an embedded JPEG, where it is one and not more than may be read."""
    if length <= 0:
        return None
    try:
        jpeg = window.read(start, length)
    except TooFarError:
        return None
    return jpeg if jpeg.startswith(_SOI) else None
