"""Reads a file's bytes once, without ever blocking on something that is no file.

Called by `decode` in a decoder process.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NoReturn

from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError

#: Length of a content hash. 128 bits: no two of a billion photos share one by chance.
HASH_BYTES = 16

_BY_ERRNO = {
    errno.EACCES: FailureCode.NO_PERMISSION,
    errno.EPERM: FailureCode.NO_PERMISSION,  # macOS, for folders an application was not granted
    errno.ELOOP: FailureCode.LINK_LOOP,
    errno.ENOENT: FailureCode.VANISHED,
    errno.ENOTDIR: FailureCode.VANISHED,
    errno.EISDIR: FailureCode.NOT_A_FILE,
}


@dataclass(frozen=True, slots=True)
class SourceBytes:
    """A file's content.

    Attributes:
        stamp: Taken from the open file *before* its bytes were read: whatever is written to it
            meanwhile makes the next scan see another stamp.
        encoded: All of it.
        content_hash: 16 bytes that name the content.
    """

    stamp: FileStamp
    encoded: bytes
    content_hash: bytes


def stamp_of(status: os.stat_result) -> FileStamp:
    """Returns what tells cheaply whether a file has changed."""
    return FileStamp(status.st_size, status.st_mtime_ns)


def read_source(source: Path | bytes, max_bytes: int) -> SourceBytes:
    """Reads a file, or takes the bytes of a picture that has none.

    Args:
        source: Path of the file, or a picture's encoded bytes.
        max_bytes: Bigger files are refused unread.

    Raises:
        DecodeError: At stage READ: it is empty, gone, forbidden, no file, too big, unreadable.
    """
    if isinstance(source, Path):
        stamp, encoded = _read_file(source, max_bytes)
    else:
        stamp, encoded = FileStamp(len(source), 0), source
    if not encoded:
        raise DecodeError(Stage.READ, FailureReason(FailureCode.EMPTY), stamp)
    return SourceBytes(stamp, encoded, blake2b(encoded, digest_size=HASH_BYTES).digest())


def _read_file(path: Path, max_bytes: int) -> tuple[FileStamp, bytes]:
    stamp: FileStamp | None = None
    try:
        # Looked at before it is opened: opening a pipe waits for its writer, a device may act.
        _check_regular(path.stat())
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            _check_regular(status)
            stamp = stamp_of(status)
            if status.st_size > max_bytes:
                detail = f"a file of {status.st_size // 1_000_000} MB"
                _fail(FailureCode.UNSUPPORTED, stamp, detail)
            return stamp, file.read()
    except OSError as error:
        code = _BY_ERRNO.get(error.errno or 0, FailureCode.READ_ERROR)
        if code is FailureCode.VANISHED and path.is_symlink():
            code = FailureCode.DANGLING_LINK
        _fail(code, stamp, error.strerror or type(error).__name__, cause=error)
    except MemoryError as error:
        _fail(FailureCode.OUT_OF_MEMORY, stamp, cause=error)


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        _fail(FailureCode.NOT_A_FILE, stamp_of(status))


def _fail(
    code: FailureCode,
    stamp: FileStamp | None,
    detail: str = "",
    cause: BaseException | None = None,
) -> NoReturn:
    reason = FailureReason(code, {"detail": detail} if detail else {})
    raise DecodeError(Stage.READ, reason, stamp) from cause
