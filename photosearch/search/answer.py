"""Puts an answer together: what was found by meaning, and by names, in bands. Search threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Vectors
from photosearch.core.query import Order, Query, Scope, TextTerm
from photosearch.core.result import Band, Why
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import NamedPhotos
from photosearch.search.bursts import collapse
from photosearch.search.calibrate import POSSIBLE_FROM, STRONG_FROM, Scale, nothing_stands_out
from photosearch.search.concepts import Concept, judged, looks_of
from photosearch.search.plan import Plan
from photosearch.search.ranking import Ids, Ranked, Wanted, rank

#: Photos that show what is excluded as surely as this are left out of a list, and their names do
#: not put them first. Unlike the veto in a ranking, which only moves photos down, this takes them
#: away, so that it is mild: of the pictures of the sample album that nothing was calibrated on, it
#: leaves out four of ten that show a thing and three in a thousand of all others. With the veto
#: 256 of the album's 358 were gone "without people".
_SHOWN_FROM = POSSIBLE_FROM
#: No score makes a confidence of 1.
_SUREST = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Photos and what is known of how they fit; see `core.result.SearchResult`."""

    ids: Ids
    scores: Vectors
    confidences: Vectors
    bands: npt.NDArray[np.uint8]
    whys: npt.NDArray[np.uint8]
    total_count: int
    searched_count: int = 0
    waiting_count: int = 0
    no_good_match: bool = False

    def pick(self, chosen: npt.NDArray[np.generic] | slice) -> Answer:
        """Returns some of the photos, by positions or a mask; the counts stay."""
        return replace(
            self,
            ids=self.ids[chosen],
            scores=self.scores[chosen],
            confidences=self.confidences[chosen],
            bands=self.bands[chosen],
            whys=self.whys[chosen],
        )


def by_filters(
    store: Store, space: EmbeddingSpace, plan: Plan, concepts: Sequence[Concept], query: Query
) -> Answer:
    """Lists the photos that pass the filters, where nothing was said of what is to be seen.

    Args:
        store: Where they are.
        space: Where what is excluded is compared.
        plan: The filters.
        concepts: What is not to be seen; may be none.
        query: In which order.
    """
    ids = store.matching(plan.where)
    if query.order is Order.OLDEST:
        ids = ids[::-1]
    if concepts:
        _, is_shown = _looked_at(store, space, concepts, ids, is_exact=False)
        ids = ids[~is_shown]
    return _without_scores(ids, np.zeros(len(ids), np.uint8), Band.STRONG)


def by_names(store: Store, plan: Plan, query: Query) -> Answer:
    """Finds photos by what they are called, and looks at none."""
    found = store.named(plan.words, plan.where)
    kept = np.ones(len(found.ids), bool)
    for term in plan.terms:
        if isinstance(term, TextTerm) and term.weight < 0:
            unwanted = store.named([term.text], plan.where, most=None)
            kept &= ~np.isin(found.ids, unwanted.ids)
    answer = _without_scores(found.ids[kept], found.whys[kept], Band.NAMED)
    return _in_order(store, answer, query.order)


def by_meaning(
    store: Store,
    space: EmbeddingSpace,
    plan: Plan,
    concepts: Sequence[Concept],
    query: Query,
    limit: int,
    cancel: CancelToken,
) -> Answer:
    """Finds photos by what they show and, unless that is unwanted, by what they are called."""
    named = NamedPhotos(np.empty(0, np.int64), np.empty(0, np.uint8))
    if query.scope is Scope.ALL and plan.words:
        named = store.named(plan.words, plan.where)
    cancel.raise_if_cancelled()
    floor = min(query.min_confidence, _SUREST)
    wanted = Wanted(plan.where, query.order, limit + len(named.ids), floor)
    ranked = rank(store, space, concepts, wanted, cancel)
    is_known = ranked.searched_count > 0 and not any(
        look.judge.is_rough for look in looks_of(concepts)
    )
    is_lost = is_known and nothing_stands_out(ranked.best, ranked.searched_count)
    seen = _seen(ranked, is_lost=is_lost)
    if len(named.ids) == 0:
        return seen.pick(slice(limit))
    called, extra_count = _called(store, space, concepts, named, query, ranked.scale)
    total_count = ranked.total_count + extra_count
    if is_lost and query.order is not Order.RELEVANCE:
        # By time, what merely comes nearest would stand among what is called so.
        seen, total_count = seen.pick(slice(0)), len(called.ids)
    together = _joined(called, seen.pick(~np.isin(seen.ids, called.ids)))
    together = replace(
        together,
        total_count=total_count,
        searched_count=ranked.searched_count,
        waiting_count=ranked.waiting_count,
        no_good_match=is_lost and len(called.ids) == 0,
    )
    if query.order is not Order.RELEVANCE:
        together = _in_order(store, together, query.order)
    return together.pick(slice(limit))


def without_repeats(
    store: Store, space: EmbeddingSpace, answer: Answer, limit: int
) -> tuple[Answer, npt.NDArray[np.int32]]:
    """Lets one photo stand for each burst.

    Returns:
        The answer, `limit` long at most, and int32 (n,), how many photos each one stands for.
    """
    known, found = store.vectors(space, answer.ids)
    vectors = np.full((len(answer.ids), space.dim), np.nan, np.float32)
    place = {photo_id: row for row, photo_id in enumerate(answer.ids.tolist())}
    vectors[[place[photo_id] for photo_id in known.tolist()]] = found
    first, counts = collapse(store.times(answer.ids), vectors)
    return answer.pick(first[:limit]), counts[:limit]


def _seen(ranked: Ranked, *, is_lost: bool) -> Answer:
    bands = np.full(len(ranked.ids), Band.WEAK, np.uint8)
    if not is_lost:
        bands[ranked.confidences >= POSSIBLE_FROM] = Band.POSSIBLE
        bands[ranked.confidences >= STRONG_FROM] = Band.STRONG
    return Answer(
        ranked.ids,
        ranked.scores,
        ranked.confidences,
        bands,
        np.full(len(ranked.ids), Why.IMAGE, np.uint8),
        ranked.total_count,
        ranked.searched_count,
        ranked.waiting_count,
        is_lost,
    )


def _called(
    store: Store,
    space: EmbeddingSpace,
    concepts: Sequence[Concept],
    named: NamedPhotos,
    query: Query,
    scale: Scale,
) -> tuple[Answer, int]:
    """Photos found by their names, and how many of them meaning alone would not have given."""
    cosines, is_shown = _looked_at(store, space, concepts, named.ids)
    scores = cosines.max(axis=1)
    confidences = scale.shown(judged(cosines, concepts))
    floor = query.min_confidence
    if query.order is not Order.RELEVANCE:
        floor = max(floor, POSSIBLE_FROM)
    kept = ~is_shown
    extra_count = int((~(confidences >= floor) & kept).sum())  # NaN is not above anything
    whys = named.whys | np.where(confidences >= POSSIBLE_FROM, np.uint8(Why.IMAGE), np.uint8(0))
    called = Answer(
        named.ids[kept],
        scores[kept],
        confidences[kept],
        np.full(int(kept.sum()), Band.NAMED, np.uint8),
        whys[kept],
        int(kept.sum()),
    )
    return called, extra_count


def _looked_at(
    store: Store,
    space: EmbeddingSpace,
    concepts: Sequence[Concept],
    ids: Ids,
    *,
    is_exact: bool = True,
) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    """Looks at some photos only.

    Returns:
        float32 (n, m), cosines to all that is looked at, NaN for photos without a vector, and
        bool (n,): it shows what is excluded.
    """
    looks = looks_of(concepts)
    directions = np.stack([look.direction for look in looks])
    cosines = store.cosines(space, ids, directions, is_exact=is_exact)
    unwanted = looks_of([concept for concept in concepts if not concept.is_wanted])
    is_shown = np.zeros(len(ids), bool)
    for column, look in enumerate(looks):
        if look in unwanted:
            is_shown |= look.judge.confidence(cosines[:, column]) >= _SHOWN_FROM
    return cosines, is_shown


def _joined(first: Answer, second: Answer) -> Answer:
    return Answer(
        np.concatenate([first.ids, second.ids]),
        np.concatenate([first.scores, second.scores]),
        np.concatenate([first.confidences, second.confidences]),
        np.concatenate([first.bands, second.bands]),
        np.concatenate([first.whys, second.whys]),
        first.total_count + second.total_count,
    )


def _in_order(store: Store, answer: Answer, order: Order) -> Answer:
    if order is Order.RELEVANCE:
        return answer
    oldest_first = np.lexsort((answer.ids, store.times(answer.ids)))
    return answer.pick(oldest_first if order is Order.OLDEST else oldest_first[::-1])


def _without_scores(ids: Ids, whys: npt.NDArray[np.uint8], band: Band) -> Answer:
    count = len(ids)
    unknown = np.full(count, np.nan, np.float32)
    return Answer(ids, unknown, unknown, np.full(count, band, np.uint8), whys, count)
