"""Brings the store up to date with the disk: what moved, what is new, what is gone. Index thread.

In the order of what it costs: moves are known without reading, headers are read in minutes, photos
are understood in hours; and at each step the library is usable as it stands.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photosearch.core.events import (
    FileQuarantined,
    FolderOffline,
    FoldersChanged,
    IndexPhase,
    LibraryEvent,
    PhotosChanged,
    ThumbnailsChanged,
)
from photosearch.core.photo import GONE_KEPT_NS, FilePlace, Folder
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch, WriteCounts
from photosearch.images.formats import is_costly
from photosearch.index.guest import Gate
from photosearch.index.journal import Journal
from photosearch.index.listing import list_files
from photosearch.index.moves import linked, renamed_in_case, split_moved
from photosearch.index.noticed import Noticed
from photosearch.index.pipeline import Pipeline
from photosearch.index.places import Places
from photosearch.index.progress import folders_of, reporter
from photosearch.index.quarantine import quarantine
from photosearch.index.queue import Settled
from photosearch.index.rules import ScanRules
from photosearch.index.run import Run, RunCounts, Turn
from photosearch.index.scan import FileTask, ScanResult, scan

log = logging.getLogger(__name__)

#: From so many new files on, their headers are read first: fewer are understood about as soon.
_LIST_FROM = 16
#: So many new files during a run end it: a scan finds them again, together with the rest.
_RUN_OF_ITS_OWN = 500


@dataclass(slots=True)
class _Changes:
    """What is different on the disk."""

    tasks: list[FileTask] = field(default_factory=list)
    gone: list[FilePlace] = field(default_factory=list)
    companions: list[CompanionFile] = field(default_factory=list)

    def add(self, found: ScanResult) -> None:
        self.tasks += found.tasks
        self.gone += found.removed
        self.companions += found.companions


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

    def use(self, encoder: Encoder) -> None:
        """Fills this model's space from now on."""
        self._encoder = encoder
        self._pipeline = Pipeline(
            self._store, encoder, self._decoder, self._journal, self._tell_changed
        )

    def scan_folders(self, folder_ids: Iterable[int], run: Run) -> None:
        """Brings whole folders up to date."""
        wanted = set(folder_ids)
        for place in quarantine(self._journal, self._store, self._encoder.space):
            run.counts.fail([place.folder_id])
            self._emit(FileQuarantined(Path(os.fsdecode(self._places.path(place)))))
        folders = self._store.folders()
        self._places.learn(folders)
        changes = _Changes()
        seen_count = 0
        for folder in folders:
            if folder.id not in wanted:
                continue
            if self._is_there(folder):  # else nothing is looked for, and nobody told so
                run.meter.report(IndexPhase.SCANNING, 0, seen_count, 0)
            found = self._scan(folder, run)
            if found is not None:
                seen_count += found.photo_count
                self._store.set_ignored(folder.id, found.ignored)
                changes.add(found)
        self._take_in(changes, run)
        is_whole = not (run.cancel.is_cancelled or run.is_left)
        if is_whole and wanted >= {folder.id for folder in folders}:
            # Only now: until every folder was read, a photo that moved to another one looks lost.
            self._store.purge_unplaced(time.time_ns() - GONE_KEPT_NS)
            self._journal.absolve()

    def take_settled(self, settled: Settled, run: Run) -> None:
        """Takes in what the watcher noticed."""
        self._take_in(self._changes(settled, run), run)

    def _scan(self, folder: Folder, run: Run, below: bytes = b"") -> ScanResult | None:
        """Compares a folder, or what lies below a directory of it; None where it is offline."""
        if not self._is_there(folder):
            self._note_reachable(folder, is_online=False)
            return None
        known = self._store.known_files(folder.id, self._encoder.space, [below])
        found = scan(folder, known, run.cancel, self._rules(), below)
        self._note_reachable(folder, is_online=not found.is_offline)
        if found.is_offline:
            return None
        standing = found.volume, found.mounts
        if found.volume is not None and standing != (folder.volume, folder.mounts):
            self._store.set_folder_volume(folder.id, found.volume, found.mounts)
        self._note_failures(found, run)
        return found

    def _changes(self, settled: Settled, run: Run) -> _Changes:
        """Looks at what the watcher noticed."""
        noticed = (*settled.present, *settled.gone, *settled.subtrees)
        run.noticed_in.update(place.folder_id for place in noticed)
        folders = {folder.id: folder for folder in self._store.folders()}
        self._places.learn(list(folders.values()))
        changes = _Changes()
        for found in self._noticed.files(settled, folders, self._encoder.space):
            self._note_failures(found, run)
            changes.add(found)
        for place in self._noticed.subtrees(settled, folders):
            subtree = self._scan(folders[place.folder_id], run, place.rel_path)
            if subtree is not None:
                changes.add(subtree)
        return changes

    def _note_failures(self, found: ScanResult, run: Run) -> None:
        if found.failures:
            self._store.write(self._encoder.space, IndexBatch(failures=found.failures))
            run.counts.fail(failure.place.folder_id for failure in found.failures)

    def _is_there(self, folder: Folder) -> bool:
        return not self._hangs(folder.id) and folder.path.is_dir()

    def _note_reachable(self, folder: Folder, *, is_online: bool) -> None:
        if is_online == folder.is_online:
            return
        self._store.set_folder_online(folder.id, is_online=is_online)
        self._emit(FoldersChanged() if is_online else FolderOffline(folder.path))

    def _take_in(self, changes: _Changes, run: Run) -> None:
        run.begin_reading()
        tasks = self._place_moved(changes, run)
        self._list(_unlisted(tasks), run, changes)
        self._forget(changes.gone, run)
        self._read(tasks, run, lambda: self._urgent(run, changes))
        self._join(changes.companions, run)

    def _read(
        self, tasks: list[FileTask], run: Run, urgent: Callable[[], Sequence[FileTask]] = tuple
    ) -> None:
        """Understands photos: the second pass."""
        if tasks:
            tasks.sort(key=lambda task: (is_costly(task.path), -task.mtime_ns))
            run.counts.find(tasks)
            run.asked.update((task.place, task.stamp) for task in tasks)
            turn = Turn(
                reporter(run.meter, self._emit, run.counts.done + len(tasks)),
                urgent,
                lambda cancel: self._gate.wait(cancel, run.meter.wait),
                self._gate.is_held,
                run.is_over,
                self._noticed.note_failed,
                run.gone.__contains__,
            )
            run.is_left |= not self._pipeline.run(tasks, run.counts, run.cancel, turn)
        if not run.is_left:
            self._noticed.note_read()

    def _place_moved(self, changes: _Changes, run: Run) -> list[FileTask]:
        """Gives moved files their new places; returns what has to be read."""
        moved, tasks = split_moved(changes.tasks, self._store)
        tasks += linked(changes.tasks, self._store, self._places)
        if moved:
            formers = {move.former for move in moved} & set(changes.gone)
            formers |= set(renamed_in_case(moved, self._places))
            # In one transaction, since files may have changed places with each other.
            batch = IndexBatch(moved=moved, removed=list(formers))
            self._tell_changed(self._store.write(self._encoder.space, batch))
            run.counts.moved += len(moved)
            changes.gone = [place for place in changes.gone if place not in formers]
            self._emit(PhotosChanged(0, 0))
        return tasks

    def _list(self, tasks: Sequence[FileTask], run: Run, changes: _Changes) -> None:
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
            self._gate.wait(run.cancel, run.meter.wait)
            self._read(self._urgent(run, changes), run)

        report()
        list_files(
            tasks,
            self._decoder,
            self._store,
            self._encoder.space,
            lambda: run.cancel.is_cancelled or run.is_over(),
            on_batch,
        )

    def _forget(self, gone: Sequence[FilePlace], run: Run) -> None:
        """Forgets places where no file is any more.

        After the new files were listed: a file that went to another disk is known by what the
        store knows of its former place.
        """
        if gone and not run.cancel.is_cancelled:
            written = self._store.write(self._encoder.space, IndexBatch(removed=gone))
            run.counts.gone += written.removed
            self._emit(PhotosChanged(0, written.removed))

    def _urgent(self, run: Run, changes: _Changes) -> list[FileTask]:
        """Deals with what the watcher noticed meanwhile; returns the files to read first."""
        settled = run.settled()
        if not settled and self.retry_in_s != 0:
            return []
        fresh = self._changes(settled, run)
        run.gone.update(fresh.gone)
        run.gone.difference_update(task.place for task in fresh.tasks)
        fresh.tasks = [task for task in fresh.tasks if not run.is_asked(task)]
        tasks = self._place_moved(fresh, run)
        self._forget(fresh.gone, run)
        changes.companions += fresh.companions
        unlisted = _unlisted(tasks)
        if len(unlisted) >= _RUN_OF_ITS_OWN:  # their headers are to be read first
            run.again.update(task.place.folder_id for task in unlisted)
            return []
        run.counts.found_in.update(task.place.folder_id for task in tasks)
        run.asked.update((task.place, task.stamp) for task in tasks)
        return tasks

    def _join(self, companions: Sequence[CompanionFile], run: Run) -> None:
        """Gives raw files to the photos they belong to, and reads those whose photo is broken."""
        if not companions or run.cancel.is_cancelled or run.is_left:
            return
        space = self._encoder.space
        self._tell_changed(self._store.write(space, IndexBatch(companions=companions)))
        stored = self._store.hashes_at(
            [place for each in companions for place in (each.main, each.place)]
        )
        alone = [
            self._places.task(each.place)
            for each in companions
            if each.main not in stored and each.place not in stored
        ]
        self._read(alone, run)

    def _tell_changed(self, written: WriteCounts) -> None:
        if written.removed:
            self._emit(PhotosChanged(0, written.removed))
        if written.changed:
            self._emit(ThumbnailsChanged(written.changed))


def _unlisted(tasks: Sequence[FileTask]) -> list[FileTask]:
    return [task for task in tasks if not (task.is_known or task.is_listed)]
