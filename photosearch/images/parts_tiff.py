"""What the pixels of a TIFF are made of, for `picture_data` (TIFF 6.0, and BigTIFF).

Where strips, tiles and values lie in the file tells nothing: programs that write metadata write
the directories anew and move the rest.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from photosearch.images.orientation import orientation_of
from photosearch.images.parts import Parts, UnsureError, counted, turn
from photosearch.images.tiff_pages import Page, TiffPages
from photosearch.images.tiff_tags import (
    COMPRESSION,
    DNG_VERSION,
    HEIGHT,
    JPEG_OFFSET,
    ORIENTATION,
    STRIP_LENGTHS,
    STRIP_OFFSETS,
    SUB_FILE,
    WIDTH,
)

TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BITS, _PHOTOMETRIC, _SAMPLES, _ROWS, _PLANES = 0x0102, 0x0106, 0x0115, 0x0116, 0x011C
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_LENGTHS = 0x0142, 0x0143, 0x0144, 0x0145
_XMP = 0x02BC
_PLAIN, _OLD_JPEG, _SEPARATE = 1, 6, 2
_REDUCED = 1
#: Sensors' data, of which LibRaw makes the picture by far more than this.
_RAW_PHOTOMETRICS = frozenset({32803, 34892})

#: What says how pixels are packed and what they look like.
_KEPT = (
    *(WIDTH, HEIGHT, _BITS, COMPRESSION, _PHOTOMETRIC, _SAMPLES, _ROWS, _PLANES),
    *(_TILE_WIDTH, _TILE_HEIGHT),
    *(0x010A, 0x0124, 0x0125),  # order of bits, options of fax
    *(0x013D, 0x0140, 0x0152, 0x0153),  # predictor, colour map, extra samples, kind of number
    *(0x012D, 0x013E, 0x013F),  # transfer function, white point, primaries
    *(0x014C, 0x014E, 0x0150),  # inks
    *(0x015B, 0x0211, 0x0212, 0x0213, 0x0214),  # tables of JPEG, YCbCr
    *(0x80E5, 0x80E6, 0x8773),  # depth of volumes, colour profile
)
_STRIPS, _TILES = (STRIP_OFFSETS, STRIP_LENGTHS), (_TILE_OFFSETS, _TILE_LENGTHS)
_PLACES = frozenset({*_STRIPS, *_TILES})
_READ = frozenset({*_KEPT, *_PLACES, ORIENTATION, _XMP, SUB_FILE, DNG_VERSION, JPEG_OFFSET})
#: Strips and tiles of all pages together: one for each row of each colour of the largest picture.
_PIECES_MAX = 1_000_000
#: Longer than any piece, and short enough for 64 bits.
_ENDLESS_BYTES = 1 << 62


def tiff_parts(encoded: bytes) -> Parts:
    """Strips or tiles of each page, with all that tells how they look; of the first, its turn.

    Only the first page is shown. The others count nevertheless, like the frames of an animation:
    two documents with one cover are not one. Smaller views and thumbnails of it do not count.
    """
    pages = TiffPages(encoded, _READ)
    left = _PIECES_MAX
    yield encoded[:2]  # the order of bytes, in values and maybe in pixels
    for number, page in enumerate(pages):
        is_reduced = bool(pages.number(page, SUB_FILE, 0) & _REDUCED)
        is_thumbnail = JPEG_OFFSET in page and not page.keys() & _PLACES
        if number == 0:
            if is_reduced or is_thumbnail or _is_raw(pages, page):
                raise UnsureError("a preview of raw data")
            yield turn(_orientation(pages, page))
        elif is_reduced or is_thumbnail:
            continue
        needed = _needed_bytes(pages, page, left)
        left -= len(needed)
        yield b"page"
        for tag in _KEPT:
            if tag in page:
                value = page[tag]
                yield from counted(struct.pack("<HH", tag, value.kind), value.raw)
        yield from _pixels(pages, page, needed)


def _is_raw(pages: TiffPages, page: Page) -> bool:
    return DNG_VERSION in page or pages.number(page, _PHOTOMETRIC, 0) in _RAW_PHOTOMETRICS


def _orientation(pages: TiffPages, page: Page) -> int:
    """Returns the orientation, 1..8, as Pillow finds it: in XMP where no tag says it."""
    if ORIENTATION in page:
        said = pages.number(page, ORIENTATION, 1)
        return said if 1 <= said <= 8 else 1
    return orientation_of(None, bytes(page[_XMP].raw) if _XMP in page else None)


def _pixels(pages: TiffPages, page: Page, needed: npt.NDArray[np.uint64]) -> Parts:
    """Yields the lengths of all strips or tiles, and then themselves."""
    tags = _TILES if _TILE_OFFSETS in page else _STRIPS
    if page.keys() & _PLACES != set(tags):
        raise UnsureError("neither strips nor tiles, or both")
    offsets, lengths = (pages.numbers(page[tag]) for tag in tags)
    if not len(offsets) == len(lengths) == len(needed):
        raise UnsureError("strips")
    # Who reads plain pixels reads as many as there should be, whatever is said of their length.
    is_plain = pages.number(page, COMPRESSION, _PLAIN) == _PLAIN
    if (lengths < (needed if is_plain else np.uint64(1))).any():
        raise UnsureError("strips too short")
    yield lengths.astype("<u8").tobytes()
    yield from pages.pieces(offsets, lengths)


def _needed_bytes(pages: TiffPages, page: Page, most: int) -> npt.NDArray[np.uint64]:
    """Returns how long each strip or tile would be unpacked.

    Raises:
        UnsureError: Their number or size is beyond sense, or there are more than `most`.
    """
    if pages.number(page, COMPRESSION, _PLAIN) == _OLD_JPEG:
        raise UnsureError("JPEG of old, whose tables lie anywhere")
    width, height = (pages.number(page, tag, 0) for tag in (WIDTH, HEIGHT))
    across, down = width, min(pages.number(page, _ROWS, height), height)
    is_tiled = _TILE_OFFSETS in page
    if is_tiled:
        across, down = (pages.number(page, tag, 0) for tag in (_TILE_WIDTH, _TILE_HEIGHT))
    bits = int(pages.numbers(page[_BITS]).max()) if _BITS in page else 1
    samples = pages.number(page, _SAMPLES, 1)
    planes = samples if pages.number(page, _PLANES, 1) == _SEPARATE else 1
    if min(width, height, across, down, samples) < 1:
        raise UnsureError("size")
    columns, rows = -(-width // across), -(-height // down)
    count = columns * rows * planes
    if count > most:
        raise UnsureError("too many strips")
    row_bytes = (across * bits * (samples // planes) + 7) // 8
    needed = np.full(count, min(row_bytes * down, _ENDLESS_BYTES), np.uint64)
    if not is_tiled:  # the last one ends with the page
        last_bytes = row_bytes * (height - (rows - 1) * down)
        needed[rows - 1 :: rows] = min(last_bytes, _ENDLESS_BYTES)
    return needed
