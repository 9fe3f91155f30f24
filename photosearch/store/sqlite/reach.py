"""Which files can be reached: those in a folder that is online, on a disk that is not away.

Called by `photos` and `whereabouts` on any thread, inside their reads.
"""

from __future__ import annotations

import apsw

#: Of a row of `folder_mount` and one of a table of files: the file lies on what is mounted there.
#: "0" follows "/", so that all below the directory lies between them: found by the index.
_ON_MOUNT = (
    "{file}.folder_id = folder_mount.folder_id"
    " AND {file}.rel_path > CAST(folder_mount.rel_path || '/' AS BLOB)"
    " AND {file}.rel_path < CAST(folder_mount.rel_path || '0' AS BLOB)"
)

#: The contents of which some file cannot be reached, each once.
AWAY_CONTENTS = (
    "SELECT content_id FROM folder CROSS JOIN file ON folder_id = folder.id WHERE NOT is_online"
    " UNION SELECT content_id FROM folder_mount CROSS JOIN file"
    f" ON {_ON_MOUNT.format(file='file')} WHERE is_away"
)


def is_any_away(connection: apsw.Connection) -> bool:
    """Whether anything cannot be reached."""
    away: int = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM folder WHERE NOT is_online)"
        " OR EXISTS (SELECT 1 FROM folder_mount WHERE is_away)"
    ).get
    return bool(away)


def is_met(connection: apsw.Connection, file: str = "file", folder: str = "folder") -> str:
    """A condition on a row of `file` and its folder's, for this read: the file can be reached.

    Args:
        connection: Where it is to be read.
        file: What the table is called in the statement.
        folder: Likewise.
    """
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM folder_mount WHERE is_away)").get:
        return f"{folder}.is_online"  # nearly always, and quicker
    on_mount = _ON_MOUNT.format(file=file)
    return (
        f"({folder}.is_online AND NOT EXISTS"
        f" (SELECT 1 FROM folder_mount WHERE is_away AND {on_mount}))"
    )
