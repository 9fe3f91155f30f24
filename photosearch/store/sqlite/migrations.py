"""Brings a database from any earlier schema to the newest.

Called by `library_file.open_library_file` at each opening, on whatever thread opens the library.

The schema's version is SQLite's `user_version`: 0 for an empty file, else the number of the last
migration. Each migration is a module `mNNNN_*.py` that, once released, is never edited. Before a
database that holds anything is upgraded, it is copied to `library.db.backup-vNNNN`, NNNN being
the version it has; that copy opens with the Photosearch that wrote it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import apsw

from photosearch.errors import StoreError
from photosearch.store.sqlite import m0001_initial, m0002_user_data, m0003_living_files
from photosearch.store.sqlite.connection import Database
from photosearch.store.sqlite.faults import translated

_log = logging.getLogger(__name__)

Migration = Callable[[apsw.Connection], None]

#: Migration n brings a database from version n - 1 to n.
MIGRATIONS: tuple[Migration, ...] = (
    m0001_initial.upgrade,
    m0002_user_data.upgrade,
    m0003_living_files.upgrade,
)
#: The version this program reads and writes.
NEWEST = len(MIGRATIONS)
#: Says in the file's header that it is ours ("Phse"), so that no other program's file is taken for
#: a library.
APPLICATION_ID = int.from_bytes(b"Phse")


def migrate(database: Database, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Applies and records what the database lacks, in one transaction: all of it or nothing.

    Args:
        database: Of a version no newer than `len(steps)`.
        steps: All migrations, the first one first.

    Raises:
        StoreError: The copy or the upgrade failed; the database is as it was.
    """
    with database.read() as connection:
        version: int = connection.pragma("user_version")
    if version == len(steps):
        return
    if database.is_read_only:
        raise StoreError(
            f"The library {database.path.parent} is of an earlier version and may only be read.",
            "Make its directory writable for you once, so that it can be brought up to date.",
        )
    with database.write_lock:
        if version > 0:
            kept = back_up(database.path, version)
            _log.info(
                "Upgrading the library from version %d to %d; kept %s", version, len(steps), kept
            )
        with database.transaction() as connection:
            for number in range(version + 1, len(steps) + 1):
                steps[number - 1](connection)
                connection.pragma("user_version", number)
            connection.pragma("application_id", APPLICATION_ID)


def back_up(path: Path, version: int) -> Path:
    """Copies a database that is in use.

    Args:
        path: The database.
        version: Its schema's version, for the name of the copy.

    Returns:
        The copy, beside the database. An older copy of the same version is replaced.

    Raises:
        StoreError: There is no room for it, or it cannot be written.
    """
    kept = path.with_name(f"{path.name}.backup-v{version:04d}")
    partial = kept.with_name(f"{kept.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with (
            translated(partial),
            closing(apsw.Connection(str(path))) as source,
            closing(apsw.Connection(str(partial))) as target,
            target.backup("main", source, "main") as copying,
        ):
            copying.step()
        partial.replace(kept)
    except OSError as error:
        raise StoreError(
            f"The library could not be copied to {kept} before its upgrade ({error}).",
            "Make its folder writable for you, then start again.",
        ) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return kept
