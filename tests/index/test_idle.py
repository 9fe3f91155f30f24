from __future__ import annotations

import pytest

from photosearch.index.idle import DEFAULT_IDLE_S, IDLE_VARIABLE, IdleClock, idle_from_environment


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_countdown_begins_anew_with_each_use_and_ends_once() -> None:
    clock = Clock()
    idle = IdleClock(60.0, clock)
    assert idle.remaining_s() is None
    assert not idle.take_due()
    idle.use()
    clock.now_s += 50
    idle.use()
    clock.now_s += 50
    assert idle.remaining_s() == 10
    assert not idle.take_due()
    clock.now_s += 11
    assert idle.remaining_s() == 0
    assert idle.take_due()
    assert not idle.take_due()
    assert idle.remaining_s() is None


@pytest.mark.parametrize(("text", "idle_s"), [("2.5", 2.5), ("-1", 0.0), ("soon", DEFAULT_IDLE_S)])
def test_the_environment_may_say_how_long(
    monkeypatch: pytest.MonkeyPatch, text: str, idle_s: float
) -> None:
    monkeypatch.setenv(IDLE_VARIABLE, text)
    assert idle_from_environment() == idle_s
