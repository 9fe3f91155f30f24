"""Answers a query: understand, encode, rank, say why. The search threads, one for each client."""

from __future__ import annotations

import logging
import math
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.hits import Hit, Hits
from photosearch.core.photo import Photo
from photosearch.core.ports import Calibrations, Decoder, Encoder
from photosearch.core.query import ImageTerm, Query, Reading, Scope
from photosearch.core.result import Band, SearchResult, Why
from photosearch.core.store import Store
from photosearch.search import understand
from photosearch.search.answer import Answer, by_filters, by_meaning, by_names, without_repeats
from photosearch.search.calibrate import Calibrator
from photosearch.search.concepts import concepts_of
from photosearch.search.known_folders import require_known
from photosearch.search.parse import plan_of
from photosearch.search.plan import Plan
from photosearch.search.vectors import QueryVectors

log = logging.getLogger(__name__)

#: Where bursts are shown as one, as many photos are looked at for each one that is wanted.
_PHOTOS_PER_BURST = 5


class SearchEngine:
    """Finds photos: by meaning, by names, by what is known of them.

    Args:
        encoder: The model.
        store: Where the vectors are.
        decoder: Reads example pictures.
        calibrations: Where it is kept how scores become confidences.
        model_note: What the user must know of the model, or "".
    """

    def __init__(
        self,
        encoder: Encoder,
        store: Store,
        decoder: Decoder,
        calibrations: Calibrations,
        model_note: str = "",
    ) -> None:
        self._space = encoder.space
        self._store = store
        self._model_note = model_note
        self._vectors = QueryVectors(encoder, store, decoder)
        self._calibrator = Calibrator(encoder, store, calibrations)

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        """Returns the photos that fit a query, in the order it asks for.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            StoreError: The database failed.
            Cancelled: The answer is no longer wanted.
        """
        cancel = cancel or CancelToken()
        started_s = time.perf_counter()
        cancel.raise_if_cancelled()
        plan = _placed(plan_of(query, self._store.vocabulary()), query.relative_to)
        require_known(plan.where, self._store)
        counts = np.empty(0, np.int32)
        if query.collapses_bursts:
            answer, reading = self._answer(plan, query, query.limit * _PHOTOS_PER_BURST, cancel)
            answer, counts = without_repeats(self._store, self._space, answer, query.limit)
        else:
            answer, reading = self._answer(plan, query, query.limit, cancel)
        cancel.raise_if_cancelled()
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        log.info(
            "%d terms, %d of %d photos in %.0f ms",
            len(plan.terms),
            len(answer.ids),
            answer.searched_count,
            elapsed_ms,
        )
        return _result(query, self._space.key, plan, answer, reading, counts, elapsed_ms)

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        """Returns the photos that fit a query, as they are to be shown.

        Raises:
            PhotoSearchError: As `search` does.
        """
        result = self.search(query, cancel)
        position = {photo_id: at for at, photo_id in enumerate(result.ids.tolist())}
        return Hits(
            tuple(
                _hit(photo, result, position[photo.id])
                for photo in self._store.photos(list(position))
            ),
            result.space_key,
            result.searched_count,
            result.elapsed_ms,
            result.total_count,
            result.waiting_count,
            result.no_good_match,
            result.chips,
            self._model_note,
            result.reading,
        )

    def warm_up(self) -> None:
        """Makes ready what the first query would wait for, on this thread.

        Raises:
            As `learn` does.
        """
        understand.prepare()
        self._store.warm(self._space)
        self.learn()

    def learn(self) -> None:
        """Learns what scores are worth where that is not known yet, on this thread.

        Raises:
            ModelError: The model failed.
            StoreError: The database failed.
            DecodeError: A picture of the reference set is missing or damaged.
            Cancelled: It was closed meanwhile.
        """
        self._calibrator.prepare()

    def close(self) -> None:
        """Gives up what is under way. Calling it twice is harmless."""
        self._calibrator.close()

    def _answer(
        self, plan: Plan, query: Query, limit: int, cancel: CancelToken
    ) -> tuple[Answer, Reading]:
        if query.scope is Scope.NAMES and plan.words:
            return by_names(self._store, plan, query).pick(slice(limit)), Reading.AUTO
        concepts = concepts_of(plan, self._vectors, self._calibrator)
        cancel.raise_if_cancelled()
        reading = self._vectors.reading_of(plan.terms)
        if not any(concept.is_wanted for concept in concepts):
            listed = by_filters(self._store, self._space, plan, concepts, query)
            return listed.pick(slice(limit)), reading
        answer = by_meaning(self._store, self._space, plan, concepts, query, limit, cancel)
        return answer, reading


def _result(
    query: Query,
    space_key: str,
    plan: Plan,
    answer: Answer,
    reading: Reading,
    burst_counts: npt.NDArray[np.int32],
    elapsed_ms: float,
) -> SearchResult:
    return SearchResult(
        query=query,
        space_key=space_key,
        ids=answer.ids,
        scores=answer.scores,
        searched_count=answer.searched_count,
        elapsed_ms=elapsed_ms,
        reading=reading,
        confidences=answer.confidences,
        bands=answer.bands,
        whys=answer.whys,
        total_count=answer.total_count,
        waiting_count=answer.waiting_count,
        no_good_match=answer.no_good_match,
        chips=plan.chips,
        burst_counts=burst_counts,
    )


def _placed(plan: Plan, directory: Path | None) -> Plan:
    """Makes the paths of pictures absolute that were typed as seen from the client's directory."""
    if directory is None:
        return plan
    terms = tuple(
        replace(
            term,
            path=directory / os.path.expanduser(term.path),  # noqa: PTH111 - it never raises
        )
        if isinstance(term, ImageTerm)
        else term
        for term in plan.terms
    )
    return replace(plan, terms=terms)


def _hit(photo: Photo, result: SearchResult, at: int) -> Hit:
    return Hit(
        photo,
        _known(result.scores[at]),
        _known(result.confidences[at]),
        Band(int(result.bands[at])).name.lower() if result.whys[at] else None,
        tuple((why.name or "").lower() for why in Why(int(result.whys[at]))),
        int(result.burst_counts[at]) if len(result.burst_counts) else 1,
    )


def _known(value: np.float32) -> float | None:
    number = float(value)
    return None if math.isnan(number) else number
