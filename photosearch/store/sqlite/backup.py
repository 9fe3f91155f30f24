"""Copies of a library's database to keep, and the way back.

`store.SqliteStore.back_up` and the command line call it, on any thread. Only `library.db` is
copied: the thumbnails are a cache, and the photos themselves lie elsewhere.
"""

from __future__ import annotations

import logging
import os
from contextlib import closing, suppress
from pathlib import Path

import apsw

from photosearch.errors import CorruptStoreError, NewerStoreError, StoreError, UsageError
from photosearch.store.sqlite import library_file
from photosearch.store.sqlite.faults import translated

_log = logging.getLogger(__name__)


def copy_checked(database: Path, target: Path) -> None:
    """Copies a database as it is at one moment, while others read and write it.

    Args:
        database: It is sound and of the newest version.
        target: The copy: one file that needs no other beside it. It appears when it is complete
            and was found sound.

    Raises:
        UsageError: There is a file of this name, or no directory for it.
        StoreError: There is no room for it, or it cannot be written.
    """
    if os.path.lexists(target):
        raise UsageError(f"{target} is there already.", "Choose another name, or move it away.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no directory {target.parent}.", "Make it, or choose another.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        _copy(database, partial)
        library_file.check(partial, reads_everything=True)
        partial.rename(target)
    except OSError as error:
        raise StoreError(
            f"The copy {target} cannot be written ({error.strerror}).",
            "Choose a directory that is writable for you.",
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def require_file(copy: Path) -> None:
    """Refuses before anybody waits for the library.

    Raises:
        UsageError: There is no such copy.
    """
    if not copy.is_file():
        raise UsageError(f"There is no file {copy}.", "Name a file that was made by backup.")


def restore(copy: Path, directory: Path) -> Path | None:
    """Puts a copy in the place of a library's database.

    Nothing of the library is touched before the copy is found sound and lies beside it.

    Args:
        copy: As `copy_checked` made it, by this program or an earlier version. It stays.
        directory: The library, which nobody has open. Made where it is missing.

    Returns:
        Where the database is kept that was there before; None where there was none.

    Raises:
        UsageError: There is no such copy.
        NewerStoreError: A newer Photosearch wrote it.
        StoreError: It is no library, it is damaged, or there is no room for it.
    """
    require_file(copy)
    target = directory / library_file.LIBRARY_FILE_NAME
    if target.exists() and copy.samefile(target):
        raise UsageError(f"{copy} is the library itself.", "Name a file that was made by backup.")
    partial = target.with_name(f"{target.name}.restored")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _copy_and_check(copy, partial)
        kept = library_file.move_aside(target, "replaced") if target.exists() else None
        partial.rename(target)
    except OSError as error:
        raise StoreError(
            f"{copy} cannot be put in the place of {target} ({error.strerror}).",
            "Make the library's directory writable for you, then try again.",
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    _log.info("Restored %s; kept what was there as %s", target.name, kept and kept.name)
    return kept


def _copy(source: Path, target: Path) -> None:
    """Copies in one step, which sees one moment; writers go on meanwhile (WAL)."""
    target.unlink(missing_ok=True)
    with (
        closing(library_file.connect(source)) as reader,
        translated(target),
        closing(apsw.Connection(str(target))) as writer,
    ):
        with writer.backup("main", reader, "main") as copying:
            copying.step()
        # One file that opens from read-only disks as well; opening the library sets WAL again.
        writer.pragma("journal_mode", "delete")


def _copy_and_check(copy: Path, target: Path) -> None:
    """Copies a file that somebody named.

    Raises:
        NewerStoreError: A newer Photosearch wrote it.
        StoreError: It is damaged or no library, or the copy of it cannot be written.
    """
    hint = "Name another file that was made by backup."
    try:
        _copy(copy, target)
    except CorruptStoreError as error:
        raise StoreError(f"{copy} is damaged or no library; nothing was changed.", hint) from error
    try:
        library_file.check(target, reads_everything=True)
    except NewerStoreError as error:
        raise NewerStoreError(
            f"{copy} was written by a newer Photosearch; nothing was changed.",
            "Update Photosearch, or name another file.",
        ) from error
    except StoreError as error:
        raise StoreError(f"{copy} is damaged or no library; nothing was changed.", hint) from error
    with translated(target), closing(apsw.Connection(str(target))) as connection:
        if connection.pragma("user_version") == 0:
            raise StoreError(f"{copy} is empty; nothing was changed.", hint)
