"""Runs functions in killable children: what `decoders.DecoderPool` is made of.

Methods may be called from any thread. Futures end on a thread of the pool's: callbacks must be
quick and must not close the pool. The children are spawned, at low priority; they import neither
torch nor Qt.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pebble import ProcessPool

from photosearch.core.failure import FailureArgs, FailureCode, FailureReason, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError
from photosearch.images.child import start_child

_log = logging.getLogger(__name__)

#: Pools that may break one after the other, with no task finished between, before those that wait
#: are given up.
_MAX_BREAKS = 5


@dataclass(eq=False, slots=True)
class _Job:
    """A task on its way; `inner` is its future in the pool that has it now."""

    function: Callable[..., Any]
    args: tuple[object, ...]
    stamp: FileStamp | None
    time_limit_s: float
    future: Future[Any] = field(default_factory=Future)
    pool: ProcessPool | None = None
    inner: Future[Any] | None = None


class TaskPool:
    """A pool of children.

    Args:
        child_count: How many tasks run at once.
        tasks_per_child: Tasks after which a child makes place for a fresh one.
    """

    def __init__(self, child_count: int, tasks_per_child: int) -> None:
        self._child_count = child_count
        self._limit = child_count
        self._tasks_per_child = tasks_per_child
        self._lock = threading.RLock()
        self._pool: ProcessPool | None = None
        self._jobs: set[_Job] = set()
        self._urgent: deque[_Job] = deque()
        self._waiting: deque[_Job] = deque()
        self._break_count = 0
        self._is_closed = False

    def run(
        self,
        function: Callable[..., Any],
        args: tuple[object, ...],
        stamp: FileStamp | None,
        time_limit_s: float,
        *,
        is_urgent: bool = False,
    ) -> Future[Any]:
        """Starts a task. The first one starts the children (0.3 s).

        Args:
            function: A module's function that raises nothing but `DecodeError`.
            args: Its arguments.
            stamp: Of the file that it reads, for failures whose child cannot tell any more.
            time_limit_s: What it may take before its child is killed.
            is_urgent: It goes before all that no child has been given yet.

        Returns:
            A future that gives the result, or raises `DecodeError` (`CancelledError` once it or
            the pool was cancelled). A running task whose future is cancelled is killed.

        Raises:
            RuntimeError: The pool is closed.
        """
        job = _Job(function, args, stamp, time_limit_s)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the decoder pool is closed")
            self._jobs.add(job)
            (self._urgent if is_urgent else self._waiting).append(job)
            stranded = self._start_waiting()
        job.future.add_done_callback(partial(self._forget, job))
        self._give_up(stranded)
        return job.future

    def limit(self, child_count: int) -> None:
        """Sets how many tasks run at once from now on, at most as many as at first."""
        with self._lock:
            self._limit = max(1, min(child_count, self._child_count))
            stranded = self._start_waiting()
        self._give_up(stranded)

    def release(self) -> bool:
        """Ends the children, unless there is work; the next task starts them again.

        Returns:
            False where there is work.
        """
        with self._lock:
            if self._jobs:
                return False
            pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool)
        return True

    def close(self) -> None:
        """Cancels what is not finished and ends the children. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            pool, self._pool = self._pool, None
            jobs = list(self._jobs)
            self._urgent.clear()
            self._waiting.clear()
        for job in jobs:
            job.future.cancel()
        if pool is not None:
            _end(pool)

    def _start_waiting(self) -> list[_Job]:
        """Hands what may run to the pool. Call with the lock held.

        Returns:
            What could not be handed over, because no pool could be kept running.
        """
        stranded = []
        # Where nothing is held back, one more for each child, so that it never waits for us. What
        # is in the pool's pipe cannot be taken back: pebble would end a child for each.
        is_free = self._limit == self._child_count
        most_count = 2 * self._child_count if is_free else self._limit
        running_count = sum(job.inner is not None for job in self._jobs)
        while (waiting := self._urgent or self._waiting) and running_count < most_count:
            job = waiting.popleft()
            if job not in self._jobs:
                continue
            if self._schedule(job):
                running_count += 1
            else:
                stranded.append(job)
        return stranded

    def _schedule(self, job: _Job) -> bool:
        """Hands a job to the pool, to a fresh one where the old broke. Call with the lock held.

        Returns:
            False where no pool could be kept running.
        """
        while self._break_count < _MAX_BREAKS:
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=self._child_count,
                    max_tasks=self._tasks_per_child,
                    initializer=start_child,
                    context=multiprocessing.get_context("spawn"),
                )
            try:
                job.pool = self._pool
                job.inner = self._pool.schedule(
                    job.function, args=job.args, timeout=job.time_limit_s
                )
            except RuntimeError as error:  # it broke while nobody looked
                self._replace(self._pool, error)
            else:
                job.inner.add_done_callback(partial(self._finish, job))
                return True
        self._break_count = 0  # a later task may try again
        return False

    def _finish(self, job: _Job, inner: Future[Any]) -> None:
        """Passes an outcome on; a thread of the pool's."""
        if job.inner is not inner:
            return  # from a pool that broke, and it runs elsewhere by now
        try:
            error = inner.exception()
        except CancelledError:
            job.future.cancel()
            self._settle(job, None)
            return
        if isinstance(error, BrokenProcessPool):
            self._move_on(job, error)
            return
        self._break_count = 0
        if error is None:
            self._settle(job, inner.result())
        elif isinstance(error, DecodeError):
            self._settle(job, error)
        elif isinstance(error, TimeoutError):
            args: FailureArgs = {"limit_s": round(job.time_limit_s, 3)}
            self._settle(job, _failure(job, FailureCode.TIMED_OUT, args))
        else:
            _log.warning("A decoder died: %r", error)
            self._settle(job, _failure(job, FailureCode.DECODER_DIED, {}))

    def _move_on(self, job: _Job, error: BaseException) -> None:
        """Moves the jobs of a broken pool to a fresh one.

        pebble gives up all its tasks when a child ends that had none, as one does that the system
        killed between two files. It is not the fault of those that wait.
        """
        with self._lock:
            if self._is_closed:
                job.future.cancel()
                return
            pool = job.pool
            if pool is not None:
                self._replace(pool, error)
            moving = [
                other for other in self._jobs if other.inner is not None and other.pool is pool
            ]
            if self._break_count < _MAX_BREAKS:
                stranded = [other for other in moving if not self._schedule(other)]
            else:
                stranded = moving
                self._break_count = 0  # a later task may try again
        self._give_up(stranded)

    def _replace(self, pool: ProcessPool, error: BaseException) -> None:
        """Lets go of a broken pool. Call with the lock held."""
        if self._pool is pool:
            _log.warning("The decoder pool broke and is replaced: %r", error)
            self._break_count += 1
            self._pool = None
            # Joining a pool waits for its threads, and this may be one of them.
            threading.Thread(target=_end, args=(pool,), name="decoder-cleanup").start()

    def _give_up(self, jobs: list[_Job]) -> None:
        for job in jobs:
            self._settle(job, _unstartable(job))

    def _settle(self, job: _Job, outcome: object) -> None:
        """Ends a job's future, once, unless somebody cancelled it.

        Without the lock: whoever waits may run a callback here.
        """
        with self._lock:
            if job not in self._jobs:
                return
            self._jobs.discard(job)
            stranded = self._start_waiting()
        if job.future.set_running_or_notify_cancel():
            if isinstance(outcome, DecodeError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
        self._give_up(stranded)

    def _forget(self, job: _Job, future: Future[Any]) -> None:
        if not future.cancelled():
            return  # `_settle` has seen to it
        with self._lock:
            inner = job.inner
            if inner is None:
                self._jobs.discard(job)
        # What no child has begun yet is read for nothing: it cannot be taken out of the pipe.
        if inner is not None and inner.running():
            inner.cancel()


def _failure(job: _Job, code: FailureCode, args: FailureArgs) -> DecodeError:
    return DecodeError(Stage.DECODE, FailureReason(code, args), job.stamp)


def _unstartable(job: _Job) -> DecodeError:
    """Says that it was not the picture's fault: tried again at the next index run."""
    args: FailureArgs = {"detail": "no decoder process could be kept running"}
    return DecodeError(Stage.READ, FailureReason(FailureCode.READ_ERROR, args), job.stamp)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
