"""The index thread: one at a time, it scans folders and takes in what the watcher noticed.

Everybody else only leaves requests here and returns at once.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.core.events import (
    FileQuarantined,
    FolderOffline,
    FoldersChanged,
    IndexFinished,
    IndexPhase,
    IndexProgress,
    LibraryEvent,
    PhotosChanged,
    WorkerError,
)
from photosearch.core.photo import FileEvent, FilePlace, Folder
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.errors import Cancelled, ModelError, PhotoSearchError
from photosearch.index.idle import IdleClock, idle_from_environment
from photosearch.index.journal import Journal
from photosearch.index.pipeline import Pipeline, RunCounts
from photosearch.index.places import Places
from photosearch.index.progress import ProgressMeter, reporter
from photosearch.index.quarantine import quarantine
from photosearch.index.queue import Settled, SettleQueue
from photosearch.index.requests import Requests
from photosearch.index.scan import FileTask, scan

log = logging.getLogger(__name__)

#: How often waiting files are looked at. Two looks and the settling time stay well under 5 s.
_LOOK_EVERY_S = 0.5
#: Added to this thread's niceness: queries and the rest of the computer go first.
_NICENESS = 10


class IndexWorker:
    """Owns the index thread.

    Args:
        store: The library's store.
        encoder: The model.
        decoder: Reads files.
        journal: Remembers what a crash interrupts.
        emit: Gets events, on the index thread.
        release_images: Lets the image tower's memory go; called after a while without pictures.
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        decoder: Decoder,
        journal: Journal,
        emit: Callable[[LibraryEvent], None],
        release_images: Callable[[], None],
    ) -> None:
        self._store = store
        self._encoder = self._wanted_encoder = encoder
        self._decoder = decoder
        self._emit = emit
        self._journal = journal
        self._pipeline = Pipeline(store, encoder, decoder, journal)
        self._image_use = IdleClock(idle_from_environment())
        self._give_images_back = release_images
        self._places = Places(store)
        self._queue = SettleQueue(self._places.look)
        self._wake = threading.Condition()
        self._requests = Requests()
        self._run_number = 0
        self._is_running = False
        self._is_closing = False
        self._cancel = CancelToken()
        self._meter: ProgressMeter | None = None
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
            return ticket

    def notice(self, event: FileEvent) -> None:
        """Takes a hint from the watcher."""
        self._queue.add(event, time.monotonic())
        with self._wake:
            self._wake.notify_all()

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
        _lower_priority()
        while True:
            with self._wake:
                self._is_running = False
                self._wake.notify_all()
                has_work = self._wait_for_work()
            if not has_work:
                self._release_images()
                continue
            with self._wake:
                if self._is_closing:
                    return
                self._is_running = True
                self._run_number += 1
                self._cancel = cancel = CancelToken()
                if self._encoder is not self._wanted_encoder:
                    self._encoder = self._wanted_encoder
                    self._pipeline = Pipeline(
                        self._store, self._encoder, self._decoder, self._journal
                    )
                wanted = self._requests.take()
                if wanted.is_taken_back:
                    cancel.cancel()
            if wanted.folder_ids is not None:
                work = partial(self._scan_folders, wanted.folder_ids, cancel)
                self._run(work, cancel, wanted.ticket)
            elif settled := self._queue.take(time.monotonic()):
                self._run(partial(self._take_settled, settled, cancel), cancel, wanted.ticket)
            else:
                with self._wake:
                    self._is_running = False
                    self._wake.notify_all()
                    self._wake.wait_for(self._is_called, timeout=_LOOK_EVERY_S)

    def _is_called(self) -> bool:
        return self._is_closing or bool(self._requests)

    def _wait_for_work(self) -> bool:
        """Waits with the lock held; False where the image tower has been idle long enough."""
        while not (self._is_called() or not self._queue.is_empty()):
            if not self._wake.wait(self._image_use.remaining_s()):
                return False
        return True

    def _release_images(self) -> None:
        if self._image_use.take_due():
            log.info("the image tower is let go until it is needed again")
            self._give_images_back()

    def _run(self, work: Callable[[RunCounts], None], cancel: CancelToken, ticket: int) -> None:
        """Does one piece of work; whatever goes wrong ends the piece, never the thread."""
        started_s = time.monotonic()
        counts = RunCounts()
        is_whole = False
        try:
            work(counts)
            is_whole = not cancel.is_cancelled
        except Cancelled:
            log.info("a run was stopped")
        except PhotoSearchError as error:
            log.error("indexing gave up: %s", error.message)  # noqa: TRY400 - foreseen
            is_about_model = isinstance(error, ModelError)
            self._emit(WorkerError(error.message, error.hint, is_about_model))
        except Exception:
            log.exception("indexing met a bug")
            self._emit(
                WorkerError("Indexing met an error of its own.", "The engine's log tells more.")
            )
        self._meter = None
        if counts.encoded:
            self._image_use.use()
        elapsed_s = time.monotonic() - started_s
        log.info("run %d: %s in %.1f s", ticket, counts, elapsed_s)
        self._emit(
            IndexFinished(
                ticket=ticket,
                done=counts.done,
                encoded=counts.encoded,
                failed=counts.failed,
                gone=counts.gone,
                elapsed_s=elapsed_s,
                was_stopped=not is_whole,
            )
        )

    def _take_settled(self, settled: Settled, cancel: CancelToken, counts: RunCounts) -> None:
        """Takes in what the watcher noticed; directories are left to a scan."""
        tasks = [FileTask(place, self._places.path(place), 0) for place in settled.present]
        gone = [place for place in settled.gone if self._places.is_reachable(place.folder_id)]
        doubtful = {place.folder_id for place in settled.gone if place not in set(gone)}
        if settled.folder_ids | doubtful:
            self.request_scan(settled.folder_ids | doubtful)
        self._take_in(tasks, gone, counts, cancel)

    def _scan_folders(self, folder_ids: set[int], cancel: CancelToken, counts: RunCounts) -> None:
        """Brings folders up to date: what is gone goes, what is new or changed comes in."""
        self._meter = meter = ProgressMeter(self._emit)
        space = self._encoder.space
        folders = self._store.folders()
        self._places.learn(folders)
        self._quarantine(counts)
        tasks: list[FileTask] = []
        gone: list[FilePlace] = []
        seen_count = 0
        for folder in folders:
            if folder.id not in folder_ids:
                continue
            if not folder.path.is_dir():  # nothing is looked for, and nobody told so
                self._note_reachable(folder, is_online=False)
                continue
            meter.report(IndexPhase.SCANNING, 0, seen_count, 0)
            found = scan(folder, self._store.known_files(folder.id, space), cancel)
            seen_count += found.photo_count
            self._note_reachable(folder, is_online=not found.is_offline)
            if found.is_offline:
                continue
            self._store.set_ignored(folder.id, found.ignored)
            self._store.write(space, IndexBatch(failures=found.failures))
            counts.failed += len(found.failures)
            tasks += found.tasks
            gone += found.removed
        tasks.sort(key=lambda task: task.mtime_ns, reverse=True)
        self._take_in(tasks, gone, counts, cancel)
        if not cancel.is_cancelled and folder_ids >= {folder.id for folder in folders}:
            # Only now: until every folder was read, a photo that moved to another one looks lost.
            self._store.purge_unplaced()
            self._journal.absolve()

    def _quarantine(self, counts: RunCounts) -> None:
        for place in quarantine(self._journal, self._store, self._encoder.space):
            counts.failed += 1
            self._emit(FileQuarantined(Path(os.fsdecode(self._places.path(place)))))

    def _note_reachable(self, folder: Folder, *, is_online: bool) -> None:
        if is_online == folder.is_online:
            return
        self._store.set_folder_online(folder.id, is_online=is_online)
        self._emit(FoldersChanged() if is_online else FolderOffline(folder.path))

    def _take_in(
        self,
        tasks: Sequence[FileTask],
        gone: Sequence[FilePlace],
        counts: RunCounts,
        cancel: CancelToken,
    ) -> None:
        """Takes files in, then forgets those that are gone: so a move keeps its photo."""
        meter = self._meter = self._meter or ProgressMeter(self._emit)
        if tasks:
            self._pipeline.run(tasks, counts, cancel, reporter(meter, self._emit, len(tasks)))
        if gone and not cancel.is_cancelled:
            self._store.write(self._encoder.space, IndexBatch(removed=gone))
            counts.gone += len(gone)
            self._emit(PhotosChanged(0, len(gone)))


def _lower_priority() -> None:
    """Lowers this thread's priority, where a system knows such a thing for threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
