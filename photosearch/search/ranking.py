"""Orders the photos of a library by how surely they show what was asked for. Search threads.

One scan finds, for every photo that passes the filters, how near it is to where photos that may
fit lie. What comes out best is looked at more closely: each concept by itself, and then exactly,
from the stored rows. So the cost of a ranking hardly grows with the number of concepts; only
alternatives take a scan each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.filters import Filter
from photosearch.core.ports import Vectors
from photosearch.core.query import Order
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import Scan
from photosearch.search.calibrate import POSSIBLE_FROM, Scale, strong_from
from photosearch.search.concepts import Concept, aims, judged, looks_of
from photosearch.search.top import top

Ids = npt.NDArray[np.int64]
_Positions = npt.NDArray[np.int64]

#: Photos compared exactly, at least and at most: in 1,000,000 vectors the exact first 50 were
#: always among the first 200 of the scan.
_EXACT_MIN = 400
_EXACT_MAX = 4096
#: Photos that are looked at concept by concept, at least, and for each one that is wanted.
_CANDIDATES_MIN = 4096
_CANDIDATES_PER_PHOTO = 4
#: How far a score of the scan may lie from the exact one, and a confidence of several concepts
#: together. Photos that lie so near to the edge of a band are compared exactly, wherever they are
#: in the order; not more of them than can be read in a moment.
_SLACK = 0.005
_CONFIDENCE_SLACK = 0.05
_EDGE_MAX = 20_000
#: Photos that tell how common something is, about.
_SAMPLE = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Photos in order.

    Attributes:
        ids: int64 (n,), in the order that was asked for.
        scores: float32 (n,), cosine similarity to where photos that fit lie.
        confidences: float32 (n,), 0..1, as they are shown.
        total_count: How many there are without a limit.
        searched_count: How many were compared.
        waiting_count: How many could not be compared yet.
        best: float32, the highest confidences among all that were compared, whatever the order;
            as they were judged.
        scale: How those become what is shown.
    """

    ids: Ids
    scores: Vectors
    confidences: Vectors
    total_count: int
    searched_count: int
    waiting_count: int
    best: Vectors
    scale: Scale


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the order is asked for, and of which photos.

    Attributes:
        where: Which photos.
        order: In which order.
        limit: How many at most.
        min_confidence: Photos below are left out.
    """

    where: Filter
    order: Order
    limit: int
    min_confidence: float = 0.0


def rank(
    store: Store,
    space: EmbeddingSpace,
    concepts: Sequence[Concept],
    wanted: Wanted,
    cancel: CancelToken,
) -> Ranked:
    """Orders photos.

    Args:
        store: Where the vectors are.
        space: Which ones.
        concepts: What is to be seen and what is not; at least one is wanted.
        wanted: What is asked for.
        cancel: Ends it early.

    Raises:
        QueryError: The concepts cancel each other out.
        StoreError: The database failed.
        Cancelled: The answer is no longer wanted.
    """
    directions = aims(concepts)
    scans = [store.scan(space, direction, wanted.where, cancel) for direction in directions]
    cancel.raise_if_cancelled()
    closer = _Closer(store, space, concepts, directions, _nearest(scans), wanted)
    return closer.by_relevance() if wanted.order is Order.RELEVANCE else closer.by_time()


def _nearest(scans: Sequence[Scan]) -> Scan:
    """Each photo's score in the scan that it is nearest in."""
    first = scans[0]
    scores = first.scores
    for other in scans[1:]:
        if first.ids is not other.ids and not np.array_equal(first.ids, other.ids):
            continue  # the library changed in between: the next search knows
        scores = np.maximum(scores, other.scores)
    return Scan(first.ids, scores, first.waiting_count)


class _Closer:
    """A closer look at what a scan found.

    Positions are those in the scan.
    """

    def __init__(
        self,
        store: Store,
        space: EmbeddingSpace,
        concepts: Sequence[Concept],
        aimed: Vectors,
        scan: Scan,
        wanted: Wanted,
    ) -> None:
        self._store = store
        self._space = space
        self._concepts = concepts
        self._scan = scan
        self._wanted = wanted
        looks = looks_of(concepts)
        self._looks = np.stack([look.direction for look in looks])
        self._aim_count = len(aimed)
        self._directions = np.concatenate([aimed, self._looks])
        #: With one thing to be seen, the scan's own score says how sure it is.
        self._only = looks[0] if len(looks) == 1 else None

    def by_relevance(self) -> Ranked:
        """The surest first."""
        limit, floor = self._wanted.limit, self._wanted.min_confidence
        at = self._candidates(limit)
        scores, confidences = self._rough(at)
        at, scores, confidences = self._sorted(at, scores, confidences)
        head = min(max(2 * limit, _EXACT_MIN), _EXACT_MAX)
        self._settle(np.arange(min(head, len(at))), at, scores, confidences)
        strong = self._strong_from(confidences[:head])
        scale = Scale.of(strong)
        floor = scale.judged(floor)
        shown = slice(head, limit)
        for edge in {strong, scale.judged(POSSIBLE_FROM), floor or strong}:
            self._settle(self._near(scores, confidences, edge, shown), at, scores, confidences)
        at, scores, confidences = self._sorted(at, scores, confidences)
        best = confidences[:_EXACT_MIN]
        total_count = len(self._scan.ids)
        if floor > 0:
            total_count = self._count_from(floor, confidences)
            kept = slice(int(np.searchsorted(-confidences, -floor, side="right")))
            at, scores, confidences = at[kept], scores[kept], confidences[kept]
        at, scores, confidences = at[:limit], scores[:limit], confidences[:limit]
        return self._ranked(at, scores, confidences, total_count, best, scale)

    def by_time(self) -> Ranked:
        """What stands out, or merely the nearest where nothing does, by time."""
        limit, floor = self._wanted.limit, self._wanted.min_confidence
        at = np.arange(len(self._scan.ids))
        scores, confidences = self._rough(at)
        head = top(confidences, _EXACT_MIN)
        self._settle(head, at, scores, confidences)
        best = np.sort(confidences[head])[::-1]
        strong = self._strong_from(best)
        scale = Scale.of(strong)
        edge = scale.judged(max(POSSIBLE_FROM, floor))
        for each in {edge, strong}:
            self._settle(self._near(scores, confidences, each), at, scores, confidences)
        chosen = np.flatnonzero(confidences >= edge)
        if len(chosen) == 0 and floor == 0:
            chosen = head
        times = self._store.times(self._scan.ids[chosen])
        oldest_first = np.lexsort((self._scan.ids[chosen], times))
        is_oldest_first = self._wanted.order is Order.OLDEST
        chosen = chosen[oldest_first if is_oldest_first else oldest_first[::-1]]
        total_count = len(chosen)
        chosen = chosen[:limit]
        scores, confidences = scores[chosen], confidences[chosen]
        return self._ranked(chosen, scores, confidences, total_count, best, scale)

    def _candidates(self, limit: int) -> _Positions:
        """What may come out first, in no order."""
        wanted = max(2 * limit, _EXACT_MIN)
        if self._only is None:
            wanted = max(_CANDIDATES_PER_PHOTO * limit, _CANDIDATES_MIN)
        return top(self._scan.scores, wanted)

    def _rough(self, at: _Positions) -> tuple[Vectors, Vectors]:
        """Scores and confidences from the eight-bit vectors."""
        scores = self._scan.scores[at]
        if self._only is not None:
            return scores, judged(scores[:, None], self._concepts)
        ids = self._scan.ids[at]
        cosines = self._store.cosines(self._space, ids, self._looks, is_exact=False)
        # A photo that went since the scan fits nothing.
        return scores, judged(np.nan_to_num(cosines, nan=-1.0), self._concepts)

    def _sorted(
        self, at: _Positions, scores: Vectors, confidences: Vectors
    ) -> tuple[_Positions, Vectors, Vectors]:
        order = np.lexsort((self._scan.ids[at], -scores, -confidences))
        return at[order], scores[order], confidences[order]

    def _near(
        self, scores: Vectors, confidences: Vectors, edge: float, among: slice = slice(0, None)
    ) -> _Positions:
        """What lies so near to an edge that it may belong beyond it."""
        if self._only is not None:
            distance = np.abs(scores[among] - self._only.judge.score_at(edge))
            near = np.flatnonzero(distance < _SLACK)
        else:
            distance = np.abs(confidences[among] - edge)
            near = np.flatnonzero(distance < _CONFIDENCE_SLACK)
        if len(near) > _EDGE_MAX:
            near = near[top(-distance[near], _EDGE_MAX)]
        positions: _Positions = near + (among.start or 0)
        return positions

    def _settle(
        self, which: _Positions, at: _Positions, scores: Vectors, confidences: Vectors
    ) -> None:
        """Puts exact values in the place of rough ones."""
        if len(which) == 0:
            return
        cosines = self._store.cosines(self._space, self._scan.ids[at[which]], self._directions)
        is_there = ~np.isnan(cosines[:, 0])
        which, cosines = which[is_there], cosines[is_there]
        scores[which] = cosines[:, : self._aim_count].max(axis=1)
        confidences[which] = judged(cosines[:, self._aim_count :], self._concepts)

    def _strong_from(self, best: Vectors) -> float:
        """Where the strong band begins: the best tell it of what is rare, a sample of the rest."""
        scores, count = self._scan.scores, len(self._scan.ids)
        strong = strong_from(best, count)
        if self._only is not None and count > len(best):
            step = -(-count // _SAMPLE)
            sample = judged(scores[::step, None], self._concepts)
            strong = min(strong, strong_from(sample, count, each=step))
        return strong

    def _count_from(self, confidence: float, confidences: Vectors) -> int:
        """How many are at least so sure; of all where that is known, else of the candidates."""
        if self._only is None or len(confidences) == len(self._scan.ids):
            return int((confidences >= confidence).sum())
        return int((self._scan.scores >= self._only.judge.score_at(confidence)).sum())

    def _ranked(
        self,
        at: _Positions,
        scores: Vectors,
        confidences: Vectors,
        total_count: int,
        best: Vectors,
        scale: Scale,
    ) -> Ranked:
        return Ranked(
            self._scan.ids[at],
            scores,
            scale.shown(confidences),
            total_count,
            len(self._scan.ids),
            self._scan.waiting_count,
            best,
            scale,
        )
