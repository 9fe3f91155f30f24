"""What is away is not taken for gone: disks that go, fail, and come back as others."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.failure import FailureCode
from photosearch.core.photo import MountPoint
from photosearch.core.status import WatchMode
from photosearch.index.roots import root_id
from photosearch.index.rules import ScanRules
from photosearch.index.scan import ScanResult, look_at, scan
from photosearch.index.volumes import Ground
from tests.index.disk import Disk, is_quiet, removed_of, tasks_of
from tests.index.living_folder import LivingFolder


class MountedDisk(Disk):
    """A folder whose file systems are what a test says.

    Attributes:
        volume: Of the folder.
        mounts: Inside it.
        before_look: Called before each look at them with its number in the scan, from 0.
    """

    def __init__(self, root: Path, rules: ScanRules | None = None) -> None:
        super().__init__(root, rules)
        self.volume = "uuid own"
        self.mounts: dict[bytes, str] = {}
        self.before_look: Callable[[int], object] = lambda _number: None
        self._look_count = 0

    def scan(self, below: bytes = b"") -> ScanResult:
        self._look_count = 0
        token = CancelToken()
        found = scan(self.folder, self.known, token, self.rules, below, self._look)
        return self._kept(found)

    def look_at(self, *rel_paths: bytes) -> ScanResult:
        self._look_count = 0
        return self._kept(look_at(self.folder, rel_paths, self.known, self.rules, self._look))

    def _kept(self, found: ScanResult) -> ScanResult:
        if found.volume is not None:
            self.folder = replace(self.folder, volume=found.volume, mounts=found.mounts)
        return self._taken(found)

    def _look(self, root: bytes, _awaited: Iterable[bytes]) -> Ground:
        self.before_look(self._look_count)
        self._look_count += 1
        return Ground(root_id(root), self.volume, dict(self.mounts))


@pytest.fixture
def disk(tmp_path: Path) -> MountedDisk:
    """Six photos, four of them in a directory."""
    disk = MountedDisk(tmp_path / "photos")
    for name in ("1.jpg", "2.jpg", "sub/3.jpg", "sub/4.jpg", "sub/in/5.jpg", "sub/in/6.jpg"):
        disk.touch(name, name.encode())
    return disk


@pytest.fixture
def stick(disk: MountedDisk) -> MountedDisk:
    """The same, with a stick mounted in the directory."""
    disk.mounts = {b"sub": "uuid stick", b"empty": "uuid other"}
    disk.scan()
    return disk


def mounts_of(disk: Disk) -> tuple[MountPoint, ...]:
    """What is remembered to be mounted inside."""
    return disk.folder.mounts


def is_only_told(found: ScanResult, place: bytes) -> bool:
    """True where nothing was found but that another disk is in a place."""
    told = [(each.place.rel_path, each.reason.code) for each in found.failures]
    return told == [(place, FailureCode.OTHER_DISK)] and is_quiet(replace(found, failures=[]))


def empty_out(disk: Disk, name: str) -> Path:
    """What an unmounted file system leaves behind; returns where its files are meanwhile."""
    kept = disk.folder.path.parent / "unmounted"
    (disk.folder.path / name).rename(kept)
    (disk.folder.path / name).mkdir()
    return kept


def refuse(monkeypatch: pytest.MonkeyPatch, number: int, end: str, function: str = "lstat") -> None:
    """Has the system refuse to look at files whose names end like this."""
    real = getattr(os, function)

    def refusing(path: bytes | str, *args: Any, **options: Any) -> object:
        if os.fsencode(path).endswith(end.encode()):
            raise OSError(number, os.strerror(number))
        return real(path, *args, **options)

    monkeypatch.setattr(os, function, refusing)


class Listing:
    """A directory's entries, one after the other, as `os.scandir` gives them."""

    def __init__(self, path: bytes, on_entry: Callable[[os.DirEntry[bytes]], Any]) -> None:
        with _scandir(path) as listing:
            self._entries = [on_entry(entry) for entry in listing]

    def __enter__(self) -> Iterator[Any]:
        return iter(self._entries)

    def __exit__(self, *_: object) -> None:
        pass


class FailingEntry:
    """An entry of a directory that cannot be looked at."""

    def __init__(self, entry: os.DirEntry[bytes], fail: Callable[[], object]) -> None:
        self.name, self.path = entry.name, entry.path
        self.is_dir, self.is_symlink = entry.is_dir, entry.is_symlink
        self._entry, self._fail = entry, fail

    def stat(self) -> os.stat_result:
        self._fail()
        return self._entry.stat()


_scandir = os.scandir


def fail_at_stat(
    monkeypatch: pytest.MonkeyPatch, names: Iterable[bytes], fail: Callable[[], object]
) -> None:
    """Has something happen whenever one of some files is looked at."""
    wanted = set(names)

    def entry_of(entry: os.DirEntry[bytes]) -> object:
        return FailingEntry(entry, fail) if entry.name in wanted else entry

    monkeypatch.setattr(os, "scandir", lambda path: Listing(path, entry_of))


def raise_error(number: int) -> Callable[[], object]:
    def fail() -> object:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_folder_that_goes_while_its_files_are_looked_at_forgets_nothing(
    disk: MountedDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.scan()
    root, away = disk.folder.path, disk.folder.path.parent / "away"

    def go() -> None:
        if root.exists():
            root.rename(away)
        root.stat()  # as the entry's own look would fail

    with monkeypatch.context() as patched:
        fail_at_stat(patched, [b"4.jpg", b"5.jpg", b"6.jpg"], go)
        found = disk.scan()
    assert found.is_offline
    assert removed_of(found) == tasks_of(found) == []
    away.rename(root)
    assert is_quiet(disk.scan())


def test_a_folder_that_goes_and_returns_during_a_scan_forgets_nothing(
    disk: MountedDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.scan()
    root, away = disk.folder.path, disk.folder.path.parent / "away"

    def go() -> None:
        root.rename(away)
        root.stat()

    def come_back() -> None:
        if away.exists():
            away.rename(root)

    real = os.lstat

    def lstat(path: bytes) -> os.stat_result:
        try:
            return real(path)
        except FileNotFoundError:
            come_back()
            raise

    with monkeypatch.context() as patched:
        fail_at_stat(patched, [b"4.jpg"], go)
        patched.setattr(os, "lstat", lstat)
        found = disk.scan()
    assert removed_of(found) == []
    assert not found.is_offline
    assert is_quiet(disk.scan())


@pytest.mark.parametrize(
    "number", [errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EACCES]
)
def test_a_file_that_cannot_be_looked_at_is_not_gone(
    disk: MountedDisk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    disk.touch("1.cr2")
    disk.scan()
    with monkeypatch.context() as patched:
        fail_at_stat(patched, [b"1.cr2", b"4.jpg"], raise_error(number))
        for name in ("1.cr2", "4.jpg"):
            refuse(patched, number, name)
        found, single = disk.scan(), disk.look_at(b"sub/4.jpg")
        # Nor one that is not even listed any more.
        (disk.folder.path / "sub" / "4.jpg").rename(disk.folder.path / "sub" / "4.tmp")
        unlisted = disk.scan()
    for each in (found, single):
        assert not each.is_offline
        assert tasks_of(each) == [b"sub/4.jpg"]  # the decoder says what is wrong with it
    for each in (found, single, unlisted):
        assert removed_of(each) == []
    assert removed_of(disk.scan()) == [b"sub/4.jpg"]


def test_files_that_really_go_during_a_scan_are_gone(
    disk: MountedDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.scan()

    def go() -> None:
        (disk.folder.path / "2.jpg").unlink()
        (disk.folder.path / "2.jpg").stat()

    with monkeypatch.context() as patched:
        fail_at_stat(patched, [b"2.jpg"], go)
        found = disk.scan()
    assert removed_of(found) == [b"2.jpg"]


def test_a_directory_in_the_folders_place_at_the_end_forgets_nothing(disk: MountedDisk) -> None:
    disk.scan()
    root = disk.folder.path
    (root / "1.jpg").unlink()

    def swap(number: int) -> None:
        if number == 1:
            root.rename(root.parent / "away")
            disk.touch("new.jpg")

    disk.before_look = swap
    found = disk.scan()
    assert removed_of(found) == []


def test_another_disk_in_the_folders_place_is_offline(disk: MountedDisk) -> None:
    disk.scan()
    assert (disk.folder.volume, disk.folder.mounts) == ("uuid own", ())
    root, kept = disk.folder.path, disk.folder.path.parent / "kept"
    root.rename(kept)
    disk.volume = "uuid other"
    disk.touch("1.jpg", b"of the same name", 2_000)
    disk.touch("other.jpg")
    for found in (disk.scan(), disk.scan(b"sub"), disk.look_at(b"1.jpg", b"2.jpg")):
        assert found.is_offline
        assert found.is_other_disk
        assert found.volume is None
        assert removed_of(found) == tasks_of(found) == []
    shutil.rmtree(root)
    kept.rename(root)
    disk.volume = "uuid own"
    found = disk.scan()
    assert is_quiet(found)
    assert not found.is_offline


def test_a_copy_of_the_disk_is_taken_for_it(disk: MountedDisk) -> None:
    disk.scan()
    disk.volume = "uuid copy"
    (disk.folder.path / "1.jpg").unlink()
    disk.touch("new.jpg")
    info = (disk.folder.path / "2.jpg").stat()
    # As FAT keeps it.
    os.utime(disk.folder.path / "2.jpg", (info.st_atime, info.st_mtime + 1))
    found = disk.scan()
    assert not found.is_offline
    assert removed_of(found) == [b"1.jpg"]
    assert tasks_of(found) == [b"2.jpg", b"new.jpg"]
    assert disk.folder.volume == "uuid copy"


def test_less_than_half_of_the_files_is_no_copy(disk: MountedDisk) -> None:
    disk.scan()
    shutil.rmtree(disk.folder.path / "sub")
    disk.volume = "uuid poor"
    assert disk.scan().is_other_disk
    disk.volume = ""  # nobody can tell: it is the same, as far as is known
    assert len(removed_of(disk.scan())) == 4
    assert disk.folder.volume == "uuid own"


def test_all_files_of_a_disk_may_move_within_it(disk: MountedDisk) -> None:
    disk.scan()
    moved = disk.folder.path / "moved"
    moved.mkdir()
    for name in ("1.jpg", "2.jpg", "sub"):
        (disk.folder.path / name).rename(moved / name)
    found = disk.scan()
    assert len(removed_of(found)) == len(tasks_of(found)) == 6


def test_a_disk_that_changes_during_a_scan_forgets_nothing(disk: MountedDisk) -> None:
    disk.scan()
    (disk.folder.path / "1.jpg").unlink()

    def swap(number: int) -> None:
        disk.volume = ("uuid own", "uuid other")[number]

    disk.before_look = swap
    for found in (disk.scan(), disk.scan(b"sub"), disk.look_at(b"1.jpg")):
        assert found.is_offline
        assert removed_of(found) == []


def test_mounts_that_hold_photos_are_remembered(stick: MountedDisk) -> None:
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick"),)
    stick.mounts[b"new"] = "uuid new"
    stick.touch("new/7.jpg")
    stick.scan(b"new")
    assert mounts_of(stick) == (
        MountPoint(b"new", "uuid new"),
        MountPoint(b"sub", "uuid stick"),
    )
    shutil.rmtree(stick.folder.path / "new")
    assert removed_of(stick.scan()) == [b"new/7.jpg"]
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick"),)


@pytest.mark.parametrize("has_directory", [True, False])
def test_what_is_mounted_inside_may_be_away(stick: MountedDisk, has_directory: bool) -> None:
    kept = empty_out(stick, "sub")
    del stick.mounts[b"sub"]
    if not has_directory:
        (stick.folder.path / "sub").rmdir()
    (stick.folder.path / "1.jpg").unlink()
    found = [stick.scan(), stick.scan(b"sub"), stick.scan(b"sub/in"), stick.look_at(b"sub/3.jpg")]
    assert [removed_of(each) for each in found] == [[b"1.jpg"], [], [], []]
    assert not any(each.is_offline for each in found)
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick", is_away=True),)
    # What is put there meanwhile is part of the folder, unless it is in a known photo's place.
    stick.touch("sub/new.jpg")
    stick.touch("sub/3.jpg", b"another one")
    assert tasks_of(stick.scan()) == [b"sub/new.jpg"]
    shutil.rmtree(stick.folder.path / "sub")
    kept.rename(stick.folder.path / "sub")
    stick.mounts[b"sub"] = "uuid stick"
    found_again = stick.scan()
    assert (tasks_of(found_again), removed_of(found_again)) == ([], [b"sub/new.jpg"])
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick"),)
    (stick.folder.path / "sub" / "3.jpg").unlink()
    assert removed_of(stick.look_at(b"sub/3.jpg")) == [b"sub/3.jpg"]


def test_another_disk_mounted_inside_is_not_looked_at_but_told(stick: MountedDisk) -> None:
    kept = empty_out(stick, "sub")
    stick.mounts[b"sub"] = "uuid card"
    stick.touch("sub/3.jpg", b"another one")
    for number in range(20):
        stick.touch(f"sub/{number}0.jpg")
    for found in (stick.scan(), stick.scan(), stick.scan(b"sub")):
        assert is_only_told(found, b"sub")
        assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick", is_away=True),)
    assert is_quiet(stick.scan(b"sub/in"))
    assert is_quiet(stick.look_at(b"sub/3.jpg", b"sub/4.jpg", b"sub/10.jpg"))
    shutil.rmtree(stick.folder.path / "sub")
    kept.rename(stick.folder.path / "sub")
    stick.mounts[b"sub"] = "uuid stick"
    assert removed_of(stick.scan()) == [b"sub"], "what was told, and nothing else"
    assert is_quiet(stick.scan())
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick"),)


def test_another_disk_is_not_told_any_more_when_it_is_gone_itself(stick: MountedDisk) -> None:
    empty_out(stick, "sub")
    stick.mounts[b"sub"] = "uuid card"
    assert is_only_told(stick.scan(), b"sub")
    del stick.mounts[b"sub"]
    assert removed_of(stick.scan()) == [b"sub"]
    assert is_quiet(stick.scan())
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick", is_away=True),)


def test_a_copy_of_what_is_mounted_inside_is_taken_for_it(stick: MountedDisk) -> None:
    stick.mounts[b"sub"] = "uuid copy"
    (stick.folder.path / "sub" / "3.jpg").unlink()
    assert removed_of(stick.scan()) == [b"sub/3.jpg"]
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid copy"),)
    del stick.mounts[b"sub"]  # copied into the folder itself
    assert is_quiet(stick.scan())
    assert mounts_of(stick) == ()
    shutil.rmtree(stick.folder.path / "sub")
    assert len(removed_of(stick.scan())) == 3


@pytest.mark.parametrize("is_there_first", [True, False])
def test_what_is_mounted_inside_may_go_or_come_during_a_scan(
    stick: MountedDisk, is_there_first: bool
) -> None:
    (stick.folder.path / "sub" / "3.jpg").unlink()

    def change(number: int) -> None:
        is_there = (number == 0) is is_there_first
        stick.mounts = {b"sub": "uuid stick"} if is_there else {}

    stick.before_look = change
    assert is_quiet(stick.scan())
    assert mounts_of(stick) == (MountPoint(b"sub", "uuid stick", is_away=True),)


def test_excluded_photos_go_from_a_disk_that_is_away_too(stick: MountedDisk) -> None:
    empty_out(stick, "sub")
    del stick.mounts[b"sub"]
    stick.rules = ScanRules(("in",))
    assert removed_of(stick.scan()) == [b"sub/in/5.jpg", b"sub/in/6.jpg"]
    stick.rules = ScanRules(("sub",))
    assert removed_of(stick.scan()) == [b"sub/3.jpg", b"sub/4.jpg"]
    assert mounts_of(stick) == ()


def can_mount(tmp_path: Path) -> bool:
    """Whether this test may mount something; only an administrator may."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    point = tmp_path / "trial"
    point.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "trial", point], capture_output=True, check=False
    )
    if made.returncode == 0:
        subprocess.run(["umount", point], check=True)
    return made.returncode == 0


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mounts an empty tmpfs at a place; ordinary users' tests have injected ones only."""
    if not can_mount(tmp_path):
        pytest.skip("only an administrator may mount")
    mounted: list[Path] = []

    def mount_at(point: Path, *arguments: object) -> None:
        point.mkdir(parents=True, exist_ok=True)
        command = arguments or ("-t", "tmpfs", "test")
        subprocess.run(["mount", *map(str, command), str(point)], check=True)
        mounted.append(point)

    yield mount_at
    for point in reversed(mounted):
        subprocess.run(["umount", "-l", str(point)], capture_output=True, check=False)


class RealDisk(Disk):
    """A folder whose file systems are real."""

    def scan(self, below: bytes = b"") -> ScanResult:
        found = super().scan(below)
        if found.volume is not None:
            self.folder = replace(self.folder, volume=found.volume, mounts=found.mounts)
        return found


def umount(point: Path) -> None:
    subprocess.run(["umount", str(point)], check=True)


def test_real_disks_that_change_places(tmp_path: Path, mount: Callable[..., None]) -> None:
    below, first, second = tmp_path / "below", tmp_path / "first", tmp_path / "second"
    for point in (below, first, second):
        mount(point)
    root = below / "my photos"
    mount(root, "--bind", first)
    disk = RealDisk(root)
    for number in range(10):
        disk.touch(f"{number}.jpg")
    assert len(tasks_of(disk.scan())) == 10
    assert disk.folder.volume
    assert is_quiet(disk.scan())
    umount(root)
    assert disk.scan().is_offline  # empty
    disk.touch("a note about where it is.txt")
    assert disk.scan().is_other_disk
    mount(root, "--bind", second)
    disk.touch("0.jpg", b"of the other one")
    found = disk.scan()
    assert found.is_other_disk
    assert tasks_of(found) == removed_of(found) == []
    umount(root)
    mount(root, "--bind", first)
    found = disk.scan()
    assert is_quiet(found)
    assert not found.is_offline


def test_the_watcher_says_that_another_disk_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = Ground(root_id(os.fsencode(tmp_path)), "uuid own")
    monkeypatch.setattr("photosearch.index.watch.ground_of", lambda _root: ground)
    living = LivingFolder(tmp_path / "photos")
    living.touch("1.jpg")
    try:
        for volume, why in (
            ("uuid other", "another disk is in its place"),
            ("uuid own", ""),
            ("", ""),
        ):
            living.folder = replace(living.folder, is_online=False, volume=volume)
            state = living.start()
            assert (state.mode, state.why) == (WatchMode.OFFLINE, why)
    finally:
        living.close()


def test_real_disks_inside_a_folder(tmp_path: Path, mount: Callable[..., None]) -> None:
    root, stick = tmp_path / "photos", tmp_path / "stick"
    mount(stick)
    disk = RealDisk(root)
    disk.touch("own.jpg")
    (root / "a stick").mkdir()
    mount(root / "a stick", "--bind", stick)
    disk.touch("a stick/1.jpg")
    disk.touch("a stick/deep/2.jpg")
    disk.scan()
    assert [mounted.rel_path for mounted in disk.folder.mounts] == [b"a stick"]
    umount(root / "a stick")
    assert is_quiet(disk.scan())
    mount(root / "a stick")
    assert is_only_told(disk.scan(), b"a stick")
    umount(root / "a stick")
    assert removed_of(disk.scan()) == [b"a stick"], "what was told, and nothing else"
    (root / "a stick").rmdir()
    assert is_quiet(disk.scan())
    mount(root / "a stick", "--bind", stick)
    assert is_quiet(disk.scan())
    (root / "a stick" / "1.jpg").unlink()
    assert removed_of(disk.scan()) == [b"a stick/1.jpg"]


def test_a_bind_mount_of_the_same_disk_may_be_away(
    tmp_path: Path, mount: Callable[..., None]
) -> None:
    disk = RealDisk(tmp_path / "photos")
    disk.touch("own.jpg")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.jpg").write_bytes(b"x")
    mount(disk.folder.path / "bound", "--bind", tmp_path / "elsewhere")
    assert tasks_of(disk.scan()) == [b"bound/1.jpg", b"own.jpg"]
    umount(disk.folder.path / "bound")
    assert is_quiet(disk.scan())


def test_what_a_link_leads_to_may_be_away(tmp_path: Path, mount: Callable[..., None]) -> None:
    disk = RealDisk(tmp_path / "photos", ScanRules(follow_links=True))
    disk.touch("own.jpg")
    stick, other = tmp_path / "stick", tmp_path / "other"
    for point in (stick, other):
        mount(point)
    for number in range(3):
        (stick / f"{number}.jpg").write_bytes(b"x")
    (other / "0.jpg").write_bytes(b"of the other one")
    link = disk.folder.path / "out"
    link.symlink_to(tmp_path / "mounted")
    mount(tmp_path / "mounted", "--bind", stick)
    assert tasks_of(disk.scan()) == [b"out/0.jpg", b"out/1.jpg", b"out/2.jpg", b"own.jpg"]
    assert [each.rel_path for each in mounts_of(disk)] == [b"out"]
    umount(tmp_path / "mounted")
    assert is_quiet(disk.scan())
    (tmp_path / "mounted").rmdir()
    assert is_quiet(disk.scan())
    mount(tmp_path / "mounted", "--bind", other)
    assert is_only_told(disk.scan(), b"out")
    umount(tmp_path / "mounted")
    mount(tmp_path / "mounted", "--bind", stick)
    (stick / "0.jpg").unlink()
    assert removed_of(disk.scan()) == [b"out", b"out/0.jpg"]
    link.unlink()
    assert removed_of(disk.scan()) == [b"out/1.jpg", b"out/2.jpg"]
    assert mounts_of(disk) == ()
