"""When the image tower has been without work for so long that its memory is better given back."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

IDLE_VARIABLE = "PHOTOSEARCH_IMAGE_IDLE_S"
#: Long enough for the next photo of a camera import or the next example picture, short enough that
#: a window left open does not hold some hundred megabytes for nothing.
DEFAULT_IDLE_S = 180.0


def idle_from_environment() -> float:
    """Returns after how many idle seconds the image tower is let go."""
    try:
        return max(0.0, float(os.environ[IDLE_VARIABLE]))
    except (KeyError, ValueError):
        return DEFAULT_IDLE_S


class IdleClock:
    """Counts down from the last use. Safe from any thread.

    Args:
        idle_s: From the last use to the end of the countdown, in seconds.
        clock: Seconds that only grow.
    """

    def __init__(self, idle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle_s = idle_s
        self._clock = clock
        self._lock = threading.Lock()
        self._due_at: float | None = None

    def use(self) -> None:
        """Starts the countdown anew."""
        with self._lock:
            self._due_at = self._clock() + self._idle_s

    def remaining_s(self) -> float | None:
        """Returns how long is left, 0 at the end, None where nothing was used since the last."""
        with self._lock:
            return None if self._due_at is None else max(0.0, self._due_at - self._clock())

    def take_due(self) -> bool:
        """True, once, where the countdown has ended."""
        with self._lock:
            if self._due_at is None or self._clock() < self._due_at:
                return False
            self._due_at = None
            return True
