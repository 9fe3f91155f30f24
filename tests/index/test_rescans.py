from __future__ import annotations

from collections.abc import Iterable

import pytest

from photosearch.core.status import FolderWatch, WatchMode
from photosearch.index.rescans import DAILY_S, TICK_S, Rescans

LIVE = FolderWatch(1, WatchMode.LIVE)
NETWORK = FolderWatch(2, WatchMode.RESCANNED, every_s=900.0)
AWAY = FolderWatch(3, WatchMode.OFFLINE)


class Days:
    """A clock that is moved by hand, and the scans that were asked for."""

    def __init__(self, *states: FolderWatch) -> None:
        self.now_s = 5_000.0
        self.states = states
        self.asked: list[tuple[float, list[int]]] = []
        self.looked_s: list[float] = []
        self.rescans = Rescans(
            self.ask, lambda: self.states, self.look_for_mounts, lambda: self.now_s
        )

    def ask(self, folder_ids: Iterable[int]) -> None:
        self.asked.append((self.now_s - 5_000.0, list(folder_ids)))

    def look_for_mounts(self) -> None:
        self.looked_s.append(self.now_s - 5_000.0)

    def pass_s(self, seconds: float) -> None:
        """Lets time go by with the computer awake."""
        end_s = self.now_s + seconds
        while self.now_s + TICK_S <= end_s:
            self.now_s += TICK_S
            self.rescans.tick()

    def sleep_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.rescans.tick()


def test_nothing_is_asked_for_at_the_start() -> None:
    days = Days(LIVE, NETWORK)
    days.pass_s(600)
    assert days.asked == []


def test_a_folder_that_nobody_tells_of_is_looked_through_now_and_then() -> None:
    days = Days(LIVE, NETWORK)
    days.pass_s(2000)
    assert [ids for _, ids in days.asked] == [[2], [2]]
    first_s, second_s = (at_s for at_s, _ in days.asked)
    assert second_s - first_s == pytest.approx(900, abs=TICK_S)


def test_every_folder_that_is_there_is_looked_through_daily() -> None:
    days = Days(LIVE, AWAY)
    days.pass_s(2 * DAILY_S + 100)
    assert [ids for _, ids in days.asked] == [[1], [1]]


def test_after_a_sleep_every_folder_is_looked_through_at_once() -> None:
    days = Days(LIVE, NETWORK, AWAY)
    days.pass_s(100)
    days.sleep_s(3600)
    assert [ids for _, ids in days.asked] == [[1, 2]]
    days.pass_s(880)
    assert len(days.asked) == 1
    days.pass_s(40)
    assert days.asked[-1][1] == [2]


def test_a_busy_moment_is_no_sleep() -> None:
    days = Days(LIVE)
    days.sleep_s(40)
    assert days.asked == []


def test_a_clock_that_was_set_back_is_taken_for_a_sleep_and_harms_nothing() -> None:
    days = Days(LIVE, NETWORK)
    days.sleep_s(-3600)
    days.pass_s(1000)
    assert [ids for _, ids in days.asked] == [[1, 2], [2]]


def test_a_folder_that_became_live_and_was_lost_again_waits_its_time() -> None:
    days = Days(NETWORK)
    days.pass_s(800)
    days.states = (FolderWatch(2, WatchMode.LIVE),)
    days.pass_s(800)
    days.states = (NETWORK,)
    days.pass_s(800)
    assert days.asked == []


def test_disks_that_come_or_go_are_looked_for_every_ten_seconds() -> None:
    days = Days(LIVE)
    days.pass_s(30)
    assert days.looked_s == [10.0, 20.0, 30.0]


def test_the_thread_ends_when_it_is_closed() -> None:
    days = Days(LIVE)
    days.rescans.start()
    days.rescans.close()
    days.rescans.close()
    assert days.asked == []
