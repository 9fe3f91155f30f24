"""What the store keeps in memory beside its tables: vectors for scanning, columns for filtering.

Made by `store.SqliteStore`. All of it is read from the database when it is first needed, follows
each write that this process commits, and can be thrown away at any time. Readers of a matrix wait
for nobody; whoever loads, updates or filters holds a lock for a moment.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from photosearch.core.filters import Filter
from photosearch.core.space import EmbeddingSpace
from photosearch.errors import StoreError
from photosearch.store.sqlite import columns, filters, needs, resident, spaces
from photosearch.store.sqlite.columns import Columns
from photosearch.store.sqlite.connection import Database
from photosearch.store.sqlite.masks import Mask
from photosearch.store.sqlite.resident import Ids, Resident
from photosearch.store.sqlite.search import Pool
from photosearch.store.sqlite.vectors import StoredSpace

_log = logging.getLogger(__name__)

#: Beyond so many changed photos in one transaction everything is loaded anew when it is needed.
_TOUCHED_MAX = 50_000
#: Answers to filters that are remembered: those of a query and of the ones around it.
_MASKS_MAX = 8
#: Reading memory is what a scan waits for; more threads than this read it no faster.
_THREADS_MAX = 4


class Derived:
    """Keeps matrices and columns of one database.

    Args:
        database: Whose. It is followed from now on.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._matrices: dict[int, Resident] = {}
        self._too_large: set[int] = set()
        self._columns = Columns()
        #: Held while a table is read, by whoever does not hold the other lock.
        self._reading = threading.Lock()
        #: Photos and files written while a table is being read; None where none is.
        self._touched: tuple[set[int], set[int]] | None = None
        self._masks: dict[Filter, Mask] = {}
        helper_count = min(_THREADS_MAX, os.cpu_count() or 1) - 1
        self._executor = ThreadPoolExecutor(max(1, helper_count), "scan")
        self.pool = Pool(self._executor, helper_count)
        database.follow(self._follow)

    def matrix(self, space: StoredSpace) -> Resident | None:
        """The vectors of a space; None where memory does not hold them."""
        found = self._matrices.get(space.id)
        if found is not None:
            return found
        with self._lock:
            if space.id in self._matrices or space.id in self._too_large:
                return self._matrices.get(space.id)
            try:
                with self._database.read() as connection:
                    loaded = resident.load(connection, space)
            except MemoryError:
                _log.warning("the vectors do not fit into memory; searching takes longer")
                self._too_large.add(space.id)
                return None
            self._matrices[space.id] = loaded
            return loaded

    def placed_count(self) -> int:
        """Photos that lie in a file."""
        self._read_table("times")
        return self._columns.placed_count or 0

    def passing(self, where: Filter) -> Mask:
        """Which photos pass a filter: bool by photo id; not to be written to."""
        self._read_for(where)
        with self._lock:
            return self._passing(where)

    def newest_first(self, where: Filter) -> Ids:
        """The photos that pass a filter by time, the later id first among equals."""
        self._read_for(where)
        with self._lock:
            chosen = np.flatnonzero(self._passing(where))[::-1]
            taken_us = self.times(chosen)
        return chosen[np.argsort(-taken_us, kind="stable")]

    def times(self, ids: Ids) -> npt.NDArray[np.int64]:
        """When photos were taken, in microseconds; 0 for unknown ids."""
        with self._lock, self._database.read() as connection:
            table = self._columns.times(connection)
            found = np.zeros(len(ids), np.int64)
            is_within = (ids >= 0) & (ids < table.size)
            found[is_within] = table.array("sort_us")[ids[is_within]]
            return found

    def warm(self, space: EmbeddingSpace) -> None:
        """Loads everything, what an unfiltered search needs first."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
        if stored is not None:
            self.matrix(stored)
        for name in ("times", "facts", "files"):
            self._read_table(name)

    def forget(self) -> None:
        """Throws everything away; it is read anew when it is needed."""
        with self._lock:
            self._matrices.clear()
            self._too_large.clear()
            self._columns = Columns()
            self._touched = None
            self._masks.clear()

    def close(self) -> None:
        """Ends the threads."""
        self._executor.shutdown()

    def _passing(self, where: Filter) -> Mask:
        known = self._masks.pop(where, None)
        if known is None:
            with self._database.read() as connection:
                known = filters.passing(connection, self._columns, where)
        self._masks[where] = known
        if len(self._masks) > _MASKS_MAX:
            self._masks.pop(next(iter(self._masks)))
        return known

    def _read_for(self, where: Filter) -> None:
        for name in sorted(needs.needed(where)):
            self._read_table(name)

    def _read_table(self, name: str) -> None:
        """Reads a table while everybody else goes on; then again what was written meanwhile.

        Must not be called with the lock held. What is thrown away before it is ready is left to
        the first filter.
        """
        if self._columns.is_loaded(name):
            return
        with self._reading:
            if self._columns.is_loaded(name):
                return
            with self._lock:
                self._touched = (set(), set())
            with self._database.read() as connection:
                table = columns.read(connection, name)
            with self._lock, self._database.read() as connection:
                if self._touched is not None:
                    contents, files = self._touched
                    table.update(connection, files if name == "files" else contents)
                    self._columns.put(name, table)
                self._touched = None

    def _follow(self, changes: Mapping[str, set[int]]) -> None:
        with self._lock:
            self._masks.clear()
            try:
                self._update(changes)
            except (StoreError, MemoryError) as error:
                _log.warning("what is in memory is read anew (%s)", error)
                self.forget()

    def _update(self, changes: Mapping[str, set[int]]) -> None:
        for space_id in changes.get("space", ()):
            self._too_large.discard(space_id)
        contents, files = changes.get("content", set()), changes.get("file", set())
        if max(len(contents), len(files)) > _TOUCHED_MAX:
            self.forget()
            return
        with self._database.read() as connection:
            known = {space.id: space for space in spaces.every(connection)}
            for space_id in list(self._matrices):
                rewritten = changes.get(f"vector_{space_id}", set())
                if space_id not in known or len(rewritten) > _TOUCHED_MAX:
                    del self._matrices[space_id]
                elif contents or rewritten:
                    resident.update(
                        connection, known[space_id], self._matrices[space_id], contents, rewritten
                    )
            if self._touched is not None:
                self._touched[0].update(contents)
                self._touched[1].update(files)
            self._columns.update(connection, contents, files)
