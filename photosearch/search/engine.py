"""Answers a query: encode, score, order. The search threads, one for each client."""

from __future__ import annotations

import logging
import time

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.hits import Hit, Hits
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.query import Query
from photosearch.core.result import Band, SearchResult, Why
from photosearch.core.store import Store
from photosearch.search.parse import plan_of
from photosearch.search.vectors import QueryVectors

log = logging.getLogger(__name__)


class SearchEngine:
    """Finds photos by meaning.

    Args:
        encoder: The model.
        store: Where the vectors are.
        decoder: Reads example pictures.
        model_note: What the user must know of the model, or "".
    """

    def __init__(
        self, encoder: Encoder, store: Store, decoder: Decoder, model_note: str = ""
    ) -> None:
        self._space = encoder.space
        self._store = store
        self._model_note = model_note
        self._vectors = QueryVectors(encoder, store, decoder)

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        """Returns the photos nearest to the query, best first.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            StoreError: The database failed.
            Cancelled: The answer is no longer wanted.
        """
        cancel = cancel or CancelToken()
        started_s = time.perf_counter()
        cancel.raise_if_cancelled()
        plan = plan_of(query)
        direction = self._vectors.of(plan.terms)
        cancel.raise_if_cancelled()
        ranking = self._store.search(self._space, direction, query.limit)
        cancel.raise_if_cancelled()
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        log.info(
            "%d terms, %d of %d photos in %.0f ms",
            len(plan.terms),
            len(ranking.ids),
            ranking.searched_count,
            elapsed_ms,
        )
        return SearchResult(
            query,
            self._space.key,
            ranking.ids,
            ranking.scores,
            ranking.searched_count,
            elapsed_ms,
            self._vectors.reading_of(plan.terms),
            np.clip(ranking.scores, 0.0, 1.0),
            np.full(len(ranking.ids), Band.POSSIBLE, np.uint8),
            np.full(len(ranking.ids), Why.IMAGE, np.uint8),
            ranking.searched_count,
        )

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        """Returns the photos nearest to the query, best first, as they are to be shown.

        Raises:
            PhotoSearchError: As `search` does.
        """
        result = self.search(query, cancel)
        scores = dict(zip(result.ids.tolist(), result.scores.tolist(), strict=True))
        return Hits(
            tuple(
                Hit(photo, scores[photo.id], None, "possible", ("image",))
                for photo in self._store.photos(list(scores))
            ),
            result.space_key,
            result.searched_count,
            result.elapsed_ms,
            result.total_count,
            model_note=self._model_note,
            reading=result.reading,
        )
