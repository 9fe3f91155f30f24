"""kill -9 at any point, of anybody: nothing is lost, nobody left over, the next run completes."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from photosearch.cli.progress import index_and_wait
from photosearch.core.events import FileQuarantined
from photosearch.core.failure import FailureCode
from photosearch.core.query import Query, TextTerm
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE as BATCH_SIZE
from photosearch.engine.client import ClientEvent, EngineClient, connect
from photosearch.index.journal import JOURNAL_FILE
from tests.conftest import MakePicture
from tests.engine.colour_engine import STARTED, command
from tests.engine.conftest import is_running, pids_in, wait_until
from tests.processes import stored_count

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")

#: More than can be in flight at two kills.
COUNT = 10 * BATCH_SIZE
RED = Query((TextTerm("red"),), limit=COUNT)


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    root = tmp_path / "photos"
    for number in range(COUNT):
        make_picture(root / f"{number:03}.png", (number % 256, 60, 90), size_px=(32, 32))
    return root


@pytest.fixture
def client(library: Path) -> Iterator[EngineClient]:
    with connect(library, command=command(library)) as client:
        yield client


def engine_pid(library: Path) -> int:
    return pids_in(library / STARTED)[-1]


def children_of(parent: int) -> list[int]:
    pids = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            ppid = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if ppid == parent:
            pids.append(int(path.parent.name))
    return pids


def kill_once_stored(library: Path, count: int) -> None:
    wait_until(lambda: stored_count(library) >= count, within_s=30)
    os.kill(engine_pid(library), signal.SIGKILL)


def assert_whole(library: Path, client: EngineClient, listed_count: int = 0) -> None:
    """Nothing is lost or doubled; of some photos the headers were read and nothing else."""
    counts = client.status().counts
    assert (counts.photo_count, counts.vector_count) == (COUNT + listed_count, COUNT)
    found, known = client.search(RED).ids.tolist(), client.photo_ids().tolist()
    assert len(set(found)) == len(found) == COUNT
    assert set(found) <= set(known)
    database = apsw.Connection(str(library / "library.db"), flags=apsw.SQLITE_OPEN_READONLY)
    database.set_busy_timeout(10_000)
    assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
    assert list(database.execute("SELECT count(DISTINCT rel_path) FROM file")) == [
        (COUNT + listed_count,)
    ]
    database.close()


def test_a_picture_that_kills_the_engine_twice_is_left_out_and_the_rest_goes_on(
    client: EngineClient, library: Path, photos: Path, make_picture: MakePicture
) -> None:
    white = make_picture(photos / "040 white.png", (255, 255, 255), size_px=(64, 48))
    heard: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(heard.put)
    run = index_and_wait(client, [photos])
    assert run.failed == 1
    assert len(pids_in(library / STARTED)) == 3
    assert_whole(library, client, listed_count=1)
    (failure,) = client.failures()
    assert (failure.path, failure.reason.code) == (white, FailureCode.ENGINE_DIED)
    events = [heard.get() for _ in range(heard.qsize())]
    told = [event for event in events if isinstance(event, FileQuarantined)]
    assert told == [FileQuarantined(white)]
    assert not (library / JOURNAL_FILE).exists()

    assert index_and_wait(client, None).done == 0, "it is not tried again"
    make_picture(white, (255, 0, 0), size_px=(80, 60))
    assert index_and_wait(client, None).encoded == 1
    assert client.failures() == []


def test_an_engine_that_is_killed_twice_amid_the_work_loses_and_blames_nothing(
    client: EngineClient, library: Path, photos: Path
) -> None:
    client.start_index([photos])
    for _ in range(2):
        kill_once_stored(library, stored_count(library) + 1)
        client.start_index()
    index_and_wait(client, None)
    assert client.failures() == []
    assert_whole(library, client)
    assert not (library / JOURNAL_FILE).exists()


def start_client(what: str, library: Path, photos: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "tests.engine.colour_client", what]
    return subprocess.Popen([*program, "--library", str(library), str(photos)])


@pytest.mark.parametrize("what", ["index", "search", "window"])
def test_a_killed_client_leaves_no_process_and_the_next_run_completes(
    what: str, library: Path, photos: Path
) -> None:
    process = start_client(what, library, photos)
    wait_until(lambda: stored_count(library) >= BATCH_SIZE, within_s=30)
    engine = engine_pid(library)
    decoders = children_of(engine)
    assert decoders
    process.kill()
    process.wait()
    wait_until(lambda: not any(map(is_running, [engine, *decoders])))
    stored = stored_count(library)
    assert not (library / JOURNAL_FILE).exists(), "an engine that ends on purpose suspects nobody"
    with connect(library, command=command(library)) as client:
        assert index_and_wait(client, [photos]).encoded == COUNT - stored
        assert_whole(library, client)


def test_a_window_and_its_engine_killed_together_leave_no_decoder(
    library: Path, photos: Path
) -> None:
    process = start_client("window", library, photos)
    wait_until(lambda: stored_count(library) >= BATCH_SIZE, within_s=30)
    engine = engine_pid(library)
    decoders = children_of(engine)
    process.kill()
    os.kill(engine, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(map(is_running, decoders)))
    with connect(library, command=command(library)) as client:
        index_and_wait(client, [photos])
        assert_whole(library, client)
        assert client.failures() == []


def test_searches_survive_a_killed_engine(
    client: EngineClient, library: Path, photos: Path
) -> None:
    index_and_wait(client, [photos])
    before = client.search(RED)
    calls: list[Callable[[], object]] = [
        lambda: client.search(RED).ids.tolist() == before.ids.tolist(),
        lambda: [hit.photo.id for hit in client.find(RED).hits] == before.ids.tolist(),
        lambda: len(client.photo_ids()) == COUNT,
    ]
    for call in calls:
        os.kill(engine_pid(library), signal.SIGKILL)
        assert call()
