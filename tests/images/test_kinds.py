"""Every kind of picture that is promised, or said to be unsupported."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError
from photosearch.images.decode import decode
from photosearch.images.guard import DecodeLimits

from .raws import blob_offsets, tiff
from .samples import (
    BLACK,
    GREEN,
    QUARTERS,
    STORED_AS,
    WHOLE,
    encoded,
    png_of_size,
    quarter_colours,
    quartered,
    with_orientation,
)

GREY = np.asarray(quartered().convert("L"))
#: The middle one of the four greys is light enough.
GREY_QUARTERS = (BLACK, (255, 255, 255), BLACK, BLACK)


def tiff_of(
    planes: Sequence[np.ndarray], *, samples: int, number_kind: int = 1, order: str = "<"
) -> bytes:
    """An uncompressed TIFF of 96x64 pixels."""
    blobs = [plane.tobytes() for plane in planes]
    entries = [
        (0x0100, 4, [96]),
        (0x0101, 4, [64]),
        (0x0102, 3, [planes[0].itemsize * 8] * samples),
        (0x0103, 3, [1]),
        (0x0106, 3, [2 if samples >= 3 else 1]),
        (0x0111, 4, blob_offsets(blobs)),
        (0x0115, 3, [samples]),
        (0x0116, 4, [64]),
        (0x0117, 4, [len(blob) for blob in blobs]),
        (0x011C, 3, [2 if len(blobs) > 1 else 1]),
        (0x0153, 3, [number_kind] * samples),
    ]
    return tiff([entries], blobs, order)


def colours_of(whole: bytes) -> tuple[tuple[int, int, int], ...]:
    return quarter_colours(decode(whole, WHOLE).crop)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_16_bits(order: str) -> None:
    colours = np.asarray(quartered()).astype(order + "u2") * 257
    assert colours_of(tiff_of([colours.astype(order + "u2")], samples=3, order=order)) == QUARTERS
    grey = (GREY.astype(np.uint16) * 257).astype(order + "u2")
    assert colours_of(tiff_of([grey], samples=1, order=order)) == GREY_QUARTERS


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_fractions(order: str) -> None:
    fractions = (GREY / 255).astype(order + "f4")
    assert colours_of(tiff_of([fractions], samples=1, number_kind=3, order=order)) == GREY_QUARTERS


def test_tiff_of_32_bits() -> None:
    whole_numbers = GREY.astype("<u4") * 0x01010101
    assert colours_of(tiff_of([whole_numbers], samples=1)) == GREY_QUARTERS


def test_tiff_that_would_come_out_wrong_is_refused() -> None:
    planes = [np.asarray(band).astype("<u2") * 257 for band in quartered().split()]
    shallow = [np.asarray(band) for band in quartered().split()]
    assert colours_of(tiff_of(shallow, samples=3)) == QUARTERS
    fractions = (np.asarray(quartered()) / 255).astype("<f4")
    for whole in (
        tiff_of([plane.astype("<u2") for plane in planes], samples=3),
        tiff_of([fractions], samples=3, number_kind=3),
    ):
        with pytest.raises(DecodeError) as caught:
            decode(whole, WHOLE)
        assert caught.value.reason.code is FailureCode.UNSUPPORTED


@pytest.mark.parametrize("image_format", ["TIFF", "GIF", "PNG", "WEBP", "MPO"])
def test_the_first_of_several_pictures_counts(image_format: str) -> None:
    stream = io.BytesIO()
    others = [quartered().transpose(Image.Transpose.ROTATE_180)] * 3
    quartered().save(stream, image_format, save_all=True, append_images=others)
    photo = decode(stream.getvalue(), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS
    assert photo.facts.format == ("JPEG" if image_format == "MPO" else image_format)


@pytest.mark.parametrize("image_format", ["JPEG", "HEIF"])
def test_motion_photo_is_its_still(image_format: str) -> None:
    film = b"\0\0\x10\x08mpvd" + b"film" * 1024
    whole = with_orientation(quartered(), image_format, 6)
    assert colours_of(whole + film) == QUARTERS


@pytest.mark.parametrize("image_format", ["ICO", "PPM", "JPEG2000", "JXL", "BMP", "AVIF"])
def test_rarer_kinds(image_format: str) -> None:
    assert colours_of(encoded(quartered(64, 64), image_format)) == QUARTERS


@pytest.mark.parametrize(
    ("whole", "quarters"),
    [
        (b"P5\n96 64\n65535\n" + (GREY.astype(">u2") * 257).tobytes(), GREY_QUARTERS),
        (b"P2 96 64 255\n" + b" ".join(b"%d" % grey for grey in GREY.ravel()), GREY_QUARTERS),
        (b"P6\n96 64\n255\n" + quartered().tobytes(), QUARTERS),
    ],
)
def test_kinds_of_pnm(whole: bytes, quarters: object) -> None:
    assert colours_of(whole) == quarters


def test_the_largest_of_an_icons_pictures_is_shown() -> None:
    stream = io.BytesIO()
    quartered(128, 128).save(stream, "ICO", sizes=[(16, 16), (128, 128), (48, 48)])
    assert decode(stream.getvalue(), WHOLE).facts.width_px == 128


def test_jpeg_xl_is_turned_once() -> None:
    """By its code stream, whatever its EXIF block says; a JPEG inside by its own."""
    assert colours_of(encoded(quartered(), "JXL", exif=exif_turn(6))) == QUARTERS


def exif_turn(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.filterwarnings("ignore:Using JPEG reconstruction")
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_jpeg_in_a_jpeg_xl_is_turned_once(tmp_path: object, orientation: int) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "a.jpg"
    path.write_bytes(with_orientation(quartered(), "JPEG", orientation))
    stream = io.BytesIO()
    with Image.open(path) as image:
        image.save(stream, "JXL", lossless_jpeg=True)
    assert b"jbrd" in stream.getvalue()
    assert colours_of(stream.getvalue()) == QUARTERS


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_jpeg_xl_that_is_cut_short(kept: float) -> None:
    for options, code in (
        ({}, FailureCode.DAMAGED),  # a bare stream does not say how long it is
        ({"exif": exif_turn(1)}, FailureCode.TRUNCATED),
    ):
        whole = encoded(quartered(), "JXL", **options)
        with pytest.raises(DecodeError) as caught:
            decode(whole[: int(len(whole) * kept)], WHOLE)
        assert caught.value.reason.code is code
        assert "vendored" not in str(caught.value)


@pytest.mark.parametrize("image_format", ["JXL", "WEBP"])
def test_codec_that_takes_memory_when_opened_is_asked_before(image_format: str) -> None:
    whole = encoded(Image.new("RGB", (1500, 1000)), image_format)
    with pytest.raises(DecodeError) as caught:
        decode(whole, WHOLE, DecodeLimits(megapixels=1))
    assert caught.value.reason.code is FailureCode.TOO_LARGE
    assert caught.value.reason.args == {"width_px": 1500, "height_px": 1000, "limit_mp": 1}


def test_huge_pictures_are_refused_by_their_headers() -> None:
    stream = encoded(quartered(), "JXL")
    square = 3 << 1 | (59_999 << 3) | (1 << 33)  # a long side in 30 bits, and "as wide as high"
    canvas = b"VP8X\x0a\0\0\0\0\0\0\0" + (16_382).to_bytes(3, "little") * 2
    inner = canvas + encoded(quartered(), "WEBP")[12:]
    large, small = (
        n.to_bytes(4, "big") + m.to_bytes(4, "big") for n, m in ((60_000, 60_000), (96, 64))
    )
    for whole in (
        *(encoded(quartered(), name).replace(small, large) for name in ("HEIF", "AVIF")),
        b"\xff\x0a" + square.to_bytes(8, "little") + stream[10:],
        b"RIFF" + (len(inner) + 4).to_bytes(4, "little") + b"WEBP" + inner,
        png_of_size(60_000, 60_000),
    ):
        with pytest.raises(DecodeError) as caught:
            decode(whole, WHOLE)
        assert caught.value.reason.code is FailureCode.TOO_LARGE


def test_gif_of_a_hundred_thousand_frames() -> None:
    whole = encoded(quartered(16, 16), "GIF")
    frame = whole[whole.index(b",") : -1]
    photo = decode(whole[:-1] + frame * 100_000 + b";", WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS


def test_turned_samples_are_what_they_say() -> None:
    turned = quartered().transpose(STORED_AS[3])
    assert quarter_colours(turned) != QUARTERS
    assert quarter_colours(turned)[2] == GREEN
