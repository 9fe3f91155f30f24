"""A part of a picture as the crop."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images.decode import decode

RED, BLUE = (220, 20, 20), (20, 20, 220)
INPUT = ImageInput(32)


def picture(orientation: int = 1) -> bytes:
    """Red, with its lower right quarter blue as it lies in the file."""
    image = Image.new("RGB", (400, 300), RED)
    image.paste(BLUE, (200, 150, 400, 300))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("orientation", "part"),
    [
        (1, Box(0.55, 0.55, 0.95, 0.95)),
        (3, Box(0.05, 0.05, 0.45, 0.45)),  # upside down: the blue is at the upper left
        (6, Box(0.05, 0.55, 0.45, 0.95)),  # turned to the right: at the lower left
    ],
)
def test_the_part_is_of_the_upright_picture(orientation: int, part: Box) -> None:
    crop = decode(picture(orientation), INPUT, part=part).crop
    assert crop.shape == (32, 32, 3)
    assert np.abs(crop.reshape(-1, 3).mean(axis=0) - BLUE).max() < 12


def test_everything_else_is_of_the_whole_picture() -> None:
    whole = decode(picture(), INPUT)
    part = decode(picture(), INPUT, part=Box(0.9, 0.9, 1, 1))
    assert part.thumbnail == whole.thumbnail
    assert part.facts == whole.facts
    assert part.content_hash == whole.content_hash


def test_a_tiny_part_has_at_least_one_pixel() -> None:
    crop = decode(picture(), INPUT, part=Box(0.9999, 0.9999, 1, 1)).crop
    assert np.abs(crop.reshape(-1, 3).mean(axis=0) - BLUE).max() < 12
