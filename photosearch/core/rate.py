"""How fast something goes, over its last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

#: The rate looks back this far: long enough to be calm, short enough to follow a change.
_WINDOW_S = 10.0


class RateMeter:
    """Turns a growing count into a rate. For one thread.

    Args:
        clock: Seconds on a steady clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def per_s(self, done: int) -> float:
        """Notes the count; returns its growth a second, 0 while that is unknown."""
        now_s = self._clock()
        self._samples.append((now_s, done))
        while now_s - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        first_s, first_done = self._samples[0]
        return (done - first_done) / (now_s - first_s) if now_s > first_s else 0.0
