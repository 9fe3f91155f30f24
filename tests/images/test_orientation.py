"""All eight orientations, applied once, whoever applies them: Pillow, pillow_heif or we."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from photosearch.core.space import ImageInput
from photosearch.images.decode import decode

from .samples import QUARTERS, WHOLE, encoded, quarter_colours, quartered, with_orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_comes_out_upright(name: str, orientation: int) -> None:
    photo = decode(with_orientation(quartered(96, 64), name, orientation), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS
    thumbnail = Image.open(io.BytesIO(photo.thumbnail))
    assert thumbnail.size == (96, 64)
    assert quarter_colours(thumbnail) == QUARTERS
    assert (photo.facts.width_px, photo.facts.height_px) == (96, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_reduced_jpeg_with_centre_crop_comes_out_upright(orientation: int) -> None:
    picture = quartered(1500, 1000)
    photo = decode(with_orientation(picture, "JPEG", orientation), ImageInput(64))
    assert quarter_colours(photo.crop) == QUARTERS
    assert (photo.facts.width_px, photo.facts.height_px) == (1500, 1000)
    assert Image.open(io.BytesIO(photo.thumbnail)).size == (384, 256)


def test_heif_turn_is_the_containers() -> None:
    """The samples above prove something: pillow_heif did write the container's own turn."""
    assert b"irot" in with_orientation(quartered(), "HEIF", 6)
    assert b"irot" in with_orientation(quartered(), "AVIF", 6)


def test_heif_whose_turn_is_only_in_the_exif_is_left_alone() -> None:
    """As the standard wants it: ISO/IEC 23008-12, EXIF orientation is informative."""
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(quartered(96, 64), "HEIF", exif=exif)
    assert b"irot" not in whole
    photo = decode(whole, WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_nonsense_is_no_turn(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    photo = decode(encoded(quartered(), "JPEG", exif=exif.tobytes()), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS
