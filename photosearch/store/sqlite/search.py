"""Compares photos with a vector: all of them roughly in memory, some exactly by their rows.

Called by `store.SqliteStore` on any thread. `scan` reads the matrix that `derived` keeps; where
there is none, `scan_table` reads the same bytes from the `vec0` table. `nearest` finds photos by
the tables alone: sqlite-vec picks candidates by their int8 vectors; their float16 rows give the
exact order. Where candidates may not be enough, every row is compared: no photo is ever hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from contextlib import suppress

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Vectors
from photosearch.core.stored import Ranking
from photosearch.store.sqlite import int8_table, vectors
from photosearch.store.sqlite.dots import Int8Rows, dots
from photosearch.store.sqlite.resident import PIECE_ROWS, Ids, View
from photosearch.store.sqlite.vectors import StoredSpace

#: Candidates taken at least: int8 order errs among near neighbours only; in 100,000 and 1,000,000
#: vectors the exact first 50 were always among the int8 first 200.
_CANDIDATES_MIN = 400
#: Candidates for each photo wanted.
_CANDIDATES_PER_PHOTO = 2
#: sqlite-vec gives no more.
_CANDIDATES_MAX = 4096
#: Rows between two looks at the cancel flag, and the share of one thread at a time: 8 MB at 512
#: dimensions, half a millisecond.
_BLOCK_ROWS = 16384
#: Up to this share of a block's rows the wanted ones are copied out and compared; beyond it all
#: are compared and the rest thrown away. Copying a row takes longer than comparing it.
_GATHERED_SHARE = 0.35


class Direction:
    """A unit vector as int8 rows are compared with it.

    Args:
        space: Whose rows.
        vectors: float32 (dim,) or (m, dim), unit length.
    """

    def __init__(self, space: StoredSpace, vectors: Vectors) -> None:
        rows = np.atleast_2d(vectors).astype(np.float32)
        largest = np.abs(rows).max(axis=1, keepdims=True)
        self._rows: Int8Rows = np.rint(rows * (127 / largest)).astype(np.int8)
        self._factors = (largest[:, 0] / (127 * space.int8_scale)).astype(np.float32)

    def cosines(self, rows: Int8Rows) -> Vectors:
        """Cosine similarity, within 0.01, to int8 rows (n, dim): float32 (n, m)."""
        found: Vectors = dots(rows, self._rows) * self._factors
        return np.clip(found, -1.0, 1.0, out=found)


class Pool:
    """Threads that share one job.

    Args:
        executor: Where they come from.
        helper_count: How many join the caller's thread at most.
    """

    def __init__(self, executor: Executor, helper_count: int) -> None:
        self._executor = executor
        self._helper_count = helper_count

    def run(self, job: Callable[[int], None], count: int) -> None:
        """Calls `job` with 0 to count - 1, each once, on several threads; raises what it raises."""
        numbers = iter(range(count))

        def work() -> None:
            # One step of such an iterator is one step of the interpreter: no number comes twice.
            for number in numbers:
                job(number)

        helpers: list[Future[None]] = []
        with suppress(RuntimeError):  # the store is being closed: the caller's thread does it all
            for _ in range(min(self._helper_count, count - 1)):
                helpers.append(self._executor.submit(work))
        try:
            work()
        finally:
            wait(helpers)
        for helper in helpers:
            helper.result()


def scan(
    view: View,
    direction: Direction,
    passes: npt.NDArray[np.bool_] | None,
    pool: Pool,
    cancel: CancelToken,
) -> tuple[Ids, Vectors]:
    """Compares the rows of a matrix with a direction.

    Args:
        view: The matrix.
        direction: One direction.
        passes: bool, by photo id: which photos; None for every one.
        pool: Who helps.
        cancel: Looked at between blocks.

    Returns:
        Ids int64 (n,), cosines float32 (n,).

    Raises:
        Cancelled: The answer is no longer wanted.
    """
    count = len(view.ids)
    starts = range(0, count, _BLOCK_ROWS)
    if passes is None and not view.hole_count:
        scores = np.empty(count, np.float32)
        parts: list[tuple[Ids, Vectors]] = []
    else:
        passes = np.ones(len(view.position_of), np.bool_) if passes is None else passes
        scores = np.empty(0, np.float32)
        parts = [(np.empty(0, np.int64), scores)] * len(starts)

    def compare(number: int) -> None:
        cancel.raise_if_cancelled()
        start = starts[number]
        end = min(start + _BLOCK_ROWS, count)
        first = start % PIECE_ROWS
        rows = view.pieces[start // PIECE_ROWS][first : first + end - start]
        if parts and passes is not None:
            ids, is_live = view.ids[start:end], view.is_live[start:end]
            parts[number] = _compared(rows, ids, _met(passes, ids) & is_live, direction)
        else:
            scores[start:end] = direction.cosines(rows)[:, 0]

    pool.run(compare, len(starts))
    if parts:
        ids, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    else:
        ids = view.ids.view()
    ids.flags.writeable = False
    return ids, scores


def _compared(
    rows: Int8Rows, ids: Ids, is_wanted: npt.NDArray[np.bool_], direction: Direction
) -> tuple[Ids, Vectors]:
    """Ids and cosines of the wanted rows of a block."""
    places = np.flatnonzero(is_wanted)
    if len(places) <= _GATHERED_SHARE * len(rows):
        return ids[places], direction.cosines(rows.take(places, axis=0))[:, 0]
    return ids[places], direction.cosines(rows)[places, 0]


def scan_table(
    connection: apsw.Connection,
    space: StoredSpace,
    direction: Direction,
    passes: npt.NDArray[np.bool_] | None,
    cancel: CancelToken,
) -> tuple[Ids, Vectors]:
    """The same from the `vec0` table: for where the matrix does not fit into memory."""
    parts = [(np.empty(0, np.int64), np.empty(0, np.float32))]
    for ids, rows in int8_table.placed_blocks(connection, space):
        cancel.raise_if_cancelled()
        if passes is not None:
            is_met = _met(passes, ids)
            ids, rows = ids[is_met], rows[is_met]
        parts.append((ids, direction.cosines(rows)[:, 0]))
    all_ids, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    return all_ids, scores


def _met(passes: npt.NDArray[np.bool_], ids: Ids) -> npt.NDArray[np.bool_]:
    if not len(ids) or not len(passes):
        return np.zeros(len(ids), np.bool_)
    if int(ids.max()) < len(passes):
        return passes.take(ids)
    # A photo that is newer than the filter's answer stands beyond its end.
    return passes.take(np.minimum(ids, len(passes) - 1)) & (ids < len(passes))


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


def cosines(halves: npt.NDArray[np.float16], directions: Vectors) -> Vectors:
    """Exact cosine similarity of stored vectors (n, dim) to unit vectors (m, dim): (n, m)."""
    rows = halves.astype(np.float32)
    # A row rounded to float16 misses unit length by some 1e-5; dividing gives a photo 1.0 to
    # itself. vecdot instead of @: a matrix-vector product wakes all of BLAS's threads for little.
    lengths = np.sqrt(np.vecdot(rows, rows))
    found = np.empty((len(rows), len(directions)), np.float32)
    for number, direction in enumerate(directions):
        np.divide(np.vecdot(rows, direction), lengths, out=found[:, number])
    return np.clip(found, -1.0, 1.0, out=found)


def _by_candidates(
    connection: apsw.Connection, space: StoredSpace, query: Vectors, candidate_count: int
) -> tuple[npt.NDArray[np.int64], Vectors]:
    found = vectors.candidates(connection, space, query, candidate_count)
    ids, halves = vectors.read(connection, space, found)
    return ids, cosines(halves, query[None])[:, 0]


def _by_all(
    connection: apsw.Connection, space: StoredSpace, query: Vectors
) -> tuple[npt.NDArray[np.int64], Vectors]:
    parts = [
        (ids, cosines(halves, query[None])[:, 0])
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
