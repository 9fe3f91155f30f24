"""Tiny pictures whose every corner can be told apart, in every format."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache

import numpy as np
from PIL import Image

from photosearch.core.space import ImageInput, Resize
from photosearch.images import formats

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
WHITE = (255, 255, 255)
QUARTERS = (RED, GREEN, BLUE, BLACK)

#: Shows the whole picture in the crop.
WHOLE = ImageInput(64, Resize.SQUASH)

#: How an upright picture is stored so that this orientation turns it back.
STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quartered(width_px: int = 96, height_px: int = 64) -> Image.Image:
    """Red, green / blue, black."""
    picture = Image.new("RGB", (width_px, height_px), BLACK)
    half_x, half_y = width_px // 2, height_px // 2
    picture.paste(RED, (0, 0, half_x, half_y))
    picture.paste(GREEN, (half_x, 0, width_px, half_y))
    picture.paste(BLUE, (0, half_y, half_x, height_px))
    return picture


@lru_cache
def scenery(width_px: int, height_px: int) -> Image.Image:
    """Something photo-like: slopes, waves and a little noise."""
    x = np.linspace(0, 1, width_px, dtype=np.float32)[None, :, None]
    y = np.linspace(0, 1, height_px, dtype=np.float32)[:, None, None]
    band = np.arange(3, dtype=np.float32)[None, None, :]
    noise = np.random.default_rng(7).normal(0, 4, (height_px, width_px, 1))
    values = 110 + 30 * x + 80 * np.sin(x * (40 + 9 * band)) * np.cos(y * (31 - 5 * band)) + noise
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def encoded(picture: Image.Image, image_format: str = "JPEG", **options: object) -> bytes:
    formats.register()
    stream = io.BytesIO()
    if image_format == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    if image_format == "PNG":
        options = {"compress_level": 1, **options}
    picture.save(stream, image_format, **options)
    return stream.getvalue()


def with_orientation(picture: Image.Image, image_format: str, orientation: int) -> bytes:
    """Stores an upright picture turned, with the tag that says so."""
    turn = STORED_AS.get(orientation)
    stored = picture if turn is None else picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    if image_format != "HEIF":
        return encoded(stored, image_format, exif=exif.tobytes())
    # pillow_heif writes the turn as HEIF does it ("irot", "imir") and encodes the pixels as given.
    return encoded(stored, "HEIF", exif=exif.tobytes(), quality=95, chroma=444)


def quarter_colours(picture: Image.Image | np.ndarray) -> tuple[tuple[int, int, int], ...]:
    """The pure colours in the middle of the four quarters."""
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    rgb = picture.convert("RGB")
    width, height = rgb.size
    spots = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    return tuple(tuple(255 if level > 127 else 0 for level in rgb.getpixel(spot)) for spot in spots)


def png_of_size(width_px: int, height_px: int) -> bytes:
    """A PNG that says it is this large and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
