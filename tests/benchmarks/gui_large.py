"""The window on a large library: how soon an answer is on the screen, and how smoothly it scrolls.

In a process of its own, offscreen, over a real engine; the library is the one of `demo --photos`,
made once and kept.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks.full_size import CACHE

_PHOTOS, _QUICK_PHOTOS = 300_000, 20_000
_QUERIES = (
    "a dog in the snow",
    "eine Katze auf dem Tisch",
    "una playa con palmeras",
    "London at night",
    "un papillon",
    "犬の写真",
    "a red apple",
    "Белый медведь",
)
_LOOK_MS = 5
#: Steps of the wheel and of the page key, and throws to any place, in turn.
_STEPS = 200
_LIMIT_S = 60.0


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures."""
    count = _QUICK_PHOTOS if quick else _PHOTOS
    environment = {
        **os.environ,
        "PHOTOSEARCH_HOME": str(CACHE / "home"),
        "PHOTOSEARCH_ENGINE_LINGER_S": "0",
        "QT_QPA_PLATFORM": "offscreen",
    }
    picture = CACHE / "demo.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    make = [sys.executable, "-m", "photosearch", "demo", "--photos", str(count), "--headless"]
    command = [*make, "--screenshot", str(picture)]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    library = CACHE / "home" / f"demo-{count}"
    measure = [sys.executable, "-m", "tests.benchmarks.gui_large", str(library), str(time.time())]
    done = subprocess.run(measure, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    size = f"{count // 1000}k"
    return {f"gui.{name.replace('@', size)}": value for name, value in figures.items()}


def _measure(library: Path, started_s: float) -> dict[str, float]:
    """Shows the window, searches, scrolls, and watches the clock."""
    from PySide6.QtCore import QElapsedTimer, QTimer
    from PySide6.QtWidgets import QApplication

    from photosearch.engine.client import connect
    from photosearch.gui.theme import Theme
    from photosearch.gui.window import Window

    app = QApplication([])
    window = Window(partial(connect, library, warm=True), Theme(app))
    clock, looks = QElapsedTimer(), QTimer()
    blocks: dict[str, float] = {}
    doing = "opening"

    def look() -> None:
        blocks[doing] = max(blocks.get(doing, 0.0), clock.nsecsElapsed() / 1e6 - _LOOK_MS)
        clock.restart()

    def until(holds: Callable[[], object]) -> None:
        give_up_at = time.monotonic() + _LIMIT_S
        while not holds():
            assert time.monotonic() < give_up_at, f"{doing} took too long"
            app.processEvents()
            time.sleep(0.001)

    looks.timeout.connect(look)
    window.resize(1440, 900)
    window.show()
    window.start()
    clock.start()
    looks.start(_LOOK_MS)
    until(lambda: window.is_settled and len(window.photos.ids) > 0)
    first_photos_s = time.time() - started_s
    doing = "searching"
    answered_ms: list[float] = []
    for text in (*_QUERIES, *_QUERIES):
        began_s = time.perf_counter()
        window.search_box.set_words(text)
        until(lambda: not window.session.is_settled)
        until(lambda: window.session.is_settled)
        answered_ms.append((time.perf_counter() - began_s) * 1000)
        until(lambda: window.is_settled)
    first_ms, *answered_ms = answered_ms  # the first one waits for what is read at its first use
    doing = "scrolling"
    grid = window.grid
    bar = grid.verticalScrollBar()
    frames_ms = []
    for step in range(_STEPS):
        place = (bar.value() + 120, bar.value() + bar.pageStep(), bar.maximum() * step // _STEPS)
        began_s = time.perf_counter()
        bar.setValue(place[step % 3])
        grid.viewport().repaint()
        frames_ms.append((time.perf_counter() - began_s) * 1000)
        end_s = time.perf_counter() + 0.03
        until(lambda end_s=end_s: time.perf_counter() > end_s)
    until(lambda: window.is_settled)
    looks.stop()
    come_count = len(window.photos.ids)
    assert come_count == window.photos.rowCount(), "all of it has come"
    window.close()
    sys.stderr.write(f"longest blocks in ms: {blocks}\n")
    return {
        "first_photos_@_s": first_photos_s,
        "search_@_first_ms": first_ms,
        "search_@_p50_ms": _share(answered_ms, 0.5),
        "search_@_p95_ms": _share(answered_ms, 0.95),
        "frame_@_p95_ms": _share(frames_ms, 0.95),
        "frame_@_max_ms": max(frames_ms),
        "max_block_@_ms": max(blocks.values()),
        "rss_@_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), float(sys.argv[2]))))
