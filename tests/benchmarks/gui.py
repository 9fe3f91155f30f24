"""The window as its user feels it: how soon it is there, and whether it ever stands still.

In a process of its own, offscreen, while the engine starts, readies the model and indexes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from photosearch import resources
from tests.benchmarks import gui_large

#: Between two looks at the clock: what is longer, somebody stood in the way.
_LOOK_MS = 5
_PICTURES = 120
_LIMIT_S = 120.0


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures."""
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        photos = Path(directory) / "photos"
        photos.mkdir()
        count = _PICTURES // 4 if quick else _PICTURES
        for path in sorted(resources.sample_pictures().rglob("*.jpg"))[:count]:
            shutil.copy(path, photos)
        environment = {
            **os.environ,
            "PHOTOSEARCH_HOME": directory,
            "XDG_RUNTIME_DIR": directory,
            "PHOTOSEARCH_ENGINE_LINGER_S": "0",
            "QT_QPA_PLATFORM": "offscreen",
        }
        command = [sys.executable, "-m", "tests.benchmarks.gui", str(photos), str(time.time())]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures | gui_large.run(quick=quick)


def _measure(photos: Path, started_s: float) -> dict[str, float]:
    """Shows the window, adds a folder, and watches the clock until all of it is indexed."""
    from PySide6.QtCore import QElapsedTimer, QTimer
    from PySide6.QtWidgets import QApplication

    from photosearch.engine.client import connect
    from photosearch.gui.theme import Theme
    from photosearch.gui.window import Window

    app = QApplication([])
    window = Window(partial(connect, photos.parent / "library", warm=True), Theme(app))
    window.show()
    app.processEvents()
    first_window_s = time.time() - started_s
    clock, looks = QElapsedTimer(), QTimer()
    longest_ms = 0.0

    def look() -> None:
        nonlocal longest_ms
        longest_ms = max(longest_ms, clock.nsecsElapsed() / 1e6 - _LOOK_MS)
        clock.restart()

    looks.timeout.connect(look)
    window.start()
    window.session.add_folder(photos)
    clock.start()
    looks.start(_LOOK_MS)
    count = sum(1 for _ in photos.iterdir())
    give_up_at = time.monotonic() + _LIMIT_S

    def is_done() -> bool:
        status = window.session.status
        return status is not None and status.counts.vector_count >= count

    while not is_done():
        assert time.monotonic() < give_up_at, "indexing took too long"
        app.processEvents()
        time.sleep(0.001)
    looks.stop()
    window.close()
    return {"gui.first_window_s": first_window_s, "gui.max_block_ms": longest_ms}


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), float(sys.argv[2]))))
