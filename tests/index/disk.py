"""Files for scans to find, and a store's knowledge of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.core.photo import FileStamp, Folder
from photosearch.core.stored import KnownFile
from photosearch.images.sidecars import sidecar_of
from photosearch.index.rules import ScanRules
from photosearch.index.scan import ScanResult, look_at, scan


class Disk:
    """A folder, and what a store would know of it after having taken in all that was found.

    Args:
        root: The folder.
        rules: What is left out.
    """

    def __init__(self, root: Path, rules: ScanRules | None = None) -> None:
        self.folder = Folder(1, root)
        self.rules = rules or ScanRules()
        self.known: dict[bytes, KnownFile] = {}

    def touch(self, rel_path: str, content: bytes = b"x", mtime_s: int = 1_000) -> Path:
        """Writes a file."""
        path = self.folder.path / rel_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (mtime_s, mtime_s))
        return path

    def scan(self, below: bytes = b"") -> ScanResult:
        """Scans, and takes in what was found."""
        return self._taken(scan(self.folder, self.known, CancelToken(), self.rules, below))

    def look_at(self, *rel_paths: bytes) -> ScanResult:
        """Looks at single files, and takes in what was found."""
        return self._taken(look_at(self.folder, rel_paths, self.known, self.rules))

    def _taken(self, found: ScanResult) -> ScanResult:
        for place in found.removed:
            self.known.pop(place.rel_path, None)
        for task in found.tasks:
            sidecar = sidecar_of(task.path)
            stamp = sidecar[1] if sidecar else None
            self.known[task.place.rel_path] = KnownFile(
                task.stamp, is_done=True, is_listed=True, sidecar=stamp
            )
        for companion in found.companions:
            if companion.main.rel_path in self.known:
                self.known[companion.place.rel_path] = KnownFile(
                    companion.stamp, is_done=True, is_companion=True
                )
        for failure in found.failures:
            self.known[failure.place.rel_path] = KnownFile(
                failure.stamp, is_done=True, is_failed=True
            )
        return found

    def fail(self, rel_path: bytes) -> None:
        """Makes a file one that was tried, and is broken."""
        self.known[rel_path] = replace(self.known[rel_path], is_failed=True, sidecar=None)

    def forget_vector(self, rel_path: bytes) -> None:
        """Makes a file one that needs something."""
        self.known[rel_path] = replace(self.known[rel_path], is_done=False)


def tasks_of(found: ScanResult) -> list[bytes]:
    """The places of the tasks, by name."""
    return sorted(task.place.rel_path for task in found.tasks)


def removed_of(found: ScanResult) -> list[bytes]:
    """The places that were removed, by name."""
    return sorted(place.rel_path for place in found.removed)


def companions_of(found: ScanResult) -> list[tuple[bytes, bytes]]:
    """Raw data and the pictures it belongs to, by name."""
    return sorted((each.place.rel_path, each.main.rel_path) for each in found.companions)


def is_quiet(found: ScanResult) -> bool:
    """True where nothing was found to do."""
    return not any(
        isinstance(each, Iterable) and list(each)
        for each in (found.tasks, found.removed, found.companions, found.failures)
    )


def stamp_of(path: Path) -> FileStamp:
    """The stamp of a file."""
    info = path.stat()
    return FileStamp(info.st_size, info.st_mtime_ns)
