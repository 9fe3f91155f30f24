"""Decides when folders are looked through though nothing was heard of them.

Daily, since no watching is perfect; after the computer slept, since nobody listened meanwhile; and
every quarter of an hour those in which the system does not tell of changes. At each look at the
clock it has the watcher look for disks that came or went inside folders. Its thread does nothing
else, and asks for nothing at the start: whoever opens a library does that.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from photosearch.core.status import FolderWatch, WatchMode

DAILY_S = 24 * 3600.0
#: How often the clock is looked at, and what is mounted.
TICK_S = 10.0
#: Time that went by unnoticed: a sleep, not a moment of heavy load.
SLEPT_S = 60.0


def passing_s() -> float:
    """Returns seconds that go on while the computer sleeps."""
    if sys.platform == "linux":
        now_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    else:
        now_s = time.time()  # somebody may set it: that costs a look too many at most
    return now_s


class Rescans:
    """Asks for scans when it is time.

    Args:
        request_scan: Called with the ids of folders, on this object's thread. Must return at once.
        states: Says which folders there are and how they are watched.
        look_for_mounts: Called at each look at the clock. Must touch no disk.
        clock: Seconds that go on while the computer sleeps.
    """

    def __init__(
        self,
        request_scan: Callable[[Iterable[int]], object],
        states: Callable[[], Sequence[FolderWatch]],
        look_for_mounts: Callable[[], object],
        clock: Callable[[], float] = passing_s,
    ) -> None:
        self._request_scan = request_scan
        self._states = states
        self._look_for_mounts = look_for_mounts
        self._clock = clock
        self._ticked_s = self._all_scanned_s = clock()
        self._scanned_s: dict[int, float] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._main, name="rescans", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread. Calling it twice is harmless."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def tick(self) -> None:
        """Looks at the clock, and asks for what is due."""
        self._look_for_mounts()
        now_s = self._clock()
        has_slept = abs(now_s - self._ticked_s) - TICK_S > SLEPT_S
        self._ticked_s = now_s
        states = [state for state in self._states() if state.mode is not WatchMode.OFFLINE]
        if has_slept or now_s - self._all_scanned_s >= DAILY_S:
            self._all_scanned_s = now_s
            due = {state.folder_id for state in states}
        else:
            due = {state.folder_id for state in states if self._is_due(state, now_s)}
        self._scanned_s.update(dict.fromkeys(due, now_s))
        if due:
            self._request_scan(sorted(due))

    def _is_due(self, state: FolderWatch, now_s: float) -> bool:
        if state.every_s is None:
            self._scanned_s.pop(state.folder_id, None)
            return False
        return now_s - self._scanned_s.setdefault(state.folder_id, now_s) >= state.every_s

    def _main(self) -> None:
        while not self._closing.wait(TICK_S):
            self.tick()
