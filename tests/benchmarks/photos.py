"""Photographs for the benchmarks: drawn, yet as hard to decode as a camera's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

LARGE_PX = (4000, 3000)
SMALL_PX = (500, 375)
#: Standard deviation of the sensor's noise, 0..255: makes a 12-megapixel JPEG about 3 MB.
_NOISE = 4.0
_QUALITY = 90


def photo(seed: int, size_px: tuple[int, int]) -> Image.Image:
    """Draws soft shapes of every size, and a sensor's noise upon them."""
    rng = np.random.default_rng(seed)
    width, height = size_px
    drawn = np.zeros((height, width, 3), dtype=np.float32)
    for cells, strength in ((3, 90.0), (12, 45.0), (60, 22.0), (240, 10.0)):
        coarse = rng.normal(0, strength, (max(cells * height // width, 2), cells, 3))
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel].astype(np.float32), mode=None)
            drawn[..., channel] += np.asarray(layer.resize(size_px, Image.Resampling.BICUBIC))
    drawn += 127 + rng.normal(0, _NOISE, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(drawn, 0, 255).astype(np.uint8))


def write_photos(directory: Path, count: int, size_px: tuple[int, int]) -> list[Path]:
    """Writes JPEGs, if they are not there yet; returns them."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{number:03}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.is_file():
            photo(number, size_px).save(path, quality=_QUALITY, subsampling="4:2:0")
    return paths


def write_heics(directory: Path, count: int) -> list[Path]:
    """Writes 12-megapixel HEICs, if they are not there yet; returns them."""
    pillow_heif.register_heif_opener()
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{number:03}.heic" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.is_file():
            photo(number, LARGE_PX).save(path, quality=60)
    return paths


def write_copies(sources: list[Path], directory: Path, times: int) -> int:
    """Writes each JPEG several times, each a content of its own; returns how many there are.

    HEICs are written once.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for number in range(times):
        for path in sources:
            encoded = path.read_bytes()
            if encoded.startswith(_JPEG_START):
                encoded = made_unique(encoded, number)
            (directory / f"{number}-{path.name}").write_bytes(encoded)
    return times * len(sources)


def made_unique(jpeg: bytes, number: int) -> bytes:
    """Returns the same picture as another content.

    A quantisation table that nothing refers to changes what names the content, and nothing else.
    """
    table = bytes([3]) + number.to_bytes(4, "big") + bytes([1]) * 60
    segment = b"\xff\xdb" + (len(table) + 2).to_bytes(2, "big") + table
    return _JPEG_START + segment + jpeg[len(_JPEG_START) :]


def with_thumbnail(exif: bytes, thumbnail: bytes) -> bytes:
    """Returns an EXIF block with a thumbnail in a second directory, as cameras write it.

    Args:
        exif: As Pillow writes it, little-endian, without a second directory.
        thumbnail: JPEG bytes.
    """
    head, tiff = exif[:6], bytearray(exif[6:])
    order = "little" if tiff[:2] == b"II" else "big"
    first = int.from_bytes(tiff[4:8], order)
    link = first + 2 + 12 * int.from_bytes(tiff[first : first + 2], order)
    tiff += b"\0" * (len(tiff) % 2)
    start = len(tiff)
    tiff[link : link + 4] = start.to_bytes(4, order)
    data_at = start + 2 + 3 * 12 + 4
    tiff += (3).to_bytes(2, order)
    for tag, kind, value in ((0x0103, 3, 6), (0x0201, 4, data_at), (0x0202, 4, len(thumbnail))):
        tiff += tag.to_bytes(2, order) + kind.to_bytes(2, order) + (1).to_bytes(4, order)
        # A short stands at the beginning of its four bytes.
        tiff += value.to_bytes(2, order) + b"\0\0" if kind == 3 else value.to_bytes(4, order)
    return head + bytes(tiff) + b"\0" * 4 + thumbnail


_JPEG_START = b"\xff\xd8"
