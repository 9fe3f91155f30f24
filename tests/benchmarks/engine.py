"""The engine as its clients feel it: how fast it answers, and how soon it is back when killed.

Queries with the default model in full size (random weights) over a small library; watching, the
command line and the restart with the sample model, which everybody has.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photosearch import resources
from photosearch.cli.progress import index_and_wait
from photosearch.core.query import ImageTerm, Query, TextTerm
from photosearch.embed import catalogue
from photosearch.embed.calibrations import KeptCalibrations
from photosearch.engine.client import EngineClient, connect
from photosearch.settings import DEFAULT_MODEL, LIBRARY_FILE, LibrarySettings
from tests.benchmarks.full_size import DEFAULT_ID, MODELS, SENTENCES, make_default_model
from tests.processes import engine_pids_of, wait_until

#: Whole commands, start of the interpreter included.
_COMMANDS = 10
_STARTS = 5
_SMALL_LIBRARY = 64
_WORDS = SENTENCES[:6]


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures; times are wall seconds or milliseconds."""
    make_default_model(MODELS)
    os.environ["PHOTOSEARCH_MODELS"] = str(MODELS)
    repeats = 5 if quick else 25
    with _library(DEFAULT_ID) as library:
        figures = _queries(library, repeats)
    with _library(DEFAULT_MODEL) as library:
        return figures | _life(library)


@contextmanager
def _library(model: str) -> Iterator[Path]:
    """A library of some pictures of the sample album, in a home of its own; its directory."""
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        os.environ["PHOTOSEARCH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = directory
        library = Path(directory) / "library"
        LibrarySettings(model=model).save(library / LIBRARY_FILE)
        photos = Path(directory) / "photos"
        photos.mkdir()
        for path in sorted(resources.sample_pictures().rglob("*.jpg"))[:_SMALL_LIBRARY]:
            shutil.copy(path, photos)
        with connect(library) as client:
            index_and_wait(client, [photos])
        yield library
        _end(library)


def _queries(library: Path, repeats: int) -> dict[str, float]:
    # Whatever has to be converted and learnt once in a model's life is so now.
    space = catalogue.find(DEFAULT_ID).space
    with connect(library, warm=True) as client:
        for words in _WORDS:
            client.search(Query((TextTerm(words),)))
        wait_until(lambda: KeptCalibrations(MODELS).read(space) is not None, within_s=300)
    ready_s, cold_ms = [], []
    for _ in range(_STARTS):
        _end(library)
        started_s = time.perf_counter()
        with connect(library, warm=True) as client:
            cold_ms.append(_timed_ms(client, SENTENCES[6]))
            ready_s.append(time.perf_counter() - started_s)
    with connect(library, warm=True) as client:
        for words in _WORDS:
            _timed_ms(client, words)
        text_ms = sorted(
            _timed_ms(client, f"{words} {number}") for number in range(repeats) for words in _WORDS
        )
    return {
        "engine.ready_s": statistics.median(ready_s),
        "query.text_cold_ms": statistics.median(cold_ms),
        "query.text_warm_p50_ms": statistics.median(text_ms),
        "query.text_warm_p95_ms": text_ms[int(0.95 * (len(text_ms) - 1))],
    }


def _life(library: Path) -> dict[str, float]:
    with connect(library, warm=True) as client:
        client.start_index()  # and watches
        client.search(Query((TextTerm(_WORDS[0]),)))
        figures = {
            "cli.search_warm_ms": _command_ms(library),
            "watch.new_photo_searchable_s": _new_photo_s(client, library.parent / "photos"),
        }
        for pid in engine_pids_of(library):
            os.kill(pid, signal.SIGKILL)
        killed_s = time.perf_counter()
        client.search(Query((TextTerm(SENTENCES[7]),)))
        figures["gui.engine_restart_s"] = time.perf_counter() - killed_s
    return figures


def _timed_ms(client: EngineClient, words: str) -> float:
    started_s = time.perf_counter()
    client.search(Query((TextTerm(words),)))
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


def _new_photo_s(client: EngineClient, photos: Path) -> float:
    """Saves a new photo into the watched folder and waits until a search finds it."""
    source = sorted(photos.rglob("*.jpg"))[0]
    fresh = photos / "fresh.jpg"
    # Another content: a comment at the end changes the hash, not the picture.
    fresh.write_bytes(source.read_bytes() + b"\0fresh")
    saved_s = time.perf_counter()
    while True:
        result = client.search(Query((ImageTerm(source),), limit=5))
        if fresh in [photo.path for photo in client.photos(result.ids.tolist())]:
            return time.perf_counter() - saved_s
        time.sleep(0.05)


def _end(library: Path) -> None:
    for pid in engine_pids_of(library):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not engine_pids_of(library))
