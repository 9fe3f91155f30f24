"""The shape, metadata and preview of TIFF files and of raw files built like them, for `listing`."""

from __future__ import annotations

from photosearch.images.orientation import turned_size
from photosearch.images.outline import Outline
from photosearch.images.outline_jpeg import outline_jpeg, preview_at
from photosearch.images.tiff import Tiff
from photosearch.images.tiff_tags import (
    COMPRESSION,
    DNG_VERSION,
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    HEIGHT,
    JPEG_LENGTH,
    JPEG_OFFSET,
    ORIENTATION,
    PANASONIC_JPEG,
    STRIP_LENGTHS,
    STRIP_OFFSETS,
    WIDTH,
)
from photosearch.images.window import Window

#: JPEG in strips: old and new.
_JPEG_COMPRESSIONS = frozenset({6, 7})
_EXIF_WIDTH, _EXIF_HEIGHT = 0xA002, 0xA003
#: DNG: what of the sensor's pixels is meant to be shown.
_CROP_SIZE = 0xC620
#: Panasonic's own: the sensor's borders.
_PANASONIC_BORDERS = (0x0004, 0x0005, 0x0006, 0x0007)
_FUJI_JPEG_AT = 84

FUJI = b"FUJIFILMCCD-RAW "
_TIFF = frozenset({b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"})
#: Olympus, Panasonic.
TIFF_LIKE_RAW = frozenset({b"IIRO", b"IIRS", b"MMOR", b"IIU\0"})


def is_tiff(head: bytes) -> bool:
    """True for TIFF's signatures, and Olympus' and Panasonic's own."""
    return head[:4] in _TIFF | TIFF_LIKE_RAW


def outline_tiff(window: Window, name: str) -> Outline:
    """Reads the directories and the largest preview that is not too large.

    Args:
        window: The file.
        name: The format's, for `PhotoFacts`.
    """
    tiff = Tiff(window)
    if not tiff.directories:
        return Outline(name, (0, 0), b"")
    tiff.read_values()
    first = tiff.directories[0]
    orientation = tiff.number(first, ORIENTATION)
    turn = orientation if 1 <= orientation <= 8 else 1
    size_px = turned_size(_size(tiff), turn)
    return Outline(name, size_px, window.sparse(), tiff_preview(window, tiff), turn)


def outline_fuji(window: Window) -> Outline:
    """Reads the JPEG that Fujifilm's raw files begin with: it has all metadata, and a thumbnail.

    Raises:
        TooFarError: It would be more than is allowed.
    """
    start = int.from_bytes(window.read(_FUJI_JPEG_AT, 4), "big")
    inner = outline_jpeg(window, start)
    return Outline("RAF", inner.size_px, inner.header, inner.preview, inner.preview_turn)


def is_dng(window: Window) -> bool:
    """True for a TIFF file that holds raw data by Adobe's rules."""
    tiff = Tiff(window)
    return bool(tiff.directories) and DNG_VERSION in tiff.directories[0].entries


def tiff_preview(window: Window, tiff: Tiff) -> bytes | None:
    """Returns the largest embedded JPEG that may still be read."""
    found: list[tuple[int, int]] = []
    for directory in tiff.directories:
        start, length = (tiff.number(directory, tag) for tag in (JPEG_OFFSET, JPEG_LENGTH))
        if not start and tiff.number(directory, COMPRESSION) in _JPEG_COMPRESSIONS:
            starts = tiff.numbers(directory, STRIP_OFFSETS)
            if len(starts) == 1:
                start, length = starts[0], tiff.number(directory, STRIP_LENGTHS)
        panasonic = directory.entries.get(PANASONIC_JPEG)
        if panasonic is not None:
            start, length = panasonic.at - tiff.base, panasonic.length_bytes
        if start and length:
            found.append((length, tiff.base + start))
    for length, start in sorted(found, reverse=True):
        jpeg = preview_at(window, start, length)
        # Lossless JPEG, of raw data, is no preview.
        if jpeg is not None and b"\xff\xc3" not in jpeg[:4096]:
            return jpeg
    return None


def _size(tiff: Tiff) -> tuple[int, int]:
    """Returns the size of the largest picture, as it lies."""
    sizes = []
    for directory in tiff.directories:
        if directory.lead == GPS_DIRECTORY:
            continue
        is_exif = directory.lead == EXIF_DIRECTORY
        tags = (_EXIF_WIDTH, _EXIF_HEIGHT) if is_exif else (WIDTH, HEIGHT)
        size = tiff.number(directory, tags[0]), tiff.number(directory, tags[1])
        crop = tiff.numbers(directory, _CROP_SIZE)
        if len(crop) == 2 and all(crop):
            size = crop[0], crop[1]
        sizes.append(size)
    if PANASONIC_JPEG in tiff.directories[0].entries:
        top, left, bottom, right = (
            tiff.number(tiff.directories[0], tag) for tag in _PANASONIC_BORDERS
        )
        sizes.append((max(0, right - left), max(0, bottom - top)))
    return max(sizes, key=lambda size: size[0] * size[1])
