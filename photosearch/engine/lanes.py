"""The threads on which an engine answers calls: quick ones never wait behind slow ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from photosearch.engine.calls import SEARCHES

#: What changes something goes in order, one at a time.
_CHANGES = frozenset(
    {
        "add_folder",
        "remove_folder",
        "start_index",
        "stop_index",
        "retry_failures",
        "forget_gone",
        "use_model",
        "remove_space",
    }
)
#: Small, and somebody looks on: they go in order, but never behind a change that takes minutes.
_EDITS = frozenset({"change_photos", "pause_index", "resume_index", "index_anyway"})
#: Reads are short and mostly wait for the disk.
_READ_THREADS = 4


class Lanes:
    """Runs calls: each client's searches on a thread of its own, others on one for their kind."""

    def __init__(self) -> None:
        self._searches: dict[Hashable, ThreadPoolExecutor] = {}
        self._change = ThreadPoolExecutor(1, "change")
        self._edit = ThreadPoolExecutor(1, "edit")
        self._read = ThreadPoolExecutor(_READ_THREADS, "read")
        self._lock = threading.Lock()
        self._running: set[Future[None]] = set()
        self._is_closed = False

    def submit(self, method: str, work: Callable[[], None], client: Hashable = None) -> None:
        """Runs work on the thread that suits a method; does nothing once closed.

        Args:
            method: One of `LibraryCalls`.
            work: Must not raise.
            client: Who calls; one client's slow search holds up no other's. `leave` forgets him.
        """
        with self._lock:
            if self._is_closed:
                return
            if method in SEARCHES:
                if client not in self._searches:
                    self._searches[client] = ThreadPoolExecutor(1, "search")
                lane = self._searches[client]
            elif method in _EDITS:
                lane = self._edit
            else:
                lane = self._change if method in _CHANGES else self._read
            future = lane.submit(work)
            self._running.add(future)
        future.add_done_callback(self._forget)

    def leave(self, client: Hashable) -> None:
        """Drops the searches of a client that wait; its thread ends with the one that runs."""
        with self._lock:
            lane = self._searches.pop(client, None)
        if lane is not None:
            lane.shutdown(wait=False, cancel_futures=True)

    def close(self, within_s: float) -> None:
        """Takes nothing more, drops what waits and gives what runs some time to end."""
        with self._lock:
            self._is_closed = True
            running = set(self._running)
            searches = list(self._searches.values())
            self._searches.clear()
        for lane in (*searches, self._change, self._edit, self._read):
            lane.shutdown(wait=False, cancel_futures=True)
        wait(running, timeout=within_s)

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)
