from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.failure import FailureCode
from photosearch.core.photo import FileStamp, Folder
from photosearch.core.stored import KnownFile
from photosearch.errors import Cancelled
from photosearch.index import walk as walk_module
from photosearch.index.rules import ScanRules
from photosearch.index.scan import ScanResult, scan


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
        patched.setattr(walk_module.os, "scandir", refuse)
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
