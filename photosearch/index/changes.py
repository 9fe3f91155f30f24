"""Looks at the disk for what is different there, and notes which folders are away. Index thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from photosearch.core.events import FolderOffline, FoldersChanged, IndexPhase, LibraryEvent
from photosearch.core.photo import FilePlace, Folder, MountPoint
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch
from photosearch.index.noticed import Noticed
from photosearch.index.places import Places
from photosearch.index.queue import Settled
from photosearch.index.rules import ScanRules
from photosearch.index.run import Run
from photosearch.index.scan import FileTask, ScanResult, scan
from photosearch.index.walk import is_below


@dataclass(slots=True)
class Changes:
    """What is different on the disk, and not dealt with yet.

    Attributes:
        tasks: Files that are new or have changed, or of which something is missing.
        gone: Known places where no file is any more.
        companions: Files that belong to others.
        asked_count: Of how many of these, from the first on, it was found out that the photos are
            not known by reading; nothing was stored since.
    """

    tasks: list[FileTask] = field(default_factory=list)
    gone: list[FilePlace] = field(default_factory=list)
    companions: list[CompanionFile] = field(default_factory=list)
    asked_count: int = 0

    def add(self, found: ScanResult) -> None:
        """Takes in what a look at the disk found."""
        self.tasks += found.tasks
        self.gone += found.removed
        self.companions += found.companions

    def leave_to(self, settled: Settled) -> None:
        """Leaves gone places that are looked at once more to that look: they may be back."""
        if self.gone and settled:
            again = {*settled.present, *settled.gone}
            self.gone = [
                place
                for place in self.gone
                if place not in again and not _is_in(place, settled.subtrees)
            ]


class Looker:
    """Compares what is on the disk with what is in the store.

    Args:
        store: The library's store.
        space: Where a photo needs its vector.
        places: Where folders lie; kept up to date.
        noticed: Looks at what the watcher noticed.
        rules: Asked at each scan what is left out.
        hangs: Whether a folder's disk does not answer, so that any look at it would hang, too.
        emit: Gets events.
    """

    def __init__(
        self,
        store: Store,
        space: EmbeddingSpace,
        places: Places,
        noticed: Noticed,
        rules: Callable[[], ScanRules],
        hangs: Callable[[int], bool],
        emit: Callable[[LibraryEvent], None],
    ) -> None:
        self._store = store
        self._space = space
        self._places = places
        self._noticed = noticed
        self._rules = rules
        self._hangs = hangs
        self._emit = emit

    def folders(self, folders: Iterable[Folder], run: Run) -> Changes:
        """Looks through whole folders; what is away is passed over."""
        changes = Changes()
        seen_count = 0
        for folder in folders:
            if self._is_there(folder):  # else nothing is looked for, and nobody told so
                run.meter.report(IndexPhase.SCANNING, 0, seen_count, 0)
            found = self._scan(folder, run)
            if found is not None:
                seen_count += found.photo_count
                self._store.set_ignored(folder.id, found.ignored)
                changes.add(found)
        return changes

    def noticed(self, settled: Settled, run: Run) -> Changes:
        """Looks at what the watcher noticed, and at what is to be tried again."""
        noticed = (*settled.present, *settled.gone, *settled.subtrees)
        run.noticed_in.update(place.folder_id for place in noticed)
        folders = {folder.id: folder for folder in self._store.folders()}
        self._places.learn(list(folders.values()))
        changes = Changes()
        for found in self._noticed.files(settled, folders, self._space):
            self._note_failures(found, run)
            changes.add(found)
        for place in self._noticed.subtrees(settled, folders):
            subtree = self._scan(folders[place.folder_id], run, place.rel_path)
            if subtree is not None:
                changes.add(subtree)
        return changes

    def _scan(self, folder: Folder, run: Run, below: bytes = b"") -> ScanResult | None:
        """Compares a folder, or what lies below a directory of it; None where it is offline."""
        if not self._is_there(folder):
            self._note_reachable(folder, is_online=False)
            return None
        known = self._store.known_files(folder.id, self._space, [below])
        found = scan(folder, known, run.cancel, self._rules(), below)
        self._note_reachable(folder, is_online=not found.is_offline)
        if found.is_offline:
            return None
        standing = found.volume, found.mounts
        if found.volume is not None and standing != (folder.volume, folder.mounts):
            self._store.set_folder_volume(folder.id, found.volume, found.mounts)
            if _away_in(found.mounts) != _away_in(folder.mounts):
                self._emit(FoldersChanged())
        self._note_failures(found, run)
        return found

    def _note_failures(self, found: ScanResult, run: Run) -> None:
        if found.failures:
            self._store.write(self._space, IndexBatch(failures=found.failures))
            run.counts.fail(failure.place.folder_id for failure in found.failures)

    def _is_there(self, folder: Folder) -> bool:
        return not self._hangs(folder.id) and folder.path.is_dir()

    def _note_reachable(self, folder: Folder, *, is_online: bool) -> None:
        if is_online == folder.is_online:
            return
        self._store.set_folder_online(folder.id, is_online=is_online)
        self._emit(FoldersChanged() if is_online else FolderOffline(folder.path))


def _away_in(mounts: Iterable[MountPoint]) -> set[bytes]:
    return {mount.rel_path for mount in mounts if mount.is_away}


def _is_in(place: FilePlace, subtrees: Iterable[FilePlace]) -> bool:
    return any(
        place.folder_id == each.folder_id and is_below(place.rel_path, each.rel_path)
        for each in subtrees
    )
