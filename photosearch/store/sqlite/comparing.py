"""The methods of the store that filter photos and compare them.

Part of `store.SqliteStore`, apart because they share what is kept in memory: `derived.Derived`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.filters import EVERY_PHOTO, Filter
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.stored import Scan
from photosearch.core.vectors import unit_length
from photosearch.store.sqlite import search, spaces, vectors
from photosearch.store.sqlite.connection import Database
from photosearch.store.sqlite.derived import Derived
from photosearch.store.sqlite.resident import Ids
from photosearch.store.sqlite.search import Direction
from photosearch.store.sqlite.vectors import StoredSpace

#: Spreads ids evenly over 64 bits (the golden ratio; Knuth, TAOCP 3, 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Comparing:
    """Scans, filters and exact comparisons of `core.store.Store`, which documents the methods.

    Args:
        database: `library.db`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._derived = Derived(database)

    def warm(self, space: EmbeddingSpace) -> None:
        """Reads what searching and filtering need into memory; a second at a million photos.

        Raises:
            StoreError: The database refused.
        """
        self._derived.warm(space)

    def scan(
        self,
        space: EmbeddingSpace,
        direction: Vectors,
        where: Filter = EVERY_PHOTO,
        cancel: CancelToken | None = None,
    ) -> Scan:
        """Compares every photo that passes a filter with a direction."""
        cancel = cancel or CancelToken()
        cancel.raise_if_cancelled()
        is_every = where == EVERY_PHOTO
        passes = None if is_every else self._derived.passing(where)
        passing_count = (
            self._derived.placed_count() if passes is None else int(np.count_nonzero(passes))
        )
        stored = self._stored(space)
        if stored is None:
            return Scan(np.empty(0, np.int64), np.empty(0, np.float32), passing_count)
        vectors.check(direction, stored.dim)
        matrix = self._derived.matrix(stored)
        coarse = Direction(stored, direction)
        if matrix is not None:
            ids, scores = search.scan(matrix.view, coarse, passes, self._derived.pool, cancel)
        else:
            with self._database.read() as connection:
                ids, scores = search.scan_table(connection, stored, coarse, passes, cancel)
        return Scan(ids, scores, max(0, passing_count - len(ids)))

    def cosines(
        self, space: EmbeddingSpace, ids: Ids, directions: Vectors, *, is_exact: bool = True
    ) -> Vectors:
        """Compares some photos with several directions."""
        compared = np.full((len(ids), len(directions)), np.nan, np.float32)
        stored = self._stored(space)
        if stored is None or not compared.size:
            return compared
        for direction in directions:
            vectors.check(direction, stored.dim)
        matrix = None if is_exact else self._derived.matrix(stored)
        if matrix is not None:
            view = matrix.view
            places = view.positions(ids)
            has_row = places >= 0
            if has_row.any():
                rows = view.rows(places[has_row])
                compared[has_row] = Direction(stored, directions).cosines(rows)
            return compared
        wanted, numbers = np.unique(ids, return_inverse=True)
        by_id = np.full((len(wanted), len(directions)), np.nan, np.float32)
        for found, halves in self._read(stored, wanted):
            by_id[np.searchsorted(wanted, found)] = search.cosines(halves, directions)
        return by_id[numbers]

    def vectors(self, space: EmbeddingSpace, ids: Ids) -> tuple[Ids, Vectors]:
        """Stored vectors: the ids that have one, int64 (n,), and float32 (n, dim), unit length."""
        stored = self._stored(space)
        parts = [] if stored is None else list(self._read(stored, np.unique(ids)))
        if not parts:
            return np.empty(0, np.int64), np.empty((0, space.dim), np.float32)
        found, halves = (np.concatenate(part) for part in zip(*parts, strict=True))
        return found, unit_length(halves)

    def sample_vectors(self, space: EmbeddingSpace, count: int) -> Vectors:
        """Vectors of photos picked at random, the same ones each time: float32 (<= count, dim)."""
        stored = self._stored(space)
        ids = np.empty(0, np.int64) if stored is None else self._compared_ids(stored)
        # By a number that each id has for ever: photos that come replace few of the others.
        order = np.argsort(ids.astype(np.uint64) * _SPREAD)[: max(0, count)]
        _, found = self.vectors(space, ids[order])
        return found

    def matching(self, where: Filter) -> Ids:
        """The photos that pass a filter, newest first: int64 (n,)."""
        return self._derived.newest_first(where)

    def times(self, ids: Ids) -> npt.NDArray[np.int64]:
        """When photos were taken, on the camera's clock, else their files' times."""
        return self._derived.times(np.asarray(ids, np.int64))

    def _stored(self, space: EmbeddingSpace) -> StoredSpace | None:
        with self._database.read() as connection:
            return spaces.find(connection, space)

    def _compared_ids(self, stored: StoredSpace) -> Ids:
        matrix = self._derived.matrix(stored)
        if matrix is not None:
            view = matrix.view
            return view.ids[view.is_live]
        with self._database.read() as connection:
            return vectors.placed_ids(connection, stored)

    def _read(self, stored: StoredSpace, ids: Ids) -> Iterator[tuple[Ids, npt.NDArray[np.float16]]]:
        """Rows of photos, each named once, block by block."""
        matrix = self._derived.matrix(stored)
        if matrix is not None:
            # Which photos lie in a file is known there already.
            ids = ids[matrix.view.positions(ids) >= 0]
        with self._database.read() as connection:
            for start in range(0, len(ids), vectors.BLOCK_ROWS):
                block = ids[start : start + vectors.BLOCK_ROWS].tolist()
                yield vectors.read(connection, stored, block, only_placed=matrix is None)
