"""What happens to the disk while the window is open: noticed without asking, and only that."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from photosearch.core.failure import FailureCode
from photosearch.core.status import WatchMode
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.conftest import MakePicture
from tests.end_to_end.living import Living, copy_elsewhere

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify")


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture, living: Living) -> Path:
    """A folder of the library with one photo."""
    root = tmp_path / "photos"
    make_picture(root / "red.jpg", (230, 10, 10))
    assert living.add(root) == 1
    return root


def test_files_in_directories_that_were_just_made_are_found(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    made = [
        make_picture(photos / f"{number}" / "deep" / "down" / "new.jpg", (10, 10 * number, 90))
        for number in range(20)
    ]
    living.until_places_are(photos / "red.jpg", *made)


def test_a_file_that_is_written_slowly_is_taken_in_once_and_whole(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    whole = make_picture(photos.with_name("big.jpg"), (10, 10, 230), size_px=(400, 300))
    content = whole.read_bytes()
    with (photos / "blue.jpg").open("wb") as file:
        for start in range(0, len(content), max(1, len(content) // 5)):
            file.write(content[start : start + max(1, len(content) // 5)])
            file.flush()
            os.fsync(file.fileno())
    living.until(lambda: living.nearest("blue") == "blue.jpg")
    assert living.client.failures() == []
    assert living.encoded == 2


def test_a_new_version_that_takes_a_files_place_is_noticed(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    # Left out by its name: a download that is under way.
    make_picture(photos.with_name("other.jpg"), (10, 10, 10)).rename(photos / "other.jpg.part")
    draft = make_picture(photos / ".red.new.png", (10, 10, 230))
    draft.rename(photos / "red.jpg")
    living.until(lambda: living.nearest("blue") == "red.jpg")
    living.index()
    assert living.encoded == 2
    assert living.client.status().counts.file_count == 1


def test_directories_come_in_go_out_and_come_back(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    outside = photos.with_name("outside")
    names = [f"{number}.jpg" for number in range(5)]
    for number, name in enumerate(names):
        make_picture(outside / "trip" / name, (10, 50 * number, 120))
    (outside / "trip").rename(photos / "trip")
    living.until_places_are(photos / "red.jpg", *(photos / "trip" / name for name in names))

    (photos / "trip").rename(outside / "trip")
    living.until_places_are(photos / "red.jpg")
    # The watches of a directory that was moved out stay alive and speak of its former place.
    make_picture(outside / "trip" / "phantom.jpg", (90, 90, 90))
    make_picture(photos / "real.jpg", (90, 90, 200))
    living.until_places_are(photos / "red.jpg", photos / "real.jpg")

    living.index()
    before = living.encoded
    (outside / "trip").rename(photos / "back")
    kept = [photos / "back" / name for name in names]
    living.until_places_are(
        photos / "red.jpg", photos / "real.jpg", photos / "back" / "phantom.jpg", *kept
    )
    living.index()
    assert living.encoded == before + 1, "only the one that was never seen"


def test_a_burst_of_five_thousand_files_is_taken_in(living: Living, photos: Path) -> None:
    for number in range(5000):
        image = Image.new("RGB", (4, 4), (number % 256, number // 256, 77))
        image.save(photos / f"{number:04}.png")
    living.until(lambda: living.client.status().counts.file_count == 5001)
    assert living.client.failures() == []


def test_what_is_excluded_is_neither_watched_nor_found(
    living: Living, photos: Path, make_picture: MakePicture, tmp_path: Path
) -> None:
    LibrarySettings(exclude=("Screenshots", "*/cache/*")).save(tmp_path / "library" / LIBRARY_FILE)
    for place in ("@eaDir/a.jpg", ".thumbnails/b.jpg", "Screenshots/c.jpg", "x/cache/d.jpg"):
        make_picture(photos / place, (120, 120, 20))
    make_picture(photos / "blue.jpg", (10, 10, 230))
    living.index()
    living.until_places_are(photos / "red.jpg", photos / "blue.jpg")
    make_picture(photos / "Screenshots" / "later.jpg", (120, 120, 20))
    make_picture(photos / "later.jpg", (10, 230, 10))
    living.until_places_are(photos / "red.jpg", photos / "blue.jpg", photos / "later.jpg")


def test_links_to_directories_are_not_followed_unless_asked_and_never_in_circles(
    living: Living, photos: Path, make_picture: MakePicture, tmp_path: Path
) -> None:
    elsewhere = photos.with_name("elsewhere")
    make_picture(elsewhere / "blue.jpg", (10, 10, 230))
    (photos / "link").symlink_to(elsewhere)
    (photos / "circle").symlink_to(photos)
    living.index()
    assert living.client.status().counts.file_count == 1
    LibrarySettings(follow_links=True).save(tmp_path / "library" / LIBRARY_FILE)
    living.index()
    living.until_places_are(photos / "red.jpg", photos / "link" / "blue.jpg")


def test_a_root_that_goes_and_returns_loses_nothing_and_is_watched_again(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    red = living.id_of(photos / "red.jpg")
    photos.rename(photos.with_name("unplugged"))
    living.until(lambda: not living.client.folders()[0].is_online)
    assert living.client.status().watching[0].mode is WatchMode.OFFLINE
    assert living.nearest("red") == "red.jpg", "it stays searchable"
    assert living.client.thumbnails([red])[red], "and has its picture"
    photos.with_name("unplugged").rename(photos)
    living.until(lambda: living.client.folders()[0].is_online)
    new = make_picture(photos / "blue.jpg", (10, 10, 230))
    living.until_places_are(photos / "red.jpg", new)
    assert living.id_of(photos / "red.jpg") == red
    assert living.encoded == 2


def test_a_root_that_is_suddenly_empty_is_offline_not_deleted(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    outside = photos.with_name("outside")
    outside.mkdir()
    (photos / "red.jpg").rename(outside / "red.jpg")
    living.until(lambda: not living.client.folders()[0].is_online)
    assert living.nearest("red") == "red.jpg"
    assert living.found("is:offline") == ["red.jpg"]
    (outside / "red.jpg").rename(photos / "red.jpg")
    living.until(lambda: living.client.folders()[0].is_online)
    assert living.encoded == 1


def test_a_photo_opens_from_the_disk_that_is_there(living: Living, photos: Path) -> None:
    disk = photos.with_name("Disk A")
    copy_elsewhere(photos / "red.jpg", disk / "red.jpg")
    living.add(disk)
    shown = {photos / "red.jpg", disk / "red.jpg"}
    for root, other in ((photos, disk), (disk, photos)):
        away = root.with_name("away")
        root.rename(away)
        living.until(
            lambda root=root: not {f.path: f for f in living.client.folders()}[root].is_online
        )
        (photo,) = living.client.photos([living.client.photo_ids().tolist()[0]])
        assert photo.path == other / "red.jpg" in shown
        away.rename(root)
        living.until(lambda: all(folder.is_online for folder in living.client.folders()))
    assert living.encoded == 1


def test_a_deleted_photo_can_come_back_for_a_while(living: Living, photos: Path) -> None:
    keep = photos.with_name("bin")
    keep.mkdir()
    (photos / "other.txt").write_text("so that the folder is not empty")
    red = living.id_of(photos / "red.jpg")
    shutil.move(photos / "red.jpg", keep / "red.jpg")
    living.until(lambda: living.client.status().counts.photo_count == 0)
    assert living.client.status().gone_count == 1
    shutil.move(keep / "red.jpg", photos / "red.jpg")
    living.until_places_are(photos / "red.jpg")
    assert living.id_of(photos / "red.jpg") == red
    assert living.client.status().gone_count == 0
    assert living.encoded == 1


def test_a_folder_that_is_taken_out_and_added_again_costs_nothing(
    living: Living, photos: Path
) -> None:
    red = living.id_of(photos / "red.jpg")
    living.client.remove_folder(photos)
    assert living.client.status().counts.photo_count == 0
    assert living.add(photos) == 0
    assert living.id_of(photos / "red.jpg") == red


def test_a_broken_file_is_told_and_taken_in_once_it_is_mended(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    whole = make_picture(photos.with_name("blue.jpg"), (10, 10, 230), size_px=(300, 200))
    content = whole.read_bytes()
    (photos / "blue.jpg").write_bytes(content[: len(content) // 2])
    living.until(lambda: len(living.client.failures()) == 1)
    (failure,) = living.client.failures()
    assert failure.reason.code is FailureCode.TRUNCATED
    assert failure.path == photos / "blue.jpg"
    assert living.client.status().counts.photo_count == 1, "what is broken is no photo yet"
    (photos / "blue.jpg").write_bytes(content)
    living.until_places_are(photos / "red.jpg", photos / "blue.jpg")
    living.until(lambda: living.client.failures() == [])
