"""The database file of a library: found sound, refused untouched, or kept aside.

Called by `store.SqliteStore.open`, on whatever thread opens the library.

A damaged database is never overwritten. Opening moves it aside, with its log, and raises
`CorruptStoreError` once; the next opening finds no database and makes a new one. To read every
page of a large library at each start would take minutes, so a start looks at the header and the
schema only. Damage further inside shows when it is read; then a mark is left, and the next start
that finds the mark does read everything.
"""

from __future__ import annotations

import logging
import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import apsw

from photosearch.errors import CorruptStoreError, NewerStoreError, StoreError
from photosearch.store.sqlite import migrations
from photosearch.store.sqlite.connection import VECTOR_PAGE_BYTES, Database, connect_read_only
from photosearch.store.sqlite.faults import translated

_log = logging.getLogger(__name__)

LIBRARY_FILE_NAME = "library.db"
#: SQLite keeps the latest writes in a log beside the database, and an index to that log.
LOG_SUFFIX = "-wal"
COMPANION_SUFFIXES = (LOG_SUFFIX, "-shm")


def may_not_write(directory: Path) -> bool:
    """Whether nothing can be written into a directory: another user's, or a disk like a CD's."""
    return directory.is_dir() and not os.access(directory, os.W_OK)


def open_library_file(path: Path, *, is_read_only: bool = False) -> Database:
    """Opens a library's database, new or of any earlier version, and brings it up to date.

    Args:
        path: The database file; its directory exists.
        is_read_only: Nothing is written, made or replaced.

    Returns:
        The database, of the newest schema.

    Raises:
        NewerStoreError: A newer Photosearch wrote it; nothing was touched.
        CorruptStoreError: It is damaged; it was moved aside.
        StoreError: It is no library, or it cannot be used; nothing was touched.
    """
    damage_mark = path.with_name(f"{path.name}.damaged")
    try:
        check(path, reads_everything=damage_mark.exists())
        database = Database(
            path,
            page_bytes=VECTOR_PAGE_BYTES,
            with_vectors=True,
            is_read_only=is_read_only,
            damage_mark=None if is_read_only else damage_mark,
        )
        try:
            migrations.migrate(database)
        except BaseException:
            database.close()
            raise
    except CorruptStoreError as error:
        if is_read_only:
            raise
        kept = move_aside(path, "corrupt")
        _log.error("The database is damaged and kept aside as %s", kept.name)
        damage_mark.unlink(missing_ok=True)
        raise CorruptStoreError(
            f"The library's database is damaged. It is kept as {kept}.",
            "Your photos were not touched. If you have a backup, put it back: "
            "photosearch restore FILE. Otherwise start Photosearch again: it begins a new, empty "
            "library, and indexing your folders fills it anew.",
        ) from error
    if not is_read_only:
        damage_mark.unlink(missing_ok=True)
    return database


def connect(path: Path) -> apsw.Connection:
    """Opens a database file as it lies there, be its directory writable or not.

    Raises:
        CorruptStoreError: It is none.
        StoreError: It cannot be opened.
    """
    if not may_not_write(path.parent):
        with translated(path):
            return apsw.Connection(str(path))
    try:
        with translated(path):
            return connect_read_only(path)
    except StoreError as error:
        if path.with_name(path.name + LOG_SUFFIX).exists():
            raise StoreError(
                f"{path} was not closed as it should be, and its directory may only be read.",
                "Make the directory writable for you and open the library once.",
            ) from error
        raise


def check(path: Path, *, reads_everything: bool) -> None:
    """Looks at a database without changing a byte of it.

    Args:
        path: The database; nothing is said where there is none.
        reads_everything: Look for damage on every page.

    Raises:
        NewerStoreError: A newer Photosearch wrote it.
        CorruptStoreError: It is damaged.
        StoreError: Another program's database, or it cannot be opened.
    """
    if not path.exists():
        return
    log = path.with_name(path.name + LOG_SUFFIX)
    has_log = log.exists() and log.stat().st_size > 0
    with closing(connect(path)) as connection, translated(path):
        if has_log and not may_not_write(path.parent):
            # Whoever closes a database last writes its log back into it, and deletes the log. Not
            # where we may refuse the database.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        application_id = connection.pragma("application_id")
        version = connection.pragma("user_version")
        table_count = connection.execute("SELECT count(*) FROM sqlite_schema").get
        is_new = application_id == 0 and version == 0 and table_count == 0
        if not is_new and application_id != migrations.APPLICATION_ID:
            raise StoreError(
                f"{path} is a database, but no library of Photosearch.",
                "Choose another folder for the library, or move that file away.",
            )
        if version > migrations.NEWEST:
            raise NewerStoreError(
                f"The library {path} was written by a newer Photosearch (its version is "
                f"{version}, this program knows versions up to {migrations.NEWEST}).",
                "Update Photosearch, or choose another folder for the library.",
            )
        if reads_everything:
            verdict = connection.execute("PRAGMA quick_check(1)").get
            if verdict != "ok":
                raise CorruptStoreError(f"The database {path} is damaged ({verdict}).")


def move_aside(path: Path, why: str) -> Path:
    """Renames a database and what lies beside it.

    Args:
        path: The database, which nobody has open.
        why: One word for its new name.

    Returns:
        Its new name.

    Raises:
        StoreError: It cannot be renamed.
    """
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    kept = path.with_name(f"{path.name}.{why}-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.{why}-{stamp}-{number}")
    try:
        path.rename(kept)
        for suffix in COMPANION_SUFFIXES:
            companion = path.with_name(path.name + suffix)
            if companion.exists():
                companion.rename(kept.with_name(kept.name + suffix))
    except OSError as error:
        raise StoreError(
            f"The library's database {path} ({why}) could not be moved aside ({error}).",
            "Make its folder writable for you, or move the file away yourself.",
        ) from error
    return kept
