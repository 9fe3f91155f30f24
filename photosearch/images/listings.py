"""Listings on their way to the children: several in one task.

A listing takes a millisecond, and so does handing a task to a child and back. Used by
`decoders.DecoderPool`; any thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from pathlib import Path

from photosearch.core.decoded import ListedPhoto
from photosearch.core.ports import DecodeError
from photosearch.images.child import run_listings
from photosearch.images.taskpool import TaskPool

#: Files in one task: what is lost by handing it over is then a tenth.
BATCH_MAX = 16

#: Tasks for each child: one runs, one waits.
_TASKS_AHEAD = 2

ListFunction = Callable[[Path], ListedPhoto]
_Waiting = tuple[Path, Future[ListedPhoto]]


class Listings:
    """Gathers what is asked for while the children are busy.

    Args:
        tasks: The children.
        child_count: How many they are.
        time_limit_s: What one file may take.
        list_photo: What is run for each file.
    """

    def __init__(
        self, tasks: TaskPool, child_count: int, time_limit_s: float, list_photo: ListFunction
    ) -> None:
        self._tasks = tasks
        self._most_tasks = _TASKS_AHEAD * child_count
        self._time_limit_s = time_limit_s
        self._list_photo = list_photo
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._running_count = 0
        self._is_closed = False

    def submit(self, path: Path) -> Future[ListedPhoto]:
        """Starts a listing.

        Raises:
            RuntimeError: The pool is closed.
        """
        future: Future[ListedPhoto] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the decoder pool is closed")
            self._waiting.append((path, future))
        self._start()
        return future

    def close(self) -> None:
        """Cancels what has not begun."""
        with self._lock:
            self._is_closed = True
            waiting, self._waiting = self._waiting, deque()
        for _path, future in waiting:
            future.cancel()

    def _start(self) -> None:
        """Makes tasks of what waits, as far as there is room."""
        while True:
            with self._lock:
                if not self._waiting or self._running_count >= self._most_tasks:
                    return
                batch = self._next_batch()
                if not batch:
                    continue
                self._running_count += 1
            self._run(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Takes a batch, its futures marked as running. Call with the lock held."""
        # Few that wait are spread over all children.
        count = max(1, min(BATCH_MAX, len(self._waiting) // self._most_tasks))
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < count:
            path, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                batch.append((path, future))
        return batch

    def _run(self, batch: list[_Waiting]) -> None:
        args = (self._list_photo, [path for path, _future in batch])
        try:
            # A batch that takes longer is tried again file by file.
            task = self._tasks.run(run_listings, args, None, self._time_limit_s)
        except RuntimeError:  # closed meanwhile
            self._finish(batch, None)
            return
        task.add_done_callback(partial(self._finish, batch))

    def _finish(
        self, batch: list[_Waiting], task: Future[list[ListedPhoto | DecodeError]] | None
    ) -> None:
        """Passes outcomes on; a thread of the pool's."""
        with self._lock:
            self._running_count -= 1
        error: BaseException | None
        try:
            error = CancelledError() if task is None else task.exception()
        except CancelledError as cancelled:
            error = cancelled
        if isinstance(error, DecodeError) and len(batch) > 1:
            # One of them ended or stopped its child: each by itself shows which.
            for one in batch:
                with self._lock:
                    self._running_count += 1
                self._run([one])
            return
        if task is None or error is not None:
            for _path, future in batch:
                future.set_exception(error or CancelledError())
        else:
            for (_path, future), outcome in zip(batch, task.result(), strict=True):
                if isinstance(outcome, DecodeError):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
        self._start()
