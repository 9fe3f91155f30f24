"""The threads on which an engine answers calls: quick ones never wait behind slow ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

#: What changes something goes in order, one at a time.
_CHANGES = frozenset({"add_folder", "remove_folder", "start_index", "stop_index"})
#: Reads are short and mostly wait for the disk.
_READ_THREADS = 4


class Lanes:
    """Runs calls: searches on one thread, changes on another, reads on a few."""

    def __init__(self) -> None:
        self._search = ThreadPoolExecutor(1, "search")
        self._change = ThreadPoolExecutor(1, "change")
        self._read = ThreadPoolExecutor(_READ_THREADS, "read")
        self._lock = threading.Lock()
        self._running: set[Future[None]] = set()
        self._is_closed = False

    def submit(self, method: str, work: Callable[[], None]) -> None:
        """Runs work on the thread that suits a method; does nothing once closed.

        Args:
            method: One of `LibraryCalls`.
            work: Must not raise.
        """
        if method == "search":
            lane = self._search
        else:
            lane = self._change if method in _CHANGES else self._read
        with self._lock:
            if self._is_closed:
                return
            future = lane.submit(work)
            self._running.add(future)
        future.add_done_callback(self._forget)

    def close(self, within_s: float) -> None:
        """Takes nothing more, drops what waits and gives what runs some time to end."""
        with self._lock:
            self._is_closed = True
            running = set(self._running)
        for lane in (self._search, self._change, self._read):
            lane.shutdown(wait=False, cancel_futures=True)
        wait(running, timeout=within_s)

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)
