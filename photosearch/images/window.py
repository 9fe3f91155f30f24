"""Parts of a file, read as they are asked for, each once, and not more than allowed.

Used by `listing` and what it asks, in a decoder process: over a slow network share every byte
counts.
"""

from __future__ import annotations

import io
import os

from photosearch.images.identity import QUICK_BYTES, quick_hash

_BLOCK_BYTES = 4096
#: Of a header that stands this far behind in a file no copy with holes is made.
_SPARSE_MAX_BYTES = 128_000_000


class TooFarError(OSError):
    """More would have to be read than is allowed."""


class Window:
    """What is known of a file without reading it through.

    Args:
        source: Descriptor of the open file, or all of its bytes.
        size_bytes: Of the file.
        budget_bytes: What may be read of a file. Bytes that are here may be looked at all over.
    """

    def __init__(self, source: int | bytes, size_bytes: int, budget_bytes: int = 0) -> None:
        self._source = source
        self._blocks: dict[int, bytes] = {}
        self._left_bytes = size_bytes if isinstance(source, bytes) else budget_bytes
        self.size_bytes = size_bytes
        #: Behind the last byte that somebody asked for.
        self._end = 0
        self._tail: tuple[int, bytes] = (size_bytes, b"")

    def has(self, start: int, length: int) -> bool:
        """True where this part of the file may be read; reads it."""
        try:
            return len(self.read(start, length)) == length
        except TooFarError:
            return False

    def quick_hash(self) -> bytes:
        """Returns what the file is known by; reads its beginning and end."""
        head = self.read(0, QUICK_BYTES)
        start = max(0, self.size_bytes - QUICK_BYTES)
        tail = self.tail()
        return quick_hash(self.size_bytes, head, tail if start else head)

    def tail(self) -> bytes:
        """Returns the last `QUICK_BYTES` of the file."""
        start = max(0, self.size_bytes - QUICK_BYTES)
        if not self._tail[1]:
            if start < QUICK_BYTES:
                self._tail = (start, self.read(start, QUICK_BYTES))
            else:
                self._tail = (start, self._fetch(start, QUICK_BYTES))
        return self._tail[1]

    def read(self, start: int, length: int) -> bytes:
        """Returns bytes of the file, fewer at its end.

        Raises:
            TooFarError: It would be more than is allowed.
            OSError: The file cannot be read.
        """
        stop = min(start + length, self.size_bytes)
        if start < 0 or stop <= start:
            return b""
        if isinstance(self._source, bytes):
            return self._source[start:stop]
        self._end = max(self._end, stop)
        if start >= self._tail[0]:
            return self._tail[1][start - self._tail[0] : stop - self._tail[0]]
        first, last = start // _BLOCK_BYTES, (stop - 1) // _BLOCK_BYTES
        wanted = range(first, last + 1)
        missing = [index for index in wanted if index not in self._blocks]
        if missing:
            begin = missing[0] * _BLOCK_BYTES
            end = min((missing[-1] + 1) * _BLOCK_BYTES, self.size_bytes)
            fetched = self._fetch(begin, end - begin)
            for index in range(missing[0], missing[-1] + 1):
                offset = index * _BLOCK_BYTES - begin
                self._blocks[index] = fetched[offset : offset + _BLOCK_BYTES]
        found = b"".join(self._blocks[index] for index in wanted)
        offset = first * _BLOCK_BYTES
        return found[start - offset : stop - offset]

    def sparse(self, needed: int = 0) -> bytes:
        """Returns the file up to the last byte that was read, zeros where nothing was.

        Args:
            needed: The result is at least this long, where the file is.
        """
        if isinstance(self._source, bytes):
            return self._source
        end = min(max(self._end, needed), self.size_bytes)
        if end > _SPARSE_MAX_BYTES:
            end = QUICK_BYTES
        copy = bytearray(end)
        for index, block in self._blocks.items():
            offset = index * _BLOCK_BYTES
            if offset < end:
                copy[offset : offset + len(block)] = block[: end - offset]
        if end > self._tail[0]:
            copy[self._tail[0] : end] = self._tail[1][: end - self._tail[0]]
        return bytes(copy)

    def as_file(self) -> io.BufferedReader:
        """Returns a file object for libraries that seek and read."""
        return io.BufferedReader(_WindowFile(self), _BLOCK_BYTES)

    def _fetch(self, start: int, length: int) -> bytes:
        if isinstance(self._source, bytes):
            return self._source[start : start + length]
        if length > self._left_bytes:
            raise TooFarError(f"{length} bytes more")
        self._left_bytes -= length
        parts = []
        while length > 0:
            part = _pread(self._source, length, start)
            if not part:
                break  # it has become shorter meanwhile
            parts.append(part)
            start += len(part)
            length -= len(part)
        return b"".join(parts)


class _WindowFile(io.RawIOBase):
    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._window.size_bytes}
        if origin[whence] + offset < 0:
            raise OSError("a place before the file")
        self._at = origin[whence] + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        found = self._window.read(self._at, len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _pread(descriptor: int, length: int, start: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, length)
