"""Brings the store up to date with the disk: what moved, what is new, what is gone. Index thread.

In the order of what it costs: moves are known without reading, headers are read in minutes, photos
are understood in hours; and at each step the library is usable as it stands.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from photosearch.core.events import (
    FileQuarantined,
    IndexPhase,
    LibraryEvent,
    PhotosChanged,
)
from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import GONE_KEPT_NS, FilePlace
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.store import Store
from photosearch.core.stored import WriteCounts
from photosearch.images.formats import is_costly
from photosearch.index.changes import Changes, Looker
from photosearch.index.guest import Gate
from photosearch.index.journal import Journal
from photosearch.index.listing import list_files
from photosearch.index.meanwhile import Meanwhile
from photosearch.index.noticed import Noticed
from photosearch.index.pipeline import Pipeline
from photosearch.index.places import Places
from photosearch.index.placing import Placing
from photosearch.index.progress import folders_of, reporter
from photosearch.index.quarantine import quarantine
from photosearch.index.queue import Settled
from photosearch.index.rules import ScanRules
from photosearch.index.run import Run, RunCounts, Turn
from photosearch.index.scan import FileTask

log = logging.getLogger(__name__)

#: From so many new files on, their headers are read first: fewer are understood about as soon.
_LIST_FROM = 16
#: So many new files during a run end it: a scan finds them again, together with the rest.
_RUN_OF_ITS_OWN = 500


class Reconciler:
    """Does the work of the index thread.

    Args:
        store: The library's store.
        decoder: Reads files.
        journal: Remembers what a crash interrupts.
        places: Where folders lie.
        gate: Lets work go on when the user does not need the computer.
        emit: Gets events.
        rules: Asked at each scan what is left out.
        hangs: Whether a folder's disk does not answer, so that any look at it would hang, too.
    """

    def __init__(
        self,
        store: Store,
        decoder: Decoder,
        journal: Journal,
        places: Places,
        gate: Gate,
        emit: Callable[[LibraryEvent], None],
        rules: Callable[[], ScanRules],
        hangs: Callable[[int], bool],
    ) -> None:
        self._store = store
        self._decoder = decoder
        self._journal = journal
        self._places = places
        self._gate = gate
        self._emit = emit
        self._rules = rules
        self._hangs = hangs
        self._noticed = Noticed(store, places, rules)

    @property
    def retry_in_s(self) -> float | None:
        """How long until a file is to be tried again, None where none is."""
        return self._noticed.retry_in_s

    def forget_folder(self, folder_id: int) -> None:
        """Drops what waits for a folder."""
        self._noticed.forget_folder(folder_id)

    def wake(self) -> None:
        """Something came: a run that waits deals with what costs no reading. From any thread."""
        self._gate.wake()

    def use(self, encoder: Encoder) -> None:
        """Fills this model's space from now on."""
        self._space = encoder.space
        self._looker = Looker(
            self._store,
            self._space,
            self._places,
            self._noticed,
            self._rules,
            self._hangs,
            self._emit,
        )
        self._placing = Placing(self._store, self._space, self._places, self._emit)
        self._pipeline = Pipeline(
            self._store, encoder, self._decoder, self._journal, self._placing.tell
        )

    def scan_folders(self, folder_ids: Iterable[int], run: Run) -> None:
        """Brings whole folders up to date."""
        wanted = set(folder_ids)
        for place in quarantine(self._journal, self._store, self._space):
            run.counts.fail([place.folder_id])
            self._emit(FileQuarantined(Path(os.fsdecode(self._places.path(place)))))
        folders = self._store.folders()
        self._places.learn(folders)
        changes = self._looker.folders([each for each in folders if each.id in wanted], run)
        self._take_in(changes, run)
        is_whole = not (run.cancel.is_cancelled or run.is_left)
        if is_whole and wanted >= {folder.id for folder in folders}:
            # Only now: until every folder was read, a photo that moved to another one looks lost.
            self._store.purge_unplaced(time.time_ns() - GONE_KEPT_NS)
            self._journal.absolve()

    def take_settled(self, settled: Settled, run: Run) -> None:
        """Takes in what the watcher noticed."""
        self._take_in(self._looker.noticed(settled, run), run)

    def _take_in(self, changes: Changes, run: Run) -> None:
        run.begin_reading()
        tasks = self._placing.move(changes, run)
        self._list(_unlisted(tasks), run, changes)
        # After the new files were listed: one that went to another disk is known by what the store
        # knows of its former place. While reading waits, gone ones do not wait for that.
        self._placing.forget(changes, run)
        self._read(tasks, run, changes)
        while not (run.cancel.is_cancelled or run.is_left or run.again):
            self._read(self._placing.join(changes), run, changes)
            self._read(self._urgent(run, changes), run, changes)  # noticed while the last waited
            if not changes.companions:
                break
        if not run.is_left:
            self._noticed.note_read()

    def _read(
        self, tasks: list[FileTask], run: Run, changes: Changes, *, is_alone: bool = False
    ) -> None:
        """Understands photos: the second pass.

        Args:
            tasks: Files to read.
            run: What is under way.
            changes: Takes what is noticed meanwhile and cannot be dealt with yet.
            is_alone: What is noticed meanwhile is not read before the end.
        """
        if tasks:
            tasks.sort(key=lambda task: (is_costly(task.path), -task.mtime_ns))
            run.counts.find(tasks)
            run.ask(tasks)
            turn = Turn(
                reporter(run.meter, self._emit, run.counts.done + len(tasks)),
                tuple if is_alone else lambda: self._urgent(run, changes),
                lambda _cancel: self._wait(run, changes),
                self._gate.is_held,
                run.is_over,
                lambda failures: self._note_failed(failures, run),
                run.gone.__contains__,
            )
            run.is_left |= not self._pipeline.run(tasks, run.counts, run.cancel, turn)

    def _note_failed(self, failures: Sequence[PhotoFailure], run: Run) -> None:
        run.note_failed(failures)
        self._noticed.note_failed(failures)

    def _list(self, tasks: Sequence[FileTask], run: Run, changes: Changes) -> None:
        """Reads the headers of many new files before the first of them is understood."""
        if len(tasks) < _LIST_FROM or run.cancel.is_cancelled:
            return
        listed = RunCounts()
        listed.find(tasks)

        def report() -> None:
            run.meter.report(
                IndexPhase.LISTING, listed.done, len(tasks), run.counts.failed, folders_of(listed)
            )

        def on_batch(done: Sequence[FilePlace], written: WriteCounts) -> None:
            for place in done:
                listed.finish(place.folder_id)
            report()
            if written.added:
                self._emit(PhotosChanged(written.added, 0))
            self._wait(run, changes)
            self._read(self._urgent(run, changes), run, changes, is_alone=True)

        report()
        self._wait(run, changes)
        list_files(
            tasks,
            self._decoder,
            self._store,
            self._space,
            lambda: run.cancel.is_cancelled or run.is_over(),
            on_batch,
        )

    def _wait(self, run: Run, changes: Changes) -> None:
        """Returns when photos may be read, or the run is not wanted any more or makes way."""
        changes.asked_count = 0  # photos may have been stored since the last wait
        if not run.is_over():
            self._gate.wait(run.cancel, run.meter.wait, lambda: self._meanwhile(run, changes))

    def _meanwhile(self, run: Run, changes: Changes) -> Meanwhile:
        """Does what costs no reading while photos may not be read."""
        self._take_up(run, changes)
        self._placing.forget(changes, run)
        self._placing.join_known(changes)
        if run.is_over():
            return Meanwhile.LEAVE
        is_awaited = run.is_called() or run.is_unsettled()
        return Meanwhile.LOOK_AGAIN if is_awaited else Meanwhile.WAIT

    def _urgent(self, run: Run, changes: Changes) -> list[FileTask]:
        """Deals with what the watcher noticed meanwhile; returns the files to read first."""
        self._take_up(run, changes)
        if run.cancel.is_cancelled:
            return []  # they are handed back
        tasks = run.take_urgent()
        unlisted = _unlisted(tasks)
        if len(unlisted) >= _RUN_OF_ITS_OWN:  # their headers are to be read first
            # Together with what there is to do in other folders: nothing more is read here.
            run.again.update(task.place.folder_id for task in tasks)
            run.again.update(each.place.folder_id for each in changes.companions)
            return []
        run.counts.found_in.update(task.place.folder_id for task in tasks)
        return tasks

    def _take_up(self, run: Run, changes: Changes) -> None:
        """Deals with what the watcher noticed meanwhile, but for what has to be read."""
        settled = run.settled()
        if not settled and self.retry_in_s != 0:
            return
        fresh = self._looker.noticed(settled, run)
        changes.leave_to(settled)
        run.note_gone(fresh.gone)
        run.gone.difference_update(task.place for task in fresh.tasks)
        fresh.tasks = [task for task in fresh.tasks if not run.is_asked(task)]
        moved_count = run.counts.moved
        tasks = self._placing.move(fresh, run)
        if run.counts.moved > moved_count:
            changes.asked_count = 0  # there may be a photo now where there was none
        self._placing.forget(fresh, run)
        changes.companions += fresh.companions
        run.hurry(tasks)


def _unlisted(tasks: Sequence[FileTask]) -> list[FileTask]:
    return [task for task in tasks if not (task.is_known or task.is_listed)]
