"""Disks that come and go inside a watched folder, of which no event tells."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.photo import Folder
from photosearch.core.status import WatchMode
from photosearch.index.rules import ScanRules
from photosearch.index.watch import FolderWatcher
from tests.index.living_folder import LivingFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts are listed by Linux")

_DEADLINE_S = 60.0


class MountList:
    """A watched folder, and what the system would say to be mounted."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "my photos"
        self.root.mkdir()
        self._listed = directory / "mountinfo"
        self._asked = threading.Semaphore(0)
        self.set()
        self.watcher = FolderWatcher(
            lambda _: None,
            lambda _: self._asked.release(),
            lambda: ScanRules(("cache",)),
            listed=self._listed,
        )
        self._woken_count = 0

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Starts watching, and counts how often the folder is taken up anew."""
        self.watcher.watch(Folder(1, self.root))
        watched = self.watcher._watched[1]
        assert watched.is_settled.wait(_DEADLINE_S)
        wake = watched.poll.wake

        def count(*, tell: bool = False) -> None:
            self._woken_count += 1
            wake(tell=tell)

        monkeypatch.setattr(watched.poll, "wake", count)

    def set(self, *mounts: str) -> None:
        """Has these be mounted, as "directory kind source"."""
        lines = ["27 1 254:0 / / rw - ext4 /dev/vda rw"]
        for number, mount in enumerate(mounts):
            below, kind, source = mount.split()
            point = f"{self.root}/{below}".replace(" ", "\\040")
            lines.append(f"{40 + number} 27 8:{number} / {point} rw - {kind} {source} rw")
        self._listed.write_text("\n".join(lines))

    def is_noticed(self) -> bool:
        """Whether a look has the folder looked through; waits for it where something changed."""
        before = self._woken_count
        self.watcher.look_for_mounts()
        return self._woken_count > before and self._asked.acquire(timeout=_DEADLINE_S)


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MountList]:
    mounts = MountList(tmp_path)
    mounts.set("nas nfs4 server:/photos")
    mounts.watch(monkeypatch)
    yield mounts
    mounts.watcher.close()


def test_what_comes_goes_or_changes_inside_a_folder_is_noticed_once(mounts: MountList) -> None:
    assert not mounts.is_noticed()
    for mounted in (
        ("nas nfs4 server:/photos", "sub/stick vfat /dev/sdb1"),
        ("nas nfs4 server:/photos",),
        ("nas nfs4 server:/other",),
        (),
        ("nas nfs4 server:/photos",),
    ):
        mounts.set(*mounted)
        assert mounts.is_noticed()
        assert not mounts.is_noticed()


@pytest.mark.parametrize(
    "mount", ["../other vfat /dev/sdb1", ".hidden vfat /dev/sdb1", "cache/sub vfat /dev/sdb1"]
)
def test_what_is_mounted_where_nobody_looks_is_no_concern(mounts: MountList, mount: str) -> None:
    mounts.set("nas nfs4 server:/photos", mount)
    assert not mounts.is_noticed()


@pytest.mark.parametrize("missing", ["mountinfo", "my photos"])
def test_without_the_list_or_the_folder_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    mounts = MountList(tmp_path)
    (tmp_path / missing).rename(tmp_path / "away")
    mounts.watch(monkeypatch)
    try:
        if missing == "my photos":
            mounts.set("nas nfs4 server:/photos")
        assert not mounts.is_noticed()
    finally:
        mounts.watcher.close()


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Path]:
    """A directory in a folder in which the tests may mount something."""
    point = tmp_path / "photos" / "stick"
    point.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "trial", point]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator may mount")
    subprocess.run(["umount", point], check=True)
    yield point
    subprocess.run(["umount", "-l", point], capture_output=True, check=False)


def test_a_real_disk_that_returns_is_listened_to(stick: Path) -> None:
    living = LivingFolder(stick.parent)
    try:
        assert living.start().mode is WatchMode.LIVE
        subprocess.run(["mount", "-t", "tmpfs", "trial", stick], check=True)
        living.touch("stick/1.jpg")
        living.watcher.look_for_mounts()
        living.until(lambda: living.scanned == [b""] and b"stick/1.jpg" in living.known)
        living.touch("stick/2.jpg")
        living.until(lambda: b"stick/2.jpg" in living.known)
        assert living.heard("stick/2.jpg")
        assert living.scanned == [b""]
        assert os.path.ismount(stick)
    finally:
        living.close()
