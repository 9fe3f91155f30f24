"""Brings the store up to date with the disk: what moved, what is new, what is gone. Index thread.

In the order of what it costs: moves are known without reading, headers are read in minutes, photos
are understood in hours; and at each step the library is usable as it stands.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.core.events import (
    FileQuarantined,
    FolderOffline,
    FoldersChanged,
    IndexPhase,
    LibraryEvent,
    PhotosChanged,
    ThumbnailsChanged,
)
from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace, Folder
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch, WriteCounts
from photosearch.images.formats import is_costly
from photosearch.index.guest import Gate
from photosearch.index.journal import Journal
from photosearch.index.listing import list_files
from photosearch.index.moves import renamed_in_case, split_moved
from photosearch.index.pipeline import Pipeline
from photosearch.index.places import Places
from photosearch.index.progress import ProgressMeter, reporter
from photosearch.index.quarantine import quarantine
from photosearch.index.queue import Settled
from photosearch.index.retries import Retries
from photosearch.index.rules import ScanRules
from photosearch.index.run import RunCounts, Turn
from photosearch.index.scan import FileTask, ScanResult, look_at, scan

log = logging.getLogger(__name__)

#: From so many new files on, their headers are read first: fewer are understood about as soon.
_LIST_FROM = 16
#: How long what is known of a photo without a file is kept, in case it comes back.
KEPT_NS = 30 * 24 * 3600 * 10**9


@dataclass(slots=True)
class Run:
    """One piece of the index thread's work.

    Attributes:
        cancel: Stops it.
        meter: Tells how far it is.
        settled: Asked, now and then, for what the watcher noticed meanwhile.
        is_over: True where somebody waits for another run, which will find again what this leaves.
        counts: What was done.
        is_left: Something was left to the next run.
    """

    cancel: CancelToken
    meter: ProgressMeter
    settled: Callable[[], Settled] = Settled
    is_over: Callable[[], bool] = lambda: False
    counts: RunCounts = field(default_factory=RunCounts)
    is_left: bool = False


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
    ) -> None:
        self._store = store
        self._decoder = decoder
        self._journal = journal
        self._places = places
        self._gate = gate
        self._emit = emit
        self._rules = rules
        self._retries = Retries()
        #: Files that the watcher noticed and that were not read yet.
        self._noticed: set[FilePlace] = set()

    @property
    def retry_in_s(self) -> float | None:
        """How long until a file is to be tried again, None where none is."""
        return self._retries.remaining_s(time.monotonic())

    def forget_folder(self, folder_id: int) -> None:
        """Drops what waits for a folder."""
        self._retries.forget_folder(folder_id)

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
            if folder.path.is_dir():  # else nothing is looked for, and nobody told so
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
            self._store.purge_unplaced(time.time_ns() - KEPT_NS)
            self._journal.absolve()

    def take_settled(self, settled: Settled, run: Run) -> None:
        """Takes in what the watcher noticed."""
        self._take_in(self._changes(settled, run), run)

    def _scan(self, folder: Folder, run: Run, below: bytes = b"") -> ScanResult | None:
        """Compares a folder, or what lies below a directory of it; None where it is offline."""
        if not folder.path.is_dir():
            self._note_reachable(folder, is_online=False)
            return None
        prefix = below + b"/" if below else b""
        known = self._store.known_files(folder.id, self._encoder.space, [prefix])
        found = scan(folder, known, run.cancel, self._rules(), below)
        self._note_reachable(folder, is_online=not found.is_offline)
        if found.is_offline:
            return None
        self._store.write(self._encoder.space, IndexBatch(failures=found.failures))
        run.counts.fail(failure.place.folder_id for failure in found.failures)
        return found

    def _changes(self, settled: Settled, run: Run) -> _Changes:
        """Looks at what the watcher noticed."""
        folders = {folder.id: folder for folder in self._store.folders()}
        self._places.learn(list(folders.values()))
        changes = _Changes()
        subtrees = {place for place in settled.subtrees if place.folder_id in folders}
        for place in self._retries.take_due(time.monotonic()):
            self._noticed.add(place)
            changes.tasks.append(replace(self._places.task(place), is_known=True))
        for place in (*settled.present, *settled.gone):
            self._retries.forget(place)
        self._noticed.update(settled.present)
        by_folder: defaultdict[int, list[bytes]] = defaultdict(list)
        for place in (*settled.present, *settled.gone):
            by_folder[place.folder_id].append(place.rel_path)
        for folder_id, rel_paths in by_folder.items():
            if folder_id not in folders:
                continue
            if not (folders[folder_id].is_online and self._places.is_reachable(folder_id)):
                subtrees.add(FilePlace(folder_id, b""))  # a scan finds out what has become of it
                continue
            stems = [_stem(rel_path) for rel_path in rel_paths]
            known = self._store.known_files(folder_id, self._encoder.space, stems)
            changes.add(look_at(folders[folder_id], rel_paths, known, self._rules()))
        for place in subtrees:
            found = self._scan(folders[place.folder_id], run, place.rel_path)
            if found is not None:
                changes.add(found)
        return changes

    def _note_reachable(self, folder: Folder, *, is_online: bool) -> None:
        if is_online == folder.is_online:
            return
        self._store.set_folder_online(folder.id, is_online=is_online)
        self._emit(FoldersChanged() if is_online else FolderOffline(folder.path))

    def _take_in(self, changes: _Changes, run: Run) -> None:
        tasks = self._place_moved(changes, run)
        self._list([task for task in tasks if not (task.is_known or task.is_listed)], run)
        self._forget(changes.gone, run)
        if tasks:
            tasks.sort(key=lambda task: (is_costly(task.path), -task.mtime_ns))
            run.counts.find(tasks)
            total = run.counts.done + len(tasks)
            turn = Turn(
                reporter(run.meter, self._emit, total),
                lambda: self._urgent(run, changes),
                lambda cancel: self._gate.wait(cancel, run.meter.wait),
                self._gate.is_held,
                run.is_over,
                self._note_failed,
            )
            first = run.counts.done
            self._pipeline.run(tasks, run.counts, run.cancel, turn)
            run.is_left = run.is_over() and run.counts.done - first < len(tasks)
            if not run.is_left:
                self._noticed.clear()
        self._join(changes.companions, run)

    def _place_moved(self, changes: _Changes, run: Run) -> list[FileTask]:
        """Gives moved files their new places; returns what has to be read."""
        moved, tasks = split_moved(changes.tasks, self._store)
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

    def _list(self, tasks: Sequence[FileTask], run: Run) -> None:
        """Reads the headers of many new files before the first of them is understood."""
        if len(tasks) < _LIST_FROM or run.cancel.is_cancelled:
            return
        done_count = 0

        def on_batch(file_count: int, written: WriteCounts) -> None:
            nonlocal done_count
            done_count += file_count
            run.meter.report(IndexPhase.LISTING, done_count, len(tasks), run.counts.failed)
            if written.added:
                self._emit(PhotosChanged(written.added, 0))
            self._gate.wait(run.cancel, run.meter.wait)

        run.meter.report(IndexPhase.LISTING, 0, len(tasks), run.counts.failed)
        space = self._encoder.space
        list_files(tasks, self._decoder, self._store, space, run.cancel, on_batch)

    def _forget(self, gone: Sequence[FilePlace], run: Run) -> None:
        """Forgets places where no file is any more.

        After the new files were listed: a file that went to another disk is known by what the
        store knows of its former place.
        """
        if gone and not run.cancel.is_cancelled:
            written = self._store.write(self._encoder.space, IndexBatch(removed=gone))
            run.counts.gone += len(gone)
            self._emit(PhotosChanged(0, written.removed))

    def _urgent(self, run: Run, changes: _Changes) -> list[FileTask]:
        """Deals with what the watcher noticed meanwhile; returns the files to read first."""
        settled = run.settled()
        if not settled and self.retry_in_s != 0:
            return []
        fresh = self._changes(settled, run)
        tasks = self._place_moved(fresh, run)
        self._forget(fresh.gone, run)
        changes.companions += fresh.companions
        run.counts.found_in.update(task.place.folder_id for task in tasks)
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
        if alone:
            turn = Turn(reporter(run.meter, self._emit, run.counts.done + len(alone)))
            self._pipeline.run(alone, run.counts, run.cancel, turn)

    def _note_failed(self, failures: Sequence[PhotoFailure]) -> None:
        for failure in failures:
            if failure.place in self._noticed:
                self._retries.note_failure(failure, time.monotonic())

    def _tell_changed(self, written: WriteCounts) -> None:
        if written.changed:
            self._emit(ThumbnailsChanged(written.changed))


def _stem(rel_path: bytes) -> bytes:
    """What the paths of files that belong to one photo begin with."""
    directory, slash, name = rel_path.rpartition(b"/")
    return directory + slash + name.partition(b".")[0]
