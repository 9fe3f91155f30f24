"""`backup`, `restore`: a copy of what the library knows, and the way back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, session
from photosearch.errors import LibraryError

#: An engine that nobody uses any more ends within 35 s (`engine.life.DEFAULT_LINGER_S` and what it
#: takes to close).
_GIVE_UP_S = 60.0
#: Most engines end before anybody wonders.
_TELL_S = 2.0
_LOOK_S = 0.2

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; there is none yet.")],
    as_json: Json = False,
) -> None:
    """Copy the library into one file, also while it is in use.

    Ratings, tags, albums and what the models understood are in it; photos and thumbnails are not.
    """
    with session.of(context).client() as client:
        client.back_up(file)
    size_bytes = file.stat().st_size
    if as_json:
        output.print_json({**output.path_json(file.absolute()), "size_bytes": size_bytes})
    else:
        output.print_line(
            f"The library is kept in {output.path_text(file)} ({size_bytes / 1e6:,.1f} MB). "
            "The photos themselves are not in it."
        )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As backup made it.")],
    as_json: Json = False,
) -> None:
    """Put a copy in the place of the library, whose present state is kept beside it."""
    from photosearch.store.sqlite import backup as store_backup  # opens databases: slow to load

    library = session.of(context).library
    store_backup.require_file(file)
    with _owned(library):
        kept = store_backup.restore(file.absolute(), library)
    if as_json:
        output.print_json({"kept": None if kept is None else output.path_json(kept)})
        return
    output.print_line(f"The library is as it was in {output.path_text(file)}.")
    if kept is not None:
        output.print_line(f"What was there before is kept as {output.path_text(kept)}.")
    output.print_line("To take in what changed since then: photosearch index")


@contextmanager
def _owned(library: Path) -> Iterator[None]:
    """Keeps every engine away from a library; waits for one that nobody uses any more.

    Raises:
        LibraryError: Somebody uses the library, or it may only be read.
    """
    from photosearch.engine.address import AddressFile
    from photosearch.engine.lock import LibraryLock

    if library.is_dir() and not os.access(library, os.W_OK):
        raise LibraryError(
            f"The library {library} may only be read.",
            "Make its folder writable for you, then try again.",
        )
    lock = LibraryLock(library)
    address_file = AddressFile(library.resolve())
    began_s = time.monotonic()
    is_told = False
    while not lock.take(address_file):
        waited_s = time.monotonic() - began_s
        if waited_s > _GIVE_UP_S:
            raise LibraryError(
                f"The library {library} is in use; nothing was changed.",
                "Close its windows and commands, and switch watching in the background off.",
            )
        if waited_s > _TELL_S and not is_told:
            output.print_note(
                "Waiting for the library, which another window or command uses: "
                "close the window or stop other commands."
            )
            is_told = True
        time.sleep(_LOOK_S)
    try:
        yield
    finally:
        lock.release()
