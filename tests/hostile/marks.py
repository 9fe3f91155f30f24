"""Pictures that carry a number to be seen: whoever finds one again knows which it was.

The number is painted as dark and light blocks, so that it survives lossy codecs and can be read
off a thumbnail as well.
"""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from photosearch.images import formats
from photosearch.images.guard import FOREIGN_ERRORS
from tests.hostile import blocks, ifd

_BLOCK_PX = 16
_COLUMNS, _ROWS = 5, 4
_NUMBER_BITS = 16
_DARK, _LIGHT = 40, 200
NUMBER_MAX = (1 << _NUMBER_BITS) - 1

#: Suffix, Pillow's name and options of what is written.
_KINDS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (".jpg", "JPEG", {"quality": 90}),
    (".jpg", "JPEG", {"quality": 80, "progressive": True}),
    (".png", "PNG", {}),
    (".webp", "WEBP", {"quality": 80}),
    (".gif", "GIF", {}),
    (".tif", "TIFF", {}),
    (".bmp", "BMP", {}),
    (".heic", "HEIF", {"quality": 70}),
    (".avif", "AVIF", {"speed": 9}),
    (".jp2", "JPEG2000", {}),
)


def encoded_picture(number: int, dice: random.Random) -> tuple[str, bytes]:
    """A picture of a number, in a format by chance: suffix and bytes."""
    suffix, name, options = dice.choice(_KINDS)
    formats.register()
    stream = io.BytesIO()
    _painted(number).save(stream, name, **options)
    return suffix, stream.getvalue()


def broken_picture(number: int, dice: random.Random) -> tuple[str, bytes]:
    """A file under a picture's name that is none, or not all of one."""
    suffix, encoded = encoded_picture(number, dice)
    if dice.random() < 0.5:
        return suffix, dice.randbytes(1_000)
    return suffix, encoded[: len(encoded) // 3]


def number_in(source: Path | bytes) -> int | None:
    """The number that a picture shows; None where it is no sound picture of ours."""
    formats.register()
    try:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(stream, formats=formats.openable()) as image:
            grey = image.convert("L").resize((_COLUMNS * _BLOCK_PX, _ROWS * _BLOCK_PX))
    except FOREIGN_ERRORS:
        return None
    middle = _BLOCK_PX // 4
    pixels = np.asarray(grey).reshape(_ROWS, _BLOCK_PX, _COLUMNS, _BLOCK_PX)
    levels = pixels[:, middle:-middle, :, middle:-middle].mean(axis=(1, 3)).ravel()
    bits = [int(level > (_DARK + _LIGHT) / 2) for level in levels]
    value = int("".join(map(str, bits)), 2)
    number, check = value >> 4, value & 0xF
    return number if check == _check_of(number) else None


def can_be_tagged(encoded: bytes) -> bool:
    """Whether `tagged` knows how to write into a file, and it is sound."""
    is_known = encoded.startswith((b"\xff\xd8", blocks.PNG_SIGNATURE))
    return is_known and number_in(encoded) is not None


def tagged(encoded: bytes, dice: random.Random) -> bytes:
    """The same picture with another caption and rating in its header, as an editor writes them."""
    caption = f"a caption {dice.randrange(1_000_000)} " + "x" * dice.randrange(200)
    tags = {0x010E: ifd.text(caption), 0x4746: ifd.short(dice.randint(1, 5))}
    return blocks.with_exif(_without_exif(encoded), ifd.tiff(tags))


def _without_exif(encoded: bytes) -> bytes:
    if encoded.startswith(blocks.PNG_SIGNATURE):
        kept = [part for part in blocks.chunks(encoded) if part[0] != b"eXIf"]
        return blocks.PNG_SIGNATURE + b"".join(blocks.chunk(*part) for part in kept)
    offset, made = 2, encoded[:2]
    while encoded[offset : offset + 1] == b"\xff" and encoded[offset + 1] != 0xDA:
        length = 2 + int.from_bytes(encoded[offset + 2 : offset + 4], "big")
        whole = encoded[offset : offset + length]
        made += b"" if whole[1] == 0xE1 else whole
        offset += length
    return made + encoded[offset:]


def _painted(number: int) -> Image.Image:
    value = number << 4 | _check_of(number)
    picture = Image.new("RGB", (_COLUMNS * _BLOCK_PX, _ROWS * _BLOCK_PX))
    draw = ImageDraw.Draw(picture)
    count = _COLUMNS * _ROWS
    for place in range(count):
        x, y = place % _COLUMNS * _BLOCK_PX, place // _COLUMNS * _BLOCK_PX
        level = _LIGHT if value >> (count - 1 - place) & 1 else _DARK
        draw.rectangle((x, y, x + _BLOCK_PX - 1, y + _BLOCK_PX - 1), (level, level, level))
    return picture


def _check_of(number: int) -> int:
    return (number ^ number >> 4 ^ number >> 8 ^ number >> 12 ^ 0x5) & 0xF


def photo_files(root: Path) -> list[Path]:
    """Every file below a root that is a photo by its name, sorted."""
    found = []
    for directory, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        found += [
            Path(directory, name)
            for name in files
            if not name.startswith(".")
            and formats.kind_of(os.fsencode(name)) is formats.FileKind.PHOTO
        ]
    return sorted(found)
