"""What stays in memory while a window is open and nobody does anything: all processes together.

Photos were indexed and a search was answered; then the image tower and the decoders are let go.
What several processes share counts once (PSS).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from photosearch import resources
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.benchmarks import full_size
from tests.benchmarks.processes import memory_mb, tree
from tests.processes import engine_pids_of

_PICTURES = 120
#: For the image tower to be let go; in use it takes minutes.
_IDLE_S = 3.0
_LIMIT_S = 300.0
#: Memory is at rest when so many looks, a second apart, agree within so much.
_STEADY_LOOKS, _STEADY_MB = 5, 1.0


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures: with the sample model, and with the default one where it is there."""
    figures = _idle("sample", None, quick=quick)
    if not quick and full_size.MODELS.is_dir():
        spec = full_size.make_default_model(full_size.MODELS)
        figures |= _idle(spec.id, full_size.MODELS, quick=quick)
    return figures


def _idle(model_id: str, models_dir: Path | None, *, quick: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="ps-") as name:
        directory = Path(name)
        photos, library = directory / "photos", directory / "library"
        photos.mkdir()
        library.mkdir()
        count = _PICTURES // 4 if quick else _PICTURES
        for path in sorted(resources.sample_pictures().rglob("*.jpg"))[:count]:
            shutil.copy(path, photos)
        LibrarySettings(model=model_id).save(library / LIBRARY_FILE)
        environment = {
            **os.environ,
            "PHOTOSEARCH_HOME": name,
            "XDG_RUNTIME_DIR": name,
            "PHOTOSEARCH_ENGINE_LINGER_S": "20",
            "PHOTOSEARCH_IMAGE_IDLE_S": str(_IDLE_S),
            "PHOTOSEARCH_TEXT_IDLE_S": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }
        if models_dir is not None:
            environment["PHOTOSEARCH_MODELS"] = str(models_dir)
        program = [sys.executable, "-m", "photosearch", "--library", str(library)]
        subprocess.run(
            [*program, "index", str(photos)], env=environment, check=True, capture_output=True
        )
        window = subprocess.Popen(
            [
                *(sys.executable, "-m", "photosearch.gui.main"),
                *("--library", str(library), "--query", "a dog in the snow"),
            ],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            total_mb = _at_rest(window.pid, library)
            processes = _all(window.pid, library)
            engines = {pid for engine in engine_pids_of(library) for pid in tree(engine)}
            engine_mb = _memory_mb(engines)
            figures = {
                f"idle.{model_id}.total_mb": total_mb,
                f"idle.{model_id}.engine_mb": engine_mb,
                f"idle.{model_id}.window_mb": total_mb - engine_mb,
                f"idle.{model_id}.processes_count": float(len(processes)),
            }
        finally:
            window.terminate()
            window.wait()
        figures[f"idle.{model_id}.engine_alone_mb"] = _engine_alone(library)
        _end_engine(library)
        return figures


def _all(window: int, library: Path) -> set[int]:
    pids = set(tree(window))
    for engine in engine_pids_of(library):
        pids |= set(tree(engine))
    return pids


def _memory_mb(pids: Iterable[int]) -> float:
    return sum(memory_mb(pid, with_children=False) for pid in pids)


def _at_rest(window: int, library: Path) -> float:
    """Waits until everything was let go; returns the memory then, in MB."""
    looks: list[float] = []
    give_up_at = time.monotonic() + _LIMIT_S
    time.sleep(_IDLE_S + 5)
    while True:
        assert time.monotonic() < give_up_at, "memory never came to rest"
        looks.append(_memory_mb(_all(window, library)))
        last = looks[-_STEADY_LOOKS:]
        if len(last) == _STEADY_LOOKS and max(last) - min(last) < _STEADY_MB:
            return last[-1]
        time.sleep(1)


def _engine_alone(library: Path) -> float:
    """Memory of the engine that stays a while after its last client, texts let go."""
    time.sleep(4)
    return _memory_mb({pid for engine in engine_pids_of(library) for pid in tree(engine)})


def _end_engine(library: Path) -> None:
    for pid in engine_pids_of(library):
        os.kill(pid, 15)
    give_up_at = time.monotonic() + 20
    while engine_pids_of(library) and time.monotonic() < give_up_at:
        time.sleep(0.1)
