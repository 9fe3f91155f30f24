"""Takes a picture of the window once everything asked for is painted. GUI thread."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from photosearch.gui.window import Window

_log = logging.getLogger(__name__)

_LOOK_MS = 50
#: Settled so many times in a row: a notice or a status line may still follow a search.
_STEADY_LOOKS = 6
#: A first start loads a model; a picture of a hung window is more use than none.
_PATIENCE_MS = 120_000


class Screenshot(QObject):
    """Waits for the window and saves its picture.

    Signals:
        taken(bool): The picture was saved, of a window that was done.
    """

    taken = Signal(bool)

    def __init__(self, window: Window, path: Path) -> None:
        """Starts to wait.

        Args:
            window: Which window.
            path: Where to save; the suffix says the format.
        """
        super().__init__(window)
        self._window, self._path = window, path
        self._steady_count = 0
        self._waited = QElapsedTimer()
        self._waited.start()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        self._steady_count = self._steady_count + 1 if self._window.is_settled else 0
        is_done = self._steady_count >= _STEADY_LOOKS
        if not is_done and self._waited.elapsed() < _PATIENCE_MS:
            return
        self._timer.stop()
        is_saved = self._window.grab().save(str(self._path))
        if not is_saved:
            _log.error("The screenshot could not be written to %s", self._path)
        if not is_done:
            _log.error("The window was not done after %d s", _PATIENCE_MS // 1000)
        self.taken.emit(is_saved and is_done)
