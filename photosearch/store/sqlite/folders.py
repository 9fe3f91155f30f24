"""The watched folders.

Called by `store.SqliteStore` on any thread, inside its transactions and reads.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import apsw

from photosearch.core.photo import Folder, MountPoint
from photosearch.errors import UsageError
from photosearch.store.sqlite import names, saying, unplaced, vocabulary


def add(connection: apsw.Connection, path: Path) -> Folder:
    """Remembers a folder; returns the known one where it is already there.

    Raises:
        UsageError: The folder lies inside a watched one, or around one.
    """
    # Kept as the user names it, links and all, so that messages show familiar names; compared by
    # where it really is.
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the links
    real = Path(os.path.realpath(absolute))
    for folder in every(connection):
        other = Path(os.path.realpath(folder.path))
        if real == other:
            return folder
        if real.is_relative_to(other):
            raise UsageError(
                f"{absolute} lies inside {folder.path}, which is already in the library.",
                "There is nothing to do: its photos are found with those of the outer folder.",
            )
        if other.is_relative_to(real):
            raise UsageError(
                f"{absolute} contains {folder.path}, which is already in the library.",
                f"Remove {folder.path} from the library first, then add the outer folder.",
            )
    connection.execute(
        "INSERT INTO folder (path, added_ns) VALUES (?, ?)",
        (os.fsencode(absolute), time.time_ns()),
    )
    return Folder(id=connection.last_insert_rowid(), path=absolute)


def every(connection: apsw.Connection) -> list[Folder]:
    """All watched folders, in the order they were added."""
    mounts: defaultdict[int, list[MountPoint]] = defaultdict(list)
    for folder_id, rel_path, volume, is_away in connection.execute(
        "SELECT folder_id, rel_path, volume, is_away FROM folder_mount ORDER BY folder_id, rel_path"
    ):
        mounts[folder_id].append(MountPoint(rel_path, volume, bool(is_away)))
    rows = connection.execute(
        "SELECT id, path, is_online,"
        " (SELECT count(DISTINCT content_id) FROM file WHERE folder_id = folder.id), volume"
        " FROM folder ORDER BY id"
    )
    return [
        Folder(
            folder_id,
            Path(os.fsdecode(path)),
            bool(is_online),
            photo_count,
            volume,
            tuple(mounts[folder_id]),
        )
        for folder_id, path, is_online, photo_count, volume in rows
    ]


def ids(connection: apsw.Connection) -> set[int]:
    """The ids of all watched folders."""
    return {folder_id for (folder_id,) in connection.execute("SELECT id FROM folder")}


def set_online(connection: apsw.Connection, folder_id: int, *, is_online: bool) -> None:
    """Notes whether a folder can be reached."""
    connection.execute("UPDATE folder SET is_online = ? WHERE id = ?", (is_online, folder_id))


def set_volume(
    connection: apsw.Connection, folder_id: int, volume: str, mounts: Sequence[MountPoint]
) -> None:
    """Notes on which file system a folder lies, and which are mounted inside it."""
    if folder_id not in ids(connection):
        return
    connection.execute("UPDATE folder SET volume = ? WHERE id = ?", (volume, folder_id))
    connection.execute("DELETE FROM folder_mount WHERE folder_id = ?", (folder_id,))
    connection.executemany(
        "INSERT OR REPLACE INTO folder_mount (folder_id, rel_path, volume, is_away)"
        " VALUES (?, ?, ?, ?)",
        [(folder_id, mount.rel_path, mount.volume, mount.is_away) for mount in mounts],
    )


def remove(connection: apsw.Connection, folder_id: int) -> int:
    """Forgets a folder, its files and its failures.

    Returns:
        How many contents lay in it and lie in no file any more.
    """
    contents = {
        content_id
        for (content_id,) in connection.execute(
            "SELECT DISTINCT content_id FROM file WHERE folder_id = ?", (folder_id,)
        )
    }
    # Before the folder, so that its path is known to those who note what is gone.
    connection.execute("DELETE FROM file WHERE folder_id = ?", (folder_id,))
    connection.execute("DELETE FROM folder WHERE id = ?", (folder_id,))
    saying.gather(connection, contents)
    names.refresh(connection, contents)
    if contents:
        vocabulary.prune(connection)
    return len(contents.intersection(unplaced.ids(connection)))
