"""A library of which a disk that is mounted inside a folder goes, is another one, and is back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from photosearch.core.events import FoldersChanged
from photosearch.core.filters import Has, Trait
from photosearch.index.roots import root_id
from photosearch.index.scan import scan
from photosearch.index.volumes import Ground
from tests.conftest import MakePicture
from tests.test_library import Opened


class Stick:
    """A folder of two photos, with a stick inside that holds one of them and two more.

    Attributes:
        opened: The library.
        photos: The folder.
        point: Where the stick is mounted.
        mounts: What is mounted there, as the scan sees it.
    """

    def __init__(
        self, directory: Path, make_picture: MakePicture, mounts: dict[bytes, str]
    ) -> None:
        self.opened = Opened(directory / "library")
        self.photos = directory / "photos"
        self.point = self.photos / "a stick"
        self.mounts = mounts
        self._kept = directory / "unmounted"
        for number, name in enumerate(("both.png", "one.png", "two.png")):
            make_picture(self.point / name, (80 * number, 30, 0))
        self.opened.index(self.photos)
        shutil.copy(self.point / "both.png", self.photos / "here.png")
        make_picture(self.photos / "own.png", (0, 0, 200))
        self.opened.index()

    def look(self) -> bool:
        """Looks through the folder; returns whether windows were told that it is another one."""
        self.opened.seen.clear()
        self.opened.wait_for_run(self.opened.library.start_index())
        return FoldersChanged() in self.opened.seen

    def unmount(self) -> None:
        self.point.rename(self._kept)
        self.point.mkdir()
        self.mounts.clear()

    def mount(self) -> None:
        shutil.rmtree(self.point)
        self._kept.rename(self.point)
        self.mounts[b"a stick"] = "uuid stick"

    @property
    def offline(self) -> set[str]:
        """The names of the photos that are offline."""
        store = self.opened.store
        return {
            each.path.name for each in store.photos(store.matching(Has(Trait.OFFLINE)).tolist())
        }

    @property
    def paths(self) -> list[str]:
        """Where the photo lies that has a copy in the folder itself, the one to open first."""
        store = self.opened.store
        (photo,) = (
            each for each in store.photos(store.photo_ids().tolist()) if each.copy_count == 2
        )
        paths = store.paths_of(photo.id)
        assert photo.path == paths[0]
        return [os.fspath(path.relative_to(self.photos)) for path in paths]


@pytest.fixture
def stick(
    tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stick]:
    mounts = {b"a stick": "uuid stick"}

    def ground(root: bytes, _awaited: object) -> Ground:
        return Ground(root_id(root), "uuid own", dict(mounts))

    monkeypatch.setattr("photosearch.index.changes.scan", partial(scan, look=ground))
    stick = Stick(tmp_path, make_picture, mounts)
    yield stick
    stick.opened.library.close()


def test_photos_on_a_disk_inside_a_folder_are_offline_while_it_is_away(stick: Stick) -> None:
    assert (stick.offline, stick.paths) == (set(), ["a stick/both.png", "here.png"])
    stick.unmount()
    assert stick.look()
    assert (stick.offline, stick.paths) == (
        {"one.png", "two.png"},
        ["here.png", "a stick/both.png"],
    )
    (folder,) = stick.opened.library.folders()
    assert folder.is_online
    assert folder.away_paths == (stick.point,)
    assert not stick.look(), "it is known"
    assert stick.opened.library.failures() == []
    stick.mount()
    assert stick.look()
    assert (stick.offline, stick.paths) == (set(), ["a stick/both.png", "here.png"])


def test_another_disk_inside_a_folder_is_told_until_the_known_one_is_back(
    stick: Stick, make_picture: MakePicture
) -> None:
    stick.unmount()
    stick.mounts[b"a stick"] = "uuid card"
    make_picture(stick.point / "of the card.png", (9, 99, 9))
    for _ in range(2):
        stick.look()
        (failure,) = stick.opened.library.failures()
        assert failure.path == stick.point
        assert failure.reason.sentence().startswith("Another disk is in the place")
        counts = stick.opened.library.status().counts
        assert (counts.failed_folder_count, counts.photo_count) == (1, 4)
    assert stick.offline == {"one.png", "two.png"}
    stick.opened.wait_for_run(stick.opened.library.retry_failures())
    assert len(stick.opened.library.failures()) == 1
    stick.mount()
    stick.look()
    assert stick.opened.library.failures() == []
    assert stick.offline == set()
