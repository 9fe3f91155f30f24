"""The best of many scores."""

from __future__ import annotations

import numpy as np
import pytest

from photosearch.search.top import top


@pytest.mark.parametrize("size", [0, 1, 5, 19_999, 20_000, 200_003])
@pytest.mark.parametrize("count", [-1, 0, 1, 400, 30_000, 10**7])
@pytest.mark.parametrize("order", ["random", "rising", "falling", "equal", "few", "bursts"])
def test_the_best_are_found(size: int, count: int, order: str) -> None:
    random = np.random.default_rng(size)
    scores = {
        "random": lambda: random.standard_normal(size),
        "rising": lambda: np.arange(size),
        "falling": lambda: -np.arange(size),
        "equal": lambda: np.zeros(size),
        "few": lambda: random.integers(0, 3, size),
        # The sample sees none of the best, or nothing but them.
        "bursts": lambda: np.where(np.arange(size) % 64 == (size % 2), 1.0, 0.0),
    }[order]()
    scores = scores.astype(np.float32)
    found = top(scores, count)
    wanted = min(max(count, 0), size)
    assert found.dtype == np.int64
    assert len(np.unique(found)) == len(found) == wanted
    np.testing.assert_array_equal(np.sort(scores[found])[::-1], np.sort(scores)[::-1][:wanted])
