"""One engine per library: a lock on a file in it that goes with its process, even a killed one."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from filelock import FileLock, Timeout

from photosearch.engine.address import AddressFile
from photosearch.errors import LibraryError

LOCK_FILE = "engine.lock"
#: An engine that ends takes at most `host.CLOSE_S`; longer, and the lock is somebody else's.
_WAIT_S = 12.0
_POLL_S = 0.02


class LibraryInUseError(LibraryError):
    """Somebody keeps the lock who is no engine that we can reach."""


class LibraryLock:
    """The right to open a library.

    Args:
        directory: The library; made where it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = _lock_on(directory / LOCK_FILE)

    def take(self, address_file: AddressFile) -> bool:
        """Takes the lock; waits while a former engine ends.

        Args:
            address_file: Says whether another engine listens.

        Where the directory may only be read, the lock is one of this user's alone: others may have
        the library open, and he changes nothing.

        Returns:
            False where another engine listens, or is about to.

        Raises:
            LibraryInUseError: Somebody keeps the lock who is no engine that we can reach.
            LibraryError: The directory cannot be used.
        """
        if self._directory.is_dir() and not os.access(self._directory, os.W_OK):
            self._lock = _lock_on(address_file.path.with_suffix(".lock"))
        give_up_at = time.monotonic() + _WAIT_S
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            while True:
                with contextlib.suppress(Timeout):
                    self._lock.acquire(blocking=False)
                    return True
                # An engine that ends takes its address back first.
                if address_file.read() is not None:
                    return False
                if time.monotonic() > give_up_at:
                    raise LibraryInUseError(
                        f"The library {self._directory} is in use by another process.",
                        "Close the other Photosearch, perhaps another user's, and try again.",
                    )
                time.sleep(_POLL_S)
        except OSError as error:
            raise LibraryError(
                f"The library {self._directory} cannot be used: {error.strerror}.",
                "Choose another directory with --library, or change its permissions.",
            ) from error

    def release(self) -> None:
        """Gives the lock back, if it was taken."""
        self._lock.release()


def _lock_on(path: Path) -> FileLock:
    # Without `flock` there is no lock at all rather than one that outlives its process.
    return FileLock(path, thread_local=False, fallback_to_soft=False)
