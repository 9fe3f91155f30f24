from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.vectors import unit_length
from photosearch.search.bursts import GAP_US, collapse

ONE, OTHER = np.eye(4, dtype=np.float32)[:2]
SECOND_US = 1_000_000


def test_one_scene_within_seconds_is_one() -> None:
    times = np.array([5, 0, 1, 2, 90], np.int64) * SECOND_US
    first, counts = collapse(times, np.stack([ONE] * 5))
    assert first.tolist() == [0, 4]  # 0..2 s and 5 s: no gap is longer than three seconds
    assert counts.tolist() == [4, 1]


def test_another_scene_is_another_burst() -> None:
    times = np.array([0, 1], np.int64) * SECOND_US
    first, counts = collapse(times, np.stack([ONE, OTHER]))
    assert (first.tolist(), counts.tolist()) == ([0, 1], [1, 1])


def test_a_photo_without_a_vector_stands_alone() -> None:
    vectors = np.stack([ONE, np.full(4, np.nan, np.float32), ONE])
    first, counts = collapse(np.array([0, 1, 2], np.int64) * SECOND_US, vectors)
    assert counts.tolist() == [1, 1, 1]
    assert len(first) == 3


def test_nothing_collapses_to_nothing() -> None:
    first, counts = collapse(np.empty(0, np.int64), np.empty((0, 4), np.float32))
    assert len(first) == len(counts) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=40))
def test_each_photo_is_in_one_burst_and_the_first_of_it_shown(
    photos: list[tuple[int, int]],
) -> None:
    times = np.array([second for second, _ in photos], np.int64) * (GAP_US // 3)
    scenes = unit_length(np.eye(4, dtype=np.float32)[[scene for _, scene in photos]])
    first, counts = collapse(times, scenes.reshape(len(photos), 4))
    assert counts.sum() == len(photos)
    assert first.tolist() == sorted(first.tolist())
