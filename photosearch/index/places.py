"""From a place (folder and path below it) to the file system, and what is there now. Any thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from photosearch.core.photo import FilePlace, FileStamp, Folder
from photosearch.core.store import Store
from photosearch.errors import UsageError

#: Stands for a file that is there and cannot be looked at.
_UNREADABLE = FileStamp(-1, -1)


class Places:
    """Knows where the watched folders lie.

    Args:
        store: Asked for a folder that is not known yet.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._roots: dict[int, bytes] = {}

    def learn(self, folders: Sequence[Folder]) -> None:
        """Takes note of all watched folders."""
        self._roots = {folder.id: os.fsencode(folder.path) for folder in folders}

    def path(self, place: FilePlace) -> bytes:
        """Returns the absolute path of a place."""
        if place.folder_id not in self._roots:
            self.learn(self._store.folders())
        root = self._roots.get(place.folder_id, b"")
        return os.path.join(root, place.rel_path)  # noqa: PTH118 - bytes

    def is_reachable(self, folder_id: int) -> bool:
        """False for a folder that is away or suddenly empty, as an unplugged disk's is."""
        try:
            with os.scandir(self.path(FilePlace(folder_id, b""))) as entries:
                return next(entries, None) is not None
        except OSError:
            return False

    def look(self, place: FilePlace) -> FileStamp | None:
        """Returns the stamp of the file at a place, None where there is none."""
        try:
            info = os.stat(self.path(place))  # noqa: PTH116 - bytes
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return _UNREADABLE  # it is there; what is wrong with it, reading it will tell
        return FileStamp(info.st_size, info.st_mtime_ns)


def check_readable(path: Path) -> None:
    """Makes sure that a folder can be watched.

    Raises:
        UsageError: It does not exist, is none, or may not be read.
    """
    if not path.is_dir():
        what = "is no folder" if path.exists() else "does not exist"
        raise UsageError(f"{path} {what}.", "Choose a folder that holds photos.")
    if not os.access(path, os.R_OK | os.X_OK):
        raise UsageError(f"You may not read {path}.", "Change its permissions.")


def folder_at(path: Path, folders: Sequence[Folder]) -> Folder:
    """Returns the folder among the watched ones that lies at a path.

    Raises:
        UsageError: None of them does.
    """
    wanted = os.path.abspath(path)  # noqa: PTH100 - keeps links as the user wrote them
    for folder in folders:
        if os.fspath(folder.path) == wanted:
            return folder
    raise UsageError(f"{path} is not a watched folder.", "See: photosearch folders")
