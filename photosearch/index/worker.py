"""The index thread: one at a time, it scans folders and takes in what the watcher noticed.

Everybody else only leaves requests here and returns at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

from photosearch.core.cancel import CancelToken
from photosearch.core.events import IndexProgress, LibraryEvent, WorkerError
from photosearch.core.photo import FileEvent, FileEventKind
from photosearch.core.ports import Encoder
from photosearch.errors import Cancelled, ModelError, PhotoSearchError
from photosearch.index.debts import Debts
from photosearch.index.idle import IdleClock, idle_from_environment
from photosearch.index.journal import Journal
from photosearch.index.manners import lower_priority
from photosearch.index.progress import ProgressMeter
from photosearch.index.queue import Settled, SettleQueue
from photosearch.index.reconcile import Reconciler
from photosearch.index.requests import Requests, Round
from photosearch.index.run import Run, RunCounts

log = logging.getLogger(__name__)

#: How often waiting files are looked at. Two looks and the settling time stay well under 5 s.
_LOOK_EVERY_S = 0.5
#: What was noticed and could not be dealt with (the settings are wrong, the disk is full) is looked
#: for again after this long.
_DEBT_AFTER_S = 20.0
_AFTER_BUG_S = 5.0


class IndexWorker:
    """Owns the index thread.

    Args:
        reconciler: Does the work.
        encoder: The model.
        queue: What the watcher noticed.
        journal: Remembers what a crash interrupts.
        emit: Gets events, on the index thread.
        release: Lets go of what only pictures need; called after a while without any.
    """

    def __init__(
        self,
        reconciler: Reconciler,
        encoder: Encoder,
        queue: SettleQueue,
        journal: Journal,
        emit: Callable[[LibraryEvent], None],
        release: Callable[[], None],
    ) -> None:
        self._reconciler = reconciler
        self._encoder: Encoder | None = None
        self._wanted_encoder = encoder
        self._queue = queue
        self._journal = journal
        self._emit = emit
        self._release = release
        self._image_use = IdleClock(idle_from_environment())
        self._wake = threading.Condition()
        self._requests = Requests()
        self._run_number = 0
        self._is_running = False
        self._is_closing = False
        self._cancel = CancelToken()
        self._meter: ProgressMeter | None = None
        #: What a run did that made way for another one, which goes on counting.
        self._carried = RunCounts()
        self._debts = Debts(_DEBT_AFTER_S)
        self._looked_s = float("-inf")
        self._thread = threading.Thread(target=self._main, name="index", daemon=True)

    @property
    def progress(self) -> IndexProgress | None:
        """How far the run under way is, None between runs."""
        meter = self._meter
        return meter.latest if meter else None

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def use(self, encoder: Encoder) -> None:
        """Fills another space from the next run on; the run under way is stopped."""
        with self._wake:
            self._wanted_encoder = encoder
            self._cancel.cancel()

    def request_scan(self, folder_ids: Iterable[int]) -> int:
        """Asks for a scan of folders; joins the requests that wait already.

        Returns:
            A ticket: the request is done with the first `IndexFinished` whose ticket is not lower.
        """
        with self._wake:
            ticket = self._requests.add(folder_ids)
            self._wake.notify_all()
        self._reconciler.wake()
        return ticket

    def notice(self, event: FileEvent) -> None:
        """Takes a hint from the watcher."""
        self._queue.add(event, time.monotonic())
        with self._wake:
            self._wake.notify_all()
        self._reconciler.wake()

    def note_image_use(self) -> None:
        """Somebody else is about to use the image tower, too."""
        self._image_use.use()
        with self._wake:
            self._wake.notify_all()

    def stop_run(self, ticket: int | None = None) -> None:
        """Stops work after its current batch.

        Args:
            ticket: The request to take back; a run that serves other requests too goes on. None
                stops the run under way and takes all requests back.
        """
        with self._wake:
            if self._requests.take_back(ticket):
                self._cancel.cancel()

    def forget_folder(self, folder_id: int) -> None:
        """Drops what waits for a folder, and waits until no run touches it any more."""
        self._queue.forget_folder(folder_id)
        with self._wake:
            self._requests.forget_folder(folder_id)
            self._cancel.cancel()
            number = self._run_number
            self._wake.wait_for(lambda: not self._is_running or self._run_number != number)
            self._queue.forget_folder(folder_id)  # with what that run handed back
            self._reconciler.forget_folder(folder_id)

    def close(self) -> None:
        """Stops the run under way and the thread. Calling it twice is harmless."""
        with self._wake:
            self._is_closing = True
            self._cancel.cancel()
            self._wake.notify_all()
        self._journal.close()
        if self._thread.is_alive():
            self._thread.join()

    def _main(self) -> None:
        lower_priority()
        while not self._is_closing:
            try:
                self._turn()
            except Exception:
                log.exception("the index thread met a bug")
                with self._wake:
                    self._wake.wait_for(lambda: self._is_closing, timeout=_AFTER_BUG_S)
        with self._wake:
            self._is_running = False
            self._wake.notify_all()

    def _turn(self) -> None:
        """Waits for work and does one piece of it."""
        with self._wake:
            self._is_running = False
            self._wake.notify_all()
            has_work = self._wait_for_work()
        if not has_work:
            self._release_images()
            return
        with self._wake:
            if self._is_closing:
                return
            self._is_running = True
            self._run_number += 1
            self._cancel = cancel = CancelToken()
            if self._encoder is not self._wanted_encoder:
                self._encoder = self._wanted_encoder
                self._reconciler.use(self._encoder)
            if owed_in := self._debts.take_due(time.monotonic()):
                self._requests.add(owed_in)
            wanted = self._requests.take()
            if wanted.is_taken_back:
                cancel.cancel()
        if wanted.folder_ids is not None:
            work = partial(self._reconciler.scan_folders, wanted.folder_ids)
            self._run(work, cancel, wanted)
        elif (settled := self._queue.take(time.monotonic())) or self._is_retry_due():
            self._run(partial(self._reconciler.take_settled, settled), cancel, wanted)
        else:
            with self._wake:
                self._is_running = False
                self._wake.notify_all()
                self._wake.wait_for(self._is_called, timeout=_LOOK_EVERY_S)

    def _is_called(self) -> bool:
        return self._is_closing or bool(self._requests)

    def _wait_for_work(self) -> bool:
        """Waits with the lock held; False where the image tower has been idle long enough."""
        while not (self._is_called() or not self._queue.is_empty() or self._is_something_due()):
            idle_s, retry_s = self._image_use.remaining_s(), self._reconciler.retry_in_s
            debt_s = self._debts.remaining_s(time.monotonic())
            left_s = [seconds for seconds in (idle_s, retry_s, debt_s) if seconds is not None]
            if not self._wake.wait(min(left_s, default=None)) and idle_s == min(left_s):
                return False
        return True

    def _is_retry_due(self) -> bool:
        return self._reconciler.retry_in_s == 0

    def _is_something_due(self) -> bool:
        return self._is_retry_due() or self._debts.remaining_s(time.monotonic()) == 0

    def _release_images(self) -> None:
        if self._image_use.take_due():
            log.info("what pictures need is let go until it is needed again")
            self._release()

    def _run(self, work: Callable[[Run], None], cancel: CancelToken, wanted: Round) -> None:
        """Does one piece of work; whatever goes wrong ends the piece, never the thread."""
        started_s = time.monotonic()
        self._meter = ProgressMeter(self._emit)
        run = Run(
            cancel,
            self._meter,
            self._noticed,
            self._is_called,
            lambda: not self._queue.is_empty(),
            self._carried,
        )
        self._carried = RunCounts()
        is_whole = False
        try:
            work(run)
            is_whole = not cancel.is_cancelled
        except Cancelled:
            log.info("a run was stopped")
        except PhotoSearchError as error:
            log.error("indexing gave up: %s", error.message)  # noqa: TRY400 - foreseen
            is_about_model = isinstance(error, ModelError)
            self._fail(run, WorkerError(error.message, error.hint, is_about_model))
        except Exception:
            log.exception("indexing met a bug")
            self._fail(
                run,
                WorkerError("Indexing met an error of its own.", "The engine's log tells more."),
            )
        else:
            self._debts.forgive()
        counts = run.counts
        if counts.encoded:
            self._image_use.use()
        elapsed_s = time.monotonic() - started_s
        log.info("run %d: %s in %.1f s", wanted.ticket, counts, elapsed_s)
        if is_whole and run.is_left and self._goes_on(run):
            return
        if cancel.is_cancelled and not self._is_closing:
            for place in run.unread:  # noticed while it waited: nobody asks for that again
                self.notice(FileEvent(FileEventKind.CHANGED, place))
        if run.again:
            self.request_scan(run.again)
        self._meter = None
        was_stopped = not is_whole or run.is_left
        self._emit(counts.finished(wanted.ticket, elapsed_s, was_stopped=was_stopped))

    def _goes_on(self, run: Run) -> bool:
        """Has the next run find again what this one left; False where there is none any more."""
        with self._wake:
            if self._is_closing:
                return False
            self._requests.put_back()
            left_in = run.noticed_in | run.again
            if left_in:
                self._requests.add(left_in)
            self._carried = run.counts
            return True

    def _fail(self, run: Run, error: WorkerError) -> None:
        """Tells why a run gave up, and remembers what it leaves of what nobody asks for again."""
        if self._debts.add(run.noticed_in, error, time.monotonic()):
            self._emit(error)

    def _noticed(self) -> Settled:
        """Looks at what the watcher noticed; a run asks between any two files."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_EVERY_S:
            return Settled()
        self._looked_s = now_s
        return self._queue.take(now_s)
