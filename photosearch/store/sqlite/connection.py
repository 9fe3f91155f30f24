"""Connections to one SQLite file: one that writes, and as many that read as there are readers.

Used by everything in this package, on any thread: a connection is lent to one user at a time.
Writers wait for each other; readers wait for nobody (WAL) and see one state of the database from
the beginning to the end of their block.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw
import sqlite_vec

from photosearch.errors import CorruptStoreError, StoreError
from photosearch.store.sqlite.faults import VectorTableError, translated
from photosearch.store.sqlite.turns import WriteTurns

#: A float16 row of 512 values costs 1.09 KB in pages of 16 KiB, 1.37 KB in pages of 4 KiB.
VECTOR_PAGE_BYTES = 16384
#: How long to wait for another process (a backup, a second window) before giving up.
_BUSY_TIMEOUT_MS = 5000
#: What the write-ahead log may keep after a checkpoint; a long reader lets it grow beyond.
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
#: Saves copying pages that are cached anyway, for a library of some 200,000 photos. Not more: a
#: disk that fails under a mapped page ends the process instead of raising an error.
_MMAP_BYTES = 256 * 1024 * 1024


#: Row ids that a transaction inserted, updated or deleted, by table.
Changes = Mapping[str, set[int]]


class Database:
    """One SQLite file, opened.

    Args:
        path: The file; made where it is missing.
        page_bytes: Page size of a new file; None for SQLite's own.
        with_vectors: Load sqlite-vec, so that `vec0` tables work.
        is_read_only: Neither the file nor anything beside it is written; for a directory that may
            not be written to. Every write is refused with a sentence.
        damage_mark: A file to leave behind where a read or a write meets what may be damage, so
            that the next start checks the whole database; None for a file that is simply made anew.

    Raises:
        CorruptStoreError: The file is no sound database.
        StoreError: It cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        page_bytes: int | None = None,
        with_vectors: bool = False,
        is_read_only: bool = False,
        damage_mark: Path | None = None,
    ) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self._damage_mark = damage_mark
        self._with_vectors = with_vectors
        #: Held by whoever writes; a writer may take it for longer than one transaction.
        self.write_lock = WriteTurns()
        self._pool_lock = threading.Lock()
        self._idle: list[apsw.Connection] = []
        self._is_closed = False
        self._changes: defaultdict[str, set[int]] = defaultdict(set)
        self._listener: Callable[[Changes], None] | None = None
        with translated(path):
            self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            if is_read_only:
                return
            try:
                if page_bytes is not None:
                    self._writer.pragma("page_size", page_bytes)
                self._writer.pragma("journal_mode", "wal")
                self._writer.pragma("journal_size_limit", _JOURNAL_LIMIT_BYTES)
            except BaseException:
                self._writer.close()
                raise

    def follow(self, listener: Callable[[Changes], None]) -> None:
        """Has somebody told after each transaction what it changed.

        Args:
            listener: Called on the thread that wrote, before the next writer. Rows of virtual
                tables, of tables without row ids and of dropped tables are not named.
        """
        self._listener = listener
        self._writer.set_update_hook(self._note)

    @contextmanager
    def transaction(self, *, is_urgent: bool = False) -> Iterator[apsw.Connection]:
        """Lends the writing connection for one transaction.

        All that the block did is rolled back whatever ends it early, Ctrl-C included.

        Args:
            is_urgent: Goes before others that wait to write: somebody looks on.

        Yields:
            The connection, inside BEGIN IMMEDIATE.

        Raises:
            CorruptStoreError: The database is damaged.
            StoreError: The disk or the database refused.
        """
        turn = self.write_lock.urgently() if is_urgent else self.write_lock
        with turn, self._guarded():
            if self._is_closed:
                raise StoreError(f"{self.path} is already closed.")
            if self.is_read_only:
                raise read_only_error(self.path)
            connection = self._writer
            self._changes.clear()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself has already rolled back where the disk is full or failing.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            if self._listener is not None:
                self._listener(self._changes)

    def _note(self, _kind: int, _database: str, table: str, rowid: int) -> None:
        # The many rows inside virtual tables say nothing that other rows do not.
        if not table.startswith(("vec0_", "photo_fts")):
            self._changes[table].add(rowid)

    def shrink(self) -> None:
        """Gives the pages that nothing uses any more back to the disk: writes the file anew.

        Raises:
            StoreError: The disk has no room for the second copy that this takes meanwhile.
        """
        with self.write_lock, self._guarded():
            if self.is_read_only:
                raise read_only_error(self.path)
            self._writer.execute("VACUUM")
            # Not TRUNCATE: that waits for readers. What they hold up, a later checkpoint does.
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """Lends a connection that cannot write.

        Yields:
            The connection, inside a transaction: all reads of the block see the same state.

        Raises:
            CorruptStoreError: The database is damaged.
            StoreError: The disk or the database refused.
        """
        with self._guarded():
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def close(self) -> None:
        """Closes every connection, once those in use are given back. Harmless when repeated."""
        with self.write_lock, translated(self.path):
            with self._pool_lock:
                self._is_closed = True
                idle, self._idle = self._idle, []
            for connection in idle:
                connection.close()
            self._writer.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            with translated(self.path):
                yield
        except (CorruptStoreError, VectorTableError):
            if self._damage_mark is not None:
                with suppress(OSError):
                    self._damage_mark.touch()
            raise

    def _take_reader(self) -> apsw.Connection:
        with self._pool_lock:
            if self._is_closed:
                raise StoreError(f"{self.path} is already closed.")
            if self._idle:
                return self._idle.pop()
        # Without CREATE: where the file was deleted meanwhile, an empty one would answer.
        connection = self._connect(apsw.SQLITE_OPEN_READWRITE)
        connection.pragma("mmap_size", _MMAP_BYTES)
        connection.pragma("query_only", True)
        return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self._pool_lock:
            if not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self, flags: int) -> apsw.Connection:
        if self.is_read_only:
            connection = connect_read_only(self.path)
        else:
            connection = apsw.Connection(str(self.path), flags=flags)
        try:
            connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
            connection.pragma("synchronous", "normal")
            connection.pragma("foreign_keys", True)
            if self._with_vectors:
                _load_vec0(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def connect_read_only(path: Path) -> apsw.Connection:
    """Opens a file only to read it, also in a directory that may not be written to.

    SQLite then needs the index of the log that another process keeps beside the file, or, where
    there is no log, to be told that nobody writes (https://www.sqlite.org/wal.html#read_only_databases).

    Raises:
        apsw.Error: It cannot be opened; of a log that was left behind, only its writer can.
    """
    log = path.with_name(f"{path.name}-wal")
    nobody_writes = not os.access(path.parent, os.W_OK) and not (
        log.exists() and log.stat().st_size > 0
    )
    manner = "immutable=1" if nobody_writes else "mode=ro"
    connection = apsw.Connection(
        f"{path.absolute().as_uri()}?{manner}",
        flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
    )
    try:
        connection.pragma("schema_version")  # the first read tells whether it can be read
    except BaseException:
        connection.close()
        raise
    return connection


def read_only_error(path: Path) -> StoreError:
    """What whoever wants to write to such a file is told."""
    if os.access(path.parent, os.W_OK):
        way = "close the other Photosearch that has it open, then open this one again."
    else:
        way = "make its directory writable for you."
    return StoreError(
        f"The library {path.parent} may only be read.",
        f"Searching works. To change something, {way}",
    )


def _load_vec0(connection: apsw.Connection) -> None:
    connection.enable_load_extension(True)
    try:
        connection.load_extension(sqlite_vec.loadable_path())
    except apsw.ExtensionLoadingError as error:
        raise StoreError(
            f"The vector extension of the database cannot be loaded ({error}).",
            "Install Photosearch again; its package sqlite-vec is incomplete or does not fit.",
        ) from error
    finally:
        connection.enable_load_extension(False)
