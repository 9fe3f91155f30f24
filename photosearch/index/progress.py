"""Turns counts into progress events: a rate over the last seconds, at most ten events a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from photosearch.core.events import IndexPhase, IndexProgress

_MIN_INTERVAL_S = 0.1
#: The rate looks back this far: long enough to be calm, short enough to follow a change of folder.
_WINDOW_S = 10.0


class ProgressMeter:
    """Measures one run.

    Args:
        emit: Gets the events.
        clock: Seconds on a steady clock.
    """

    def __init__(
        self, emit: Callable[[IndexProgress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()
        self._last_emit_s = float("-inf")
        self.latest: IndexProgress | None = None

    def report(self, phase: IndexPhase, done: int, total: int, failed: int) -> None:
        """Notes how far the run is and tells it, unless it was told a moment ago."""
        now_s = self._clock()
        self._samples.append((now_s, done))
        while now_s - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        first_s, first_done = self._samples[0]
        rate = (done - first_done) / (now_s - first_s) if now_s > first_s else 0.0
        eta_s = (total - done) / rate if rate > 0 else None
        is_news = self.latest is None or phase is not self.latest.phase or done == total
        self.latest = IndexProgress(phase, done, total, failed, rate, eta_s)
        if is_news or now_s - self._last_emit_s >= _MIN_INTERVAL_S:
            self._last_emit_s = now_s
            self._emit(self.latest)
