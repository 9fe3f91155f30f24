"""The cache behind thumbnails and facts, without a window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from photosearch.errors import EngineError
from photosearch.gui.models.lazy import LazyCache
from photosearch.gui.models.thumbnails import pixmap_bytes, thumbnail_cache
from tests.gui.fake_client import FakeClient, jpeg


@pytest.fixture
def make_cache() -> Iterator[Callable[..., LazyCache]]:
    made: list[LazyCache] = []

    def make(*args, **kwargs) -> LazyCache:
        made.append(LazyCache("lazy", *args, **kwargs))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


def test_one_repaint_for_all_that_came_together(make_cache, qtbot: QtBot):
    cache = make_cache(lambda ids, _wanted: {i: i * 10 for i in ids}, 100, batch_size=2)
    arrived = []
    cache.arrived.connect(arrived.append)
    cache.want(range(1, 21))
    qtbot.waitUntil(lambda: cache.is_settled)
    assert cache.get(20) == 200
    assert frozenset().union(*arrived) == frozenset(range(1, 21))
    assert len(arrived) < 10, "ten batches, fewer repaints"


def test_a_new_wish_replaces_the_old_one(make_cache, qtbot: QtBot):
    gate, asked = threading.Event(), []

    def fetch(ids, is_wanted):
        asked.append(list(ids))
        assert gate.wait(10)
        return {i: i for i in ids if is_wanted(i)}

    cache = make_cache(fetch, 100, batch_size=2)
    cache.want([1, 2, 3, 4])
    qtbot.waitUntil(lambda: asked == [[1, 2]])
    cache.want([50, 51])
    gate.set()
    qtbot.waitUntil(lambda: cache.is_settled)
    assert asked == [[1, 2], [50, 51]]
    assert cache.get(1) is None
    assert not cache.has_nothing(1), "dropped, not missing"
    cache.want([1])
    qtbot.waitUntil(lambda: cache.get(1) == 1)


def test_what_is_scrolled_away_and_back_while_it_is_fetched_still_comes(make_cache, qtbot: QtBot):
    gate, entered, done = threading.Event(), threading.Event(), threading.Event()

    def fetch(ids, is_wanted):
        entered.set()
        assert gate.wait(10)
        answer = {i: i for i in ids if is_wanted(i)}
        done.set()
        return answer

    cache = make_cache(fetch, 100)
    cache.want([1])
    assert entered.wait(10)
    cache.want([2])
    gate.set()
    assert done.wait(10)
    cache.want([1])
    qtbot.waitUntil(lambda: cache.get(1) == 1)
    assert not cache.has_nothing(1)


def test_refreshed_values_replace_the_old_ones_when_they_come(make_cache, qtbot: QtBot):
    version = [1]
    cache = make_cache(lambda ids, _wanted: dict.fromkeys(ids, version[0]), 100)
    cache.want([1, 2])
    qtbot.waitUntil(lambda: cache.is_settled)
    cache.want([2])
    version[0] = 2
    cache.refresh()
    assert (cache.get(1), cache.get(2)) == (None, 1)
    qtbot.waitUntil(lambda: cache.get(2) == 2)
    assert cache.kept_cost == 1


def test_the_least_recently_used_go_first(make_cache, qtbot: QtBot):
    cache = make_cache(lambda ids, _wanted: {i: i for i in ids}, 5, batch_size=1)
    cache.want([1, 2, 3, 4, 5])
    qtbot.waitUntil(lambda: cache.is_settled)
    cache.get(1)
    cache.want([6])
    qtbot.waitUntil(lambda: cache.is_settled)
    assert cache.get(2) is None
    assert cache.get(1) == 1
    assert cache.kept_cost == 5


def test_a_failed_fetch_is_tried_again(make_cache, qtbot: QtBot):
    errors = [EngineError("away")]

    def fetch(ids, _wanted):
        if errors:
            raise errors.pop()
        return {i: i for i in ids}

    cache = make_cache(fetch, 100)
    cache.want([1])
    qtbot.waitUntil(lambda: not errors and cache._retry_timer.isActive())
    assert not cache.is_settled
    cache.retry()
    qtbot.waitUntil(lambda: cache.get(1) == 1)
    assert cache.is_settled


def test_thumbnails_stay_below_their_bytes(qtbot: QtBot):
    client = FakeClient(100)
    client.thumbnail = jpeg(width_px=100, height_px=100)
    capacity = 10 * 100 * 100 * 4
    cache = thumbnail_cache(lambda: client, capacity_bytes=capacity)
    cache.want(range(1, 101))
    qtbot.waitUntil(lambda: cache.is_settled)
    assert cache.kept_cost <= capacity
    kept = [cache.get(photo_id) for photo_id in range(1, 101)]
    pixmaps = [pixmap for pixmap in kept if isinstance(pixmap, QPixmap)]
    assert len(pixmaps) == 10
    assert sum(pixmap_bytes(pixmap) for pixmap in pixmaps) == cache.kept_cost
    cache.close()


def test_a_damaged_thumbnail_is_none_and_its_neighbours_come(qtbot: QtBot):
    client = FakeClient(3)
    good = client.thumbnails
    client.thumbnails = lambda ids: {**good(ids), 2: b"no jpeg"}  # type: ignore[method-assign]
    cache = thumbnail_cache(lambda: client)
    cache.want([1, 2, 3])
    qtbot.waitUntil(lambda: cache.is_settled)
    assert cache.has_nothing(2)
    assert cache.get(1) is not None
    assert cache.get(3) is not None
    cache.close()


def test_a_value_is_replaced_only_where_it_is_at_hand(make_cache, qtbot: QtBot):
    cache = make_cache(lambda ids, _wanted: {i: i for i in ids}, 100)
    cache.want([1])
    qtbot.waitUntil(lambda: cache.get(1) == 1)
    arrived = []
    cache.arrived.connect(arrived.append)
    cache.replace(1, 10)
    cache.replace(2, 20)
    assert (cache.get(1), cache.get(2)) == (10, None)
    assert arrived == [frozenset((1,))]
    assert cache.kept_cost == 1
