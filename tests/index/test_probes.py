"""What the computer is busy with: here, what can be asked of any computer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from photosearch.index import probes
from photosearch.index.full_screen import x11_full_screen
from photosearch.index.probes import Kept, battery_percent, free_bytes


def test_an_answer_is_kept_for_a_while() -> None:
    now_s = 0.0
    answers = iter(range(10))
    kept = Kept(lambda: next(answers), 10.0, lambda: now_s)
    assert [kept(), kept()] == [0, 0]
    now_s = 9.9
    assert kept() == 0
    now_s = 10.0
    assert kept() == 1


@pytest.mark.parametrize(
    ("battery", "percent"),
    [
        (None, None),
        (SimpleNamespace(percent=41, power_plugged=True), None),
        (SimpleNamespace(percent=41, power_plugged=None), None),
        (SimpleNamespace(percent=41, power_plugged=False), 41.0),
    ],
)
def test_only_a_battery_that_is_in_use_counts(
    monkeypatch: pytest.MonkeyPatch, battery: object, percent: float | None
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert battery_percent() == percent


def test_a_battery_that_cannot_be_asked_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no such file")

    monkeypatch.setattr(psutil, "sensors_battery", fail, raising=False)
    assert battery_percent() is None
    monkeypatch.delattr(psutil, "sensors_battery")
    assert battery_percent() is None


def test_a_screen_that_is_not_there_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert x11_full_screen(":54321") is None
    monkeypatch.delenv("DISPLAY", raising=False)
    assert probes.is_full_screen() is None


def test_room_is_asked_of_the_librarys_own_disk(tmp_path: Path) -> None:
    room = free_bytes(tmp_path)
    assert room is not None
    assert room > 0
    assert free_bytes(tmp_path / "away") is None
