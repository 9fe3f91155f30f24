"""Remembers, outside the database, which files are being taken in: what a crash leaves behind.

A file that takes the whole engine down cannot be caught, only found: files that were in flight at
a crash are suspects from then on and are taken in one by one; the one that is alone in flight at
another crash is to blame. So two kills amid ordinary work blame nobody.

The engine holds one, its index thread writes it. A process that dies leaves the file as it was
last written, so nothing is forced to the disk; where the whole computer dies and the file with it,
nobody is blamed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.core.photo import FilePlace, FileStamp
from photosearch.index.scan import FileTask

log = logging.getLogger(__name__)

JOURNAL_FILE = "in-flight.json"
#: Of a file that cannot be looked at.
_UNREADABLE = FileStamp(-1, -1)


@dataclass(frozen=True, slots=True)
class FileInFlight:
    """A file as it was when it was begun.

    Attributes:
        place: Where it is.
        stamp: Size and time; a file that has changed since is another one.
    """

    place: FilePlace
    stamp: FileStamp


class Journal:
    """The files in flight, the suspects, and whom a crash gave away.

    Args:
        path: Its file; need not exist. One that cannot be read or written is logged and then does
            without: it guards against rare harm and must not do any. None where nothing is taken
            in: the file may be another engine's.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._in_flight: dict[FilePlace, FileInFlight] = {}
        self._suspects: dict[FilePlace, FileInFlight] = {}
        self._blamed: dict[FilePlace, FileInFlight] = {}
        self._is_closed = False
        self._read()

    @property
    def blamed(self) -> list[FileInFlight]:
        """Files that were alone in flight at a second crash and have not been dealt with yet."""
        return list(self._blamed.values())

    def is_suspect(self, task: FileTask) -> bool:
        """True where this file was in flight at a crash and has not changed since."""
        return task.place in self._suspects and self._suspects[task.place] == _looked_at(task)

    def begin(self, tasks: Iterable[FileTask]) -> None:
        """Notes that files are about to be read; those begun before stay until `end`."""
        self._in_flight |= {task.place: _looked_at(task) for task in tasks}
        self._write()

    def end(self, places: Iterable[FilePlace]) -> None:
        """Notes that files are stored and beyond suspicion."""
        for place in places:
            self._in_flight.pop(place, None)
            self._suspects.pop(place, None)
        if not self._in_flight:  # else the next `begin` is soon enough: nobody is alone
            self._write()

    def land(self) -> None:
        """Nothing is in flight any more, however the work ended."""
        self._in_flight.clear()
        self._write()

    def absolve(self) -> None:
        """Drops all suspects: every file was looked at, so those that are left are gone."""
        if self._suspects:
            self._suspects.clear()
            self._write()

    def settle(self) -> None:
        """The blamed have been dealt with."""
        self._blamed.clear()
        self._write()

    def close(self) -> None:
        """The engine ends on purpose: what is in flight now is not to blame. From any thread."""
        with self._lock:
            self._is_closed = True
            in_flight, self._in_flight = self._in_flight, {}
            self._save()
            self._in_flight = in_flight

    def _read(self) -> None:
        if self._path is None:
            return
        try:
            told = json.loads(self._path.read_bytes())
            crashed, self._suspects, self._blamed = (
                _unpacked(told[name]) for name in ("in_flight", "suspects", "blamed")
            )
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            log.warning("the journal of files in flight cannot be read: %r", error)
            return
        if not crashed:
            return
        log.warning("the engine stopped with %d files in flight", len(crashed))
        (first, *others) = crashed.values()
        if not others and self._suspects.get(first.place) == first:
            self._blamed[first.place] = self._suspects.pop(first.place)
        else:
            self._suspects |= crashed
        self._write()

    def _write(self) -> None:
        with self._lock:
            if not self._is_closed:
                self._save()

    def _save(self) -> None:
        """Replaces the file in one step, or removes it where there is nothing to say."""
        if self._path is None:
            return
        lists = {
            "in_flight": _packed(self._in_flight.values()),
            "suspects": _packed(self._suspects.values()),
            "blamed": _packed(self._blamed.values()),
        }
        try:
            if not any(lists.values()):
                self._path.unlink(missing_ok=True)
                return
            draft = self._path.with_suffix(".new")
            draft.write_text(json.dumps(lists), encoding="ascii")
            draft.replace(self._path)
        except OSError as error:
            log.warning("the journal of files in flight cannot be written: %s", error.strerror)
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)  # an old one would blame the wrong files


def _looked_at(task: FileTask) -> FileInFlight:
    try:
        info = os.stat(task.path)  # noqa: PTH116 - bytes
    except OSError:
        return FileInFlight(task.place, _UNREADABLE)
    return FileInFlight(task.place, FileStamp(info.st_size, info.st_mtime_ns))


def _packed(files: Iterable[FileInFlight]) -> list[list[Any]]:
    # A path below a folder is bytes that need be no text.
    return [
        [
            file.place.folder_id,
            base64.b64encode(file.place.rel_path).decode("ascii"),
            file.stamp.size_bytes,
            file.stamp.mtime_ns,
        ]
        for file in files
    ]


def _unpacked(rows: Sequence[Sequence[Any]]) -> dict[FilePlace, FileInFlight]:
    files = [
        FileInFlight(
            FilePlace(int(row[0]), base64.b64decode(row[1])), FileStamp(int(row[2]), int(row[3]))
        )
        for row in rows
    ]
    return {file.place: file for file in files}
