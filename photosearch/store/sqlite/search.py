"""Finds the photos nearest to a vector.

Called by `store.SqliteStore.search` on any thread, inside one read. sqlite-vec picks candidates
by their int8 vectors; their float16 rows give the exact order. Where candidates may not be enough,
every row is compared: no photo is ever hidden.
"""

from __future__ import annotations

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors
from photosearch.core.store import Ranking
from photosearch.store.sqlite import vectors
from photosearch.store.sqlite.vectors import StoredSpace

#: Candidates taken at least: int8 order errs among near neighbours only; in 100,000 and 1,000,000
#: vectors the exact first 50 were always among the int8 first 200.
_CANDIDATES_MIN = 400
#: Candidates for each photo wanted.
_CANDIDATES_PER_PHOTO = 2
#: sqlite-vec gives no more.
_CANDIDATES_MAX = 4096


def nearest(connection: apsw.Connection, space: StoredSpace, query: Vectors, limit: int) -> Ranking:
    """Ranks the photos of a space by cosine similarity.

    Args:
        connection: Inside one read transaction.
        space: Where to look.
        query: float32 (dim,), unit length.
        limit: Most photos wanted.

    Returns:
        The best `limit` photos that lie in a file, or all where there are fewer.

    Raises:
        StoreError: The query is no unit vector of this space.
    """
    vectors.check(query, space.dim)
    searched_count = vectors.count(connection, space)
    wanted = min(limit, searched_count)
    if wanted <= 0:
        return empty(searched_count)
    candidate_count = max(_CANDIDATES_MIN, _CANDIDATES_PER_PHOTO * wanted)
    if candidate_count < searched_count and candidate_count <= _CANDIDATES_MAX:
        ids, scores = _by_candidates(connection, space, query, candidate_count)
        if len(ids) >= wanted:
            return _ranked(ids, scores, wanted, searched_count)
        # Contents without a file, waiting to be purged, took the places of photos.
    ids, scores = _by_all(connection, space, query)
    return _ranked(ids, scores, wanted, searched_count)


def empty(searched_count: int = 0) -> Ranking:
    """A ranking without photos."""
    return Ranking(np.empty(0, np.int64), np.empty(0, np.float32), searched_count)


def cosines(halves: npt.NDArray[np.float16], query: Vectors) -> Vectors:
    """Exact cosine similarity of stored vectors (n, dim) to a unit vector: float32 (n,)."""
    rows = halves.astype(np.float32)
    # A row rounded to float16 misses unit length by some 1e-5; dividing gives a photo 1.0 to
    # itself. vecdot instead of @: a matrix-vector product wakes all of BLAS's threads for little.
    lengths = np.sqrt(np.vecdot(rows, rows))
    scores: Vectors = np.clip(np.vecdot(rows, query) / lengths, -1.0, 1.0)
    return scores


def _by_candidates(
    connection: apsw.Connection, space: StoredSpace, query: Vectors, candidate_count: int
) -> tuple[npt.NDArray[np.int64], Vectors]:
    found = vectors.candidates(connection, space, query, candidate_count)
    ids, halves = vectors.read(connection, space, found)
    return ids, cosines(halves, query)


def _by_all(
    connection: apsw.Connection, space: StoredSpace, query: Vectors
) -> tuple[npt.NDArray[np.int64], Vectors]:
    parts = [
        (ids, cosines(halves, query))
        for ids, halves in vectors.blocks(connection, space, only_placed=True)
    ]
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    ids, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    return ids, scores


def _ranked(
    ids: npt.NDArray[np.int64], scores: Vectors, limit: int, searched_count: int
) -> Ranking:
    order = np.lexsort((ids, -scores))[:limit]
    return Ranking(ids[order], scores[order], searched_count)
