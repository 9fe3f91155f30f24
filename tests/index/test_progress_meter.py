"""What a run's numbers are made of: rates, folders, waits, and how often they are told."""

from __future__ import annotations

from collections import Counter

import pytest

from photosearch.core.events import (
    FolderProgress,
    IndexPhase,
    IndexProgress,
    LibraryEvent,
    PhotosChanged,
    Waiting,
)
from photosearch.index.progress import ProgressMeter, reporter
from photosearch.index.run import RunCounts


def metered() -> tuple[ProgressMeter, list[IndexProgress]]:
    """A meter whose clock goes on by a second at each look."""
    told: list[IndexProgress] = []
    clock = iter(range(10_000))
    return ProgressMeter(told.append, lambda: float(next(clock))), told


class Timed:
    """A meter with a clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.told: list[IndexProgress] = []
        self.meter = ProgressMeter(self.told.append, lambda: self.now_s)

    def report(self, at_s: float, done: int, phase: IndexPhase = IndexPhase.INDEXING) -> float:
        """Returns the rate that is told once so many are done at this time."""
        self.now_s = at_s
        self.meter.report(phase, done, 1000, 0)
        told = self.told[-1]
        assert (told.eta_s is None) == (told.photos_per_s == 0.0)
        return told.photos_per_s


def test_reading_headers_has_a_rate_of_its_own() -> None:
    timed = Timed()
    timed.report(0.0, 0, IndexPhase.LISTING)
    assert timed.report(5.0, 500, IndexPhase.LISTING) == pytest.approx(100)
    assert timed.report(6.0, 0) == 0.0
    assert timed.report(11.0, 50) == pytest.approx(10), "what was listed is no rate of photos"


def test_no_rate_is_told_before_it_rests_on_some_photos_and_seconds() -> None:
    timed = Timed()
    timed.report(0.0, 0)
    assert timed.report(1.0, 900) == 0.0, "that may be one batch"
    timed = Timed()
    timed.report(0.0, 0)
    assert timed.report(5.0, 1) == 0.0, "that may be a model that warms up"
    assert timed.report(6.0, 24) == pytest.approx(4)
    assert timed.told[-1].eta_s == pytest.approx(976 / 4)


def test_a_slow_computer_is_told_its_rate_after_a_minute() -> None:
    timed = Timed()
    for second in range(60):
        assert timed.report(float(second), second // 5) == 0.0
    assert timed.report(60.0, 12) == pytest.approx(0.2)


def test_readying_the_model_does_not_count_as_slowness() -> None:
    timed = Timed()
    timed.report(0.0, 0)
    assert timed.report(90.0, 0, IndexPhase.LOADING_MODEL) == 0.0
    assert timed.report(91.0, 2) == 0.0
    assert timed.report(96.0, 52) == pytest.approx(10)


def test_a_wait_is_told_at_once_and_does_not_count_as_slowness() -> None:
    timed = Timed()
    meter, told = timed.meter, timed.told
    meter.report(IndexPhase.INDEXING, 0, 1000, 0)
    timed.now_s = 1.0
    meter.report(IndexPhase.INDEXING, 10, 1000, 1, (FolderProgress(1, 1000, 10, 1),))
    meter.wait(Waiting.PAUSED)
    assert told[-1].waiting is Waiting.PAUSED
    assert (told[-1].done, told[-1].eta_s, told[-1].folders) == (10, None, told[-2].folders)
    assert meter.latest == told[-1]
    timed.now_s = 3600.0
    meter.wait(None)
    assert told[-1].waiting is None
    timed.report(3600.0, 10)
    assert timed.report(3606.0, 70) == pytest.approx(10.0)


def test_waiting_before_anything_was_found_is_told_too() -> None:
    meter, told = metered()
    meter.wait(Waiting.DISK_FULL)
    assert [(now.phase, now.waiting) for now in told] == [(IndexPhase.SCANNING, Waiting.DISK_FULL)]


def test_at_most_ten_are_told_a_second() -> None:
    now_s = 0.0
    told: list[IndexProgress] = []
    meter = ProgressMeter(told.append, lambda: now_s)
    for done in range(1000):
        now_s += 0.001
        meter.report(IndexPhase.INDEXING, done, 5000, 0)
    assert len(told) <= 11


def test_each_folder_is_told_and_files_that_come_up_meanwhile_are_counted() -> None:
    meter, told = metered()
    emitted: list[LibraryEvent] = []
    report = reporter(meter, emitted.append, 3)
    counts = RunCounts(found_in=Counter({7: 2, 3: 1}))
    counts.finish(7)
    counts.fail([7])
    report(IndexPhase.INDEXING, counts)
    assert told[-1].folders == (FolderProgress(3, 1, 0, 0), FolderProgress(7, 2, 1, 1))
    assert (told[-1].done, told[-1].total, told[-1].failed) == (1, 3, 1)
    counts.found_in[3] += 4
    counts.added = 2
    report(IndexPhase.INDEXING, counts)
    assert told[-1].total == 7
    report(IndexPhase.INDEXING, counts)
    assert emitted == [PhotosChanged(2, 0)]
