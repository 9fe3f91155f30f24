"""Opens files wherever they are: names of any bytes, and paths longer than the system takes.

Called by `source`, `sidecar` and `listing` in a decoder process.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photosearch.core.failure import FailureCode

#: Linux takes paths of 4,095 bytes, macOS of 1,023. Longer ones are gone down in steps.
_STEP_BYTES = 1000

#: Never waits for a pipe's other end, never makes a terminal ours, never changes line ends.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = (
    getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
)

#: macOS: the content is with iCloud or another provider, and reading it would fetch it.
_SF_DATALESS = 0x40000000
#: Windows: OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS. Likewise.
_ELSEWHERE_ATTRIBUTES = 0x1000 | 0x40000 | 0x400000


@contextmanager
def reached(path: Path) -> Iterator[tuple[str, int | None]]:
    """Makes a path usable however long it is.

    Args:
        path: Absolute, or relative to the working directory.

    Yields:
        What to give to functions of `os` as path and `dir_fd`.

    Raises:
        OSError: A directory on the way cannot be entered.
    """
    text = os.fspath(path)
    if len(os.fsencode(text)) <= _STEP_BYTES or os.open not in os.supports_dir_fd:
        yield text, None
        return
    *folders, name = path.parts
    directory: int | None = None
    try:
        while folders:
            step = folders.pop(0)
            while folders and len(os.fsencode(step)) + len(os.fsencode(folders[0])) < _STEP_BYTES:
                step = os.path.join(step, folders.pop(0))  # noqa: PTH118 - names, no path of ours
            inner = os.open(step, _FOLDER_FLAGS, dir_fd=directory)
            if directory is not None:
                os.close(directory)
            directory = inner
        yield name, directory
    finally:
        if directory is not None:
            os.close(directory)


def open_to_read(name: str, directory: int | None) -> int:
    """Opens a file without ever waiting; returns its descriptor.

    Raises:
        OSError: It cannot be opened.
    """
    return os.open(name, _FLAGS, dir_fd=directory)


def refusal(status: os.stat_result) -> FailureCode | None:
    """Tells why a file must not be opened, or read; None where it may be."""
    if not stat.S_ISREG(status.st_mode):
        return FailureCode.NOT_A_FILE
    attributes = getattr(status, "st_file_attributes", 0)
    if getattr(status, "st_flags", 0) & _SF_DATALESS or attributes & _ELSEWHERE_ATTRIBUTES:
        return FailureCode.ONLINE_ONLY
    return None
