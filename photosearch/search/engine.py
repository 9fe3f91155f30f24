"""Answers a query: encode, score, order. The search threads, one for each client."""

from __future__ import annotations

import logging
import time

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Decoder, Encoder, Store
from photosearch.core.query import Query
from photosearch.core.result import SearchResult
from photosearch.search.vectors import QueryVectors

log = logging.getLogger(__name__)


class SearchEngine:
    """Finds photos by meaning.

    Args:
        encoder: The model.
        store: Where the vectors are.
        decoder: Reads example pictures.
    """

    def __init__(self, encoder: Encoder, store: Store, decoder: Decoder) -> None:
        self._space = encoder.space
        self._store = store
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
        direction = self._vectors.of(query)
        cancel.raise_if_cancelled()
        ranking = self._store.search(self._space, direction, query.limit)
        cancel.raise_if_cancelled()
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        log.info(
            "%d terms, %d of %d photos in %.0f ms",
            len(query.terms),
            len(ranking.ids),
            ranking.searched_count,
            elapsed_ms,
        )
        return SearchResult(
            query, self._space.key, ranking.ids, ranking.scores, ranking.searched_count, elapsed_ms
        )
