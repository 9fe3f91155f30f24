"""Searching by a vector in 10,000, 100,000 and a million photos, beside the plain ways to do it.

A query is what the store and the ranking do for 200 photos: scan, take the best 400, compare those
exactly, order. It is without the text tower, which takes the same time whatever the library, and
without the search in names. Filters are new to the store each time, and let photos through that lie
all over the library.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import apsw
import numpy as np
import numpy.typing as npt
import sqlite_vec

from photosearch.core.filters import EVERY_PHOTO, Filter, NumberField, NumberIn
from photosearch.core.ports import Vectors
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.search.top import top
from photosearch.store.open import open_store
from tests.benchmarks import synthetic
from tests.benchmarks.full_size import CACHE
from tests.benchmarks.synthetic import SPACE

_SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
_WANTED = 200
_CANDIDATES = 400
_QUERIES = 60
#: Queries of a plain table of a million float32 vectors, which take a second each.
_PLAIN_QUERIES = 6
#: What one step of indexing writes.
_BATCH = 32
#: A filter that lets this share through, by the lowest and the highest ISO.
_FILTERS = {1: (12_800, 12_800), 10: (3200, 12_800), 50: (50, 100)}


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures; every size is measured in the same run."""
    figures = {}
    for name, count in islice(_SIZES.items(), 1 if quick else len(_SIZES)):
        directory = prepare(count)
        measured = _measured(directory, count)
        figures |= {f"search.{name}.{key}": value for key, value in measured.items()}
    return figures


def prepare(count: int) -> Path:
    """Makes a library of so many photos where there is none yet, and returns its directory."""
    directory = CACHE / "search" / str(count)
    if directory.exists():
        return directory
    started_s = time.perf_counter()
    making = directory.with_suffix(".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    _write_library(making, count)
    _write_plain(making, count)
    making.rename(directory)
    print(f"   made {count:,} photos in {time.perf_counter() - started_s:.0f} s", flush=True)
    return directory


def _write_library(directory: Path, count: int) -> None:
    store = open_store(directory / "library")
    store.ensure_space(SPACE)
    folder = store.add_folder(Path("/photos"))
    matrix = np.lib.format.open_memmap(
        directory / "vectors.npy", "w+", np.float32, (count, synthetic.DIM)
    )
    done = 0
    for files in synthetic.photos(folder.id, count):
        for file in files:
            matrix[done] = file.vector
            done += 1
        for start in range(0, len(files), 500):
            store.write(SPACE, IndexBatch(files[start : start + 500]))
    matrix.flush()
    store.close()


def _write_plain(directory: Path, count: int) -> None:
    """A table of float32 vectors as sqlite-vec's own documentation makes it."""
    vectors = np.load(directory / "vectors.npy", mmap_mode="r")
    connection = _plain(directory)
    connection.execute(
        f"CREATE VIRTUAL TABLE plain USING vec0(id INTEGER PRIMARY KEY, e float[{synthetic.DIM}])"
    )
    for start in range(0, count, 5000):
        block = np.asarray(vectors[start : start + 5000])
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO plain (id, e) VALUES (?, ?)",
            [(start + number + 1, row.tobytes()) for number, row in enumerate(block)],
        )
        connection.execute("COMMIT")
    connection.close()


def _plain(directory: Path) -> apsw.Connection:
    connection = apsw.Connection(str(directory / "plain.db"))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.pragma("journal_mode", "off")
    connection.pragma("synchronous", "off")
    return connection


def answer(store: Store, direction: Vectors, where: Filter = EVERY_PHOTO) -> npt.NDArray[np.int64]:
    """The ids of the nearest photos, best first."""
    scan = store.scan(SPACE, direction, where)
    ids = scan.ids[top(scan.scores, _CANDIDATES)]
    exact = store.cosines(SPACE, ids, direction[None])[:, 0]
    return ids[np.lexsort((ids, -exact))][:_WANTED]


def _measured(directory: Path, count: int) -> dict[str, float]:
    pictures, texts = synthetic.queries(synthetic.World.make(), _QUERIES // 2)
    # In turn, the harder texts first.
    asked = np.stack([texts, pictures], axis=1).reshape(-1, synthetic.DIM)
    figures = _sizes(directory, count) | _fresh_process(directory, count)
    store = open_store(directory / "library")
    try:
        answer(store, asked[0])
        times_ms, found = _timed(asked, lambda query: answer(store, query))
        figures |= _spread("", times_ms)
        for percent, (low, high) in _FILTERS.items():
            figures |= _filtered(store, asked, percent, low, high)
    finally:
        store.close()
    figures |= _baselines(directory, asked, found)
    figures["ratio_vs_vec0"] = figures["vec0_float32_p50_ms"] / figures["p50_ms"]
    figures["ratio_vs_numpy"] = figures["numpy_float32_p50_ms"] / figures["p50_ms"]
    return figures | _while_writing(directory, asked, count)


def _filtered(
    store: Store, asked: Vectors, percent: int, low: float, high: float
) -> dict[str, float]:
    # Each differs by less than any camera does, so that no answer to a filter is remembered.
    filters = iter(
        NumberIn(NumberField.ISO, low, high + number / 1000) for number in range(len(asked) + 1)
    )
    answer(store, asked[0], next(filters))
    passing_share = len(store.matching(next(filters))) / len(store.photo_ids())
    times_ms, _ = _timed(asked[1:], lambda query: answer(store, query, next(filters)))
    print(f"   filter {percent} %: {passing_share:.1%} of the photos pass", flush=True)
    return _spread(f"filter{percent}_", times_ms)


def _timed(
    asked: Vectors, search: Callable[[Vectors], npt.NDArray[np.int64]]
) -> tuple[list[float], list[npt.NDArray[np.int64]]]:
    times_ms, found = [], []
    for query in asked:
        started_s = time.perf_counter()
        found.append(search(query))
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return times_ms, found


def _spread(prefix: str, times_ms: list[float]) -> dict[str, float]:
    return {
        f"{prefix}p50_ms": statistics.median(times_ms),
        f"{prefix}p95_ms": float(np.quantile(times_ms, 0.95)),
    }


def _baselines(
    directory: Path, asked: Vectors, found: list[npt.NDArray[np.int64]]
) -> dict[str, float]:
    """Recall against exact float32, and the time that the plain ways take."""
    in_memory = [np.load(directory / "vectors.npy")]

    def by_numpy(query: Vectors) -> npt.NDArray[np.int64]:
        scores = in_memory[0] @ query
        best = np.argpartition(scores, len(scores) - _WANTED)[-_WANTED:]
        return best[np.argsort(-scores[best])] + 1

    numpy_ms, exact = _timed(asked, by_numpy)
    in_memory.clear()  # 2 GB at a million
    connection = _plain(directory)

    def by_vec0(query: Vectors) -> npt.NDArray[np.int64]:
        rows = connection.execute(
            "SELECT id FROM plain WHERE e MATCH ? AND k = ?", (query.tobytes(), _WANTED)
        ).fetchall()
        return np.array([key for (key,) in rows])

    vec0_ms, _ = _timed(asked[:_PLAIN_QUERIES], by_vec0)
    connection.close()
    recalls = [
        len(np.intersect1d(ours[:50], theirs[:50])) / 50
        for ours, theirs in zip(found, exact, strict=True)
    ]
    return {
        "recall50": statistics.mean(recalls),
        "recall50_min": min(recalls),
        "numpy_float32_p50_ms": statistics.median(numpy_ms),
        "vec0_float32_p50_ms": statistics.median(vec0_ms[1:]),
    }


def _sizes(directory: Path, count: int) -> dict[str, float]:
    """Bytes on the disk, by what they are for."""
    connection = apsw.Connection(str(directory / "library" / "library.db"))
    sizes = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    connection.close()
    of_vectors = sum(size for name, size in sizes.items() if name.startswith("vec"))
    return {
        "disk_kb_per_photo": of_vectors / count / 1000,
        "other_kb_per_photo": (sum(sizes.values()) - of_vectors) / count / 1000,
    }


def _fresh_process(directory: Path, count: int) -> dict[str, float]:
    """Time from opening to the first answer, and memory, in a process of its own."""
    figures = {}
    for name in ("open_cold_s", "open_s"):
        if name == "open_cold_s":
            _drop_cache(directory / "library" / "library.db")
        command = [sys.executable, "-m", "tests.benchmarks.search", str(directory)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        measured = json.loads(output)
        figures[name] = measured["open_s"]
    figures["first_filter_s"] = measured["first_filter_s"]
    figures["ram_kb_per_photo"] = measured["memory_kb"] / count
    return figures


def _drop_cache(path: Path) -> None:
    """Has the system forget a file, as after a restart."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _while_writing(directory: Path, asked: Vectors, count: int) -> dict[str, float]:
    """How fast photos are stored, and what a search notices of it, in a copy of the library."""
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        shutil.copytree(directory / "library", Path(scratch) / "library")
        store = open_store(Path(scratch) / "library")
        folder_id = store.folders()[0].id
        batches = _batches(folder_id, count)
        answer(store, asked[0])
        started_s = time.perf_counter()
        for batch in islice(batches, 60):
            store.write(SPACE, batch)
        written_s = time.perf_counter() - started_s
        ended = threading.Event()

        def write() -> None:
            for batch in batches:
                if ended.wait(_BATCH / 300):  # about 300 photos a second
                    return
                store.write(SPACE, batch)

        writer = threading.Thread(target=write)
        writer.start()
        times_ms, _ = _timed(asked, lambda query: answer(store, query))
        ended.set()
        writer.join()
        store.close()
    return {"insert_photos_per_s": 60 * _BATCH / written_s} | _spread("writing_", times_ms)


def _batches(folder_id: int, first: int) -> Iterator[IndexBatch]:
    for files in synthetic.photos(folder_id, 10 * synthetic.BLOCK, first):
        for start in range(0, len(files), _BATCH):
            yield IndexBatch(files[start : start + _BATCH])


def _memory_kb() -> float:
    """Memory of this process that is no file's."""
    status = Path("/proc/self/status").read_text()
    return float(status.partition("RssAnon:")[2].split()[0])


def _open_and_search(directory: Path) -> None:
    query = synthetic.queries(synthetic.World.make(), 1)[1][0]
    before_kb = _memory_kb()
    started_s = time.perf_counter()
    store = open_store(directory / "library")
    answer(store, query)
    opened_s = time.perf_counter()
    answer(store, query, NumberIn(NumberField.ISO, 50, 100))
    filtered_s = time.perf_counter()
    store.warm(SPACE)  # type: ignore[attr-defined]
    memory_kb = _memory_kb() - before_kb
    store.close()
    print(
        json.dumps(
            {
                "open_s": opened_s - started_s,
                "first_filter_s": filtered_s - opened_s,
                "memory_kb": memory_kb,
            }
        )
    )


if __name__ == "__main__":
    _open_and_search(Path(sys.argv[1]))
