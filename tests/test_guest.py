"""A library that works only where it is welcome: paused, overridden, limited, tried again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.events import FoldersChanged, IndexProgress, LibraryEvent, Waiting
from photosearch.core.query import TextTerm
from photosearch.index import guest
from photosearch.index.manners import usable_cores
from photosearch.index.probes import Probes
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.conftest import MakePicture
from tests.test_library import Opened


class Screen:
    is_full = False


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Tells libraries that are opened from now on what fills the screen."""
    screen = Screen()
    probes = Probes(lambda: None, lambda: screen.is_full, lambda: None)
    monkeypatch.setattr(Probes, "of_this_computer", staticmethod(lambda _directory: probes))
    monkeypatch.setattr(guest, "_LOOK_EVERY_S", 0.02)
    return screen


@pytest.fixture
def opened(tmp_path: Path, screen: Screen) -> Iterator[Opened]:
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    root = tmp_path / "photos"
    for number in range(3):
        make_picture(root / f"{number}.jpg", (230, 10, 10))
    return root


def until_waiting(opened: Opened, why: Waiting) -> IndexProgress:
    while True:
        event: LibraryEvent = opened.next_event()
        if isinstance(event, IndexProgress) and event.waiting is why:
            return event


def test_a_pause_holds_runs_and_not_searches_until_it_is_lifted(
    opened: Opened, photos: Path
) -> None:
    opened.library.pause_index()
    assert opened.library.status().is_paused
    opened.library.add_folder(photos)
    ticket = opened.library.start_index()
    until_waiting(opened, Waiting.PAUSED)
    assert FoldersChanged() in opened.seen, "every window hears of it"
    indexing = opened.library.status().indexing
    assert indexing is not None
    assert indexing.waiting is Waiting.PAUSED
    assert opened.found(TextTerm("red")) == []

    opened.library.resume_index()
    opened.wait_for_run(ticket)
    assert not opened.library.status().is_paused
    assert opened.library.status().counts.vector_count == 3


def test_a_pause_outlives_the_engine(opened: Opened, photos: Path, tmp_path: Path) -> None:
    opened.library.pause_index()
    opened.library.close()
    again = Opened(tmp_path / "library")
    assert again.library.status().is_paused
    again.library.add_folder(photos)
    until_waiting(again, Waiting.PAUSED)
    again.library.close()  # at once, though a run waits


def test_a_paused_run_can_be_stopped(opened: Opened, photos: Path) -> None:
    opened.library.pause_index()
    opened.library.add_folder(photos)
    until_waiting(opened, Waiting.PAUSED)
    ticket = opened.library.start_index()
    opened.library.stop_index()
    assert opened.wait_for_run(ticket).was_stopped


def test_a_folder_of_a_paused_run_can_be_removed(opened: Opened, photos: Path) -> None:
    opened.library.pause_index()
    opened.library.add_folder(photos)
    until_waiting(opened, Waiting.PAUSED)
    opened.library.remove_folder(photos)
    assert opened.library.folders() == []


def test_a_film_holds_a_run_until_the_user_overrides_it(
    opened: Opened, photos: Path, screen: Screen
) -> None:
    screen.is_full = True
    opened.library.add_folder(photos)
    ticket = opened.library.start_index()
    until_waiting(opened, Waiting.FULL_SCREEN)
    opened.library.index_anyway()
    opened.wait_for_run(ticket)
    assert opened.library.status().counts.vector_count == 3


def test_a_run_goes_on_by_itself_when_the_film_is_over(
    opened: Opened, photos: Path, screen: Screen
) -> None:
    screen.is_full = True
    opened.library.add_folder(photos)
    ticket = opened.library.start_index()
    until_waiting(opened, Waiting.FULL_SCREEN)
    screen.is_full = False
    opened.wait_for_run(ticket)
    assert opened.library.status().counts.vector_count == 3


def test_decoders_are_limited_as_the_settings_say(
    tmp_path: Path, screen: Screen, photos: Path
) -> None:
    library = tmp_path / "limited"
    library.mkdir()
    LibrarySettings(threads=1).save(library / LIBRARY_FILE)
    opened = Opened(library)
    limits: list[int] = []
    opened.decoder.limit = limits.append  # type: ignore[method-assign]
    opened.library._tending._gate._limit = limits.append
    opened.index(photos)
    opened.index()
    assert set(limits) == {1}
    opened.library.close()
    assert usable_cores() >= 1


def test_what_failed_is_tried_again_on_request(opened: Opened, photos: Path) -> None:
    broken = photos / "broken.jpg"
    whole = (photos / "0.jpg").read_bytes()
    broken.write_bytes(whole[:200])
    stat = broken.stat()
    opened.index(photos)
    (failure,) = opened.library.failures()
    assert failure.path == broken
    assert failure.first_seen_ns > 0
    # Mended behind the program's back: same size and time, so that no scan looks at it again.
    broken.write_bytes(whole[:200])
    os.utime(broken, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    opened.wait_for_run(opened.library.start_index())
    (same,) = opened.library.failures()
    assert same.tries == failure.tries
    opened.wait_for_run(opened.library.retry_failures([photos / "0.jpg"]))
    (same,) = opened.library.failures()
    assert same.tries == failure.tries, "what is no failure is passed over"
    opened.wait_for_run(opened.library.retry_failures([broken]))
    (again,) = opened.library.failures()
    assert again.path == broken
    assert opened.library.status().counts.failure_count == 1
