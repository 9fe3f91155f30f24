from __future__ import annotations

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Vectors
from photosearch.core.query import Order, Query, Scope, TextTerm
from photosearch.core.result import Band, Why
from photosearch.search.answer import Answer, by_filters, by_meaning, by_names, without_repeats
from photosearch.search.calibrate import POSSIBLE_FROM, STRONG_FROM
from photosearch.search.concepts import Concept, Look
from photosearch.search.plan import Plan
from tests.search.array_store import SPACE, ArrayStore, LinearJudge, axis, towards

DOG = Concept((Look(axis(0), LinearJudge()),))
NO_CAT = Concept((Look(axis(1), LinearJudge()),), is_wanted=False)
PLAN = Plan((TextTerm("dog"),), words=("dog",))


def library() -> ArrayStore:
    """Dogs as sure as 0.95, 0.5 and 0.02, a dog with a cat, and a picture of neither."""
    return ArrayStore(
        np.stack([towards(0.77), towards(0.5), towards(0.21), towards(0.7, 0.69), towards(0.0)])
    )


def answered(store: ArrayStore, *concepts: Concept, limit: int = 10, **others: object) -> Answer:
    query = Query(**others)  # type: ignore[arg-type]
    wanted = concepts or (DOG,)
    token = CancelToken()
    return by_meaning(store, SPACE, PLAN, wanted, query, limit, token)  # type: ignore[arg-type]


def test_bands_come_from_the_confidences() -> None:
    found = answered(library())
    sure = found.confidences
    assert found.ids[0] == 0
    assert np.all(np.diff(found.bands.astype(int)) >= 0)
    assert ((found.bands == Band.STRONG) == (sure >= STRONG_FROM)).all()
    assert ((found.bands <= Band.POSSIBLE) == (sure >= POSSIBLE_FROM)).all()
    assert set(found.whys.tolist()) == {Why.IMAGE}
    assert (found.total_count, found.searched_count, found.waiting_count) == (5, 5, 3)
    assert not found.no_good_match


def test_what_is_called_so_comes_first_and_says_why() -> None:
    store = library()
    store.names["dog"] = [40, 10]
    found = answered(store)
    assert found.ids[:2].tolist() == [10, 40]
    assert found.bands[:3].tolist() == [Band.NAMED, Band.NAMED, Band.STRONG]
    assert found.whys[1] == Why.NAME
    assert len(found.ids) == len(set(found.ids.tolist())) == found.total_count == 5


def test_a_name_without_a_vector_counts_once_more() -> None:
    store = library()
    store.names["dog"] = [990]
    store.taken_us = np.arange(100, dtype=np.int64)
    found = answered(store)
    assert found.ids[0] == 990
    assert np.isnan(found.scores[0])
    assert found.total_count == 6


def test_names_stay_where_little_is_sure_enough() -> None:
    store = library()
    store.names["dog"] = [40]
    found = answered(store, min_confidence=0.9)
    assert found.ids.tolist() == [40, 0]
    assert found.total_count == 2


def test_a_limit_cuts_after_the_names() -> None:
    store = library()
    store.names["dog"] = [40, 20, 10]
    found = answered(store, limit=4)
    assert found.ids.tolist() == [10, 20, 40, 0]
    assert found.total_count == 5


def test_who_shows_what_is_excluded_is_not_first_for_its_name() -> None:
    store = library()
    store.names["dog"] = [30]
    assert answered(store, DOG, NO_CAT).ids[0] == 0
    assert answered(store, DOG).ids[0] == 30


def test_meaning_only_looks_up_no_names() -> None:
    store = library()
    store.names["dog"] = [40]
    found = answered(store, scope=Scope.MEANING)
    assert found.ids[0] == 0
    assert Band.NAMED not in found.bands


def test_nothing_that_stands_out_is_said_unless_a_name_does() -> None:
    store = ArrayStore(np.stack([towards(0.01), towards(0.02)]))
    found = answered(store)
    assert found.no_good_match
    assert set(found.bands.tolist()) == {Band.WEAK}
    assert len(found.ids) == 2
    store.names["dog"] = [0]
    assert not answered(store).no_good_match


def test_by_time_names_and_meaning_are_one_line() -> None:
    store = library()
    store.names["dog"] = [40]
    assert answered(store, order=Order.NEWEST).ids.tolist() == [40, 30, 10, 0]
    assert answered(store, order=Order.OLDEST).ids.tolist() == [0, 10, 30, 40]
    assert answered(store, order=Order.NEWEST).total_count == 4


def test_names_alone_encode_nothing_and_leave_out_other_names() -> None:
    store = library()
    store.names = {"dog": [10, 20, 30], "cat": [30]}
    plan = Plan((TextTerm("dog"), TextTerm("cat", -1.0)), words=("dog",))
    found = by_names(store, plan, Query())  # type: ignore[arg-type]
    assert found.ids.tolist() == [10, 20]
    assert set(found.bands.tolist()) == {Band.NAMED}
    assert store.scan_count == 0


def test_filters_alone_list_by_time() -> None:
    store = library()
    for order, expected in ((Order.RELEVANCE, 40), (Order.NEWEST, 40), (Order.OLDEST, 0)):
        found = by_filters(store, SPACE, Plan(), (), Query(order=order))  # type: ignore[arg-type]
        assert found.ids[0] == expected
        assert found.total_count == 5
        assert np.isnan(found.confidences).all()


def test_filters_with_an_exclusion_leave_out_what_shows_it() -> None:
    found = by_filters(library(), SPACE, Plan(), (NO_CAT,), Query())  # type: ignore[arg-type]
    assert 30 not in found.ids
    assert found.total_count == 4


def test_a_list_leaves_out_only_what_may_well_show_what_is_excluded() -> None:
    """A cosine of 0.25 is a confidence of 0.08 here, which would be a veto in a ranking."""
    store = ArrayStore(np.stack([towards(0.0, share) for share in (0.2, 0.25, 0.27, 0.5)]), 0.0)
    found = by_filters(store, SPACE, Plan(), (NO_CAT,), Query())  # type: ignore[arg-type]
    assert sorted(found.ids.tolist()) == [0, 10]


def test_of_several_exclusions_each_leaves_out_its_own() -> None:
    store = ArrayStore(np.stack([towards(0.9), towards(0.0, 0.9), towards(0.1, 0.1)]), 0.0)
    no_dog = Concept(DOG.looks, is_wanted=False)
    found = by_filters(store, SPACE, Plan(), (no_dog, NO_CAT), Query())  # type: ignore[arg-type]
    assert found.ids.tolist() == [20]


def test_a_burst_is_shown_once() -> None:
    vectors: Vectors = np.stack([towards(0.9), towards(0.9), towards(0.5), towards(0.0, 0.9)])
    store = ArrayStore(vectors)
    shown, counts = without_repeats(store, SPACE, answered(store), 10)  # type: ignore[arg-type]
    assert shown.ids.tolist()[0] == 0
    assert counts.tolist()[0] == 2
    assert shown.total_count == 4  # photos, whatever the number of them that is shown


def test_a_rough_judge_never_says_that_nothing_stands_out() -> None:
    judge = LinearJudge()
    judge.is_rough = True
    store = ArrayStore(np.stack([towards(0.01), towards(0.02)]))
    assert not answered(store, Concept((Look(axis(0), judge),))).no_good_match
