"""Where the system does not tell of all changes: the folder is looked through instead."""

from __future__ import annotations

import errno
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.photo import Folder
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.errors import UsageError
from photosearch.index import limits, listening, roots
from photosearch.index import watch as watch_module
from photosearch.index.limits import WatchBudget, budget
from photosearch.index.roots import RootId, RootPoll
from photosearch.index.rules import ScanRules
from photosearch.index.watch import FolderWatcher
from tests.index.living_folder import LivingFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@pytest.fixture
def living(tmp_path: Path) -> Iterator[LivingFolder]:
    living = LivingFolder(tmp_path / "photos")
    for number in range(20):
        living.touch(f"{number}/a.jpg")
    yield living
    living.close()


def assert_rescanned(state: FolderWatch, why: str, hint: str) -> None:
    assert state.mode is WatchMode.RESCANNED
    assert state.every_s == 900.0
    assert why in state.why
    assert hint in state.hint


def test_a_folder_with_more_directories_than_the_system_allows(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "budget", lambda: WatchBudget(100, 60))
    assert_rescanned(
        living.start(),
        "the system lets you watch 100 directories, and it has 21",
        "sudo sysctl fs.inotify.max_user_watches=524288",
    )
    living.touch("0/b.jpg")
    living.scan()
    assert living.events == []
    assert b"0/b.jpg" in living.known


def test_excluded_directories_do_not_count(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        living.touch(f"@eaDir/{number}/a.jpg")
    monkeypatch.setattr(limits, "budget", lambda: WatchBudget(100, 50))
    assert living.start().mode is WatchMode.LIVE


def test_watches_run_out_while_the_folder_is_taken_up(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = Limited(monkeypatch, 10)
    assert_rescanned(living.start(), "directories", "max_user_watches")
    assert limited.left == 0


def test_watches_run_out_later(living: LivingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    Limited(monkeypatch, 21)
    assert living.start().mode is WatchMode.LIVE
    living.touch("new/deep/a.jpg")
    living.until(lambda: living.state().mode is WatchMode.RESCANNED)
    living.until_equal()
    assert b"new/deep/a.jpg" in living.known


class Limited:
    """A system that has so many watches left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        from watchdog.observers.inotify_c import InotifyFD

        self.left = count
        real = InotifyFD.add_callback

        def add_callback(*arguments: object) -> object:
            if not self.left:
                raise OSError(errno.ENOSPC, "inotify watch limit reached")
            self.left -= 1
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(InotifyFD, "add_callback", add_callback)


def test_too_many_programs_watch_already(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_trees: object) -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(listening, "PrunedObserver", refuse)
    assert_rescanned(living.start(), "programs", "sudo sysctl fs.inotify.max_user_instances=1024")


def test_a_folder_on_a_network_disk(living: LivingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "network_type", lambda _path: "nfs4")
    assert_rescanned(living.start(), "it lies on a network disk (nfs4)", "")


def test_a_network_disk_that_goes_and_returns(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(listening, "network_type", lambda _path: "cifs")
    living.start()
    living.folder.path.rename(tmp_path / "away")
    living.until(lambda: living.state().mode is WatchMode.OFFLINE and living.scanned == [b""])
    assert len(living.known) == 20
    (tmp_path / "away" / "0" / "new.jpg").write_bytes(b"x")
    (tmp_path / "away").rename(living.folder.path)
    living.until(lambda: living.state().mode is WatchMode.RESCANNED)
    living.until_equal()
    assert living.scanned == [b"", b""]


def test_events_that_were_lost_are_made_up_for(living: LivingFolder) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, WatchDescriptor

    living.start()
    observer = living.watcher._listener._observer
    overflow = InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b"")
    observer._inotify_fd.handle_event(overflow)  # type: ignore[union-attr]
    living.until(lambda: living.scanned == [b""])
    living.touch("new/a.jpg")
    living.until_equal()
    assert living.heard("new")


def test_an_error_in_the_midst_of_an_event_ends_nothing(
    living: LivingFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from photosearch.index import inotify

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    living.start()
    with monkeypatch.context() as patched:
        patched.setattr(inotify, "Walk", fail)
        living.touch("new/a.jpg")
        living.until(lambda: "watched anew" in caplog.text)
    living.until(lambda: b"new/a.jpg" in living.known)
    living.until_listening()
    living.until_equal()


def test_settings_that_cannot_be_read_leave_the_rules_as_they_were(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given: list[ScanRules] = [ScanRules(("a",))]

    def rules() -> ScanRules:
        if not given:
            raise UsageError("The settings are half-written.", "")
        return given.pop()

    asked: list[object] = []
    watcher = FolderWatcher(lambda _: None, asked.append, rules)
    try:
        watcher.watch(Folder(1, tmp_path))
        with caplog.at_level(logging.WARNING):
            watcher.watch(Folder(1, tmp_path))
        assert "half-written" in caplog.text
        assert asked == []
    finally:
        watcher.close()


def test_a_disk_that_does_not_answer_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_answered = threading.Event()
    dead = tmp_path / "dead"
    real = roots.root_id

    def look(path: bytes) -> RootId | None:
        if path.endswith(b"dead"):
            is_answered.wait()
        return real(path)

    monkeypatch.setattr(roots, "root_id", look)
    monkeypatch.setattr(roots, "HANGING_AFTER_S", 0.0)
    monkeypatch.setattr(watch_module, "_PATIENCE_S", 0.05)
    scanned = threading.Event()
    watcher = FolderWatcher(lambda _: None, lambda _: scanned.set())
    try:
        dead.mkdir()
        watcher.watch(Folder(1, dead))
        (tmp_path / "alive").mkdir()
        monkeypatch.setattr(watch_module, "_PATIENCE_S", 60.0)
        watcher.watch(Folder(2, tmp_path / "alive"))
        first, second = watcher.states()
        assert (first.mode, second.mode) == (WatchMode.OFFLINE, WatchMode.LIVE)
        assert first.why == "the disk does not answer"
        is_answered.set()
        assert scanned.wait(60.0)
    finally:
        is_answered.set()
        watcher.close()


def test_the_poll_tells_of_the_first_look_and_of_changes_only() -> None:
    found: list[RootId | None] = [None, None, (1, 2), (1, 2), (1, 3), None]
    told: list[RootId | None] = []
    is_over = threading.Event()

    def look(_path: bytes) -> RootId | None:
        if len(found) == 1:
            is_over.set()
        return found.pop(0) if len(found) > 1 else found[0]

    poll = RootPoll(b"/disk", told.append, every_s=0.001, look=look)
    poll.start()
    assert is_over.wait(60.0)
    poll.stop()
    poll.join(60.0)
    assert told[:3] == [None, (1, 2), (1, 3)]


def test_a_budget_leaves_something_to_others() -> None:
    assert WatchBudget(1000, 300).admits(500)
    assert not WatchBudget(1000, 301).admits(500)
    assert WatchBudget(None, 0).admits(10**9)


def test_the_proposed_limit_admits_the_folder() -> None:
    assert "max_user_watches=2097152" in WatchBudget(524_288, 200_000).hint(900_000)


def test_watches_of_all_programs_of_the_user_count(tmp_path: Path, living: LivingFolder) -> None:
    before = budget()
    assert before.most is not None
    living.start()
    assert budget().in_use >= 21
    assert budget(tmp_path, tmp_path) == WatchBudget(None, 0)
