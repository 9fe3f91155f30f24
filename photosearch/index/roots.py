"""Looks now and then whether a folder is there: disks come and go, and nobody tells.

A look at a dead network disk may hang for minutes. So each folder is looked at on a thread of its
own, for which nobody waits.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable

#: Often enough that a disk that was plugged in is taken up while one waits for it.
EVERY_S = 3.0
#: A look that takes longer says that the disk does not answer.
HANGING_AFTER_S = 10.0

#: Which directory it is: another disk in the same place is another one.
RootId = tuple[int, int]


class RootPoll:
    """Looks at one folder.

    Args:
        path: The folder.
        on_change: Called on this object's thread when another directory lies there, or (None)
            none does; first after the first look. May take its time.
        every_s: Seconds between two looks.
        look: Says which directory lies at a path.

    Attributes:
        every_s: May be changed.
    """

    def __init__(
        self,
        path: bytes,
        on_change: Callable[[RootId | None], None],
        every_s: float = EVERY_S,
        look: Callable[[bytes], RootId | None] | None = None,
    ) -> None:
        self._path = path
        self._on_change = on_change
        self.every_s = every_s
        self._look = look or root_id
        self._wake = threading.Event()
        self._is_stopped = False
        self._must_tell = True
        self._looking_since_s: float | None = None
        self._thread = threading.Thread(target=self._main, name="root", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def wake(self, *, tell: bool = False) -> None:
        """Has the folder looked at now.

        Args:
            tell: `on_change` is called in any case.
        """
        self._must_tell = self._must_tell or tell
        self._wake.set()

    @property
    def is_hanging(self) -> bool:
        """True while the disk does not answer."""
        since_s = self._looking_since_s
        return since_s is not None and time.monotonic() - since_s >= HANGING_AFTER_S

    @property
    def is_stopped(self) -> bool:
        """True once `stop` was called."""
        return self._is_stopped

    def stop(self) -> None:
        """Ends the thread, without waiting for a look that hangs. Calling it twice is harmless."""
        self._is_stopped = True
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        """Waits a while for the thread to end."""
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _main(self) -> None:
        known: RootId | None = None
        while not self._is_stopped:
            self._looking_since_s = time.monotonic()
            found = self._look(self._path)
            self._looking_since_s = None
            must_tell, self._must_tell = self._must_tell, False
            if (must_tell or found != known) and not self._is_stopped:
                known = found
                self._on_change(found)
            self._wake.wait(self.every_s)
            self._wake.clear()


def root_id(path: bytes) -> RootId | None:
    """Says which directory lies at a path; None where none can be reached."""
    try:
        info = os.stat(path)  # noqa: PTH116 - bytes
    except OSError:
        return None
    return (info.st_dev, info.st_ino) if stat.S_ISDIR(info.st_mode) else None
