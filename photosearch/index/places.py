"""From a place (folder and path below it) to the file system, and what is there now. Any thread."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from photosearch.core.photo import FileId, FilePlace, FileStamp, Folder
from photosearch.core.store import Store
from photosearch.errors import UsageError
from photosearch.index.found import FileTask
from photosearch.index.walk import is_reachable, join

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
        return join(root, place.rel_path)

    def is_reachable(self, folder_id: int) -> bool:
        """False for a folder that is away or suddenly empty, as an unplugged disk's is."""
        return is_reachable(self.path(FilePlace(folder_id, b"")))

    def is_listed(self, place: FilePlace) -> bool:
        """True where a directory lists a file under this very name, and so on up to the folder.

        Where upper and lower case are the same, `stat` finds a file by its former name, too.
        """
        path = self.path(place)
        if not os.path.lexists(path):
            return False
        turned = os.fsencode(os.fsdecode(place.rel_path).swapcase())
        if not os.path.lexists(self.path(FilePlace(place.folder_id, turned))):
            return True  # upper and lower case are not the same here: no listing is needed
        directory, _, name = place.rel_path.rpartition(b"/")
        while name:
            wanted = _plain(name)
            try:
                with os.scandir(self.path(FilePlace(place.folder_id, directory))) as entries:
                    if not any(_plain(entry.name) == wanted for entry in entries):
                        return False
            except OSError:
                return False
            directory, _, name = directory.rpartition(b"/")
        return True

    def task(self, place: FilePlace) -> FileTask:
        """Returns the task of reading whatever lies at a place."""
        path = self.path(place)
        try:
            info = os.stat(path)  # noqa: PTH116 - bytes
        except OSError:
            return FileTask(place, path)
        file_id = FileId(info.st_dev, info.st_ino) if info.st_ino else None
        return FileTask(place, path, FileStamp(info.st_size, info.st_mtime_ns), file_id)

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


def _plain(name: bytes) -> str:
    """One way to write accented letters: some file systems change it."""
    return unicodedata.normalize("NFC", os.fsdecode(name))
