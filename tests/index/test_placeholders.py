"""Files that are in the cloud only are listed, and never opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosearch.core.failure import FailureCode
from photosearch.index.placeholders import is_online_only, placeheld_name
from photosearch.index.scan import ScanResult
from tests.index.disk import Disk, companions_of, is_quiet, tasks_of

OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS = 0x1000, 0x40000, 0x400000
SF_DATALESS = 0x40000000


class Cloud:
    """Makes some files placeholders, as `stat` tells it on Windows or macOS."""

    def __init__(self, **flags: int) -> None:
        self.flags = flags
        self.names: set[bytes] = set()
        self._scandir = os.scandir

    def scandir(self, path: bytes) -> _Listing:
        return _Listing(list(self._scandir(path)), self)


class _Listing:
    def __init__(self, entries: list[os.DirEntry[bytes]], cloud: Cloud) -> None:
        self._entries = entries
        self._cloud = cloud

    def __enter__(self) -> Iterator[object]:
        return iter([_Entry(entry, self._cloud) for entry in self._entries])

    def __exit__(self, *_: object) -> None:
        pass


class _Entry:
    def __init__(self, entry: os.DirEntry[bytes], cloud: Cloud) -> None:
        self._entry = entry
        self._cloud = cloud

    def __getattr__(self, name: str) -> object:
        return getattr(self._entry, name)

    def stat(self) -> object:
        info = self._entry.stat()
        fields = {name: getattr(info, name) for name in dir(info) if name.startswith("st_")}
        flags = self._cloud.flags if self.name in self._cloud.names else {}
        return SimpleNamespace(**fields | flags)


@pytest.fixture(
    params=[
        {"st_file_attributes": OFFLINE},
        {"st_file_attributes": RECALL_ON_OPEN},
        {"st_file_attributes": RECALL_ON_DATA_ACCESS},
        {"st_flags": SF_DATALESS},
    ]
)
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    cloud = Cloud(**request.param)
    monkeypatch.setattr(os, "scandir", cloud.scandir)
    return cloud


def codes(found: ScanResult) -> list[FailureCode]:
    return [failure.reason.code for failure in found.failures]


def test_a_placeholder_is_listed_once_and_read_when_it_has_come(
    tmp_path: Path, cloud: Cloud
) -> None:
    disk = Disk(tmp_path)
    disk.touch("a.jpg")
    disk.touch("b.jpg")
    cloud.names = {b"a.jpg"}
    found = disk.scan()
    assert codes(found) == [FailureCode.ONLINE_ONLY]
    assert (tasks_of(found), found.online_only_count) == ([b"b.jpg"], 1)
    found = disk.scan()
    assert is_quiet(found)
    assert found.online_only_count == 1
    cloud.names = set()  # its size and time are as before
    assert tasks_of(disk.scan()) == [b"a.jpg"]
    assert is_quiet(disk.scan())


def test_a_known_photo_that_was_sent_to_the_cloud_stays_as_it_is(
    tmp_path: Path, cloud: Cloud
) -> None:
    disk = Disk(tmp_path)
    disk.touch("a.jpg")
    disk.scan()
    cloud.names = {b"a.jpg"}
    assert is_quiet(disk.scan())


def test_a_known_photo_of_which_another_version_is_in_the_cloud_is_listed(
    tmp_path: Path, cloud: Cloud
) -> None:
    disk = Disk(tmp_path)
    disk.touch("a.jpg")
    disk.scan()
    disk.touch("a.jpg", b"longer")
    cloud.names = {b"a.jpg"}
    assert codes(disk.scan()) == [FailureCode.ONLINE_ONLY]
    assert is_quiet(disk.scan())


def test_raw_data_is_read_where_its_picture_is_in_the_cloud(tmp_path: Path, cloud: Cloud) -> None:
    disk = Disk(tmp_path)
    disk.touch("a.jpg")
    disk.touch("a.nef")
    cloud.names = {b"a.jpg"}
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([b"a.nef"], [])
    assert is_quiet(disk.scan())
    cloud.names = set()
    found = disk.scan()
    assert (tasks_of(found), companions_of(found)) == ([b"a.jpg"], [(b"a.nef", b"a.jpg")])


def test_hidden_placeholders_stand_for_their_photos(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    hidden = disk.touch("2019/.a.heic.icloud")
    disk.touch("2019/.notes.txt.icloud")
    found = disk.scan()
    assert [failure.place.rel_path for failure in found.failures] == [b"2019/a.heic"]
    assert not found.is_offline
    assert is_quiet(disk.scan())
    hidden.unlink()
    disk.touch("2019/a.heic")
    assert tasks_of(disk.scan()) == [b"2019/a.heic"]
    (tmp_path / "2019" / "a.heic").unlink()
    disk.touch("2019/.a.heic.icloud")
    assert is_quiet(disk.scan())


def test_ordinary_files_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    assert not is_online_only(path.stat())
    assert placeheld_name(b"a.jpg") is None
    assert placeheld_name(b".icloud") is None
