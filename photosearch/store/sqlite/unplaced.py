"""Contents that lie in no file any more: kept for a while, then dropped.

Called by `store.SqliteStore` and `batches` on any thread, inside their transactions and reads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import apsw

from photosearch.core.stored import GonePhoto
from photosearch.store.sqlite import labels, names, spaces, userdata, vectors, vocabulary


def ids(
    connection: apsw.Connection, gone_before_ns: int | None = None, *, only_gone: bool = False
) -> list[int]:
    """Contents that lie in no file.

    Args:
        connection: Where to read.
        gone_before_ns: Only those that lost their last file before this Unix time in ns.
        only_gone: Only those that `gone` lists.
    """
    rows = connection.execute(
        "SELECT id FROM content WHERE file_count = 0"
        " AND (?1 IS NULL OR coalesce(gone_ns, 0) < ?1) AND (gone_path IS NOT NULL OR NOT ?2)",
        (gone_before_ns, only_gone),
    )
    return [content_id for (content_id,) in rows]


def gone_count(connection: apsw.Connection) -> int:
    """How many `gone` there are."""
    count: int = connection.execute(
        "SELECT count(*) FROM content WHERE file_count = 0 AND gone_path IS NOT NULL"
    ).get
    return count


def gone(connection: apsw.Connection) -> list[GonePhoto]:
    """Contents that lie in no file, the last gone first.

    Those that an earlier program left behind are not among them: it did not say where they lay. Nor
    is what another content took the place of, or what became part of another photo.
    """
    rows = connection.execute(
        "SELECT id, gone_path, gone_ns FROM content"
        " WHERE file_count = 0 AND gone_path IS NOT NULL ORDER BY gone_ns DESC, id DESC"
    )
    return [
        GonePhoto(content_id, Path(os.fsdecode(path)), gone_ns)
        for content_id, path, gone_ns in rows
    ]


def drop(
    connection: apsw.Connection, content_ids: Sequence[int], *, for_good: bool = False
) -> list[bytes]:
    """Drops contents and their vectors in every space; what the user said of them is kept.

    Args:
        connection: Inside a transaction.
        content_ids: Contents that lie in no file.
        for_good: What the user said of them goes, too.

    Returns:
        Their hashes, by which their thumbnails go.
    """
    if not content_ids:
        return []
    if not for_good:
        userdata.keep(connection, content_ids)
    hashes = erase(connection, content_ids)
    userdata.drop_unused(connection)
    labels.drop_unused(connection)
    vocabulary.prune(connection)
    return hashes


def erase(connection: apsw.Connection, content_ids: Sequence[int]) -> list[bytes]:
    """Drops contents and their vectors in every space, and keeps nothing of them.

    Args:
        connection: Inside a transaction.
        content_ids: Contents that lie in no file.

    Returns:
        Their hashes, by which their thumbnails go.
    """
    if not content_ids:
        return []
    asked = (json.dumps(list(content_ids)),)
    hashes = [
        content_hash
        for (content_hash,) in connection.execute(
            "SELECT hash FROM json_each(?) JOIN content ON content.id = value", asked
        )
    ]
    names.forget(connection, content_ids)
    for space in spaces.every(connection):
        held = connection.execute(
            f"SELECT value FROM json_each(?) JOIN vector_{space.id} ON content_id = value", asked
        )
        if with_vector := [content_id for (content_id,) in held]:
            vectors.remove(connection, space, with_vector)
    bound = [(content_id,) for content_id in content_ids]
    connection.executemany("DELETE FROM file WHERE content_id = ? AND is_companion", bound)
    connection.executemany("DELETE FROM content WHERE id = ?", bound)
    return hashes
