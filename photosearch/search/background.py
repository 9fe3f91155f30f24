"""What a query looks like against pictures and words that have nothing to do with it.

Both are the same for every library: how near a query comes to them does not depend on how common
the thing is that it asks for. See `calibrate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from photosearch.core.ports import Vectors
from photosearch.search.reference import PICTURES_OF_A_THING

#: The crowd is weighed by likeness: a picture one spread nearer counts so many powers of e more.
#: What a find is mistaken for is the nearest stranger, so the nearest few pictures say most.
_SHARPNESS = 5.0
#: Which of the neutral words is looked at, counted from the nearest: how crowded the text's corner
#: is. The first ones may mean the same as the text.
_NEIGHBOUR = 4


@dataclass(frozen=True)
class Background:
    """The reference set in one space.

    Attributes:
        pictures: float32 (n, dim), unit length.
        neutral: float32 (m, dim), unit length, words.
    """

    pictures: Vectors
    neutral: Vectors

    @cached_property
    def middle(self) -> Vectors:
        """Where texts gather: float32 (dim,)."""
        mean: Vectors = self.neutral.mean(axis=0)
        return mean

    @cached_property
    def _words(self) -> Vectors:
        """The neutral words from their middle: float32 (m, dim), unit length."""
        return _directions(self.neutral - self.middle)

    @cached_property
    def text_level(self) -> tuple[float, float]:
        """Mean and spread of the scores of neutral words."""
        scores = self.neutral @ self.pictures.T
        return float(scores.mean()), float(scores.std(axis=1).mean())

    def crowd(self, scores: Vectors) -> float:
        """Says how near the reference pictures come to a query, the nearest counting most.

        Args:
            scores: float32 (n,), their cosines, of all or of some of them. As many of the best as
                show one thing are left out: they may show what is asked for.
        """
        _, spread = self.text_level
        sharpness = _SHARPNESS / max(spread, 1e-6)
        left_out = round(PICTURES_OF_A_THING * len(scores) / len(self.pictures))
        kept = np.sort(scores.astype(np.float64))[: len(scores) - left_out]
        top = kept[-1]
        return float(top + np.log(np.mean(np.exp(sharpness * (kept - top)))) / sharpness)

    def nearness(self, direction: Vectors) -> float:
        """Says how near the fifth of the neutral words comes to a text."""
        likeness = np.sort(self._words @ _directions(direction - self.middle))
        return float(likeness[-1 - _NEIGHBOUR])

    def generality(self, direction: Vectors) -> float:
        """Says how near a text lies to where texts gather: what says little lies there."""
        return float(direction @ self.middle)


def _directions(vectors: Vectors) -> Vectors:
    lengths = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    scaled: Vectors = (vectors / lengths).astype(np.float32)
    return scaled
