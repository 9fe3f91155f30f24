"""Files that could not be taken in, and those that are no photos.

Called by `store.SqliteStore` on any thread, inside its transactions and reads. A failure belongs
to a place and to one space, or to every space alike (a file that cannot be read).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import apsw

from photosearch.core.failure import (
    FOLDER_CODES,
    FailureCode,
    FailureReason,
    PhotoFailure,
    Stage,
)
from photosearch.core.photo import READING_VERSION, FilePlace, FileStamp
from photosearch.core.stored import IgnoredCounts
from photosearch.store.sqlite.rows import int64, text

#: `space_id` of a failure that is the same in every space.
EVERY_SPACE = 0

#: What a newer program may be able to read.
BETTER_READING_MENDS = frozenset(
    {FailureCode.UNSUPPORTED, FailureCode.NOT_AN_IMAGE, FailureCode.DAMAGED}
)

_FOLDER_CODES = ", ".join(f"'{code.value}'" for code in sorted(FOLDER_CODES))

#: A place, and the space in which it failed.
FailureKey = tuple[FilePlace, int]


def record(connection: apsw.Connection, failures: Mapping[FailureKey, PhotoFailure]) -> None:
    """Notes failures; one that was known keeps the time it was first seen."""
    now_ns = time.time_ns()
    connection.executemany(
        "INSERT INTO failure (folder_id, rel_path, space_id, size_bytes, mtime_ns, stage, code,"
        " args, tries, first_seen_ns, last_seen_ns, reading_version)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)"
        " ON CONFLICT (folder_id, rel_path, space_id) DO UPDATE SET"
        " size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, stage = excluded.stage,"
        " code = excluded.code, args = excluded.args, tries = tries + excluded.tries,"
        " last_seen_ns = excluded.last_seen_ns, is_to_retry = 0,"
        " reading_version = excluded.reading_version",
        [
            (
                place.folder_id,
                place.rel_path,
                space_id,
                None if failure.stamp is None else int64(failure.stamp.size_bytes),
                None if failure.stamp is None else int64(failure.stamp.mtime_ns),
                failure.stage.value,
                failure.reason.code.value,
                # ASCII escapes keep a file name that is no text, which SQLite would refuse.
                json.dumps(failure.reason.args, ensure_ascii=True),
                failure.tries,
                now_ns,
                READING_VERSION,
            )
            for (place, space_id), failure in failures.items()
        ],
    )


def retry(connection: apsw.Connection, places: Sequence[FilePlace] | None) -> int:
    """Marks failures, all where None, so that they are tried again; returns of how many files.

    They stay until that has succeeded, so that they know how often it was tried.
    """
    mark = "UPDATE failure SET is_to_retry = 1"
    found = " RETURNING folder_id, rel_path"
    if places is None:
        marked = connection.execute(mark + found)
    else:
        marked = connection.executemany(
            f"{mark} WHERE folder_id = ? AND rel_path = ?{found}",
            [(place.folder_id, place.rel_path) for place in places],
        )
    return len(set(marked))


def forget(connection: apsw.Connection, places: Iterable[FilePlace]) -> None:
    """Drops the failures of places, in every space."""
    connection.executemany(
        "DELETE FROM failure WHERE folder_id = ? AND rel_path = ?",
        [(place.folder_id, place.rel_path) for place in places],
    )


def forget_succeeded(
    connection: apsw.Connection,
    places: Iterable[FilePlace],
    space_id: int,
    keep: Collection[FailureKey],
) -> None:
    """Drops the failures of places that could now be read.

    Args:
        connection: Inside a transaction.
        places: What was read.
        space_id: The space they were encoded for; what failed in other spaces stays.
        keep: Failures to leave, because they are about to be recorded again.
    """
    keys = [(place, of_space) for place in places for of_space in (EVERY_SPACE, space_id)]
    connection.executemany(
        "DELETE FROM failure WHERE folder_id = ? AND rel_path = ? AND space_id = ?",
        [
            (place.folder_id, place.rel_path, of_space)
            for place, of_space in keys
            if (place, of_space) not in keep
        ],
    )


def every(connection: apsw.Connection) -> list[PhotoFailure]:
    """All failures, the newest first."""
    rows = connection.execute(
        "SELECT folder_id, rel_path, size_bytes, mtime_ns, stage, code, args, tries,"
        " first_seen_ns, coalesce(space.key, ''), path FROM failure"
        " JOIN folder ON folder.id = folder_id LEFT JOIN space ON space.id = space_id"
        " ORDER BY last_seen_ns DESC, folder_id, rel_path, space_id"
    )
    return [
        PhotoFailure(
            place=FilePlace(folder_id, rel_path),
            stamp=None if size_bytes is None else FileStamp(size_bytes, mtime_ns),
            stage=Stage(stage),
            reason=FailureReason(FailureCode(code), json.loads(args)),
            space_key=key,
            tries=tries,
            first_seen_ns=first_seen_ns,
            path=Path(os.fsdecode(folder_path), os.fsdecode(rel_path)),
        )
        for (
            folder_id,
            rel_path,
            size_bytes,
            mtime_ns,
            stage,
            code,
            args,
            tries,
            first_seen_ns,
            key,
            folder_path,
        ) in rows
    ]


def count(connection: apsw.Connection, space_id: int | None) -> tuple[int, int]:
    """What could not be taken in, in one space or (None) in any: all of it, and the folders."""
    total, folder_count = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE is_folder)"
        f" FROM (SELECT max(code IN ({_FOLDER_CODES})) AS is_folder FROM failure"
        "  WHERE ?1 IS NULL OR space_id IN (?1, ?2) GROUP BY folder_id, rel_path)",
        (space_id, EVERY_SPACE),
    ).get
    return total, folder_count


def set_ignored(connection: apsw.Connection, folder_id: int, counts: IgnoredCounts) -> None:
    """Replaces what is known of the files below a folder that are no photos."""
    connection.execute("DELETE FROM ignored WHERE folder_id = ?", (folder_id,))
    connection.executemany(
        "INSERT INTO ignored (folder_id, suffix, is_not_yet, count) VALUES (?, ?, ?, ?)",
        [
            (folder_id, text(suffix), is_not_yet, file_count)
            for is_not_yet, by_suffix in ((False, counts.ignored), (True, counts.not_yet))
            for suffix, file_count in by_suffix.items()
        ],
    )


def ignored(connection: apsw.Connection) -> IgnoredCounts:
    """Files below all folders that are no photos."""
    totals: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for is_not_yet, suffix, total in connection.execute(
        "SELECT is_not_yet, suffix, sum(count) FROM ignored GROUP BY is_not_yet, suffix"
        " ORDER BY sum(count) DESC, suffix"
    ):
        totals[is_not_yet][suffix] = total
    return IgnoredCounts(*totals)
