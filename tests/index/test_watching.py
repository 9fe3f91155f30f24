"""What file systems and programs really do, with the real watcher: in the end, known is what is.

Only Linux's watching is tried here; the others' own emitters are watchdog's.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.photo import FileEventKind
from photosearch.core.status import WatchMode
from photosearch.index import queue as queue_module
from photosearch.index.rules import ScanRules
from tests.index.disk import is_quiet
from tests.index.living_folder import LivingFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

#: In place of two seconds: nothing here writes slowly but one test, which waits longer by far.
_SETTLE_S = 0.3


@pytest.fixture(autouse=True)
def quick_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "SETTLE_S", _SETTLE_S)


@pytest.fixture
def living(tmp_path: Path) -> Iterator[LivingFolder]:
    living = LivingFolder(tmp_path / "photos")
    for name in ("1.jpg", "2019/2.jpg", "2019/May/3.jpg", "2020/4.png"):
        living.touch(name)
    assert living.start().mode is WatchMode.LIVE
    living.until_equal()
    living.forget_events()
    yield living
    living.close()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    return path


def test_new_changed_and_deleted_files(living: LivingFolder) -> None:
    living.touch("new.jpg")
    living.touch("2019/2.jpg", b"longer")
    (living.folder.path / "1.jpg").unlink()
    living.until_equal()
    assert set(living.known) == {b"new.jpg", b"2019/2.jpg", b"2019/May/3.jpg", b"2020/4.png"}
    assert living.scanned == []


def test_atomic_replacement(living: LivingFolder) -> None:
    root = living.folder.path
    aside = living.touch("2019/.2.jpg.tmp", b"quite another one", mtime_s=2_000)
    aside.replace(root / "2019" / "2.jpg")
    living.until(lambda: living.known[b"2019/2.jpg"].stamp != living.known[b"1.jpg"].stamp)
    living.until_equal()


def test_renames_and_moves_of_files(living: LivingFolder) -> None:
    root = living.folder.path
    (root / "1.jpg").rename(root / "one.jpg")
    (root / "2019" / "2.jpg").rename(root / "2020" / "2.jpg")
    living.until_equal()
    assert {b"one.jpg", b"2020/2.jpg"} < set(living.known)


def test_renames_in_case_only(living: LivingFolder) -> None:
    root = living.folder.path
    (root / "1.jpg").rename(root / "1.JPG")
    (root / "2020").rename(root / "2020 ROME")
    living.until_equal()
    assert {b"1.JPG", b"2020 ROME/4.png"} < set(living.known)


def test_hard_links(living: LivingFolder) -> None:
    root = living.folder.path
    os.link(root / "1.jpg", root / "2020" / "linked.jpg")
    living.until_equal()
    assert b"2020/linked.jpg" in living.known


def test_a_directory_moved_in(living: LivingFolder, outside: Path) -> None:
    album = LivingFolder(outside / "album")
    album.touch("deep/down/5.jpg")
    album.touch("6.jpg")
    (outside / "album").rename(living.folder.path / "2020" / "album")
    living.until_equal()
    assert living.scanned == [b"2020/album"]
    living.forget_events()
    living.touch("2020/album/deep/down/7.jpg")
    living.until_equal()
    assert living.scanned == []
    album.close()


def test_a_directory_moved_within(living: LivingFolder) -> None:
    root = living.folder.path
    (root / "2019").rename(root / "2020" / "2019")
    living.until_equal()
    assert set(living.scanned) == {b"2019", b"2020/2019"}
    living.touch("2020/2019/May/new.jpg")
    living.until_equal()
    assert b"2020/2019/May/new.jpg" in living.known


def test_a_directory_moved_out_is_not_heard_of_any_more(
    living: LivingFolder, outside: Path
) -> None:
    (living.folder.path / "2019").rename(outside / "2019")
    living.until_equal()
    assert set(living.known) == {b"1.jpg", b"2020/4.png"}
    living.forget_events()
    (outside / "2019" / "May" / "phantom.jpg").write_bytes(b"x")
    (outside / "2019" / "phantom.jpg").write_bytes(b"x")
    living.touch("last.jpg")
    living.until_equal()
    assert living.heard("last.jpg")
    assert {event.place.rel_path for event in living.events} == {b"last.jpg"}


def test_a_directory_that_goes_out_and_comes_in_again(living: LivingFolder, outside: Path) -> None:
    root = living.folder.path
    (root / "2019").rename(outside / "2019")
    (outside / "2019" / "May" / "3.jpg").unlink()
    (outside / "2019").rename(root / "back")
    living.until_equal()
    living.touch("back/May/new.jpg")
    living.until_equal()
    assert {b"back/2.jpg", b"back/May/new.jpg"} < set(living.known)


def test_a_tree_that_is_deleted(living: LivingFolder) -> None:
    shutil.rmtree(living.folder.path / "2019")
    living.until_equal()
    assert set(living.known) == {b"1.jpg", b"2020/4.png"}


def test_files_in_directories_that_were_only_just_made(living: LivingFolder) -> None:
    for number in range(60):
        living.touch(f"fresh/{number}/a/b/photo.jpg")
    living.until_equal()
    assert len(living.known) == 64


def test_a_burst_of_five_thousand_files(living: LivingFolder) -> None:
    for number in range(5_000):
        living.touch(f"burst/{number % 7}/{number}.jpg")
    living.until_equal()
    assert len(living.known) == 5_004


def test_a_file_that_is_still_being_written_waits(living: LivingFolder) -> None:
    path = living.folder.path / "slow.jpg"
    is_done = threading.Event()

    def write() -> None:
        with path.open("wb") as file:
            for _ in range(20):
                file.write(b"piece")
                file.flush()
                time.sleep(0.05)
        is_done.set()

    writer = threading.Thread(target=write)
    writer.start()
    living.until(lambda: is_done.is_set() and b"slow.jpg" in living.known)
    writer.join()
    living.until_equal()
    assert living.known[b"slow.jpg"].stamp == living.look("slow.jpg")


def test_raw_data_and_sidecars_go_to_their_photos(living: LivingFolder) -> None:
    living.touch("1.nef")
    living.until(lambda: b"1.nef" in living.known)
    assert living.known[b"1.nef"].is_companion
    living.touch("1.xmp")
    living.until(lambda: living.known[b"1.jpg"].sidecar is not None)
    (living.folder.path / "1.xmp").unlink()
    living.until(lambda: living.known[b"1.jpg"].sidecar is None)
    (living.folder.path / "1.jpg").unlink()
    living.until(lambda: not living.known[b"1.nef"].is_companion)


def test_what_is_left_out_is_not_watched(living: LivingFolder) -> None:
    root = living.folder.path
    for name in ("@eaDir", ".thumbnails", "Mine.photoslibrary/originals"):
        living.touch(f"2019/{name}/thumb.jpg")
    living.touch("half.jpg.part")
    (root / "2019" / "@eaDir").rename(root / "2020" / "@eaDir")
    living.touch("last.jpg")
    living.until_equal()
    assert {event.place.rel_path for event in living.events} == {b"last.jpg"}


def test_a_change_of_the_rules_counts_for_the_watcher_too(living: LivingFolder) -> None:
    living.rules = ScanRules(("2019",))
    living.watcher.watch(living.folder)
    living.until(lambda: living.scanned == [b""])
    assert set(living.known) == {b"1.jpg", b"2020/4.png"}
    living.forget_events()
    living.touch("2019/May/new.jpg")
    living.touch("last.jpg")
    living.until_equal()
    assert {event.place.rel_path for event in living.events} == {b"last.jpg"}


def test_directories_that_are_linked_to(living: LivingFolder, outside: Path) -> None:
    (outside / "5.jpg").write_bytes(b"x")
    (living.folder.path / "2019" / "link").symlink_to(outside)
    living.touch("last.jpg")
    living.until_equal()
    assert b"2019/link/5.jpg" not in living.known
    living.rules = ScanRules(follow_links=True)
    living.watcher.watch(living.folder)
    living.until(lambda: b"2019/link/5.jpg" in living.known)
    (outside / "6.jpg").write_bytes(b"x")
    living.until(lambda: b"2019/link/6.jpg" in living.known)
    (living.folder.path / "2019" / "link").unlink()
    living.until(lambda: b"2019/link/6.jpg" not in living.known)
    (living.folder.path / "2020" / "again").symlink_to(outside)
    living.until(lambda: b"2020/again/6.jpg" in living.known)


def test_a_folder_that_disappears_and_returns(living: LivingFolder, outside: Path) -> None:
    root = living.folder.path
    root.rename(outside / "photos")
    living.until(lambda: living.state().mode is WatchMode.OFFLINE)
    living.until(lambda: living.scanned == [b""])
    assert len(living.known) == 4
    (outside / "photos" / "1.jpg").unlink()
    (outside / "photos" / "away.jpg").write_bytes(b"x")
    (outside / "photos").rename(root)
    living.until(lambda: living.state().mode is WatchMode.LIVE)
    living.until_equal()
    assert b"away.jpg" in living.known
    living.forget_events()
    living.until_listening()
    living.until_equal()


def test_a_folder_that_is_made_anew_at_once(living: LivingFolder) -> None:
    root = living.folder.path
    shutil.rmtree(root)
    living.touch("new.jpg")
    living.until(lambda: living.state().mode is WatchMode.LIVE and b"new.jpg" in living.known)
    living.until_equal()
    living.forget_events()
    living.until_listening()
    living.until_equal()


def test_a_disk_that_is_mounted_over_an_empty_directory(
    living: LivingFolder, outside: Path
) -> None:
    root = living.folder.path
    root.rename(outside / "disk")
    root.mkdir()
    living.until(lambda: bool(living.scanned) and living.state().mode is WatchMode.LIVE)
    assert len(living.known) == 4
    living.forget_events()
    root.rmdir()
    (outside / "disk").rename(root)
    living.until_listening()
    living.until_equal()


def test_a_folder_that_is_away_at_the_start(tmp_path: Path) -> None:
    living = LivingFolder(tmp_path / "photos")
    living.folder.path.rmdir()
    try:
        living.watcher.watch(living.folder)
        assert living.state().mode is WatchMode.OFFLINE
        living.touch("1.jpg")
        living.until_equal()
        assert living.state().mode is WatchMode.LIVE
    finally:
        living.close()


def test_a_folder_that_is_not_watched_any_more(living: LivingFolder) -> None:
    living.watcher.unwatch(living.folder.id)
    assert living.watcher.states() == ()
    living.touch("new.jpg")
    living.watcher.watch(living.folder)
    living.until_listening()
    assert not living.heard("new.jpg")


def test_names_that_are_no_text(living: LivingFolder) -> None:
    root = os.fsencode(living.folder.path)
    for name in (b"caf\xe9.jpg", b"line\nbreak.jpg", b" .jpg"):
        Path(os.fsdecode(root + b"/2019/" + name)).write_bytes(b"x")
        living.until(lambda name=name: b"2019/" + name in living.known)  # type: ignore[misc]


def test_nothing_is_noticed_where_files_are_only_read(living: LivingFolder) -> None:
    for path in living.folder.path.rglob("*.jpg"):
        path.read_bytes()
    living.touch("last.jpg")
    living.until_equal()
    assert {event.place.rel_path for event in living.events} == {b"last.jpg"}
    assert {event.kind for event in living.events} == {FileEventKind.ADDED, FileEventKind.CHANGED}
    assert is_quiet(living.scan())


def test_a_folder_that_a_scan_found_empty_is_said_to_be_away(living: LivingFolder) -> None:
    living.watcher.watch(replace(living.folder, is_online=False))
    assert living.state().mode is WatchMode.OFFLINE
    living.watcher.watch(living.folder)
    assert living.state().mode is WatchMode.LIVE
