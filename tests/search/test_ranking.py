from __future__ import annotations

import numpy as np
import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.filters import EVERY_PHOTO
from photosearch.core.ports import Vectors
from photosearch.core.query import Order
from photosearch.core.vectors import unit_length
from photosearch.search.calibrate import POSSIBLE_FROM
from photosearch.search.concepts import Concept, Look
from photosearch.search.ranking import Ranked, Wanted, rank
from tests.search.array_store import SPACE, ArrayStore, LinearJudge, axis, towards


def wants(*numbers: int) -> Concept:
    """One of these axes."""
    return Concept(tuple(Look(axis(number), LinearJudge()) for number in numbers))


def excludes(number: int) -> Concept:
    return Concept((Look(axis(number), LinearJudge()),), is_wanted=False)


def ranked(
    store: ArrayStore, *concepts: Concept, order: Order = Order.RELEVANCE, **others: object
) -> Ranked:
    wanted = Wanted(EVERY_PHOTO, order, **{"limit": 100, **others})  # type: ignore[arg-type]
    return rank(store, SPACE, concepts, wanted, CancelToken())  # type: ignore[arg-type]


def crowd(count: int = 40_000, seed: int = 4) -> Vectors:
    return unit_length(np.random.default_rng(seed).normal(size=(count, SPACE.dim)))


@pytest.mark.parametrize("limit", [1, 50, 700, 5_000, 50_000])
def test_the_order_is_exact_however_blurred_the_scan(limit: int) -> None:
    store = ArrayStore(crowd())
    found = ranked(store, wants(0), limit=limit)
    exact = store.vectors_of_all @ axis(0)
    best = store.ids[np.lexsort((store.ids, -exact))]
    first = min(limit, 400)
    assert found.ids[:first].tolist() == best[:first].tolist()
    assert len(found.ids) == min(limit, len(best)) == len(set(found.ids.tolist()))
    assert found.total_count == found.searched_count == len(best)
    assert found.waiting_count == 3
    np.testing.assert_allclose(found.scores, exact[found.ids // 10], atol=0.004)


def test_the_edge_of_a_band_is_exact_far_beyond_the_head() -> None:
    store = ArrayStore(crowd())
    found = ranked(store, wants(0), limit=50_000)
    exact = store.vectors_of_all @ axis(0)
    is_above = found.scale.shown(LinearJudge().confidence(exact)) >= POSSIBLE_FROM
    assert is_above.sum() > 4096
    assert int((found.confidences >= POSSIBLE_FROM).sum()) == int(is_above.sum())


def test_two_concepts_must_both_be_there() -> None:
    store = ArrayStore(np.stack([towards(0.95, 0.1), towards(0.55, 0.55), towards(0.1, 0.95)]))
    assert ranked(store, wants(0), wants(1)).ids[0] == 10


def test_what_is_excluded_goes_to_the_end() -> None:
    store = ArrayStore(np.stack([towards(0.6, 0.79), towards(0.6, 0.0), towards(0.1, 0.0)]))
    found = ranked(store, wants(0), excludes(1))
    assert found.ids[0] == 10
    assert found.confidences[found.ids.tolist().index(0)] < POSSIBLE_FROM


def test_one_of_two_alternatives_is_enough() -> None:
    store = ArrayStore(np.stack([towards(0.9, 0.0), towards(0.5, 0.5), towards(0.0, 0.9)]))
    found = ranked(store, wants(0, 1))
    assert set(found.ids[:2].tolist()) == {0, 20}
    assert found.confidences[1] > 0.9
    with_third = ranked(store, wants(0, 1), excludes(1))
    assert with_third.ids[0] == 0


def test_one_scan_whatever_the_number_of_concepts() -> None:
    store = ArrayStore(crowd())
    ranked(store, wants(0), wants(1), wants(2), excludes(3), limit=50)
    assert store.scan_count == 1
    assert store.exact_count < 2_000


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
def test_by_time_holds_what_stands_out_and_nothing_else(order: Order) -> None:
    store = ArrayStore(crowd())
    found = ranked(store, wants(0), order=order, limit=30_000)
    sure = found.scale.shown(LinearJudge().confidence(store.vectors_of_all @ axis(0)))
    is_above = sure >= POSSIBLE_FROM
    expected = store.ids[is_above]
    if order is Order.NEWEST:
        expected = expected[::-1]
    assert found.ids.tolist() == expected.tolist()
    assert found.total_count == len(expected)


def test_by_time_shows_the_nearest_where_nothing_stands_out() -> None:
    store = ArrayStore(np.stack([towards(0.01), towards(0.02), towards(0.03)]))
    found = ranked(store, wants(0), order=Order.NEWEST)
    assert found.ids.tolist() == [20, 10, 0]
    assert found.best.max() < POSSIBLE_FROM


def test_a_least_confidence_leaves_the_others_out() -> None:
    store = ArrayStore(crowd())
    found = ranked(store, wants(0), limit=30_000, min_confidence=0.5)
    exact = store.vectors_of_all @ axis(0)
    count = int((found.scale.shown(LinearJudge().confidence(exact)) >= 0.5).sum())
    assert len(found.ids) == count == found.total_count
    cut = ranked(store, wants(0), limit=5, min_confidence=0.5)
    assert len(cut.ids) == 5
    assert abs(cut.total_count - count) < 0.02 * count  # of the scan, where few are wanted


def test_no_photos_are_no_error() -> None:
    for order in Order:
        found = ranked(ArrayStore(np.empty((0, SPACE.dim), np.float32)), wants(0), order=order)
        assert len(found.ids) == found.total_count == len(found.best) == 0
