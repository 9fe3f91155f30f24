from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosearch.search.combine import together

AND = np.array([1, 1], np.float32)
NOT = np.array([1, -1], np.float32)
sure = st.floats(0, 1, width=32)


def of(confidences: list[list[float]], weights: np.ndarray) -> list[float]:
    return together(np.array(confidences, np.float32), weights).tolist()


def test_both_things_count_for_more_than_twice_the_one() -> None:
    both, one = of([[0.6, 0.6], [1.0, 0.1]], AND)
    assert both > one


def test_what_is_missing_cannot_be_made_up_for() -> None:
    assert of([[1.0, 0.0]], AND)[0] < 0.01


def test_among_equal_leasts_the_other_decides() -> None:
    more, less = of([[0.4, 0.9], [0.4, 0.5]], AND)
    assert more > less


def test_the_excluded_vetoes() -> None:
    without, maybe, surely = of([[0.8, 0.0], [0.8, 0.003], [0.8, 1.0]], NOT)
    assert without > maybe > surely
    assert surely < 1e-6


def test_what_is_excluded_alone_leaves_the_rest() -> None:
    assert np.allclose(of([[0.0], [1.0]], np.array([-1], np.float32)), [1.0, 0.0])


def test_one_concept_is_what_it_is() -> None:
    confidences = np.linspace(0.01, 1, 7, dtype=np.float32)
    assert np.allclose(together(confidences[:, None], np.ones(1, np.float32)), confidences)


@given(st.lists(st.tuples(sure, sure, sure), min_size=1, max_size=8))
def test_it_is_a_confidence_and_no_lower_than_the_least(rows: list[tuple[float, ...]]) -> None:
    wanted = np.array(rows, np.float32)
    combined = together(wanted, np.ones(3, np.float32))
    assert combined.dtype == np.float32
    assert np.all(combined >= wanted.min(axis=1) - 1e-5)
    assert np.all(combined <= 1.0)
    assert np.all(together(wanted, np.array([1, 1, -1], np.float32)) <= 1.0)


def test_two_finds_that_are_not_sure_are_more_together() -> None:
    (together_sure,) = of([[0.2, 0.2]], AND)
    assert 0.2 < together_sure < 0.5


@given(sure, sure, sure)
def test_it_never_falls_with_the_wanted_nor_rises_with_the_excluded(
    first: float, second: float, more: float
) -> None:
    higher = max(first, more)
    low, high = of([[first, second], [higher, second]], AND)
    assert high >= low - 1e-6
    low, high = of([[second, first], [second, higher]], NOT)
    assert high <= low + 1e-6
