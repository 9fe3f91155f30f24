"""Reads files and contents as photos.

Called by `store.SqliteStore` on any thread, inside its transactions and reads.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.photo import FileStamp, Photo
from photosearch.core.status import StoreCounts
from photosearch.store.sqlite import broken, failures, labels, reach, userdata, vectors
from photosearch.store.sqlite.failures import EVERY_SPACE
from photosearch.store.sqlite.rows import FACTS_COLUMNS, facts
from photosearch.store.sqlite.vectors import StoredSpace

_NO_SPACE = -1
_FAILED = (
    "failure CROSS JOIN file USING (folder_id, rel_path)"
    " WHERE space_id IN (?, ?) AND NOT is_to_retry"
)


def ids_by_time(connection: apsw.Connection) -> npt.NDArray[np.int64]:
    """All photos that lie in a file, newest first, the later id first among equals."""
    rows = connection.execute(
        "SELECT id FROM content WHERE file_count > 0 ORDER BY sort_us DESC, id DESC"
    )
    return np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64)


def missing_vectors(
    connection: apsw.Connection, space: StoredSpace | None
) -> npt.NDArray[np.int64]:
    """Photos that lie in a file, lack a vector and never failed in the space, newest first."""
    if space is None:
        return ids_by_time(connection)
    rows = connection.execute(
        "SELECT id FROM content WHERE file_count > 0"
        f" AND id NOT IN (SELECT rowid FROM vec0_{space.id}_rowids)"
        " AND NOT EXISTS (SELECT 1 FROM file JOIN failure USING (folder_id, rel_path)"
        "   WHERE content_id = content.id AND space_id IN (?, ?) AND NOT is_to_retry)"
        " ORDER BY sort_us DESC, id DESC",
        (EVERY_SPACE, space.id),
    )
    return np.fromiter((photo_id for (photo_id,) in rows), dtype=np.int64)


def missing_count(connection: apsw.Connection, space: StoredSpace | None) -> int:
    """How many `missing_vectors` there are, of a million photos in a twentieth of the time."""
    lacks, values = _lacks_vector(space)
    # What failed is little, and all else is counted by indexes alone. Without CROSS, SQLite would
    # look through all files for it.
    total: int = connection.execute(
        "SELECT (SELECT count(*) FROM content WHERE file_count > 0)"
        f" - (SELECT count(DISTINCT content_id) FROM {_FAILED} AND {lacks})",
        values,
    ).get
    return total if space is None else total - vectors.count(connection, space)


def missing_offline_count(connection: apsw.Connection, space: StoredSpace | None) -> int:
    """How many of those lie in no file that can be reached."""
    if not reach.is_any_away(connection):
        return 0
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM folder WHERE is_online)").get:
        return missing_count(connection, space)
    lacks, values = _lacks_vector(space)
    total: int = connection.execute(
        f"SELECT count(*) FROM ({reach.AWAY_CONTENTS}) AS away WHERE {lacks}"
        " AND NOT EXISTS (SELECT 1 FROM file AS f JOIN folder AS g ON g.id = f.folder_id"
        f"   WHERE f.content_id = away.content_id AND {reach.is_met(connection, 'f', 'g')})"
        f" AND content_id NOT IN (SELECT content_id FROM {_FAILED})",
        values,
    ).get
    return total


def _lacks_vector(space: StoredSpace | None) -> tuple[str, tuple[int, int]]:
    """A condition on `content_id`, and the spaces whose failures count: none without a space."""
    if space is None:
        return "1", (_NO_SPACE, _NO_SPACE)
    has = f"SELECT 1 FROM vec0_{space.id}_rowids WHERE rowid = content_id"
    return f"NOT EXISTS ({has})", (EVERY_SPACE, space.id)


def offline_ones(
    connection: apsw.Connection, photo_ids: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Those of which no file can be reached, in the same order."""
    if not reach.is_any_away(connection):
        return photo_ids[:0]
    rows = connection.execute(
        "SELECT content_id FROM file JOIN folder ON folder.id = folder_id"
        f" GROUP BY content_id HAVING NOT max({reach.is_met(connection)})"
    )
    offline = np.fromiter((photo_id for (photo_id,) in rows), dtype=np.int64)
    return photo_ids[np.isin(photo_ids, offline)]


def by_ids(connection: apsw.Connection, ids: Sequence[int]) -> list[Photo]:
    """The photos with these ids, in this order; those without a file are left out.

    A photo's path is that of its first file that can be reached, else of its first; broken files
    come last.
    """
    columns = ", ".join(f"content.{column}" for column in FACTS_COLUMNS)
    rows = connection.execute(
        "SELECT content.id, content.hash, content.file_count, file.folder_id, file.rel_path,"
        f" file.size_bytes, file.mtime_ns, folder.path, {columns}"
        " FROM json_each(?) JOIN content ON content.id = value"
        " JOIN file ON file.id = (SELECT f.id FROM file AS f JOIN folder AS g ON g.id = f.folder_id"
        "  WHERE f.content_id = content.id AND NOT f.is_companion"
        f"  ORDER BY {broken.is_broken('f')}, {reach.is_met(connection, 'f', 'g')} DESC, f.id"
        "  LIMIT 1)"
        " JOIN folder ON folder.id = file.folder_id",
        (json.dumps([int(photo_id) for photo_id in set(ids)]),),
    )
    sound_counts = broken.copy_counts(connection, ids)
    said = userdata.of(connection, ids)
    keywords, people = labels.keywords(connection, ids), labels.people(connection, ids)
    photos = {}
    for row in rows:
        photo_id, content_hash, file_count, folder_id, rel_path, size_bytes, mtime_ns, path = row[
            :8
        ]
        photos[photo_id] = Photo(
            id=photo_id,
            folder_id=folder_id,
            path=Path(os.fsdecode(path), os.fsdecode(rel_path)),
            stamp=FileStamp(size_bytes, mtime_ns),
            content_hash=content_hash,
            facts=facts(row[8:], keywords.get(photo_id, ()), people.get(photo_id, ())),
            copy_count=sound_counts.get(photo_id, file_count),
            user=said[photo_id],
        )
    return [photos[photo_id] for photo_id in ids if photo_id in photos]


def at_paths(connection: apsw.Connection, paths: Sequence[Path]) -> dict[Path, int]:
    """The photos at absolute paths; what is none is left out.

    A path is taken as it stands, then by where it really is, links followed.
    """
    roots = [
        (folder_id, Path(os.fsdecode(path)), Path(os.path.realpath(os.fsdecode(path))))
        for folder_id, path in connection.execute("SELECT id, path FROM folder")
    ]
    found = {}
    for path in paths:
        real = Path(os.path.realpath(path))
        for folder_id, root, real_root in roots:
            for place, around in ((path, root), (real, real_root)):
                if path in found or not place.is_relative_to(around):
                    continue
                rel_path = place.relative_to(around).as_posix()
                photo_id = connection.execute(
                    "SELECT content_id FROM file WHERE folder_id = ? AND rel_path = ?",
                    (folder_id, os.fsencode(rel_path)),
                ).get
                if photo_id is not None:
                    found[path] = photo_id
    return found


def paths_of(connection: apsw.Connection, photo_id: int) -> list[Path]:
    """Where a photo's files lie, companions left out, those that can be reached first.

    Broken files are told only of a photo that has no other.
    """
    rows = connection.execute(
        f"SELECT {broken.is_broken('file')} AS is_broken, path, rel_path"
        " FROM file JOIN folder ON folder.id = folder_id"
        " WHERE content_id = ? AND NOT is_companion"
        f" ORDER BY is_broken, {reach.is_met(connection)} DESC, file.id",
        (photo_id,),
    )
    _, found = next(itertools.groupby(rows, key=itemgetter(0)), (0, ()))
    return [Path(os.fsdecode(root), os.fsdecode(rel_path)) for _, root, rel_path in found]


def within_reach(connection: apsw.Connection, content_hashes: Sequence[bytes]) -> list[bytes]:
    """Those of some contents that can be read again, or that are none.

    Of those, a file that is not broken can be reached.
    """
    is_met = reach.is_met(connection)
    return [
        content_hash
        for content_hash in content_hashes
        if connection.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM content WHERE hash = ?1) OR EXISTS"
            " (SELECT 1 FROM content JOIN file ON content_id = content.id AND NOT is_companion"
            f"  JOIN folder ON folder.id = folder_id WHERE hash = ?1 AND {is_met}"
            f"  AND NOT {broken.is_broken('file')})",
            (content_hash,),
        ).get
    ]


def hashes(connection: apsw.Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Content hashes by photo id; unknown ids are left out."""
    rows = connection.execute(
        "SELECT content.id, content.hash FROM json_each(?) JOIN content ON content.id = value",
        (json.dumps([int(photo_id) for photo_id in ids]),),
    )
    return dict(rows)


def counts(connection: apsw.Connection, space: StoredSpace | None) -> StoreCounts:
    """Numbers of the store; without a space it has no vectors, and all failures count."""
    photo_count, file_count = connection.execute(
        "SELECT (SELECT count(*) FROM content WHERE file_count > 0), (SELECT count(*) FROM file)"
        " - (SELECT count(*) FROM file WHERE is_companion)"
    ).get
    failure_count, failed_folder_count = failures.count(
        connection, None if space is None else space.id
    )
    other = failures.ignored(connection)
    return StoreCounts(
        photo_count=photo_count,
        file_count=file_count,
        vector_count=0 if space is None else vectors.count(connection, space),
        failure_count=failure_count,
        ignored=dict(other.ignored),
        not_yet=dict(other.not_yet),
        failed_folder_count=failed_folder_count,
    )
