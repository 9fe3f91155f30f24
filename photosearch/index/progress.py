"""Turns counts into progress events: a rate over the last seconds, at most ten events a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from photosearch.core.events import IndexPhase, IndexProgress, LibraryEvent, PhotosChanged
from photosearch.core.rate import RateMeter
from photosearch.index.pipeline import OnStep, RunCounts

_MIN_INTERVAL_S = 0.1


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
        self._rate = RateMeter(clock)
        self._last_emit_s = float("-inf")
        self.latest: IndexProgress | None = None

    def report(self, phase: IndexPhase, done: int, total: int, failed: int) -> None:
        """Notes how far the run is and tells it, unless it was told a moment ago."""
        rate = self._rate.per_s(done)
        if phase is not IndexPhase.INDEXING:
            rate = 0.0  # of photos; while a model is readied, none are taken in, for a minute maybe
        eta_s = (total - done) / rate if rate > 0 else None
        is_news = self.latest is None or phase is not self.latest.phase or done == total
        self.latest = IndexProgress(phase, done, total, failed, rate, eta_s)
        now_s = self._clock()
        if is_news or now_s - self._last_emit_s >= _MIN_INTERVAL_S:
            self._last_emit_s = now_s
            self._emit(self.latest)


def reporter(meter: ProgressMeter, emit: Callable[[LibraryEvent], None], total: int) -> OnStep:
    """Returns what a pipeline is to tell its steps: it passes on progress and new photos.

    Args:
        meter: Measures the run.
        emit: Gets `PhotosChanged`.
        total: Files to be done.
    """
    told_count = 0

    def report(phase: IndexPhase, counts: RunCounts) -> None:
        nonlocal told_count
        meter.report(phase, counts.done, total, counts.failed)
        if counts.added > told_count:
            emit(PhotosChanged(counts.added - told_count, 0))
            told_count = counts.added

    return report
