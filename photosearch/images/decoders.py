"""The pool of decoder processes: a hostile file costs itself only, never the engine.

`index` and `library` hold one `DecoderPool` and call it from any thread. Futures end on a thread
of the pool's: callbacks must be quick and must not close the pool. The children are spawned, one
per core at low priority; they import neither torch nor Qt.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pebble import ProcessPool

from photosearch.core.failure import FailureArgs, FailureCode, FailureReason, Stage
from photosearch.core.photo import DecodedPhoto, FileStamp
from photosearch.core.ports import DecodeError
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images.child import run_decode, start_child
from photosearch.images.decode import decode as decode_picture
from photosearch.images.source import stamp_of

_log = logging.getLogger(__name__)

#: Slowest sound picture seen (a 250 MP PNG) takes a sixth of it.
TIME_LIMIT_S = 60.0

#: Pictures per child before a fresh one takes over: bounds what codecs leak, costs 1 ms each.
TASKS_PER_CHILD = 500

#: Pools that may break one after the other, with no picture finished between, before those that
#: wait are given up.
_MAX_BREAKS = 5

DecodeFunction = Callable[..., DecodedPhoto]


@dataclass(eq=False, slots=True)
class _Job:
    """A picture on its way; `inner` is its future in the pool that has it now."""

    source: Path | bytes
    image_input: ImageInput
    part: Box | None
    stamp: FileStamp | None
    future: Future[DecodedPhoto] = field(default_factory=Future)
    pool: ProcessPool | None = None
    inner: Future[DecodedPhoto] | None = None


class DecoderPool:
    """Reads files in killable children; a `core.ports.Decoder`.

    Args:
        child_count: How many files are read at once; one per usable core by default.
        time_limit_s: What one file may take before its child is killed.
        tasks_per_child: Files after which a child makes place for a fresh one.
        decode: What the children run: a module's function, for tests.
    """

    def __init__(
        self,
        child_count: int | None = None,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        tasks_per_child: int = TASKS_PER_CHILD,
        decode: DecodeFunction = decode_picture,
    ) -> None:
        self._child_count = child_count or _usable_cores()
        self._time_limit_s = time_limit_s
        self._tasks_per_child = tasks_per_child
        self._decode = decode
        self._lock = threading.RLock()
        self._pool: ProcessPool | None = None
        self._jobs: set[_Job] = set()
        self._break_count = 0
        self._is_closed = False

    def submit(
        self, source: Path | bytes, image_input: ImageInput, part: Box | None = None
    ) -> Future[DecodedPhoto]:
        """Starts reading a picture. The first call starts the children (0.3 s).

        Args:
            source: Path of a file, or the encoded bytes of a picture that has none.
            image_input: The crop that the encoder wants.
            part: What the crop is of; the whole picture where None.

        Returns:
            A future that gives the photo, or raises `DecodeError` (`CancelledError` once it or the
            pool was cancelled). A running file whose future is cancelled is killed.

        Raises:
            RuntimeError: The pool is closed.
        """
        job = _Job(source, image_input, part, _stamp(source))
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the decoder pool is closed")
            self._jobs.add(job)
            is_scheduled = self._schedule(job)
        job.future.add_done_callback(partial(self._forget, job))
        if not is_scheduled:
            self._settle(job, _unstartable(job))
        return job.future

    def close(self) -> None:
        """Cancels what is not finished and ends the children. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            pool, self._pool = self._pool, None
            jobs = list(self._jobs)
        for job in jobs:
            job.future.cancel()
        if pool is not None:
            _end(pool)

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
                    run_decode,
                    args=(self._decode, job.source, job.image_input, job.part),
                    timeout=self._time_limit_s,
                )
            except RuntimeError as error:  # it broke while nobody looked
                self._replace(self._pool, error)
            else:
                job.inner.add_done_callback(partial(self._finish, job))
                return True
        self._break_count = 0  # a later picture may try again
        return False

    def _finish(self, job: _Job, inner: Future[DecodedPhoto]) -> None:
        """Passes an outcome on; a thread of the pool's."""
        if job.inner is not inner or job.future.done():
            return  # from a pool that broke, and it is settled or runs elsewhere by now
        try:
            error = inner.exception()
        except CancelledError:
            job.future.cancel()
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
            args: FailureArgs = {"limit_s": round(self._time_limit_s, 3)}
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
            moving = [other for other in self._jobs if other.pool is pool]
            if self._break_count < _MAX_BREAKS:
                stranded = [other for other in moving if not self._schedule(other)]
            else:
                stranded = moving
                self._break_count = 0  # a later picture may try again
        for other in stranded:
            self._settle(other, _unstartable(other))

    def _replace(self, pool: ProcessPool, error: BaseException) -> None:
        """Lets go of a broken pool. Call with the lock held."""
        if self._pool is pool:
            _log.warning("The decoder pool broke and is replaced: %r", error)
            self._break_count += 1
            self._pool = None
            # Joining a pool waits for its threads, and this may be one of them.
            threading.Thread(target=_end, args=(pool,), name="decoder-cleanup").start()

    def _settle(self, job: _Job, outcome: DecodedPhoto | DecodeError) -> None:
        """Ends a job's future, once, unless somebody cancelled it.

        Without the lock: whoever waits may run a callback here.
        """
        with self._lock:
            if job not in self._jobs:
                return
            self._jobs.discard(job)
        if not job.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, DecodeError):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)

    def _forget(self, job: _Job, future: Future[DecodedPhoto]) -> None:
        with self._lock:
            self._jobs.discard(job)
            inner = job.inner
        if future.cancelled() and inner is not None:
            inner.cancel()


def _failure(job: _Job, code: FailureCode, args: FailureArgs) -> DecodeError:
    return DecodeError(Stage.DECODE, FailureReason(code, args), job.stamp)


def _unstartable(job: _Job) -> DecodeError:
    """Says that it was not the picture's fault: tried again at the next index run."""
    args: FailureArgs = {"detail": "no decoder process could be kept running"}
    return DecodeError(Stage.READ, FailureReason(FailureCode.READ_ERROR, args), job.stamp)


def _stamp(source: Path | bytes) -> FileStamp | None:
    """Returns the stamp for failures whose child cannot tell any more.

    From before the reading, and never by a thread of the pool's, which a dead network share would
    stop.
    """
    if isinstance(source, bytes):
        return FileStamp(len(source), 0)
    try:
        return stamp_of(source.stat())
    except OSError:
        return None


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
