"""Raw files: the camera's own preview, upright once; else the data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError
from photosearch.images.decode import decode
from photosearch.images.icc import adobe_rgb

from .raws import dng, jpeg_of, tiff
from .samples import BLACK, BLUE, GREEN, QUARTERS, RED, STORED_AS, WHOLE, quarter_colours, quartered

SENSOR_PX = (960, 640)
#: What the sensor saw, turned upright.
UPRIGHT = {
    1: QUARTERS,
    3: (BLACK, BLUE, GREEN, RED),
    6: (BLUE, RED, BLACK, GREEN),
    8: (GREEN, BLACK, RED, BLUE),
}


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_data_without_a_preview_are_developed_and_turned(orientation: int) -> None:
    photo = decode(dng(quartered(*SENSOR_PX), orientation=orientation), WHOLE)
    assert quarter_colours(photo.crop) == UPRIGHT[orientation]
    expected = (640, 960) if orientation in {6, 8} else (960, 640)
    assert (photo.facts.width_px, photo.facts.height_px) == expected
    assert photo.facts.camera_make == "Maker"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("is_turned", [False, True])
def test_preview_is_turned_once(orientation: int, is_turned: bool) -> None:
    """Some cameras put it in as it lay on the sensor, some upright."""
    shown = quartered(960, 640) if orientation in {1, 3} else quartered(640, 960)
    if is_turned and orientation == 3:
        exif = Image.Exif()
        exif[0x0112] = 1
        whole = jpeg_of(shown, exif=exif.tobytes())
        preview = whole[:2] + whole[20:]  # without JFIF's segment, which no camera writes
    elif is_turned:
        preview = jpeg_of(shown)
    else:
        turn = STORED_AS.get(orientation)
        preview = jpeg_of(shown if turn is None else shown.transpose(turn))
    # The raw data are white: what is seen is the preview.
    white = Image.new("RGB", SENSOR_PX, "white")
    photo = decode(dng(white, preview=preview, orientation=orientation), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS
    expected = (640, 960) if orientation in {6, 8} else (960, 640)
    assert (photo.facts.width_px, photo.facts.height_px) == expected


def test_small_preview_is_for_the_tile_only() -> None:
    preview = jpeg_of(quartered(447, 298).transpose(STORED_AS[2]))
    photo = decode(dng(quartered(*SENSOR_PX), preview=preview), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS


def test_preview_of_another_shape_is_of_something_else() -> None:
    preview = jpeg_of(quartered(2400, 450).transpose(STORED_AS[2]))
    photo = decode(dng(quartered(*SENSOR_PX), preview=preview), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS


def test_broken_preview_gives_way_to_the_data() -> None:
    preview = jpeg_of(quartered(960, 640).transpose(STORED_AS[2]))
    photo = decode(dng(quartered(*SENSOR_PX), preview=preview[:2000]), WHOLE)
    assert quarter_colours(photo.crop) == QUARTERS


@pytest.mark.parametrize("colour_space", [2, 65535])
def test_preview_in_adobe_rgb_becomes_srgb(colour_space: int) -> None:
    preview = jpeg_of(Image.new("RGB", (900, 600), (150, 60, 60)))
    grey = Image.new("RGB", SENSOR_PX, "grey")
    plain = decode(dng(grey, preview=preview), WHOLE).crop[10, 10].astype(int)
    managed = decode(dng(grey, preview=preview, colour_space=colour_space), WHOLE).crop[10, 10]
    tagged = decode(
        jpeg_of(Image.new("RGB", (900, 600), (150, 60, 60)), icc_profile=adobe_rgb()), WHOLE
    ).crop[10, 10]
    assert np.abs(managed.astype(int) - tagged).max() <= 1
    # The same numbers are a redder red there. (colour.org: 150, 60, 60 is 174, 57, 58 in sRGB.)
    assert managed[0] - plain[0] > 15


def test_name_decides_what_a_tiff_is(tmp_path: Path) -> None:
    whole = dng(quartered(*SENSOR_PX))
    path = tmp_path / "a.NEF"
    path.write_bytes(whole)
    assert decode(path, WHOLE).facts.format == "NEF"
    path = path.rename(tmp_path / "a.tif")
    assert decode(path, WHOLE).facts.format == "RAW"  # it says in itself that it is raw data
    jpeg = tmp_path / "b.dng"
    jpeg.write_bytes(jpeg_of(quartered()))
    assert decode(jpeg, WHOLE).facts.format == "JPEG"


@pytest.mark.parametrize(
    "start", [b"FUJIFILMCCD-RAW 0201", b"IIU\0", b"II*\0\x10\0\0\0CR\2\0", b"FOVb"]
)
def test_rubbish_with_a_raw_files_beginning_is_told(start: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(start + b"\0" * 3000, WHOLE)
    assert caught.value.reason.code in {
        FailureCode.UNSUPPORTED,
        FailureCode.DAMAGED,
        FailureCode.TRUNCATED,
    }


def test_a_header_of_zeros_is_damaged_not_unknown(tmp_path: Path) -> None:
    for name, start in (("a.arw", b"II*\0"), ("b.nef", b"II*\0\x08\0\0\0"), ("c.rw2", b"IIU\0")):
        path = tmp_path / name
        path.write_bytes(start + b"\0" * 5000)
        with pytest.raises(DecodeError, match="damaged: its header names no camera") as caught:
            decode(path, WHOLE)
        assert caught.value.reason.code is FailureCode.DAMAGED


def test_an_unknown_camera_is_not_damage(tmp_path: Path) -> None:
    camera = [(0x010F, 2, b"Nobody\0")]
    path = tmp_path / "a.nef"
    path.write_bytes(tiff([camera], []) + b"\0" * 5000)
    with pytest.raises(DecodeError) as caught:
        decode(path, WHOLE)
    assert caught.value.reason.code is FailureCode.UNSUPPORTED


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_cut_short(kept: float) -> None:
    whole = dng(quartered(*SENSOR_PX))
    with pytest.raises(DecodeError):
        decode(whole[: int(len(whole) * kept)], WHOLE)


def test_libraw_is_loaded_with_the_first_raw_file_only() -> None:
    program = (
        "import sys, photosearch.images.child\n"
        "print('rawpy' in sys.modules, 'pillow_jxl' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "False"]
