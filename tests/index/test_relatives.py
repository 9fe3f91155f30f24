"""Raw data beside pictures, and sidecars beside either."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.images.formats import FileKind, kind_of
from tests.index.disk import Disk, companions_of, is_quiet, removed_of, tasks_of


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_raw_data_belongs_to_the_picture_of_its_stem(disk: Disk) -> None:
    disk.touch("IMG_1.JPG")
    disk.touch("img_1.cr2")
    disk.touch("IMG_1.JPG.dng")
    disk.touch("sub/IMG_1.NEF")
    found = disk.scan()
    assert companions_of(found) == [(b"IMG_1.JPG.dng", b"IMG_1.JPG"), (b"img_1.cr2", b"IMG_1.JPG")]
    assert tasks_of(found) == [b"IMG_1.JPG", b"sub/IMG_1.NEF"]
    assert is_quiet(disk.scan())


def test_of_several_pictures_the_camera_s_own_is_the_main_one(disk: Disk) -> None:
    for name in ("a.png", "a.tif", "a.heic", "a.jpg", "a.arw"):
        disk.touch(name)
    assert companions_of(disk.scan()) == [(b"a.arw", b"a.jpg")]


def test_raw_data_that_lost_its_picture_is_a_photo(disk: Disk) -> None:
    picture = disk.touch("a.jpg")
    disk.touch("a.nef")
    disk.scan()
    picture.unlink()
    found = disk.scan()
    assert tasks_of(found) == [b"a.nef"]
    assert removed_of(found) == [b"a.jpg"]
    assert not found.tasks[0].is_known


def test_raw_data_that_lost_one_of_two_pictures_goes_to_the_other(disk: Disk) -> None:
    picture = disk.touch("a.jpg")
    disk.touch("a.heic")
    disk.touch("a.nef")
    disk.scan()
    picture.unlink()
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([], [(b"a.nef", b"a.heic")])


def test_a_raw_photo_that_gets_a_picture_becomes_its_companion(disk: Disk) -> None:
    disk.touch("a.nef")
    assert tasks_of(disk.scan()) == [b"a.nef"]
    disk.touch("a.jpg")
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([b"a.jpg"], [(b"a.nef", b"a.jpg")])
    assert is_quiet(disk.scan())


def test_changed_raw_data_is_told_anew(disk: Disk) -> None:
    disk.touch("a.jpg")
    disk.touch("a.nef")
    disk.scan()
    disk.touch("a.nef", b"longer")
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([], [(b"a.nef", b"a.jpg")])


@pytest.mark.parametrize("sidecar", ["a.xmp", "a.jpg.xmp", "a.XMP"])
def test_a_sidecar_that_comes_changes_or_goes_makes_its_photo_a_task(
    disk: Disk, sidecar: str
) -> None:
    disk.touch("a.jpg")
    disk.touch("b.jpg")
    disk.scan()
    path = disk.touch(sidecar)
    found = disk.scan()
    assert tasks_of(found) == [b"a.jpg"]
    assert found.tasks[0].is_known
    assert not found.tasks[0].is_listed
    assert is_quiet(disk.scan())
    disk.touch(sidecar, b"longer")
    assert tasks_of(disk.scan()) == [b"a.jpg"]
    path.unlink()
    assert tasks_of(disk.scan()) == [b"a.jpg"]
    assert is_quiet(disk.scan())


def test_sidecars_are_not_counted_among_files_that_are_no_photos(disk: Disk) -> None:
    for name in ("a.jpg", "a.xmp", "b.xmp", "c.txt"):
        disk.touch(name)
    assert disk.scan().ignored.ignored == {".txt": 1}


def test_a_folder_of_which_only_sidecars_are_left_is_not_offline(disk: Disk) -> None:
    picture = disk.touch("a.jpg")
    disk.touch("a.xmp")
    disk.scan()
    picture.unlink()
    found = disk.scan()
    assert not found.is_offline
    assert removed_of(found) == [b"a.jpg"]


def test_single_files_are_judged_with_their_relatives(disk: Disk) -> None:
    disk.touch("sub/a.nef")
    disk.touch("sub/b.jpg")
    disk.scan()
    picture = disk.touch("sub/a.jpg")
    found = disk.look_at(b"sub/a.jpg")
    assert tasks_of(found) == [b"sub/a.jpg"]
    assert companions_of(found) == [(b"sub/a.nef", b"sub/a.jpg")]
    disk.touch("sub/b.xmp")
    assert tasks_of(disk.look_at(b"sub/b.xmp")) == [b"sub/b.jpg"]
    picture.unlink()
    found = disk.look_at(b"sub/a.jpg")
    assert (tasks_of(found), removed_of(found)) == ([b"sub/a.nef"], [b"sub/a.jpg"])
    assert is_quiet(disk.scan())


def test_raw_data_beside_a_broken_picture_is_a_photo(disk: Disk) -> None:
    disk.touch("a.jpg")
    disk.touch("a.nef")
    disk.scan()
    disk.fail(b"a.jpg")
    assert tasks_of(disk.scan()) == [b"a.nef"]
    assert is_quiet(disk.scan())
    disk.touch("a.jpg", b"mended")
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([b"a.jpg"], [(b"a.nef", b"a.jpg")])


def test_a_broken_picture_with_a_sidecar_is_not_tried_at_each_scan(disk: Disk) -> None:
    disk.touch("a.jpg")
    disk.touch("a.xmp")
    disk.scan()
    disk.fail(b"a.jpg")
    assert is_quiet(disk.scan())


def test_raw_data_is_a_photo() -> None:
    assert kind_of(b"a.nef") is FileKind.PHOTO
