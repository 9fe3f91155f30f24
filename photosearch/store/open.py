"""Opens the store of a library.

Called once by whoever composes a library, on any thread.
"""

from __future__ import annotations

from pathlib import Path

from photosearch.core.store import Store
from photosearch.store.sqlite.store import SqliteStore


def open_store(
    path: Path, *, is_read_only: bool = False, thumbnail_bytes_max: int | None = None
) -> Store:
    """Opens a library's store, and makes an empty one where there is none.

    Args:
        path: The library's directory. Where it may not be written to, the store may only be read.
        is_read_only: Only read, though it may be written to: another process has the library open.
        thumbnail_bytes_max: How large the thumbnails may grow together, as
            `Store.limit_thumbnails` says.

    Returns:
        The store; the caller closes it.

    Raises:
        NewerStoreError: A newer Photosearch wrote the library; nothing was touched.
        CorruptStoreError: The database is damaged. It was moved aside, within the directory; the
            next call makes a new, empty library.
        StoreError: The directory or the database cannot be used: no permission, disk full, another
            program's file under our name.
    """
    store = SqliteStore.open(path, is_read_only=is_read_only)
    if thumbnail_bytes_max is not None:
        store.limit_thumbnails(thumbnail_bytes_max)
    return store
