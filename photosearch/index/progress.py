"""Turns counts into progress events: a rate over the last seconds, at most ten events a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from photosearch.core.events import (
    FolderProgress,
    IndexPhase,
    IndexProgress,
    LibraryEvent,
    PhotosChanged,
    Waiting,
)
from photosearch.core.rate import RateMeter
from photosearch.index.run import OnStep, RunCounts

_MIN_INTERVAL_S = 0.1
#: A rate is told once it rests on so long and so many: the first photos wait for the model, and
#: photos come in batches.
_SURE_S = 5.0
_SURE_COUNT = 20
#: Where photos are slow, it is told after so long, however few they were.
_SURE_ANYWAY_S = 60.0
#: What can be measured: in the other phases no file is finished, for a minute maybe.
_COUNTED = frozenset({IndexPhase.LISTING, IndexPhase.INDEXING})


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
        self._began: tuple[float, int] | None = None  # when the rate's first count was, and it
        self._last_emit_s = float("-inf")
        self.latest: IndexProgress | None = None

    def report(
        self,
        phase: IndexPhase,
        done: int,
        total: int,
        failed: int,
        folders: tuple[FolderProgress, ...] = (),
    ) -> None:
        """Notes how far the run is and tells it, unless it was told a moment ago."""
        former = self.latest.phase if self.latest is not None else phase
        if former is not phase and IndexPhase.LISTING in (former, phase):
            self._begin_anew()  # headers are read quicker than photos
        is_news = self.latest is None or former is not phase or done == total
        if phase is IndexPhase.LOADING_MODEL:
            self._begin_anew()  # which takes a minute maybe, once
        rate = self._rate_at(done) if phase in _COUNTED else 0.0
        eta_s = (total - done) / rate if rate > 0 else None
        self.latest = IndexProgress(phase, done, total, failed, rate, eta_s, folders)
        now_s = self._clock()
        if is_news or now_s - self._last_emit_s >= _MIN_INTERVAL_S:
            self._last_emit_s = now_s
            self._emit(self.latest)

    def wait(self, why: Waiting | None) -> None:
        """Tells at once that the run stands still, or goes on where `why` is None."""
        latest = self.latest or IndexProgress(IndexPhase.SCANNING, 0, 0, 0, 0.0, None)
        self.latest = replace(latest, photos_per_s=0.0, eta_s=None, waiting=why)
        self._begin_anew()  # the pause says nothing about how fast it goes
        self._last_emit_s = self._clock()
        self._emit(self.latest)

    def _begin_anew(self) -> None:
        self._rate, self._began = RateMeter(self._clock), None

    def _rate_at(self, done: int) -> float:
        """Returns photos a second, 0 while too little is known of it."""
        rate, now_s = self._rate.per_s(done), self._clock()
        if self._began is None:
            self._began = (now_s, done)
        began_s, began_done = self._began
        is_sure = now_s - began_s >= _SURE_S and done - began_done >= _SURE_COUNT
        return rate if is_sure or now_s - began_s >= _SURE_ANYWAY_S else 0.0


def reporter(meter: ProgressMeter, emit: Callable[[LibraryEvent], None], total: int) -> OnStep:
    """Returns what a pipeline is to tell its steps: it passes on progress and new photos.

    Args:
        meter: Measures the run.
        emit: Gets `PhotosChanged`.
        total: Files to be done, those that are done included; more may come with the counts.
    """
    told_count = 0

    def report(phase: IndexPhase, counts: RunCounts) -> None:
        nonlocal told_count
        now_total = max(total, counts.found_in.total())
        meter.report(phase, counts.done, now_total, counts.failed, folders_of(counts))
        if counts.added > told_count:
            emit(PhotosChanged(counts.added - told_count, 0))
            told_count = counts.added

    return report


def folders_of(counts: RunCounts) -> tuple[FolderProgress, ...]:
    """Returns how far a run is in each folder that has something to do."""
    return tuple(
        FolderProgress(folder_id, found, counts.done_in[folder_id], counts.failed_in[folder_id])
        for folder_id, found in sorted(counts.found_in.items())
        if found
    )
