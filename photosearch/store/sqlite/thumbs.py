"""Thumbnails, in a database of their own that may be deleted while no one has it open.

Called by `store.SqliteStore` on any thread. It is a cache, keyed by content hash: where the file
is missing, damaged or of another version, an empty one takes its place, and only thumbnails are
lost.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from photosearch.errors import CorruptStoreError, StoreError
from photosearch.store.sqlite.connection import Database, read_only_error
from photosearch.store.sqlite.library_file import COMPANION_SUFFIXES

_log = logging.getLogger(__name__)

THUMBS_FILE_NAME = "thumbs.db"
#: `user_version` of the file. No migrations: another version is made anew.
_VERSION = 1

# The hash has an index of its own: a thumbnail within the index would make every look-up slow.
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

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """JPEG bytes by content hash; unknown ones are left out.

        Raises:
            StoreError: The disk or the database refused.
        """
        database = self._database
        found: dict[bytes, bytes] = {}
        if database is None:
            return found
        try:
            with database.read() as connection:
                for value in hashes:
                    jpeg = connection.execute(
                        "SELECT jpeg FROM thumbnail WHERE hash = ?", (value,)
                    ).get
                    if jpeg is not None:
                        found[value] = jpeg
        except CorruptStoreError:
            self._replace(database)
            return {}
        return found

    def hashes(self) -> set[bytes]:
        """The contents that have a thumbnail; read from the index alone, so quick for them all.

        Raises:
            StoreError: The disk or the database refused.
        """
        database = self._database
        if database is None:
            return set()
        try:
            with database.read() as connection:
                return {value for (value,) in connection.execute("SELECT hash FROM thumbnail")}
        except CorruptStoreError:
            self._replace(database)
            return set()

    def remove(self, hashes: Iterable[bytes]) -> None:
        """Drops thumbnails; unknown ones are passed over.

        Raises:
            StoreError: The disk or the database refused.
        """
        database = self._database
        if database is None:
            raise read_only_error(self._path)
        try:
            with database.transaction() as connection:
                connection.executemany(
                    "DELETE FROM thumbnail WHERE hash = ?", [(value,) for value in hashes]
                )
        except CorruptStoreError:
            self._replace(database)

    def close(self) -> None:
        """Closes the file. Calling it twice is harmless."""
        with self._replacing:
            self._is_closed = True
            if self._database is not None:
                self._database.close()

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
            "INSERT INTO thumbnail (hash, jpeg) VALUES (?, ?)"
            " ON CONFLICT (hash) DO UPDATE SET jpeg = excluded.jpeg",
            list(thumbnails.items()),
        )
