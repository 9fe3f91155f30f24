"""A folder that is really watched, and a store's knowledge of it that is kept up to date."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from photosearch.core.photo import FileEvent, FilePlace, FileStamp, Folder
from photosearch.core.status import FolderWatch
from photosearch.core.store import Store
from photosearch.images.formats import FileKind, kind_of
from photosearch.index.places import Places
from photosearch.index.queue import SettleQueue
from photosearch.index.rules import ScanRules
from photosearch.index.watch import FolderWatcher
from tests.index.disk import Disk

#: Far more than anything here takes, on a machine that is busy with other things.
_DEADLINE_S = 60.0


class LivingFolder(Disk):
    """Does what the index thread does, without reading any file.

    Args:
        root: The folder; made where it is missing.
        rules: What is left out.
    """

    def __init__(self, root: Path, rules: ScanRules | None = None) -> None:
        super().__init__(root, rules)
        root.mkdir(parents=True, exist_ok=True)
        places = Places(cast(Store, self))  # it asks for folders only
        self.events: list[FileEvent] = []
        self.scanned: list[bytes] = []
        self._places = places
        self._queue = SettleQueue(places.look, places.is_listed)
        self._wanted = threading.Event()
        self.watcher = FolderWatcher(
            self._notice, self._request_scan, lambda: self.rules, poll_every_s=0.1
        )

    def folders(self) -> list[Folder]:
        """What a store would say."""
        return [self.folder]

    def start(self) -> FolderWatch:
        """Takes in what there is, and listens."""
        self.watcher.watch(self.folder)
        self.scan()
        return self.state()

    def state(self) -> FolderWatch:
        """How the folder is watched."""
        (state,) = self.watcher.states()
        return state

    def step(self) -> None:
        """Takes in what was noticed and is still."""
        if self._wanted.is_set():
            self._wanted.clear()
            self.scanned.append(b"")
            self.scan()
        settled = self._queue.take(time.monotonic())
        for place in settled.subtrees:
            self.scanned.append(place.rel_path)
            self.scan(place.rel_path)
        files = [place.rel_path for place in (*settled.present, *settled.gone)]
        if files:
            self.look_at(*files)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Goes on until something is so.

        Raises:
            AssertionError: It never is.
        """
        deadline_s = time.monotonic() + _DEADLINE_S
        while not is_so():
            assert time.monotonic() < deadline_s, self.difference()
            self.step()
            time.sleep(0.05)

    def until_equal(self) -> None:
        """Goes on until what is known is what there is, and nothing waits any more."""
        self.until(lambda: not self.difference() and self._queue.is_empty())

    def until_listening(self) -> None:
        """Goes on until new files are heard of, making some."""
        made = 0

        def is_heard() -> bool:
            nonlocal made
            made += 1
            self.touch(f"listening/{made}.jpg")
            return any(event.place.rel_path.startswith(b"listening") for event in list(self.events))

        self.until(is_heard)

    def difference(self) -> str:
        """What is known and not there, or there and not known, or known of another state."""
        there = dict(self._there())
        known = {path: file.stamp for path, file in self.known.items()}
        wrong = {path for path in there.keys() | known.keys() if there.get(path) != known.get(path)}
        return ", ".join(sorted(map(repr, wrong)))

    def look(self, path: str) -> FileStamp | None:
        """The stamp of a file."""
        return self._places.look(FilePlace(self.folder.id, os.fsencode(path)))

    def forget_events(self) -> None:
        """Drops what was recorded."""
        self.events.clear()
        self.scanned.clear()

    def heard(self, path: str) -> bool:
        """True where an event told of a path."""
        return any(event.place.rel_path == os.fsencode(path) for event in list(self.events))

    def close(self) -> None:
        """Stops listening."""
        self.watcher.close()

    def _there(self) -> Iterable[tuple[bytes, object]]:
        rules = self.rules.below(os.fsencode(self.folder.path))
        for path in self.folder.path.rglob("*"):
            rel_path = os.fsencode(path.relative_to(self.folder.path))
            if kind_of(rel_path) is FileKind.PHOTO and rules.admits(rel_path) and path.is_file():
                yield rel_path, self._places.look(FilePlace(1, rel_path))

    def _notice(self, event: FileEvent) -> None:
        self.events.append(event)
        self._queue.add(event, time.monotonic())

    def _request_scan(self, folder_ids: Iterable[int]) -> None:
        assert list(folder_ids) == [self.folder.id]
        self._wanted.set()
