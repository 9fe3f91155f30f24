"""Finds our processes among all others, looks over their shoulder, and waits for them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import apsw


def engine_pids_of(library: Path) -> list[int]:
    """Finds the engine of a library among all processes."""
    wanted = os.fsencode(library)
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in words and any(b"engine" in word for word in words):
            pids.append(int(path.parent.name))
    return pids


def stored_count(library: Path) -> int:
    """Returns how many photos a library has understood so far, whoever is writing to it.

    Not those of which it has read the headers only; in its first space.
    """
    try:
        database = apsw.Connection(
            str(library / "library.db"), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=0
        )
    except apsw.CantOpenError:
        return 0
    database.set_busy_timeout(10_000)  # a log that is being recovered or closed locks readers out
    try:
        rows: list[tuple[int]] = list(database.execute("SELECT count(*) FROM vector_1"))
    except apsw.SQLError:
        return 0  # not made yet
    finally:
        database.close()
    return rows[0][0]


def wait_until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Waits until something is so; fails where it does not come to be."""
    give_up_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.01)
