"""Which photos files belonged to before they came to be photos of their own, or may.

Called by `taking` inside its transaction. Where a photo loses its last file, a trigger notes its
companions here, which the next scan then finds to be photos.
"""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from photosearch.core.photo import FilePlace
from photosearch.store.sqlite import files


def note(connection: apsw.Connection, place: FilePlace, content_id: int) -> None:
    """Remembers whose companion a file is that is about to be a photo of its own."""
    connection.execute(
        "INSERT OR REPLACE INTO former_companion (folder_id, rel_path, content_id)"
        " VALUES (?, ?, ?)",
        (*files.key(place), content_id),
    )


def take_former(connection: apsw.Connection, place: FilePlace) -> int | None:
    """The content whose companion a file was; that is forgotten with it."""
    found: int | None = connection.execute(
        "DELETE FROM former_companion WHERE folder_id = ? AND rel_path = ? RETURNING content_id",
        files.key(place),
    ).get
    return found


def forget(connection: apsw.Connection, places: Iterable[FilePlace]) -> None:
    """Forgets whose companions files were that are gone, or are companions."""
    connection.executemany(
        "DELETE FROM former_companion WHERE folder_id = ? AND rel_path = ?",
        [files.key(place) for place in places],
    )
