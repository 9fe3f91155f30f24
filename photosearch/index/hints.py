"""Turns watchdog's events below one folder into ours. watchdog's dispatching thread."""

from __future__ import annotations

import os
import sys
import unicodedata
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

from photosearch.core.photo import FileEvent, FileEventKind, FilePlace, Folder
from photosearch.images.formats import FileKind, kind_of
from photosearch.images.sidecars import is_sidecar
from photosearch.index.placeholders import placeheld_name
from photosearch.index.relatives import is_raw
from photosearch.index.rules import FolderRules
from photosearch.index.walk import join

# WORKAROUND watchdog 7.1: without a filter it subscribes to "opened" too; adding watches opens
# directories, so a tree of 10,000 of them overflows its queue, walks again, overflows again, for
# ever. The filter also keeps our own reading from feeding back. Remove when it filters by itself.
EVENT_FILTER: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
if not sys.platform.startswith("linux"):
    EVENT_FILTER.append(FileModifiedEvent)  # "closed" exists on Linux only

_KINDS = {
    "created": FileEventKind.ADDED,
    "closed": FileEventKind.CHANGED,
    "modified": FileEventKind.CHANGED,
    "moved": FileEventKind.REMOVED,
    "deleted": FileEventKind.REMOVED,
}
_SEP = os.fsencode(os.sep)


class HintHandler(FileSystemEventHandler):
    """Passes on what a scan would look at.

    Args:
        folder: The watched folder.
        rules: What is left out of it.
        notice: Gets the hints.
        on_root: Called where something happened to the folder itself.
    """

    def __init__(
        self,
        folder: Folder,
        rules: FolderRules,
        notice: Callable[[FileEvent], None],
        on_root: Callable[[], None],
    ) -> None:
        self._folder_id = folder.id
        self._roots = _spellings(folder.path)
        self._rules = rules
        self._notice = notice
        self._on_root = on_root

    def dispatch(self, event: FileSystemEvent) -> None:
        """Passes on one event (overrides watchdog's)."""
        source_kind = _KINDS.get(event.event_type)
        for path, kind in ((event.src_path, source_kind), (event.dest_path, FileEventKind.ADDED)):
            rel_path = self._below(os.fsencode(path)) if path else None
            if rel_path is None or kind is None:
                continue
            if not rel_path:
                self._on_root()
            elif event.is_directory:
                self._note_directory(rel_path, kind)
            else:
                self._note_file(rel_path, kind)

    def _note_directory(self, rel_path: bytes, kind: FileEventKind) -> None:
        if self._rules.admits(rel_path, is_directory=True):
            place = FilePlace(self._folder_id, rel_path)
            self._notice(FileEvent(kind, place, is_directory=True))

    def _note_file(self, rel_path: bytes, kind: FileEventKind) -> None:
        rel_dir, _, name = rel_path.rpartition(b"/")
        name = placeheld_name(name) or name
        rel_path = join(rel_dir, name)
        if kind_of(name) is FileKind.PHOTO or is_raw(name) or is_sidecar(name):
            if self._rules.admits(rel_path):
                self._notice(FileEvent(kind, FilePlace(self._folder_id, rel_path)))
        elif kind is FileEventKind.REMOVED and sys.platform == "win32":
            self._note_directory(rel_path, kind)  # Windows does not say that it was one

    def _below(self, path: bytes) -> bytes | None:
        """Returns the path below the folder, None where it lies elsewhere."""
        for root in self._roots:
            if path == root:
                return b""
            prefix = root.rstrip(_SEP) + _SEP
            if path.startswith(prefix):
                return path[len(prefix) :].replace(_SEP, b"/")
        return None


def _spellings(root: Path) -> tuple[bytes, ...]:
    """What a system may call a folder: macOS resolves links, and composes accented letters."""
    names = dict.fromkeys((str(root), os.path.realpath(root)))
    names |= dict.fromkeys(unicodedata.normalize("NFC", name) for name in list(names))
    return tuple(map(os.fsencode, names))
