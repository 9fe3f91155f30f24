"""The pages of a TIFF file, read strictly: what is not as it should be is nobody's to guess.

Used by `parts_tiff`. `tiff` reads the same directories of what is damaged, too, and of raw files,
for what can be said of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.images.parts import UnsureError
from photosearch.images.tiff_tags import ENTRIES_MAX, LENGTHS, NUMBERS

#: More than scanned books have.
_PAGES_MAX = 4096
#: Of one tag: more than one for each row of each colour of the largest picture.
_NUMBERS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Value:
    """What stands behind a tag.

    Attributes:
        kind: Number of its type.
        count: How many values.
        raw: Their bytes.
    """

    kind: int
    count: int
    raw: memoryview


Page = dict[int, Value]


class TiffPages:
    """A TIFF or BigTIFF file whose every doubt raises `UnsureError`.

    It gives out no more bytes than the file has: one whose directories all point to the same place
    costs no more than any other of its length.

    Args:
        encoded: All of it.
        wanted: The tags to read.
    """

    def __init__(self, encoded: bytes, wanted: Set[int]) -> None:
        self._view = memoryview(encoded)
        self._wanted = wanted
        self._order = "<" if encoded[:2] == b"II" else ">"
        self._is_big = 43 in encoded[2:4]
        self._left_bytes = len(encoded)

    def __iter__(self) -> Iterator[Page]:
        """Yields the directories of the chain, each with what is wanted of it."""
        word = "Q" if self._is_big else "I"
        if self._is_big and self._unpack("HH", 4) != (8, 0):
            raise UnsureError("header")
        (offset,) = self._unpack(word, 8 if self._is_big else 4)
        seen = set[int]()
        while offset:
            if offset in seen or len(seen) >= _PAGES_MAX:
                raise UnsureError("directories without end")
            seen.add(offset)
            (count,) = self._unpack("Q" if self._is_big else "H", offset)
            if not 0 < count <= ENTRIES_MAX:
                raise UnsureError("entries")
            start = offset + (8 if self._is_big else 2)
            yield self._page(start, count, word)
            (offset,) = self._unpack(word, start + count * (20 if self._is_big else 12))
        if not seen:
            raise UnsureError("no page")

    def number(self, page: Page, tag: int, default: int) -> int:
        """Returns the one number of a tag."""
        if tag not in page:
            return default
        numbers = self.numbers(page[tag])
        if len(numbers) != 1:
            raise UnsureError("several numbers")
        return int(numbers[0])

    def numbers(self, value: Value) -> npt.NDArray[np.uint64]:
        """Returns the whole numbers of a value."""
        code = NUMBERS.get(value.kind)
        if code is None or value.count > _NUMBERS_MAX:
            raise UnsureError("no numbers")
        return np.frombuffer(value.raw, self._order + code).astype(np.uint64)

    def pieces(
        self, offsets: npt.NDArray[np.uint64], lengths: npt.NDArray[np.uint64]
    ) -> Iterator[memoryview]:
        """Yields pieces of the file one after the other; neighbours as one.

        Args:
            offsets: uint64 (n,), n > 0.
            lengths: uint64 (n,), bytes.
        """
        size = np.uint64(len(self._view))
        # One by one first: the sum of two that are too large might seem to fit.
        if max(offsets.max(), lengths.max()) > size or (offsets + lengths).max() > size:
            raise UnsureError("outside the file")
        self._spend(int(lengths.sum()))
        ends = offsets + lengths
        breaks = np.flatnonzero(offsets[1:] != ends[:-1])
        starts = offsets[np.concatenate(([0], breaks + 1))].tolist()
        stops = ends[np.concatenate((breaks, [-1]))].tolist()
        for start, stop in zip(starts, stops, strict=True):
            yield self._view[start:stop]

    def _page(self, start: int, count: int, word: str) -> Page:
        entry_bytes, inline_bytes = (20, 8) if self._is_big else (12, 4)
        page: Page = {}
        self._spend(count * entry_bytes)
        for at in range(start, start + count * entry_bytes, entry_bytes):
            tag, kind, values = self._unpack("HH" + word, at)
            length = LENGTHS.get(kind, 0) * values
            place = at + entry_bytes - inline_bytes
            if length > inline_bytes:
                self._spend(length)
                (place,) = self._unpack(word, place)
            # Of any tag: Pillow reads no further than to the first of these, and passes over what
            # is too long for the file altogether.
            if place + length > len(self._view):
                raise UnsureError("value outside the file")
            if tag in self._wanted:
                if tag in page or not length:
                    raise UnsureError("entry")
                page[tag] = Value(kind, values, self._view[place : place + length])
        return page

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        form = self._order + form
        if at + struct.calcsize(form) > len(self._view):
            raise UnsureError("cut short")
        return struct.unpack_from(form, self._view, at)

    def _spend(self, length: int) -> None:
        self._left_bytes -= length
        if self._left_bytes < 0:
            raise UnsureError("more than the file has")
