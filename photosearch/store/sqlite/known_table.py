"""Known files in little memory: a folder of a million is compared with the disk in one piece.

Called by `known`; a scan reads it as it would any mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from struct import Struct

from photosearch.core.photo import FileStamp
from photosearch.core.stored import KnownFile

#: What is true of a file, its size and its time.
_FILE = Struct("<Bqq")
#: Behind it, size and time of its sidecar, where it has one.
_SIDECAR = Struct("<qq")
_DONE, _LISTED, _COMPANION, _FAILED, _STAMPED = (1 << bit for bit in range(5))


class KnownTable(Mapping[bytes, KnownFile]):
    """What is known of files, by relative path.

    A `KnownFile` is made whenever one is asked for, and never kept: beside its path a file costs
    64 bytes and its place in the dictionary, where the objects would take some 200.
    """

    def __init__(self) -> None:
        self._packed: dict[bytes, bytes] = {}

    def add(
        self,
        path: bytes,
        size_bytes: int,
        mtime_ns: int,
        sidecar_size_bytes: int | None,
        sidecar_mtime_ns: int | None,
        *,
        is_done: bool,
    ) -> None:
        """Adds a photo that is stored; as `put` does, without objects for what is stored."""
        flags = _STAMPED | _LISTED | _DONE if is_done else _STAMPED | _LISTED
        packed = _FILE.pack(flags, size_bytes, mtime_ns)
        if sidecar_size_bytes is not None:
            packed += _SIDECAR.pack(sidecar_size_bytes, sidecar_mtime_ns)
        self._packed[path] = packed

    def put(self, path: bytes, file: KnownFile) -> None:
        """Says what is known of a file, in place of what was said before."""
        flags = (
            file.is_done * _DONE
            | file.is_listed * _LISTED
            | file.is_companion * _COMPANION
            | file.is_failed * _FAILED
            | (file.stamp is not None) * _STAMPED
        )
        stamp = file.stamp or FileStamp(0, 0)
        packed = _FILE.pack(flags, stamp.size_bytes, stamp.mtime_ns)
        if file.sidecar is not None:
            packed += _SIDECAR.pack(file.sidecar.size_bytes, file.sidecar.mtime_ns)
        self._packed[path] = packed

    def __getitem__(self, path: bytes) -> KnownFile:
        """Returns what is known of a file.

        Raises:
            KeyError: Nothing is.
        """
        packed = self._packed[path]
        flags, size_bytes, mtime_ns = _FILE.unpack_from(packed)
        has_sidecar = len(packed) > _FILE.size
        return KnownFile(
            FileStamp(size_bytes, mtime_ns) if flags & _STAMPED else None,
            flags & _DONE != 0,
            flags & _LISTED != 0,
            flags & _COMPANION != 0,
            FileStamp(*_SIDECAR.unpack_from(packed, _FILE.size)) if has_sidecar else None,
            flags & _FAILED != 0,
        )

    def __contains__(self, path: object) -> bool:
        """True where something is known of a file."""
        return path in self._packed

    def __iter__(self) -> Iterator[bytes]:
        """Yields the paths: the same objects each time."""
        return iter(self._packed)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self._packed)
