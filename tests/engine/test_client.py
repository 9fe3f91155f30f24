"""Calls, errors and events between this process and the engine of a fake library."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from photosearch import errors
from photosearch.core.events import FoldersChanged, IndexProgress
from photosearch.core.query import ImageTerm, PhotoTerm, Query, TextTerm
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.engine.client import ClientEvent
from photosearch.errors import Cancelled, EngineError, PhotoSearchError, UsageError
from tests.engine.conftest import Connect, pids_in, wait_until
from tests.engine.fake_library import ANYWAY, ODD_NAME, THUMBNAIL_BYTES, WARMED, fake_photo
from tests.engine.test_protocol import OURS


def text(words: str) -> Query:
    return Query((TextTerm(words),))


def test_every_call_comes_back(fake: Connect, library: Path) -> None:
    client = fake()
    status = client.status()
    assert status.path == library
    assert status.counts.ignored == {".txt": 7, "": 1}
    assert (status.watching, status.gone_count, status.is_paused) == ((), 1, False)
    assert client.folders() == []
    folder = client.add_folder(Path("/photos") / ODD_NAME)
    assert folder.path == Path("/photos") / ODD_NAME
    assert client.folders() == [folder]
    assert client.status().folders == (folder,)
    (watch,) = client.status().watching
    assert watch == FolderWatch(1, WatchMode.RESCANNED, 900.0, "it is away", "Bring it.")
    assert client.start_index() == 7
    assert client.start_index([folder.path]) == 1
    client.stop_index()
    client.pause_index()
    assert client.status().is_paused
    client.resume_index()
    assert not client.status().is_paused
    assert client.retry_failures() == 9
    assert client.retry_failures([Path("a"), Path("b")]) == 2
    assert client.gone()[0].path.name == ODD_NAME
    assert client.forget_gone() == 1
    assert client.paths_of(4) == [fake_photo(4).path, Path("/copy") / ODD_NAME]
    client.use_model("fake", at_once=True)
    assert client.remove_space("other") == 5
    client.remove_folder(folder.path)
    assert client.folders() == []
    ids = client.photo_ids()
    assert ids.dtype == np.int64
    assert ids.tolist() == list(range(1000))[::-1]
    assert client.photos(ids[:3]) == [fake_photo(n) for n in (999, 998, 997)]  # type: ignore[arg-type]
    assert client.thumbnails([]) == {}
    (failure,) = client.failures()
    assert failure.path == Path("/photos") / ODD_NAME
    assert failure.reason.args["limit_mp"] == 0.5
    query = Query((TextTerm("a\udcff"), PhotoTerm(3, -0.5)), limit=5)
    result = client.search(query)
    assert result.query == query
    assert result.ids.tolist() == [0, 1, 2, 3, 4]
    assert result.scores.dtype == np.float32


def test_what_a_run_waits_for_is_told(fake: Connect) -> None:
    client = fake()
    events: queue.Queue[ClientEvent] = queue.Queue()
    client.subscribe(events.put)
    client.index_anyway()
    assert events.get(timeout=20) == ANYWAY


def test_relative_paths_are_meant_from_here(
    fake: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fake()
    monkeypatch.chdir(tmp_path)
    assert client.add_folder(Path("photos")).path == tmp_path / "photos"
    query = client.search(Query((ImageTerm(Path("a.jpg")),))).query
    assert query.terms == (ImageTerm(tmp_path / "a.jpg"),)


def test_eight_megabytes_of_thumbnails_come_at_once(fake: Connect) -> None:
    thumbnails = fake().thumbnails(range(200))
    assert len(thumbnails) == 200
    assert thumbnails[150] == bytes([150]) * THUMBNAIL_BYTES


def test_errors_arrive_as_what_they_are(fake: Connect) -> None:
    client = fake()
    for kind in OURS:
        with pytest.raises(PhotoSearchError) as caught:
            client.search(text(f"raise {kind.__name__}"))
        assert type(caught.value) is kind
        assert caught.value.message == f"{kind.__name__} was asked for: {ODD_NAME}"
        assert caught.value.hint == "Ask for something else."
    with pytest.raises(UsageError, match="not watched"):
        client.remove_folder(Path("/nowhere"))


def test_a_bug_in_the_engine_costs_its_own_call_only(fake: Connect, library: Path) -> None:
    client = fake()
    with pytest.raises(EngineError) as caught:
        client.search(text("bug"))
    assert caught.value.message == "The engine met an error of its own."
    assert "engine.log" in caught.value.hint
    with pytest.raises(EngineError, match="cannot travel as SearchResult"):
        client.search(text("wrong type"))
    assert client.search(text("fine")).searched_count == 5
    assert (library / "engine.log").read_text().count("ZeroDivisionError: a bug") == 1


def test_what_may_not_travel_is_refused_here(fake: Connect) -> None:
    client = fake()
    with pytest.raises(EngineError, match="cannot travel"):
        client.photos(["one"])  # type: ignore[list-item]
    assert client.folders() == []


def test_a_newer_search_ends_the_older_of_the_same_client_only(fake: Connect) -> None:
    client, other = fake(), fake()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(client.search, text("wait"))
        second = pool.submit(client.search, text("wait"))
        # Whichever of the two came first ends at once; the other runs on until a third one comes.
        wait_until(lambda: first.done() or second.done())
        assert not (first.done() and second.done())
        foreign = pool.submit(other.search, text("foreign"))
        last = client.search(text("last"))
        assert last.searched_count == 5
        assert foreign.result(timeout=10).searched_count == 5
        for search in (first, second):
            with pytest.raises(Cancelled):
                search.result(timeout=10)


def test_a_client_that_leaves_takes_its_search_along(fake: Connect) -> None:
    client, other = fake(), fake()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.search, text("wait"))
        wait_until(waiting.running)
        client.close()
        with pytest.raises(EngineError, match="closed"):
            waiting.result(timeout=10)
        assert other.search(text("x")).searched_count == 5


def test_slow_calls_do_not_hold_up_thumbnails(fake: Connect) -> None:
    client = fake()
    with ThreadPoolExecutor(2) as pool:
        searching = pool.submit(client.search, text("wait"))
        adding = pool.submit(client.add_folder, Path("/stuck"))
        wait_until(lambda: searching.running() and adding.running())
        assert len(client.thumbnails([1])) == 1
        assert not adding.done()
        assert client.search(text("x")).searched_count == 5
        with pytest.raises(Cancelled):
            searching.result(timeout=10)
        adding.result(timeout=10)


def test_many_threads_share_a_client(fake: Connect) -> None:
    client = fake()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: client.photos([n])[0].id, range(400)))
    assert answers == list(range(400))


def test_events_reach_every_client_and_stop_when_asked(fake: Connect) -> None:
    one, two = fake(), fake()
    heard: list[queue.SimpleQueue[ClientEvent]] = [queue.SimpleQueue(), queue.SimpleQueue()]
    stop = one.subscribe(heard[0].put)
    two.subscribe(heard[1].put)
    one.add_folder(Path("/a"))
    assert [events.get(timeout=5) for events in heard] == [FoldersChanged()] * 2
    one.start_index()
    while True:
        event = heard[1].get(timeout=5)
        assert isinstance(event, IndexProgress)
        if event.done == 2:
            break
    stop()
    while not heard[0].empty():
        heard[0].get()
    one.add_folder(Path("/b"))
    assert heard[1].get(timeout=5) == FoldersChanged()
    assert one.folders()[1].path == Path("/b")
    assert heard[0].empty()


def test_a_listener_may_make_calls_and_give_up(fake: Connect) -> None:
    client = fake()
    seen: queue.SimpleQueue[int] = queue.SimpleQueue()

    def listen(_event: ClientEvent) -> None:
        seen.put(len(client.folders()))
        client.remove_folder(Path("/nowhere"))

    client.subscribe(listen)
    for name in ("/a", "/b"):
        client.add_folder(Path(name))
    assert {seen.get(timeout=5), seen.get(timeout=5)} <= {1, 2}


def test_only_who_asks_warms_the_library_up(fake: Connect, library: Path) -> None:
    fake().status()
    assert not (library / WARMED).exists()
    fake(warm=True)
    wait_until(lambda: pids_in(library / WARMED))
    assert len(pids_in(library / WARMED)) == 1


def test_a_closed_client_says_so_and_leaves_no_thread(fake: Connect) -> None:
    before = set(threading.enumerate())
    client = fake()
    with client:
        client.status()
    client.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(EngineError, match="closed"):
        client.status()


def test_every_error_class_is_known_to_the_engine() -> None:
    assert {kind.__name__ for kind in OURS} >= {"EngineError", "CorruptStoreError", "Cancelled"}
    assert vars(errors)["StoreError"] in OURS


def test_importing_the_client_is_light() -> None:
    code = "import photosearch.engine.client, sys; print(*sys.modules)"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    heavy = {"torch", "transformers", "PIL", "apsw", "filelock", "PySide6", "watchdog", "typer"}
    assert not loaded & heavy
    assert "photosearch.library" not in loaded
    assert "photosearch.engine.host" not in loaded
