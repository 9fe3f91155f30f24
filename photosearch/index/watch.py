"""Listens to the file system and passes on hints. watchdog's own threads; does nothing else there.

One observer serves all folders: a system allows 128 of them. Events only say where to look;
`queue.py` and the next scan decide what is true.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from photosearch.core.photo import FileEvent, FileEventKind, FilePlace, Folder
from photosearch.images.formats import FileKind, kind_of
from photosearch.index.rules import ScanRules

log = logging.getLogger(__name__)

# WORKAROUND watchdog 7.1: without a filter it subscribes to "opened" too; adding watches opens
# directories, so a tree of 10,000 of them overflows its queue, walks again, overflows again, for
# ever. The filter also keeps our own reading from feeding back. Remove when it filters by itself.
_FILTER: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
if not sys.platform.startswith("linux"):
    _FILTER.append(FileModifiedEvent)  # "closed" exists on Linux only


class FolderWatcher:
    """Watches folders and reports hints.

    Args:
        notice: Called with each hint, on a thread of watchdog's. Must return at once.
    """

    def __init__(self, notice: Callable[[FileEvent], None]) -> None:
        self._notice = notice
        self._observer = Observer()
        self._watches: dict[int, ObservedWatch] = {}
        self._observer.name = "watch"
        self._observer.start()

    def watch(self, folder: Folder) -> None:
        """Starts listening below a folder; harmless where it already listens.

        A folder that cannot be watched (away, or the system's limit reached) is logged; scans
        still keep it up to date.
        """
        if folder.id in self._watches:
            return
        handler = _Handler(folder, self._notice)
        try:
            self._watches[folder.id] = self._observer.schedule(
                handler, str(folder.path), recursive=True, event_filter=_FILTER
            )
        except OSError as error:
            log.warning("a folder cannot be watched: %s", error.strerror)
            log.debug("it is %s", folder.path)

    def unwatch(self, folder_id: int) -> None:
        """Stops listening below a folder."""
        watch = self._watches.pop(folder_id, None)
        if watch is not None:
            self._observer.unschedule(watch)

    def close(self) -> None:
        """Stops listening everywhere. Calling it twice is harmless."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        self._watches.clear()


class _Handler(FileSystemEventHandler):
    """Turns watchdog's events below one folder into ours."""

    def __init__(self, folder: Folder, notice: Callable[[FileEvent], None]) -> None:
        self._folder = folder
        self._root = Path(folder.path)
        self._rules = ScanRules().below(os.fsencode(folder.path))
        self._notice = notice

    def dispatch(self, event: FileSystemEvent) -> None:
        """Passes on one event (overrides watchdog's)."""
        source = self._place(event.src_path)
        target = self._place(event.dest_path) if event.dest_path else None
        if event.is_directory:
            place = target or source
            if place is not None:
                self._notice(FileEvent(FileEventKind.CHANGED, place, is_directory=True))
            return
        for place, kind in ((source, _KINDS.get(event.event_type)), (target, FileEventKind.ADDED)):
            if place is not None and kind is not None and self._is_photo(place.rel_path):
                self._notice(FileEvent(kind, place))

    def _is_photo(self, rel_path: bytes) -> bool:
        return kind_of(rel_path) is FileKind.PHOTO and self._rules.admits(rel_path)

    def _place(self, path: str | bytes) -> FilePlace | None:
        relative = os.path.relpath(os.fsencode(path), os.fsencode(self._root))
        if relative.startswith(b".."):
            return None
        rel_path = b"" if relative == b"." else relative.replace(os.fsencode(os.sep), b"/")
        return FilePlace(self._folder.id, rel_path)


_KINDS = {
    "created": FileEventKind.ADDED,
    "closed": FileEventKind.CHANGED,
    "modified": FileEventKind.CHANGED,
    "moved": FileEventKind.REMOVED,
    "deleted": FileEventKind.REMOVED,
}
