"""How fast a folder in which nothing has changed is compared with the store, and a change found.

The files are empty: a scan looks at names, sizes and times only. Warm, as a daily scan finds them.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.photo import Folder, PhotoFacts
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, IndexedFile
from photosearch.index.rules import ScanRules
from photosearch.index.scan import FileTask, ScanResult, scan
from photosearch.store.open import open_store

_SPACE = EmbeddingSpace("reconcile@1+p1", 8, "reconcile", ("reconcile",))
_FACTS = PhotoFacts("JPEG", 4000, 3000)
_FILE_COUNT = 100_000
_DIRECTORY_COUNTS = {"files_100k_s": 10_000, "files_100k_large_directories_s": 1_000}
_ROUNDS = 5
_BATCH = 5_000
_PATTERNS = ("Screenshots", "*/cache/*", "*.bak")


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures."""
    figures: dict[str, float] = {}
    for name, directory_count in _DIRECTORY_COUNTS.items():
        with tempfile.TemporaryDirectory(prefix="ps-") as directory:
            share = 10 if quick else 1
            root = Path(directory) / "photos"
            _make_files(root, _FILE_COUNT // share, directory_count // share)
            store = open_store(Path(directory) / "library")
            try:
                figures |= _measured(store, root, name)
            finally:
                store.close()
    return {f"index.reconcile.{name}": value for name, value in figures.items()}


def _measured(store: Store, root: Path, name: str) -> dict[str, float]:
    folder = store.add_folder(root)
    store.ensure_space(_SPACE)
    tasks = scan(folder, {}, CancelToken(), ScanRules()).tasks
    _store_files(store, tasks)
    figures = {name: _best(lambda: _reconciled(store, folder, ScanRules()))}
    if name == "files_100k_s":
        known = store.known_files(folder.id, _SPACE)
        alone = _best(lambda: scan(folder, known, CancelToken(), ScanRules()))
        with_patterns = _best(lambda: _reconciled(store, folder, ScanRules(_PATTERNS)))
        del known
        figures |= {
            "files_100k_disk_s": alone,
            "files_100k_patterns_s": with_patterns,
            "known_file_bytes": _peak_bytes(store, folder) / len(tasks),
        }
    return figures


def _peak_bytes(store: Store, folder: Folder) -> int:
    """Returns how much memory a whole look takes at most."""
    gc.collect()
    tracemalloc.start()
    try:
        _reconciled(store, folder, ScanRules())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _best(work: Callable[[], ScanResult]) -> float:
    """Returns how long it takes, in seconds: the best of several times, the machine being busy."""
    times_s = []
    for _ in range(_ROUNDS):
        started_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - started_s)
    return min(times_s)


def _make_files(root: Path, file_count: int, directory_count: int) -> None:
    for number in range(directory_count):
        directory = root / f"{number // 100:03}" / f"{number % 100:02}"
        directory.mkdir(parents=True)
        for photo in range(file_count // directory_count):
            os.close(os.open(directory / f"IMG_{photo:04}.JPG", os.O_CREAT | os.O_WRONLY))


def _store_files(store: Store, tasks: list[FileTask]) -> None:
    random = np.random.default_rng(1)
    vectors = random.standard_normal((len(tasks), _SPACE.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    files = [
        IndexedFile(task.place, task.stamp, number.to_bytes(16, "big"), _FACTS, b"-", vector)
        for number, (task, vector) in enumerate(zip(tasks, vectors, strict=True))
        if task.stamp is not None
    ]
    for start in range(0, len(files), _BATCH):
        store.write(_SPACE, IndexBatch(files[start : start + _BATCH]))


def _reconciled(store: Store, folder: Folder, rules: ScanRules) -> ScanResult:
    found = scan(folder, store.known_files(folder.id, _SPACE), CancelToken(), rules)
    assert found.photo_count
    assert not found.tasks
    assert not found.removed
    return found
