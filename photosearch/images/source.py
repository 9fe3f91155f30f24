"""Reads a file's bytes once, without ever blocking on something that is no file.

Called by `decode` and `listing` in a decoder process.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import NO_TRAITS, FileId, FileStamp, FileTraits
from photosearch.core.ports import DecodeError
from photosearch.images.identity import QUICK_BYTES, quick_hash
from photosearch.images.reach import open_to_read, reached, refusal
from photosearch.images.sidecar import read_sidecar

_BY_ERRNO = {
    errno.EACCES: FailureCode.NO_PERMISSION,
    errno.EPERM: FailureCode.NO_PERMISSION,  # macOS, for folders an application was not granted
    errno.ELOOP: FailureCode.LINK_LOOP,
    errno.ENOENT: FailureCode.VANISHED,
    errno.ENOTDIR: FailureCode.VANISHED,
    errno.EISDIR: FailureCode.NOT_A_FILE,
}


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was found to be one.

    Attributes:
        descriptor: Open for reading.
        stamp: Taken from the open file *before* its bytes are read: whatever is written to it
            meanwhile makes the next scan see another stamp.
        file_id: Which file it is.
    """

    descriptor: int
    stamp: FileStamp
    file_id: FileId | None


@dataclass(frozen=True, slots=True)
class SourceBytes:
    """A file's content.

    Attributes:
        stamp: As in `OpenFile`.
        encoded: All of it.
        traits: What is known of the file beside.
        name: Of the file, without its folder; "" where there is none.
        sidecar: Content of the XMP file beside it.
    """

    stamp: FileStamp
    encoded: bytes
    traits: FileTraits = NO_TRAITS
    name: str = ""
    sidecar: bytes | None = None


def stamp_of(status: os.stat_result) -> FileStamp:
    """Returns what tells cheaply whether a file has changed."""
    return FileStamp(status.st_size, status.st_mtime_ns)


def read_source(source: Path | bytes, max_bytes: int) -> SourceBytes:
    """Reads a file with its sidecar, or takes the bytes of a picture that has none.

    Args:
        source: Path of the file, or a picture's encoded bytes.
        max_bytes: Bigger files are refused unread.

    Raises:
        DecodeError: At stage READ: it is empty, gone, forbidden, no file, too big, online only,
            unreadable.
    """
    if not isinstance(source, Path):
        stamp = FileStamp(len(source), 0)
        if not source:
            _fail(FailureCode.EMPTY, stamp)
        return SourceBytes(stamp, source)
    with opened(source) as file:
        size_bytes = file.stamp.size_bytes
        if size_bytes > max_bytes:
            detail = f"a file of {size_bytes // 1_000_000} MB"
            _fail(FailureCode.UNSUPPORTED, file.stamp, detail)
        encoded = _read_all(file.descriptor, size_bytes)
    if not encoded:
        _fail(FailureCode.EMPTY, file.stamp)
    sidecar_stamp, sidecar = read_sidecar(source)
    quick = quick_hash(size_bytes, encoded[:QUICK_BYTES], encoded[-QUICK_BYTES:])
    traits = FileTraits(file.file_id, quick, sidecar_stamp, is_link(source))
    return SourceBytes(file.stamp, encoded, traits, source.name, sidecar)


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Opens a file; what goes wrong with it inside the `with` is told in our words too.

    Yields:
        The file, a regular one whose content is here.

    Raises:
        DecodeError: At stage READ.
    """
    stamp: FileStamp | None = None
    try:
        with reached(path) as (name, directory):
            # Looked at before it is opened: opening a device may act.
            _check(os.stat(name, dir_fd=directory))
            descriptor = open_to_read(name, directory)
        try:
            status = os.fstat(descriptor)
            _check(status)
            stamp = stamp_of(status)
            # Windows' older file systems have no numbers.
            file_id = FileId(status.st_dev, status.st_ino) if status.st_ino else None
            yield OpenFile(descriptor, stamp, file_id)
        finally:
            os.close(descriptor)
    except OSError as error:
        code = _BY_ERRNO.get(error.errno or 0, FailureCode.READ_ERROR)
        if code is FailureCode.VANISHED and is_link(path):
            code = FailureCode.DANGLING_LINK
        _fail(code, stamp, error.strerror or type(error).__name__, cause=error)
    except ValueError as error:  # a NUL in the name
        _fail(FailureCode.READ_ERROR, stamp, str(error), cause=error)
    except MemoryError as error:
        _fail(FailureCode.OUT_OF_MEMORY, stamp, cause=error)


def _read_all(descriptor: int, size_bytes: int) -> bytes:
    """Reads a file; of one that grows meanwhile, what its stamp speaks of."""
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(size_bytes)


def is_link(path: Path) -> bool:
    """Returns whether a name is a symbolic link, as far as can be told."""
    try:
        return path.is_symlink()
    except OSError:
        return False


def _check(status: os.stat_result) -> None:
    code = refusal(status)
    if code is not None:
        _fail(code, stamp_of(status))


def _fail(
    code: FailureCode,
    stamp: FileStamp | None,
    detail: str = "",
    cause: BaseException | None = None,
) -> NoReturn:
    reason = FailureReason(code, {"detail": detail} if detail else {})
    raise DecodeError(Stage.READ, reason, stamp) from cause
