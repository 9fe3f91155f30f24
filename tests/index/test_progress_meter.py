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


def test_reading_headers_has_a_rate_of_its_own() -> None:
    meter, told = metered()
    meter.report(IndexPhase.LISTING, 0, 1000, 0)
    meter.report(IndexPhase.LISTING, 500, 1000, 0)
    meter.report(IndexPhase.INDEXING, 0, 1000, 0)
    meter.report(IndexPhase.INDEXING, 10, 1000, 0)
    listing, began, indexing = told[1:]
    assert listing.photos_per_s > 100
    assert listing.eta_s is not None
    assert (began.photos_per_s, began.eta_s) == (0.0, None)
    assert 0 < indexing.photos_per_s <= 10, "what was listed is no rate of photos"


def test_a_wait_is_told_at_once_and_does_not_count_as_slowness() -> None:
    now_s = 0.0
    told: list[IndexProgress] = []
    meter = ProgressMeter(told.append, lambda: now_s)
    meter.report(IndexPhase.INDEXING, 0, 1000, 0)
    now_s = 1.0
    meter.report(IndexPhase.INDEXING, 10, 1000, 1, (FolderProgress(1, 1000, 10, 1),))
    meter.wait(Waiting.PAUSED)
    assert told[-1].waiting is Waiting.PAUSED
    assert (told[-1].done, told[-1].eta_s, told[-1].folders) == (10, None, told[-2].folders)
    assert meter.latest == told[-1]
    now_s = 3600.0
    meter.wait(None)
    assert told[-1].waiting is None
    meter.report(IndexPhase.INDEXING, 10, 1000, 1)
    now_s = 3601.0
    meter.report(IndexPhase.INDEXING, 20, 1000, 1)
    assert told[-1].photos_per_s == pytest.approx(10.0)


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
