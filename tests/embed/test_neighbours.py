"""What `models check` concludes from vectors."""

from __future__ import annotations

import numpy as np
import pytest

from photosearch.core.ports import Vectors
from photosearch.core.vectors import unit_length
from photosearch.embed.neighbours import Agreement, Verdict, agreement


@pytest.fixture
def vectors() -> Vectors:
    return unit_length(np.random.default_rng(7).normal(size=(300, 32)))


def test_the_same_vectors_agree_in_everything(vectors: Vectors) -> None:
    found = agreement(vectors, vectors)
    assert (found.photo_count, found.few_overlap, found.many_overlap) == (300, 1.0, 1.0)
    assert found.cosine_min == pytest.approx(1.0, abs=1e-5)
    assert found.centred_min == pytest.approx(1.0, abs=1e-5)
    assert found.verdict is Verdict.NEARLY_THE_SAME


def test_strangers_agree_by_chance_only(vectors: Vectors) -> None:
    found = agreement(vectors[::-1], vectors)
    # A photo that counted as its own neighbour would raise it to 0.13.
    assert found.many_overlap == pytest.approx(10 / 299, abs=0.02)
    assert found.verdict is Verdict.OTHERS


@pytest.mark.parametrize(
    ("overlap", "verdict"),
    [
        (0.95, Verdict.NEARLY_THE_SAME),
        (0.949, Verdict.MOSTLY_THE_SAME),
        (0.85, Verdict.MOSTLY_THE_SAME),
        (0.84, Verdict.OTHERS),
        (0.0, Verdict.OTHERS),
    ],
)
def test_the_verdict_follows_the_ten_nearest(overlap: float, verdict: Verdict) -> None:
    assert Agreement(60, 1.0, overlap, 1.0, 1.0, 1.0, 1.0).verdict is verdict
