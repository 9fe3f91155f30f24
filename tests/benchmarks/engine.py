"""The engine as its clients feel it: how fast it answers, and how soon it is back when killed."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from photosearch import resources
from photosearch.cli.progress import index_and_wait
from photosearch.core.query import ImageTerm, Query, TextTerm
from photosearch.engine.client import EngineClient, connect
from tests.processes import engine_pids_of

#: Whole commands, start of the interpreter included.
_COMMANDS = 10
_WORDS = ("a dog", "eine Katze", "una playa", "雪", "красное яблоко", "un papillon")


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures; times are wall seconds or milliseconds."""
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        os.environ["PHOTOSEARCH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = directory
        root = Path(directory)
        shutil.copytree(resources.sample_pictures(), root / "photos")
        return _measure(root, repeats=5 if quick else 25)


def _measure(root: Path, repeats: int) -> dict[str, float]:
    started_s = time.perf_counter()
    client = connect(root / "library", warm=True)
    connected_s = time.perf_counter() - started_s
    client.add_folder(root / "photos")
    index_and_wait(client, None)
    query = Query((TextTerm(_WORDS[0]),))
    client.search(query)
    text_ms = sorted(
        _timed_ms(client, Query((TextTerm(f"{words} {number}"),)))
        for number in range(repeats)
        for words in _WORDS
    )
    figures = {
        "engine.connect_s": connected_s,
        "query.text_warm_p50_ms": statistics.median(text_ms),
        "query.text_warm_p95_ms": text_ms[int(0.95 * (len(text_ms) - 1))],
        "cli.search_warm_ms": _command_ms(root / "library"),
        "watch.new_photo_searchable_s": _new_photo_s(client, root),
    }
    for pid in engine_pids_of(root / "library"):
        os.kill(pid, signal.SIGKILL)
    killed_s = time.perf_counter()
    client.photo_ids()
    figures["gui.engine_restart_s"] = time.perf_counter() - killed_s
    client.search(Query((TextTerm("a sentence that was never asked before"),)))
    figures["engine.ready_s"] = time.perf_counter() - killed_s
    client.close()
    return figures


def _timed_ms(client: EngineClient, query: Query) -> float:
    started_s = time.perf_counter()
    client.search(query)
    return (time.perf_counter() - started_s) * 1000


def _command_ms(library: Path) -> float:
    """Returns the median of `photosearch search TEXT` with a running engine, from Enter to end."""
    command = [sys.executable, "-m", "photosearch", "--library", str(library), "search", "a dog"]
    times_ms = []
    for _ in range(_COMMANDS + 1):
        started_s = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return statistics.median(times_ms[1:])  # the first one may read the program from the disk


def _new_photo_s(client: EngineClient, root: Path) -> float:
    """Saves a new photo into the watched folder and waits until a search finds it."""
    source = sorted((root / "photos").rglob("*.jpg"))[0]
    fresh = root / "photos" / "fresh.jpg"
    # Another content: a comment at the end changes the hash, not the picture.
    fresh.write_bytes(source.read_bytes() + b"\0fresh")
    saved_s = time.perf_counter()
    while True:
        result = client.search(Query((ImageTerm(source),), limit=5))
        if fresh in [photo.path for photo in client.photos(result.ids.tolist())]:
            return time.perf_counter() - saved_s
        time.sleep(0.05)
