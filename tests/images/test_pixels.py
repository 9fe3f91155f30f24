"""Depth, palette, alpha, CMYK, ICC, and the crop that the model sees."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from photosearch.core.space import ImageInput, Resize
from photosearch.images.decode import decode

from .samples import (
    BLACK,
    GREEN,
    QUARTERS,
    RED,
    WHITE,
    WHOLE,
    encoded,
    quarter_colours,
    quartered,
    scenery,
)


def crop_of(whole: bytes, image_input: ImageInput = WHOLE) -> npt.NDArray[np.uint8]:
    crop = decode(whole, image_input).crop
    assert crop.dtype == np.uint8
    assert crop.shape == (image_input.size_px, image_input.size_px, 3)
    assert crop.flags.c_contiguous
    return crop


def reference(whole: bytes, size_px: int, resize: Resize) -> npt.NDArray[np.float32]:
    """Full decode; shortest side bicubic to the size; the middle square. As CLIP was trained."""
    picture = Image.open(io.BytesIO(whole)).convert("RGB")
    size = (size_px, size_px)
    if resize is Resize.CENTRE_CROP:
        scale = size_px / min(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = (picture.width - size_px) // 2, (picture.height - size_px) // 2
    return np.asarray(picture.crop((left, top, left + size_px, top + size_px)), np.float32)


@pytest.mark.parametrize("resize", list(Resize))
@pytest.mark.parametrize("size", [(1350, 900), (900, 1501), (2700, 900), (700, 500), (300, 200)])
@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_reduced_decode_equals_the_full_one(
    name: str, size: tuple[int, int], resize: Resize
) -> None:
    whole = encoded(scenery(*size), name)
    crop = crop_of(whole, ImageInput(224, resize)).astype(np.float32)
    difference = crop - reference(whole, 224, resize)
    # The reference crops whole pixels: up to half a pixel beside the true middle.
    assert np.abs(difference).mean() < 3
    assert np.abs(difference.mean(axis=(0, 1))).max() < 0.3  # no band is lighter or darker


@pytest.mark.parametrize("resize", list(Resize))
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 3000), (3000, 2), (20000, 30)])
def test_extreme_shapes(size: tuple[int, int], resize: Resize) -> None:
    whole = encoded(Image.new("RGB", size, RED), "PNG")
    assert (crop_of(whole, ImageInput(64, resize)) == RED).all()


def test_centre_crop_shows_the_middle_square() -> None:
    picture = Image.new("RGB", (300, 100), GREEN)
    picture.paste(RED, (100, 0, 200, 100))
    crop = crop_of(encoded(picture, "PNG"), ImageInput(50))
    assert (crop[:, 3:-3] == RED).all()
    squashed = crop_of(encoded(picture, "PNG"), ImageInput(48, Resize.SQUASH))
    assert (squashed[:, :12] == GREEN).all()
    assert (squashed[:, 20:28] == RED).all()


MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")


@pytest.mark.parametrize(
    ("name", "mode"),
    [("PNG", mode) for mode in MODES if mode != "PA"] + [("TIFF", mode) for mode in MODES],
)
def test_every_mode(name: str, mode: str) -> None:
    grey = Image.new("L", (64, 64), 0)
    grey.paste(255, (0, 0, 32, 64))
    colours = quarter_colours(crop_of(encoded(grey.convert(mode), name)))
    assert colours == (WHITE, BLACK, WHITE, BLACK)


def test_cmyk_jpeg_is_not_inverted() -> None:
    whole = encoded(quartered().convert("CMYK"), "JPEG")
    assert Image.open(io.BytesIO(whole)).mode == "CMYK"
    assert quarter_colours(crop_of(whole)) == QUARTERS


def test_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in (GREEN, RED, RED)]
    for name in ("GIF", "WEBP", "PNG"):
        whole = encoded(frames[0], name, save_all=True, append_images=frames[1:], duration=50)
        assert quarter_colours(crop_of(whole)) == (GREEN,) * 4


def half_transparent(mode: str) -> Image.Image:
    """Left black and opaque, right black and transparent."""
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (32, 0, 64, 64))
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("mode", "name"), [("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "TIFF")]
)
def test_transparent_parts_are_white(mode: str, name: str) -> None:
    crop = crop_of(encoded(half_transparent(mode), name))
    assert quarter_colours(crop) == (BLACK, WHITE, BLACK, WHITE)


def test_half_transparent_is_mixed_with_white() -> None:
    whole = encoded(Image.new("RGBA", (900, 900), (255, 0, 0, 128)), "PNG")
    assert np.abs(crop_of(whole).astype(int) - (255, 127, 127)).max() <= 2


def test_transparent_palette_and_colour_key_are_white() -> None:
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(1, (32, 0, 64, 64))
    for name in ("GIF", "PNG"):
        crop = crop_of(encoded(palette, name, transparency=0))
        assert quarter_colours(crop) == (WHITE, RED, WHITE, RED)
    keyed = quartered(64, 64)
    crop = crop_of(encoded(keyed, "PNG", transparency=BLACK))
    assert quarter_colours(crop) == (*QUARTERS[:3], WHITE)


def grey_levels(values: npt.NDArray[np.generic], name: str) -> list[int]:
    """The levels in the middle of four vertical stripes."""
    picture = Image.fromarray(np.repeat(np.tile(values, (64, 1)), 16, axis=1))
    return [int(level) for level in crop_of(encoded(picture, name))[32, 8::16, 0]]


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled(name: str) -> None:
    values = np.array([0, 16384, 32768, 65535], np.uint16)
    assert grey_levels(values, name) == [0, 64, 128, 255]


def test_big_endian_sixteen_bit_grey_is_scaled() -> None:
    values = np.repeat(np.tile(np.array([0, 32768], ">u2"), (64, 1)), 32, axis=1)
    picture = Image.frombytes("I;16B", (64, 64), values.tobytes())
    assert [int(level) for level in crop_of(encoded(picture, "TIFF"))[32, ::40, 0]] == [0, 128]


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (np.array([0, 0.25, 0.5, 1], np.float32), [0, 64, 128, 255]),
        (np.array([0, 64, 128, 255], np.float32), [0, 64, 128, 255]),
        (np.array([-10, -5, 0, 10], np.float32), [0, 64, 128, 255]),
        (np.array([0, np.nan, np.inf, 1], np.float32), [0, 0, 0, 255]),
        (np.array([0, 0, 0, 0], np.float32), [0, 0, 0, 0]),
        (np.array([0, 16448, 32896, 65535], np.int32), [0, 64, 128, 255]),
        (np.array([0, 250_000, 500_000, 1_000_000], np.int32), [0, 64, 128, 255]),
    ],
)
def test_values_of_any_range_are_scaled(values: npt.NDArray[np.generic], levels: list[int]) -> None:
    assert grey_levels(values, "TIFF") == pytest.approx(levels, abs=1)


def swapping_profile() -> bytes:
    """An RGB profile whose red is our green: what ignores it shows the wrong colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB built-in".encode("utf-16-be")
    assert name in profile
    profile = profile.replace(name, "test built-in".encode("utf-16-be"))
    for tag in (b"XYZ", b"TRC"):
        profile = profile.replace(b"r" + tag, b"?" + tag, 1)
        profile = profile.replace(b"g" + tag, b"r" + tag, 1).replace(b"?" + tag, b"g" + tag, 1)
    return profile


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_icc_profile_is_applied(name: str) -> None:
    whole = encoded(Image.new("RGB", (64, 64), RED), name, icc_profile=swapping_profile())
    photo = decode(whole, WHOLE)
    assert quarter_colours(photo.crop) == (GREEN,) * 4
    assert quarter_colours(Image.open(io.BytesIO(photo.thumbnail))) == (GREEN,) * 4


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_broken_or_foreign_profile_is_ignored(mode: str) -> None:
    picture = Image.new("L", (64, 64), 200).convert(mode)
    plain = crop_of(encoded(picture, "TIFF"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (b"no profile at all", srgb[:200], srgb):
        assert np.array_equal(crop_of(encoded(picture, "TIFF", icc_profile=profile)), plain)
