from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from photosearch.core.photo import FileId, FilePlace, FileStamp, Folder
from photosearch.core.store import Store
from photosearch.index.places import Places


class Folders:
    """A store that knows one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folders(self) -> list[Folder]:
        return [Folder(1, self.root)]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "Sub").mkdir()
    (tmp_path / "Sub" / "New.jpg").write_bytes(b"x")
    return Places(cast(Store, Folders(tmp_path)))


@pytest.fixture
def case_blind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes upper and lower case the same, as macOS and Windows have it."""
    real = os.path.lexists

    def lexists(path: bytes) -> bool:
        names = {os.fsencode(found).lower() for found in tmp_path.rglob("*")}
        return path.lower() in names or real(path)

    monkeypatch.setattr(os.path, "lexists", lexists)


def test_a_file_is_listed_under_its_name(places: Places) -> None:
    assert places.is_listed(FilePlace(1, b"Sub/New.jpg"))
    assert not places.is_listed(FilePlace(1, b"Sub/new.jpg"))
    assert not places.is_listed(FilePlace(1, b"Sub/none.jpg"))


@pytest.mark.usefixtures("case_blind")
@pytest.mark.parametrize("former", [b"Sub/new.jpg", b"sub/New.jpg", b"SUB/NEW.JPG"])
def test_a_file_is_not_listed_under_its_former_name(places: Places, former: bytes) -> None:
    assert not places.is_listed(FilePlace(1, former))
    assert places.is_listed(FilePlace(1, b"Sub/New.jpg"))


def test_a_task_says_which_file_it_is(places: Places, tmp_path: Path) -> None:
    info = (tmp_path / "Sub" / "New.jpg").stat()
    task = places.task(FilePlace(1, b"Sub/New.jpg"))
    assert task.stamp == FileStamp(info.st_size, info.st_mtime_ns)
    assert task.file_id == FileId(info.st_dev, info.st_ino)
    assert places.task(FilePlace(1, b"none.jpg")).stamp is None
