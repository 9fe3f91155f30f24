"""The engine's process, from the library's lock to its exit code. Main thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from photosearch.engine.address import AddressFile
from photosearch.engine.calls import HostedLibrary
from photosearch.engine.door import Door
from photosearch.engine.host import EXIT_OK, EngineHost
from photosearch.engine.life import Life, linger_from_environment
from photosearch.engine.lock import LibraryInUseError, LibraryLock
from photosearch.errors import LibraryError, PhotoSearchError

log = logging.getLogger(__name__)


def _open_library(directory: Path) -> HostedLibrary:
    # Only here: the socket listens before numpy's and the database's libraries are loaded.
    from photosearch.library import Library

    return Library.open(directory)


def _open_only_to_read(directory: Path) -> HostedLibrary:
    from photosearch.library import Library

    return Library.open(directory, is_read_only=True)


def serve(
    directory: Path,
    *,
    open_library: Callable[[Path], HostedLibrary] = _open_library,
    linger_s: float | None = None,
) -> int:
    """Runs an engine until its clients are gone; only on a process's main thread.

    Args:
        directory: The library.
        open_library: Opens it; tests put in their own.
        linger_s: How long to wait for another client after the last one; None asks the environment.

    Returns:
        Exit code: 0, also where another engine has this library; 3 where it cannot be opened.

    Raises:
        LibraryError: No socket could be made, so that no client can be told.
    """
    address_file = AddressFile(directory)
    lock = LibraryLock(directory)
    try:
        if not lock.take(address_file):
            log.info("another engine has this library")
            return EXIT_OK
    except LibraryInUseError as error:
        log.warning("the library is opened only to read it: %s", error.message)
        open_library = _open_only_to_read
    except LibraryError as error:
        # Like every failure to open, it reaches the user through whoever connects.
        open_library = partial(_refuse, error)
    life = Life(linger_from_environment() if linger_s is None else linger_s)
    try:
        return EngineHost(directory, open_library, life).run(Door(address_file))
    finally:
        lock.release()


def _refuse(error: PhotoSearchError, _directory: Path) -> HostedLibrary:
    raise error
