from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.failure import FailureCode
from photosearch.core.photo import FileId, FileStamp, Folder
from photosearch.core.stored import KnownFile
from photosearch.errors import Cancelled
from photosearch.index.rules import ScanRules
from photosearch.index.scan import ScanResult, scan
from tests.index.disk import Disk, is_quiet, removed_of, stamp_of, tasks_of


def scanned(root: Path, known: dict[bytes, KnownFile] | None = None) -> ScanResult:
    return scan(Folder(1, root), known or {}, CancelToken(), ScanRules())


def known_as_now(path: Path, *, is_done: bool = True) -> KnownFile:
    info = path.stat()
    return KnownFile(FileStamp(info.st_size, info.st_mtime_ns), is_done)


def touch(path: Path, mtime_s: int = 1_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (mtime_s, mtime_s))
    return path


def names(result: ScanResult) -> list[bytes]:
    return [task.place.rel_path for task in result.tasks]


def test_new_photos_come_newest_first(tmp_path: Path) -> None:
    touch(tmp_path / "old.jpg", 10)
    touch(tmp_path / "sub" / "new.jpg", 30)
    touch(tmp_path / "mid.PNG", 20)
    assert names(scanned(tmp_path)) == [b"sub/new.jpg", b"mid.PNG", b"old.jpg"]


def test_a_known_unchanged_photo_is_left_alone(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.jpg")
    result = scanned(tmp_path, {b"a.jpg": known_as_now(path)})
    assert (names(result), result.removed, result.photo_count) == ([], [], 1)


def test_changed_photos_and_missing_vectors_are_tasks(tmp_path: Path) -> None:
    touch(tmp_path / "changed.jpg")
    unfinished = touch(tmp_path / "unfinished.jpg")
    known = {
        b"changed.jpg": KnownFile(FileStamp(99, 1), is_done=True),
        b"unfinished.jpg": known_as_now(unfinished, is_done=False),
    }
    assert sorted(names(scanned(tmp_path, known))) == [b"changed.jpg", b"unfinished.jpg"]


def test_files_that_are_gone_are_removed(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    result = scanned(tmp_path, {b"gone.jpg": KnownFile(FileStamp(1, 1), is_done=True)})
    assert [place.rel_path for place in result.removed] == [b"gone.jpg"]


def test_an_empty_or_missing_root_is_offline_and_forgets_nothing(tmp_path: Path) -> None:
    known = {b"a.jpg": KnownFile(FileStamp(1, 1), is_done=True)}
    for root in (tmp_path, tmp_path / "missing"):
        result = scanned(root, known)
        assert result.is_offline
        assert result.removed == []


def test_an_empty_folder_that_was_always_empty_is_not_offline(tmp_path: Path) -> None:
    assert not scanned(tmp_path).is_offline


def test_other_files_are_counted_by_suffix(tmp_path: Path) -> None:
    for name in ("a.xmp", "b.XMP", "Thumbs.db", "doc.pdf", "README", "film.mp4", ".hidden.jpg"):
        touch(tmp_path / name)
    result = scanned(tmp_path)
    assert result.tasks == []
    assert result.ignored.ignored == {".db": 1, ".pdf": 1, "": 1}
    assert result.ignored.not_yet == {".mp4": 1}


def test_hidden_and_foreign_directories_are_not_entered(tmp_path: Path) -> None:
    for directory in (".thumbnails", "@eaDir", "Mine.photoslibrary"):
        touch(tmp_path / directory / "a.jpg")
    assert scanned(tmp_path).photo_count == 0


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_to_directories_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.jpg")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to(tmp_path / "self.jpg")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "linked.jpg").symlink_to(tmp_path / "real" / "a.jpg")
    assert sorted(names(scanned(tmp_path))) == [
        b"dangling.jpg",
        b"linked.jpg",
        b"real/a.jpg",
        b"self.jpg",
    ]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are Unicode there")
def test_names_that_are_no_text_are_kept_as_bytes(tmp_path: Path) -> None:
    raw = os.path.join(os.fsencode(tmp_path), b"caf\xe9 100%_.jpg")  # noqa: PTH118
    with open(raw, "wb") as file:  # noqa: PTH123
        file.write(b"x")
    assert names(scanned(tmp_path)) == [b"caf\xe9 100%_.jpg"]


def test_an_unreadable_folder_is_a_failure_and_its_photos_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a.jpg")
    touch(tmp_path / "locked" / "b.jpg")
    real = os.scandir

    # Permissions do not stop an administrator, so the system call is made to refuse.
    def refuse(path: bytes) -> object:
        if path.endswith(b"locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    known = {b"locked/b.jpg": KnownFile(FileStamp(1, 1), is_done=True)}
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        result = scanned(tmp_path, known)
    assert [failure.reason.code for failure in result.failures] == [FailureCode.FOLDER_UNREADABLE]
    assert result.failures[0].place.rel_path == b"locked"
    assert result.removed == []
    assert names(result) == [b"a.jpg"]


def test_a_folder_that_can_be_listed_again_is_no_failure_any_more(tmp_path: Path) -> None:
    touch(tmp_path / "locked" / "b.jpg")
    result = scanned(tmp_path, {b"locked": KnownFile(None, is_done=False)})
    assert [place.rel_path for place in result.removed] == [b"locked"]


def test_a_stopped_scan_concludes_nothing(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        scan(Folder(1, tmp_path), {}, cancel, ScanRules())


def test_a_subtree_is_compared_alone(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    for name in ("a/b/1.jpg", "a/b/c/2.jpg", "a/bb/3.jpg", "4.jpg"):
        disk.touch(name)
    disk.scan()
    (tmp_path / "a" / "b" / "c" / "2.jpg").unlink()
    (tmp_path / "4.jpg").unlink()
    disk.touch("a/b/new.jpg")
    disk.touch("a/bb/new.jpg")
    found = disk.scan(b"a/b")
    assert tasks_of(found) == [b"a/b/new.jpg"]
    assert removed_of(found) == [b"a/b/c/2.jpg"]
    found = disk.scan()
    assert (tasks_of(found), removed_of(found)) == ([b"a/bb/new.jpg"], [b"4.jpg"])


def test_a_subtree_that_is_gone_is_removed(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.touch("a/b/1.jpg")
    disk.touch("2.jpg")
    disk.scan()
    shutil.rmtree(tmp_path / "a")
    found = disk.scan(b"a/b")
    assert not found.is_offline
    assert removed_of(found) == [b"a/b/1.jpg"]


def test_a_subtree_of_a_folder_that_is_away_forgets_nothing(tmp_path: Path) -> None:
    root = tmp_path / "disk"
    disk = Disk(root)
    disk.touch("a/1.jpg")
    disk.scan()
    shutil.rmtree(root)
    for _ in range(2):
        for found in (disk.scan(b"a"), disk.look_at(b"a/1.jpg")):
            assert found.is_offline
            assert removed_of(found) == []
        root.mkdir(exist_ok=True)  # the place where a disk is mounted


def test_a_disk_that_goes_during_a_scan_forgets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path / "disk")
    disk.touch("1.jpg")
    disk.touch("a/2.jpg")
    disk.scan()
    real = os.scandir

    def unplug(path: bytes) -> object:
        if path.endswith(b"/a"):
            (tmp_path / "disk").rename(tmp_path / "unplugged")
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", unplug)
        found = disk.scan()
    assert found.is_offline
    assert removed_of(found) == []


def test_a_directory_that_goes_during_a_scan_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path)
    disk.touch("1.jpg")
    disk.touch("a/2.jpg")
    disk.scan()
    real = os.scandir

    def remove(path: bytes) -> object:
        if path.endswith(b"/a"):
            (tmp_path / "a").rename(tmp_path / ".a")
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", remove)
        found = disk.scan()
    assert found.failures == []
    assert removed_of(found) == [b"a/2.jpg"]


def test_excluded_photos_leave_the_library_and_come_back(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.touch("Screenshots/1.jpg")
    disk.touch("2.jpg")
    disk.scan()
    disk.rules = ScanRules(("Screenshots",))
    assert removed_of(disk.scan(b"Screenshots")) == [b"Screenshots/1.jpg"]
    assert is_quiet(disk.scan())
    disk.rules = ScanRules(("*",))
    found = disk.scan()
    assert not found.is_offline
    assert removed_of(found) == [b"2.jpg"]
    disk.rules = ScanRules()
    assert tasks_of(disk.scan()) == [b"2.jpg", b"Screenshots/1.jpg"]


def test_an_excluded_file_is_not_looked_at_alone_either(tmp_path: Path) -> None:
    disk = Disk(tmp_path, ScanRules(("*.gif", "cache")))
    for name in ("a.gif", "cache/b.jpg", "@eaDir/c.jpg"):
        disk.touch(name)
    assert is_quiet(disk.look_at(b"a.gif", b"cache/b.jpg", b"@eaDir/c.jpg"))


def test_a_task_says_what_is_known(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    path = disk.touch("a.jpg")
    (task,) = disk.scan().tasks
    info = path.stat()
    assert task.file_id == FileId(info.st_dev, info.st_ino)
    assert task.stamp == stamp_of(path)
    assert (task.is_known, task.is_listed) == (False, False)
    disk.forget_vector(b"a.jpg")
    (task,) = disk.scan().tasks
    assert (task.is_known, task.is_listed) == (True, True)
    disk.touch("a.jpg", b"longer")
    (task,) = disk.scan().tasks
    assert (task.is_known, task.is_listed) == (True, False)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_out_of_the_folder_are_followed_where_that_is_wished(tmp_path: Path) -> None:
    elsewhere = Disk(tmp_path / "elsewhere")
    elsewhere.touch("there.jpg")
    elsewhere.touch("deep/there.jpg")
    (tmp_path / "elsewhere" / "deep" / "back").symlink_to(tmp_path / "photos")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "elsewhere")
    disk = Disk(tmp_path / "photos", ScanRules(follow_links=True))
    disk.touch("here/a.jpg")
    (tmp_path / "photos" / "within").symlink_to(tmp_path / "photos" / "here")
    (tmp_path / "photos" / "out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "out too").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / ".hidden").symlink_to(tmp_path / "elsewhere")
    assert tasks_of(disk.scan()) == [b"here/a.jpg", b"out/deep/there.jpg", b"out/there.jpg"]
    assert is_quiet(disk.scan())
    disk.rules = ScanRules()
    assert removed_of(disk.scan()) == [b"out/deep/there.jpg", b"out/there.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are none")
def test_what_is_no_ordinary_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert tasks_of(Disk(tmp_path).scan()) == [b"pipe.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="paths are shorter there")
def test_a_path_that_is_too_long_is_said_to_be(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.touch("a.jpg")
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=here)
            deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
    finally:
        os.close(here)
    found = disk.scan()
    assert tasks_of(found) == [b"a.jpg"]
    assert [failure.reason.code for failure in found.failures] == [FailureCode.FOLDER_UNREADABLE]
    subprocess.run(["rm", "-rf", "d" * 250], cwd=tmp_path, check=True)
