"""The facts come first: a library can be looked through before a model has seen one photo."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import MakePicture
from tests.end_to_end.living import Living
from tests.engine.colour_engine import HELD

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")

COUNT = 60
_EXIF, _GPS = 0x8769, 0x8825


@pytest.fixture
def held(living: Living, tmp_path: Path) -> Path:
    """While this file is there, the model understands nothing."""
    held = tmp_path / "library" / HELD
    held.touch()
    return held


def make_album(root: Path) -> None:
    root.mkdir()
    for number in range(COUNT):
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Canon", f"EOS {number % 3}"
        exif.get_ifd(_EXIF)[0x9003] = f"2019:07:{1 + number % 28:02} 12:00:00"
        exif.get_ifd(_GPS).update({1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)})
        image = Image.new("RGB", (160, 120), (number * 4, 80, 40))
        image.save(root / f"{number}.jpg", exif=exif)


def test_dates_places_and_cameras_stand_before_anything_is_understood(
    living: Living, held: Path, tmp_path: Path
) -> None:
    make_album(tmp_path / "album")
    living.client.add_folder(tmp_path / "album")
    living.until(lambda: living.client.status().counts.photo_count == COUNT)
    counts = living.client.status().counts
    assert counts.vector_count == 0
    assert len(living.found('camera:"EOS 1"')) == COUNT // 3
    assert len(living.found("date:2019-07-03")) == 3
    assert len(living.found("near:Rome")) == COUNT
    assert len(living.found("place:Italy")) == COUNT
    newest = living.client.photos(living.client.photo_ids().tolist()[:1])
    assert newest[0].facts.taken is not None
    assert newest[0].facts.taken.local.day == 28
    held.unlink()
    living.until(living.is_all_understood)
    assert living.client.status().counts.photo_count == COUNT


def test_a_photo_that_is_saved_during_a_long_run_does_not_wait_for_its_end(
    living: Living, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    for number in range(1500):
        make_picture(root / f"{number}.png", (number % 256, 90, number // 8), size_px=(16, 16))
    living.client.add_folder(root)
    living.until(lambda: living.client.status().counts.vector_count > 0)
    new = make_picture(root / "new.jpg", (250, 10, 10))
    living.until(lambda: new in living.client.photo_ids_of([new]))
    assert not living.is_all_understood(), "the run went on"
    living.until(living.is_all_understood)
    living.index()
    assert living.client.status().counts.photo_count == 1501


def test_another_folder_does_not_wait_for_the_first_one_to_be_understood(
    living: Living, held: Path, tmp_path: Path
) -> None:
    make_album(tmp_path / "first")
    living.client.add_folder(tmp_path / "first")
    living.until(lambda: living.client.status().counts.photo_count == COUNT)
    other = tmp_path / "second"
    other.mkdir()
    for number in range(30):
        Image.new("RGB", (20, 20), (5, number * 8, 99)).save(other / f"{number}.png")
    living.client.add_folder(other)
    held.unlink()
    living.until(lambda: living.client.status().counts.photo_count == COUNT + 30)
    living.until(living.is_all_understood)
    assert living.client.status().counts.vector_count == COUNT + 30
