"""Thumbnails, in a database of their own that may be deleted while no one has it open.

Called by `store.SqliteStore` on any thread. It is a cache, keyed by content hash: where the file
is missing, damaged or of another version, an empty one takes its place, and only thumbnails are
lost.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from photosearch.errors import CorruptStoreError, StoreError
from photosearch.store.sqlite.connection import Database, read_only_error
from photosearch.store.sqlite.library_file import COMPANION_SUFFIXES

_log = logging.getLogger(__name__)

THUMBS_FILE_NAME = "thumbs.db"
#: `user_version` of the file. No migrations: another version is made anew.
_VERSION = 1
#: Few enough that writing a batch of photos is hardly slower for it.
_GIVEN_UP_AT_ONCE = 64
#: So many stay in any case: more than a window shows at once.
_NEWEST_KEPT = 2000

# The hash has an index of its own: a thumbnail within the index would make every look-up slow. An
# empty one was given up for the room it took. What is stored last has the highest id.
_SCHEMA = """
CREATE TABLE thumbnail (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    jpeg BLOB NOT NULL
) STRICT;
"""


class Thumbnails:
    """The thumbnails of a library.

    Args:
        path: Their file; made where it is missing.
        is_read_only: Nothing is written, made or replaced.

    Raises:
        StoreError: The file can neither be opened nor replaced.
    """

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        self._path = path
        self._replacing = threading.Lock()
        self._is_closed = False
        self._is_read_only = is_read_only
        #: Up to where `oldest` has come.
        self._looked_at = 0
        if is_read_only:
            self._database: Database | None = self._open_for_reading()
            return
        try:
            self._database = self._open()
        except CorruptStoreError:
            self._delete_file()
            self._database = self._open()

    def put(self, thumbnails: Mapping[bytes, bytes]) -> None:
        """Stores JPEG bytes by content hash, in place of older ones.

        Raises:
            StoreError: The disk or the database refused.
        """
        database = self._database
        if database is None:
            raise read_only_error(self._path)
        try:
            _put(database, thumbnails)
        except CorruptStoreError:
            _put(self._replace(database), thumbnails)

    def put_missing(self, thumbnails: Mapping[bytes, bytes]) -> None:
        """Stores JPEG bytes by content hash where there are none.

        Raises:
            StoreError: The disk or the database refused.
        """
        self._change(
            "INSERT INTO thumbnail (hash, jpeg) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
            list(thumbnails.items()),
        )

    def rename(self, hashes: Mapping[bytes, bytes]) -> None:
        """Gives thumbnails to contents that have another hash now, or one that lacks its own.

        Args:
            hashes: What the contents were called, and what they are called now.

        Raises:
            StoreError: The disk or the database refused.
        """
        self._change(
            "UPDATE OR IGNORE thumbnail SET hash = ?2 WHERE hash = ?1", list(hashes.items())
        )
        self.remove(hashes)

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """JPEG bytes by content hash; unknown ones and those that were given up are left out.

        Raises:
            StoreError: The disk or the database refused.
        """
        return dict(
            self._found("SELECT hash, jpeg FROM thumbnail WHERE hash = ? AND jpeg <> x''", hashes)
        )

    def shown(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Which of some contents have a thumbnail now.

        Raises:
            StoreError: The disk or the database refused.
        """
        sql = "SELECT hash, 1 FROM thumbnail WHERE hash = ? AND length(jpeg)"
        return {content_hash for content_hash, _ in self._found(sql, hashes)}

    def noted(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Which of some contents have a thumbnail, or had one that can be made again.

        Raises:
            StoreError: The disk or the database refused.
        """
        sql = "SELECT hash FROM thumbnail WHERE hash = ?"
        return {value for (value,) in self._found(sql, hashes)}

    def in_order(self) -> Generator[bytes, None, None]:
        """Yields all contents of which `noted` tells, in order: quick, from the index alone.

        Raises:
            CorruptStoreError: The file was damaged. It is empty now.
            StoreError: The disk or the database refused.
        """
        database = self._database
        if database is None:
            return
        try:
            with database.read() as connection:
                for (value,) in connection.execute("SELECT hash FROM thumbnail ORDER BY hash"):
                    yield value
        except CorruptStoreError:
            self._replace(database)
            raise

    def used_bytes(self) -> int:
        """How much of the file is in use; what was given up leaves room inside it."""
        database = self._database
        if database is None:
            return 0
        with database.read() as connection:
            page_count = connection.pragma("page_count") - connection.pragma("freelist_count")
            size_bytes: int = page_count * connection.pragma("page_size")
        return size_bytes

    def oldest(self) -> list[bytes]:
        """The next of those that are there for longest; none, after all were gone through.

        The newest are never among them: somebody may be looking at them.

        Raises:
            StoreError: The disk or the database refused.
        """
        database = self._database
        if database is None:
            return []
        with database.read() as connection:
            rows = list(
                connection.execute(
                    "SELECT id, hash FROM thumbnail WHERE id > ? AND length(jpeg)"
                    " AND id <= (SELECT max(id) FROM thumbnail) - ? ORDER BY id LIMIT ?",
                    (self._looked_at, _NEWEST_KEPT, _GIVEN_UP_AT_ONCE),
                )
            )
        if rows:
            self._looked_at = rows[-1][0]
        return [content_hash for _, content_hash in rows]

    def look_again(self) -> None:
        """Has `oldest` begin anew: what could not be given up before may be now."""
        self._looked_at = 0

    def give_up(self, hashes: Iterable[bytes]) -> None:
        """Drops thumbnails that can be made again, and remembers that there were some.

        Raises:
            StoreError: The disk or the database refused.
        """
        self._change(
            "UPDATE thumbnail SET jpeg = x'' WHERE hash = ?", [(value,) for value in hashes]
        )

    def remove(self, hashes: Iterable[bytes]) -> None:
        """Drops thumbnails; unknown ones are passed over.

        Raises:
            StoreError: The disk or the database refused.
        """
        self._change("DELETE FROM thumbnail WHERE hash = ?", [(value,) for value in hashes])

    def close(self) -> None:
        """Closes the file. Calling it twice is harmless."""
        with self._replacing:
            self._is_closed = True
            if self._database is not None:
                self._database.close()

    def _found(self, sql: str, hashes: Iterable[bytes]) -> list[tuple[Any, ...]]:
        """Rows of each hash; none where the file is damaged."""
        database = self._database
        if database is None:
            return []
        try:
            with database.read() as connection:
                return list(connection.executemany(sql, [(value,) for value in hashes]))
        except CorruptStoreError:
            self._replace(database)
            return []

    def _change(self, sql: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        """Changes rows; where the file is damaged, there is nothing to change."""
        database = self._database
        if database is None:
            raise read_only_error(self._path)
        if not rows:
            return
        try:
            with database.transaction() as connection:
                connection.executemany(sql, rows)
        except CorruptStoreError:
            self._replace(database)

    def _open_for_reading(self) -> Database | None:
        """Opens what is there; nothing where that cannot be read, since it cannot be made anew."""
        try:
            return self._open()
        except StoreError as error:
            _log.warning("there are no thumbnails: %s", error)
            return None

    def _open(self) -> Database:
        database = Database(self._path, is_read_only=self._is_read_only)
        try:
            _prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    def _replace(self, damaged: Database) -> Database:
        """Puts an empty file in the place of a damaged one, unless another thread has done it."""
        with self._replacing:
            if self._database is damaged and not self._is_closed:
                damaged.close()
                self._delete_file()
                self._database = self._open()
            return self._database or damaged

    def _delete_file(self) -> None:
        _log.warning("The thumbnails are damaged and are made anew")
        try:
            for suffix in ("", *COMPANION_SUFFIXES):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"The damaged thumbnails {self._path} cannot be deleted ({error}).",
                "Make their folder writable for you, or delete the file yourself.",
            ) from error


def _prepare(database: Database) -> None:
    """Makes the table of an empty file and refuses a file of another version."""
    with database.read() as connection:
        version = connection.pragma("user_version")
        is_new = connection.execute("SELECT count(*) FROM sqlite_schema").get == 0
    if is_new:
        with database.transaction() as connection:
            connection.execute(_SCHEMA)
            connection.pragma("user_version", _VERSION)
    elif version != _VERSION:
        raise CorruptStoreError(f"{database.path} is of version {version}.")


def _put(database: Database, thumbnails: Mapping[bytes, bytes]) -> None:
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO thumbnail (hash, jpeg) VALUES (?, ?)",
            list(thumbnails.items()),
        )
