"""When index work may go on, and what holds it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.events import Waiting
from photosearch.errors import LibraryError, UsageError
from photosearch.index import guest, meanwhile
from photosearch.index.guest import LEAST_FREE_BYTES, PAUSE_FILE, Gate
from photosearch.index.manners import BatteryRule, Manners, usable_cores
from photosearch.index.meanwhile import Meanwhile
from photosearch.index.probes import Probes
from photosearch.settings import LibrarySettings

PATIENCE_S = 20.0
ROOM = LEAST_FREE_BYTES


@dataclass
class Computer:
    charge: float | None = None
    full_screen: bool | None = False
    free: int | None = ROOM
    looks: int = 0

    def probes(self) -> Probes:
        def battery() -> float | None:
            self.looks += 1
            return self.charge

        return Probes(battery, lambda: self.full_screen, lambda: self.free)


@dataclass
class Waiter:
    """A thread at a gate."""

    gate: Gate
    cancel: CancelToken = field(default_factory=CancelToken)
    told: list[Waiting | None] = field(default_factory=list)
    has_told: threading.Event = field(default_factory=threading.Event)

    def start(self) -> Waiter:
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()
        return self

    def _wait(self) -> None:
        self.gate.wait(self.cancel, self._tell)

    def _tell(self, why: Waiting | None) -> None:
        self.told.append(why)
        self.has_told.set()

    def stands(self, why: Waiting) -> None:
        assert self.has_told.wait(PATIENCE_S)
        assert self.told == [why]
        assert self.thread.is_alive()

    def passes(self) -> None:
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@dataclass
class Room:
    """A gate in a directory, and what its decoders are told."""

    directory: Path
    computer: Computer = field(default_factory=Computer)
    limits: list[int] = field(default_factory=list)

    def gate(self, manners: Manners | None = None) -> Gate:
        return Gate(
            self.computer.probes(),
            manners or Manners(),
            self.limits.append,
            self.directory / PAUSE_FILE,
        )


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(guest, "_LOOK_EVERY_S", 0.01)
    before = set(threading.enumerate())  # some of which may be about to end
    yield Room(tmp_path)
    assert set(threading.enumerate()) <= before


def passes_at_once(gate: Gate) -> bool:
    waiter = Waiter(gate).start()
    waiter.passes()
    return waiter.told == []


def test_where_nothing_is_in_the_way_work_goes_on(room: Room) -> None:
    assert passes_at_once(room.gate())
    assert room.limits == [usable_cores()]


def test_a_pause_holds_until_it_is_lifted_and_outlives_the_engine(room: Room) -> None:
    room.gate().pause()
    gate = room.gate()
    assert gate.is_paused
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.PAUSED)
    gate.override()  # is about the surroundings, not about what the user said
    assert waiter.thread.is_alive()
    gate.resume()
    waiter.passes()
    assert waiter.told == [Waiting.PAUSED, None]
    assert not room.gate().is_paused


def test_searches_do_not_fill_the_log(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, guest.log.name)
    gate = room.gate()
    with gate.searching():
        waiter = Waiter(gate).start()
        waiter.stands(Waiting.SEARCHING)
    waiter.passes()
    assert caplog.messages == []
    gate.pause()
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.PAUSED)
    gate.resume()
    waiter.passes()
    assert caplog.messages == ["index work waits: paused"]


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_whoever_waits_is_let_go_at_once(room: Room, how: str) -> None:
    gate = room.gate()
    gate.pause()
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.PAUSED)
    waiter.cancel.cancel() if how == "cancel" else gate.close()
    waiter.passes()


def test_work_that_is_not_wanted_does_not_wait(room: Room) -> None:
    gate = room.gate()
    gate.pause()
    waiter = Waiter(gate)
    waiter.cancel.cancel()
    waiter.start().passes()
    assert waiter.told == []


def test_a_pause_that_cannot_be_noted_is_told(room: Room) -> None:
    gate = Gate(room.computer.probes(), Manners(), room.limits.append, room.directory / "no" / "p")
    with pytest.raises(LibraryError, match="cannot be noted"):
        gate.pause()
    assert not gate.is_paused


@pytest.mark.parametrize(
    ("rule", "charge", "is_held"),
    [
        (BatteryRule.SLOW, 31.0, False),
        (BatteryRule.SLOW, 29.0, True),
        (BatteryRule.WAIT, 99.0, True),
        (BatteryRule.IGNORE, 5.0, False),
        (BatteryRule.WAIT, None, False),
    ],
)
def test_on_battery(room: Room, rule: BatteryRule, charge: float | None, is_held: bool) -> None:
    room.computer.charge = charge
    gate = room.gate(Manners(rule))
    if not is_held:
        assert passes_at_once(gate)
        return
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.ON_BATTERY)
    room.computer.charge = None  # plugged in: goes on by itself
    waiter.passes()
    assert waiter.told == [Waiting.ON_BATTERY, None]
    assert room.limits[-1] == usable_cores()


def test_on_battery_one_decoder_works_at_a_time_until_the_user_wants_more(room: Room) -> None:
    gate = room.gate(Manners(threads=0))
    room.computer.charge = 80.0
    assert passes_at_once(gate)
    assert room.limits == [1]
    gate.override()
    assert passes_at_once(gate)
    assert room.limits[-1] == usable_cores()


def test_what_fills_the_screen_holds_until_overridden_and_again_in_the_next_run(room: Room) -> None:
    room.computer.full_screen = True
    gate = room.gate()
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.FULL_SCREEN)
    gate.override()
    waiter.passes()
    assert passes_at_once(gate)
    gate.end_run()
    again = Waiter(gate).start()
    again.stands(Waiting.FULL_SCREEN)
    gate.use(Manners(waits_in_full_screen=False))
    again.passes()


def test_a_screen_that_cannot_be_asked_holds_nothing(room: Room) -> None:
    room.computer.full_screen = None
    room.computer.free = None
    assert passes_at_once(room.gate())


def test_a_full_disk_holds_even_what_the_user_wants_and_goes_on_when_there_is_room(
    room: Room,
) -> None:
    room.computer.free = LEAST_FREE_BYTES - 1
    gate = room.gate()
    gate.override()
    waiter = Waiter(gate).start()
    waiter.stands(Waiting.DISK_FULL)
    room.computer.free = LEAST_FREE_BYTES
    waiter.passes()


class Clock:
    """Stands still unless a test moves it, or somebody waits for it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        self.now_s += 0.001
        return self.now_s


def held_s(gate: Gate, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a gate holds work, where a wait takes no time but on the clock."""
    began_s = clock.now_s

    def wait(timeout: float | None = None) -> bool:
        assert timeout is not None
        clock.now_s += timeout
        return False

    monkeypatch.setattr(gate._changed, "wait", wait)
    gate.wait(CancelToken(), lambda _why: None)
    return clock.now_s - began_s


def clocked(room: Room, clock: Clock) -> Gate:
    return Gate(room.computer.probes(), Manners(), room.limits.append, None, clock)


def test_a_search_goes_first_and_for_a_moment_after(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    gate = clocked(room, clock)
    with gate.searching():
        assert held_s(gate, clock, monkeypatch) == pytest.approx(guest._SEARCH_LONGEST_S, abs=0.1)
    assert held_s(gate, clock, monkeypatch) == pytest.approx(guest.SEARCH_QUIET_S, abs=0.1)
    assert held_s(gate, clock, monkeypatch) < 0.1


def test_somebody_who_never_stops_searching_does_not_hold_work_up_for_ever(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    gate = clocked(room, clock)
    held, worked = 0.0, 0.0
    # He searches again as soon as anything was done, every half second of waiting.
    for _ in range(40):
        with gate.searching():
            pass

        def wait(timeout: float | None = None) -> bool:
            clock.now_s += min(timeout or 0.0, 0.5)
            with gate.searching():
                return False

        monkeypatch.setattr(gate._changed, "wait", wait)
        before_s = clock.now_s
        gate.wait(CancelToken(), lambda _why: None)
        held += clock.now_s - before_s
        clock.now_s += 0.25
        worked += 0.25
    assert held > worked, "searches go first"
    assert worked > held / 5, "and yet it gets on"


def test_searches_at_once_count_until_the_last_is_over(room: Room) -> None:
    gate = room.gate()
    with gate.searching():
        with gate.searching():
            pass
        waiter = Waiter(gate).start()
        waiter.stands(Waiting.SEARCHING)
    waiter.passes()


def test_settings_make_manners() -> None:
    assert Manners.of(LibrarySettings()) == Manners()
    settings = LibrarySettings(on_battery="wait", wait_in_full_screen=False, threads=1)
    manners = Manners.of(settings)
    assert manners == Manners(BatteryRule.WAIT, waits_in_full_screen=False, threads=1)
    assert manners.thread_count == 1
    assert Manners(threads=10_000).thread_count == usable_cores()
    with pytest.raises(UsageError, match='"on_battery"'):
        Manners.of(LibrarySettings(on_battery="never"))


def test_what_goes_on_while_work_waits_is_looked_at_when_something_comes(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    gate = clocked(room, clock)
    gate.pause()
    waits: list[float | None] = []
    answers = iter([Meanwhile.LOOK_AGAIN, Meanwhile.WAIT, Meanwhile.WAIT, Meanwhile.LEAVE])

    def wait(timeout: float | None = None) -> bool:
        waits.append(timeout and round(timeout, 1))
        if timeout is None:
            for _ in range(1000):
                gate.wake()
        clock.now_s += timeout or 0.0
        return True

    monkeypatch.setattr(gate._changed, "wait", wait)
    told: list[Waiting | None] = []
    gate.wait(CancelToken(), told.append, lambda: next(answers))
    second = meanwhile.EVERY_S
    assert waits == [second, None, second, None, second], "never quicker, and only when called"
    assert list(answers) == []
    assert told == [Waiting.PAUSED, None]


def test_nothing_goes_on_while_somebody_searches(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    gate = clocked(room, clock)

    def wait(timeout: float | None = None) -> bool:
        assert timeout is not None
        gate.wake()
        clock.now_s += timeout
        return True

    monkeypatch.setattr(gate._changed, "wait", wait)
    with gate.searching():
        gate.wait(CancelToken(), lambda _why: None, lambda: pytest.fail("it holds the search up"))


def test_nothing_goes_on_while_somebody_searches_in_a_pause(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    gate = clocked(room, clock)
    gate.pause()
    searching = ExitStack()
    searching.enter_context(gate.searching())
    waits: list[float | None] = []
    done: list[int] = []

    def wait(timeout: float | None = None) -> bool:
        waits.append(timeout and round(timeout, 1))
        gate.wake()
        assert not done
        if len(waits) == 3:
            searching.close()
        return True

    def errand() -> Meanwhile:
        done.append(len(waits))
        return Meanwhile.LEAVE

    monkeypatch.setattr(gate._changed, "wait", wait)
    gate.wait(CancelToken(), lambda _why: None, errand)
    assert waits == [guest._SEARCH_LONGEST_S] * 3, "then it may be waiting for something else"
    assert done == [3]


def test_nothing_goes_on_while_the_disk_is_full(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.computer.free = LEAST_FREE_BYTES - 1
    clock = Clock()
    gate = clocked(room, clock)
    gate.pause()
    waits: list[float | None] = []

    def wait(timeout: float | None = None) -> bool:
        waits.append(timeout)
        gate.wake()
        if len(waits) == 3:
            room.computer.free = LEAST_FREE_BYTES
        return True

    def errand() -> Meanwhile:
        assert room.computer.free == LEAST_FREE_BYTES, "it writes to the library"
        return Meanwhile.LEAVE

    monkeypatch.setattr(gate._changed, "wait", wait)
    gate.wait(CancelToken(), lambda _why: None, errand)
    assert waits == [guest._LOOK_EVERY_S] * 3, "a pause alone would look no more"


def test_work_that_makes_way_is_let_go_though_the_pause_lasts(room: Room) -> None:
    gate = room.gate()
    gate.pause()
    told: list[Waiting | None] = []
    gate.wait(CancelToken(), told.append, lambda: Meanwhile.LEAVE)
    assert told == [Waiting.PAUSED, None]
    assert gate.is_paused
