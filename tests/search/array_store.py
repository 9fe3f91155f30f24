"""A store of a few vectors, and a judge that anybody can follow: for tests of the ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.filters import EVERY_PHOTO, Filter
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.stored import NamedPhotos, Scan

SPACE = EmbeddingSpace("array@1+p1", 8, "Array", ("Array",))

Ids = npt.NDArray[np.int64]


class ArrayStore:
    """What `search` needs of a store. Photo n has the id 10 * n and was taken at n seconds.

    Args:
        vectors: float32 (n, dim), unit length.
        noise: How far off the scan's scores are, at most.
    """

    def __init__(self, vectors: Vectors, noise: float = 0.003) -> None:
        self.vectors_of_all = vectors
        self.ids = 10 * np.arange(len(vectors), dtype=np.int64)
        self.taken_us = 1_000_000 * np.arange(len(vectors), dtype=np.int64)
        self.names: dict[str, Sequence[int]] = {}
        self.exact_count = 0
        self.scan_count = 0
        self._noise = noise

    def scan(
        self,
        space: EmbeddingSpace,
        direction: Vectors,
        where: Filter = EVERY_PHOTO,
        cancel: CancelToken | None = None,
    ) -> Scan:
        self.scan_count += 1
        return Scan(self.ids, self._blurred(self.vectors_of_all @ direction), 3)

    def cosines(
        self, space: EmbeddingSpace, ids: Ids, directions: Vectors, *, is_exact: bool = True
    ) -> Vectors:
        found = np.full((len(ids), len(directions)), np.nan, np.float32)
        is_known = np.isin(ids, self.ids)
        found[is_known] = self.vectors_of_all[ids[is_known] // 10] @ directions.T
        if is_exact:
            self.exact_count += len(ids)
            return found
        return self._blurred(found)

    def vectors(self, space: EmbeddingSpace, ids: Ids) -> tuple[Ids, Vectors]:
        known = ids[np.isin(ids, self.ids)]
        return known, self.vectors_of_all[known // 10]

    def times(self, ids: Ids) -> Ids:
        return self.taken_us[ids // 10]

    def matching(self, where: Filter) -> Ids:
        return self.ids[np.argsort(-self.taken_us, kind="stable")]

    def named(
        self, words: Sequence[str], where: Filter = EVERY_PHOTO, most: int | None = None
    ) -> NamedPhotos:
        found = [set(self.names.get(word, ())) for word in words]
        ids = sorted(set.intersection(*found)) if found else []
        return NamedPhotos(np.array(ids, np.int64), np.full(len(ids), 2, np.uint8))

    def _blurred(self, scores: Vectors) -> Vectors:
        random = np.random.default_rng(1)
        noise = random.uniform(-self._noise, self._noise, scores.shape)
        return (scores + noise).astype(np.float32)


class LinearJudge:
    """A cosine of 0.2 is no match at all, one of 0.8 a sure one."""

    is_rough = False

    def confidence(self, scores: Vectors) -> Vectors:
        return np.clip((scores - 0.2) / 0.6, 0.0, 1.0).astype(np.float32)

    def score_at(self, confidence: float) -> float:
        return 0.2 + 0.6 * confidence


def axis(number: int) -> Vectors:
    return np.eye(SPACE.dim, dtype=np.float32)[number]


def towards(*shares: float) -> Vectors:
    """A vector with these cosines to the first axes, and the rest on the last one."""
    rest = np.sqrt(max(0.0, 1 - sum(share * share for share in shares)))
    padding = [0.0] * (SPACE.dim - len(shares) - 1)
    return np.array([*shares, *padding, rest], np.float32)
