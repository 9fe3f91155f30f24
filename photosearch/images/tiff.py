"""The directories of TIFF files, of EXIF blocks, and of most raw files, without their pixels.

Used by `listing`'s modules. Whatever does not add up ends the reading: what was found before it
is kept.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass

from photosearch.images.tiff_tags import (
    ENTRIES_MAX,
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    LENGTHS,
    NUMBERS,
    SUB_DIRECTORIES,
)
from photosearch.images.window import TooFarError, Window

#: Of the entries that lead to other directories.
_LEADS = (SUB_DIRECTORIES, EXIF_DIRECTORY, GPS_DIRECTORY)
#: More than any file has; a hostile one may go round in circles.
_DIRECTORIES_MAX = 24
#: Longer values are pictures, profiles and editors' histories.
_VALUE_MAX_BYTES = 48_000
_MANY_NUMBERS = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory.

    Attributes:
        kind: Number of its type.
        count: How many values.
        at: Where its values stand.
    """

    kind: int
    count: int
    at: int

    @property
    def length_bytes(self) -> int:
        """Bytes that its values take; 0 for an unknown type."""
        return LENGTHS.get(self.kind, 0) * self.count


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory.

    Attributes:
        lead: The tag that led to it; 0 for those of the chain.
        entries: By tag.
    """

    lead: int
    entries: dict[int, Entry]


class Tiff:
    """A TIFF structure.

    Args:
        window: The file that holds it.
        base: Where it begins in there.
    """

    def __init__(self, window: Window, base: int = 0) -> None:
        self._window = window
        self.base = base
        self._order = "<"
        self._is_big = False
        self.directories: list[Directory] = []
        with suppress(TooFarError, ValueError, struct.error):
            self._read()

    def numbers(self, directory: Directory, tag: int) -> tuple[int, ...]:
        """Returns the whole numbers of a tag; none where it is missing or no number."""
        entry = directory.entries.get(tag)
        code = NUMBERS.get(entry.kind) if entry is not None else None
        if entry is None or code is None or entry.count > _MANY_NUMBERS:
            return ()
        try:
            data = self._window.read(entry.at, entry.length_bytes)
            return struct.unpack(f"{self._order}{entry.count}{code}", data)
        except (TooFarError, struct.error):
            return ()

    def number(self, directory: Directory, tag: int) -> int:
        """Returns the first number of a tag; 0 where there is none."""
        return (*self.numbers(directory, tag), 0)[0]

    def read_values(self) -> None:
        """Reads what the metadata's entries hold, so that it is there in the window's copy."""
        for directory in self.directories:
            if directory.lead == SUB_DIRECTORIES:
                continue
            for entry in directory.entries.values():
                if 0 < entry.length_bytes <= _VALUE_MAX_BYTES:
                    try:
                        self._window.read(entry.at, entry.length_bytes)
                    except TooFarError:
                        continue

    def _read(self) -> None:
        head = self._window.read(self.base, 16)
        self._order = {b"II": "<", b"MM": ">"}[bytes(head[:2])] if head[:2] in _ORDERS else ""
        if not self._order:
            raise ValueError("no TIFF")
        self._is_big = struct.unpack(self._order + "H", head[2:4])[0] == 43
        first = head[8:16] if self._is_big else head[4:8]
        waiting = [(0, struct.unpack(self._order + ("Q" if self._is_big else "I"), first)[0])]
        seen = set[int]()
        while waiting and len(self.directories) < _DIRECTORIES_MAX:
            lead, offset = waiting.pop(0)
            if offset == 0 or offset in seen:
                continue
            seen.add(offset)
            try:
                directory, following = self._directory(lead, self.base + offset)
            except (TooFarError, struct.error):
                continue
            self.directories.append(directory)
            if lead == 0:
                waiting.append((0, following))
            for tag in _LEADS:
                waiting += [(tag, inner) for inner in self.numbers(directory, tag)]

    def _directory(self, lead: int, at: int) -> tuple[Directory, int]:
        count_length, entry_length, code = (8, 20, "Q") if self._is_big else (2, 12, "I")
        count_code = "Q" if self._is_big else "H"
        (count,) = struct.unpack(self._order + count_code, self._window.read(at, count_length))
        if count > ENTRIES_MAX:
            raise struct.error("too many entries")
        start = at + count_length
        link_length = struct.calcsize(code)
        data = self._window.read(start, count * entry_length + link_length)
        entries: dict[int, Entry] = {}
        for index in range(count):
            tag, kind, values, offset = struct.unpack_from(
                f"{self._order}HH{code}{code}", data, index * entry_length
            )
            entry = Entry(kind, values, start + (index + 1) * entry_length - link_length)
            if entry.length_bytes > link_length:
                entry = Entry(kind, values, self.base + offset)
            entries.setdefault(tag, entry)
        link = data[count * entry_length :]
        following = struct.unpack(self._order + code, link)[0] if len(link) == link_length else 0
        return Directory(lead, entries), following


_ORDERS = (b"II", b"MM")
