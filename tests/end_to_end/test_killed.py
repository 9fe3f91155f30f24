"""What is left after kill -9: everything that was finished, once."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import apsw
import pytest

from photosearch.core.query import ImageTerm, Query
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE as BATCH_SIZE
from photosearch.engine.client import connect
from tests.conftest import MakePicture
from tests.end_to_end.conftest import Program
from tests.processes import engine_pids_of, stored_count

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]

PICTURE_COUNT = 600


def test_nothing_is_lost_or_doubled_when_killed_while_indexing(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    for number in range(PICTURE_COUNT):
        make_picture(root / f"{number:04}.jpg", (number % 256, 60, 200), size_px=(240, 160))
    running = program.start("index", root)
    while (stored := stored_count(program.library)) < BATCH_SIZE:
        time.sleep(0.02)
    running.kill()
    for pid in engine_pids_of(program.library):
        os.kill(pid, signal.SIGKILL)
    running.communicate(timeout=30)
    report = program.json("index", root)
    assert report["photo_count"] == PICTURE_COUNT
    assert report["encoded"] <= PICTURE_COUNT - stored
    assert program.json("status")["vector_count"] == PICTURE_COUNT
    database = apsw.Connection(str(program.library / "library.db"))
    database.set_busy_timeout(10_000)  # the engine may be closing its log just now
    assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
    assert list(database.execute("SELECT count(*), count(DISTINCT rel_path) FROM file")) == [
        (PICTURE_COUNT, PICTURE_COUNT)
    ]
    database.close()


def test_a_client_goes_on_when_its_engine_is_killed(
    program: Program, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_picture(tmp_path / "photos" / "one.jpg", size_px=(240, 160))
    program.json("index", path.parent)
    for name, value in program.environment.items():
        monkeypatch.setenv(name, value)
    client = connect(program.library)
    query = Query((ImageTerm(path),))
    before = client.search(query)
    for pid in engine_pids_of(program.library):
        os.kill(pid, signal.SIGKILL)
    after = client.search(query)
    assert after.ids.tolist() == before.ids.tolist()
    client.close()
