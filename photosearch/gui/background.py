"""Calls on threads of their own whose results come back on the GUI thread.

The one place of the window where threads are made and joined. Used by the bridge (talking to the
engine), the lazy caches (thumbnails) and everything that touches the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from photosearch.errors import PhotoSearchError


@dataclass(frozen=True, slots=True)
class _Ended:
    """A call that came to its end, with those who wait for it."""

    future: Future[Any]
    done: Callable[[Any], None] | None
    failed: Callable[[PhotoSearchError], None] | None


class Background(QObject):
    """Runs calls on its own threads and hands each result to the GUI thread.

    Args:
        name: Name of the threads.
        thread_count: How many calls run side by side; the rest waits in order.
        parent: Qt owner.
    """

    _ended = Signal(object)  #: (_Ended) sent by the worker threads

    def __init__(self, name: str, thread_count: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(thread_count, thread_name_prefix=name)
        self._is_closed = False
        self._pending_count = 0
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        call: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[PhotoSearchError], None] | None = None,
    ) -> None:
        """Runs a call on one of the threads. After `close` nothing is run any more.

        Args:
            call: Runs on a worker thread; must not touch widgets.
            done: Gets the result on the GUI thread.
            failed: Gets the `PhotoSearchError` on the GUI thread. Whatever else is raised is a bug
                and comes up on the GUI thread as it is.
        """
        if self._is_closed:
            return
        self._pending_count += 1
        future = self._executor.submit(call)
        future.add_done_callback(lambda ended: self._ended.emit(_Ended(ended, done, failed)))

    @property
    def is_idle(self) -> bool:
        """True where every call was answered."""
        return self._pending_count == 0

    def close(self) -> None:
        """Joins the threads; what has not started never will, late results are dropped."""
        self._is_closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)

    @Slot(object)
    def _deliver(self, ended: _Ended) -> None:
        if self._is_closed:
            return
        self._pending_count -= 1
        error = ended.future.exception()
        if error is None:
            if ended.done is not None:
                ended.done(ended.future.result())
        elif isinstance(error, PhotoSearchError) and ended.failed is not None:
            ended.failed(error)
        else:
            raise error
