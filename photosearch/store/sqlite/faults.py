"""Turns what SQLite throws into our errors.

Wrapped around every use of a database by `connection.Database`, on the thread that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from photosearch.errors import CorruptStoreError, StoreError

_DAMAGED = (apsw.CorruptError, apsw.NotADBError)
_LOCKED = (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)
_FORBIDDEN = (apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError)
_REFUSED = (apsw.IOError, apsw.CantOpenError, apsw.NoLFSError)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Runs a block and turns SQLite's errors about the disk or the file into ours.

    Errors in our own SQL (a missing table, a broken constraint) pass as they are: those are bugs.
    So does what `vector_table` raises.

    Args:
        path: The database, for the messages.

    Raises:
        CorruptStoreError: The database is damaged.
        StoreError: The disk or the database refused.
    """
    try:
        yield
    except _DAMAGED as error:
        raise CorruptStoreError(
            f"The database {path} is damaged ({error}).",
            "Start Photosearch again: it then checks the database and keeps a damaged one aside.",
        ) from error
    except apsw.FullError as error:
        raise StoreError(
            f"The disk that holds {path} is full.",
            "Free some space and try again; what was stored before is intact.",
        ) from error
    except _LOCKED as error:
        raise StoreError(
            f"Another program is using {path} and does not let go of it.",
            "Close the other program (a backup, a synchronising service) and try again.",
        ) from error
    except _FORBIDDEN as error:
        raise StoreError(
            f"{path} may not be changed.",
            "Make the file and its folder writable for you, then try again.",
        ) from error
    except _REFUSED as error:
        raise StoreError(
            f"{path} could not be read or written ({error}).",
            "Look whether its disk is connected, healthy and writable for you.",
        ) from error
    except apsw.NoMemError as error:
        raise StoreError(
            f"There is not enough memory to work with {path}.",
            "Close other programs and try again.",
        ) from error
    except apsw.ConnectionClosedError as error:
        raise StoreError(f"{path} is already closed.") from error


class VectorTableError(StoreError):
    """A sqlite-vec table could not be read or written: disk full, disk failing, or damage."""


@contextmanager
def vector_table() -> Iterator[None]:
    """Runs statements on a sqlite-vec table.

    sqlite-vec reports whatever goes wrong in its own tables as a plain SQL error, in many wordings.

    Raises:
        VectorTableError: It went wrong.
    """
    try:
        yield
    except apsw.SQLError as error:
        raise VectorTableError(
            f"The library's vector table could not be read or written ({error}).",
            "Look whether the disk is full; what was stored before is intact. If it is not full, "
            "start Photosearch again: it then checks the database.",
        ) from error
