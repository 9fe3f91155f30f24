"""What the watcher noticed, looked at: only those files and directories. Index thread."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace, Folder
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.index.places import Places
from photosearch.index.queue import Settled
from photosearch.index.retries import Retries
from photosearch.index.rules import ScanRules
from photosearch.index.scan import ScanResult, look_at


class Noticed:
    """Remembers which files the watcher noticed, and tries those again that may be on their way.

    Args:
        store: Asked for what is known of them.
        places: Where folders lie.
        rules: Asked what is left out.
    """

    def __init__(self, store: Store, places: Places, rules: Callable[[], ScanRules]) -> None:
        self._store = store
        self._places = places
        self._rules = rules
        self._retries = Retries()
        self._unread: set[FilePlace] = set()

    @property
    def retry_in_s(self) -> float | None:
        """How long until a file is to be tried again, None where none is."""
        return self._retries.remaining_s(time.monotonic())

    def forget_folder(self, folder_id: int) -> None:
        """Drops what waits for a folder."""
        self._retries.forget_folder(folder_id)

    def files(
        self, settled: Settled, folders: Mapping[int, Folder], space: EmbeddingSpace
    ) -> Iterator[ScanResult]:
        """Yields what is to be done about single files, those included that are to be tried again.

        Args:
            settled: What was noticed. Files in folders that are away are left to `subtrees`.
            folders: All watched folders by id.
            space: Where a photo needs its vector.
        """
        due = self._retries.take_due(time.monotonic())
        self._unread.update(due, settled.present)
        if due:
            yield ScanResult([replace(self._places.task(place), is_known=True) for place in due])
        for place in (*settled.present, *settled.gone):
            self._retries.forget(place)
        for folder_id, rel_paths in _by_folder((*settled.present, *settled.gone)).items():
            if folder_id in folders and self._is_there(folders[folder_id]):
                known = self._store.known_files(folder_id, space, _prefixes(rel_paths))
                yield look_at(folders[folder_id], rel_paths, known, self._rules())

    def subtrees(self, settled: Settled, folders: Mapping[int, Folder]) -> set[FilePlace]:
        """Returns the directories to be scanned; whole folders where they were or are away."""
        away = {
            FilePlace(place.folder_id, b"")
            for place in (*settled.present, *settled.gone)
            if place.folder_id in folders and not self._is_there(folders[place.folder_id])
        }
        return away | {place for place in settled.subtrees if place.folder_id in folders}

    def note_failed(self, failures: Sequence[PhotoFailure]) -> None:
        """Has those tried again that the watcher noticed, since they may be on their way."""
        for failure in failures:
            if failure.place in self._unread:
                self._retries.note_failure(failure, time.monotonic())

    def note_read(self) -> None:
        """All that was noticed has been read."""
        self._unread.clear()

    def _is_there(self, folder: Folder) -> bool:
        return folder.is_online and self._places.is_reachable(folder.id)


def _by_folder(places: Iterable[FilePlace]) -> dict[int, list[bytes]]:
    rel_paths: defaultdict[int, list[bytes]] = defaultdict(list)
    for place in places:
        rel_paths[place.folder_id].append(place.rel_path)
    return rel_paths


def _prefixes(rel_paths: Iterable[bytes]) -> list[bytes]:
    """What the paths of some files, and of those that belong to them, begin with; none twice."""
    prefixes: list[bytes] = []
    for stem in sorted({_stem(rel_path) for rel_path in rel_paths}):
        if not (prefixes and stem.startswith(prefixes[-1])):
            prefixes.append(stem)
    return prefixes


def _stem(rel_path: bytes) -> bytes:
    """What the paths of files that belong to one photo begin with."""
    directory, slash, name = rel_path.rpartition(b"/")
    return directory + slash + name.partition(b".")[0]
