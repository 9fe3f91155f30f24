"""The parts of the host that need no process: outbox, life, lanes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from photosearch.engine import outbox as outbox_module
from photosearch.engine.lanes import Lanes
from photosearch.engine.life import FAILED_S, FIRST_CLIENT_S, TOLD_S, Life
from photosearch.engine.outbox import Outbox


def test_an_outbox_keeps_order_and_only_the_newest_progress() -> None:
    outbox = Outbox()
    for data in (b"a", b"b"):
        outbox.put(data)
    for number in range(5):
        outbox.put(b"progress %d" % number, is_progress=True)
    outbox.put(b"c")
    assert [outbox.take() for _ in range(4)] == [b"a", b"b", b"progress 4", b"c"]


def test_a_full_outbox_says_so_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MAX_WAITING", 3)
    outbox = Outbox()
    assert [outbox.put(b"%d" % n) for n in range(4)] == [True, True, True, False]
    assert outbox.take() == b"0"
    assert outbox.put(b"4")


def test_an_outbox_counts_bytes_and_takes_one_message_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "MAX_WAITING_BYTES", 10)
    outbox = Outbox()
    assert outbox.put(bytes(50))
    assert not outbox.put(b"1")
    outbox.take()
    assert outbox.put(bytes(10))
    assert not outbox.put(b"1")


def test_a_closed_outbox_lets_its_writer_go() -> None:
    outbox = Outbox()
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(outbox.take)
        outbox.close()
        assert taken.result(timeout=5) is None
    assert outbox.put(b"x")
    assert outbox.take() is None


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_an_engine_waits_for_its_first_client_longer_than_for_the_next() -> None:
    clock = Clock()
    life = Life(2.0, clock)
    assert life.remaining_s() == FIRST_CLIENT_S
    life.joined()
    life.joined()
    life.left()
    assert life.remaining_s() is None
    life.left()
    assert life.remaining_s() == 2.0
    clock.now_s += 1.5
    assert life.remaining_s() == 0.5
    clock.now_s += 1
    assert life.remaining_s() == 0.0


def test_an_engine_that_cannot_open_tells_it_and_ends() -> None:
    clock = Clock()
    life = Life(20.0, clock)
    life.joined()
    life.fail()
    assert life.remaining_s() == FAILED_S
    life.left()
    assert life.remaining_s() == TOLD_S
    life.joined()  # a second one asks; it may not stay for ever
    assert life.remaining_s() == FAILED_S
    clock.now_s += FAILED_S
    assert life.remaining_s() == 0.0


def test_an_engine_with_work_of_its_own_waits_for_nobody() -> None:
    life = Life(2.0, Clock())
    life.stay(True)
    assert life.remaining_s() is None
    life.fail()
    assert life.remaining_s() == FAILED_S, "a library that cannot be opened is not watched"


def test_what_texts_need_is_let_go_once_a_while_after_the_last_client() -> None:
    clock = Clock()
    life = Life(2.0, clock, texts_s=60.0)
    life.stay(True)
    life.joined()
    life.joined()
    life.left()
    assert life.next_s() is None, "somebody is there"
    life.left()
    clock.now_s += 50
    assert life.next_s() == 10
    assert not life.take_texts_due()
    life.joined()
    clock.now_s += 50
    assert not life.take_texts_due()
    assert life.next_s() is None
    life.left()
    clock.now_s += 60
    assert life.next_s() == 0
    assert life.take_texts_due()
    assert not life.take_texts_due()
    assert life.next_s() is None


def test_an_engine_that_ends_sooner_lets_nothing_go_before() -> None:
    clock = Clock()
    life = Life(2.0, clock, texts_s=60.0)
    life.joined()
    life.left()
    assert life.next_s() == life.remaining_s() == 2.0


def test_slow_calls_of_one_kind_do_not_hold_up_another() -> None:
    lanes = Lanes()
    release, done = threading.Event(), threading.Event()

    def hold() -> None:
        release.wait(10)

    for method in ("search", "add_folder"):
        lanes.submit(method, hold)
    lanes.submit("thumbnails", done.set)
    assert done.wait(5)
    done.clear()
    lanes.submit("change_photos", done.set)
    assert done.wait(5)
    release.set()
    lanes.close(5)
    lanes.submit("thumbnails", lambda: pytest.fail("closed lanes take nothing"))


def test_a_slow_search_holds_up_nobody_else() -> None:
    lanes = Lanes()
    release, started, done = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        started.set()
        release.wait(10)

    lanes.submit("search", hold, "slow")
    lanes.submit("search", lambda: pytest.fail("its client is gone"), "slow")
    lanes.submit("search", done.set, "other")
    assert started.wait(5)
    assert done.wait(5)
    lanes.leave("slow")
    lanes.leave("nobody")
    release.set()
    lanes.close(5)


def test_changes_run_in_order() -> None:
    lanes = Lanes()
    order: list[int] = []
    for number in range(50):
        lanes.submit(("add_folder", "start_index")[number % 2], partial(order.append, number))
    finished = threading.Event()
    lanes.submit("remove_folder", finished.set)
    assert finished.wait(5)
    lanes.close(5)
    assert order == list(range(50))
