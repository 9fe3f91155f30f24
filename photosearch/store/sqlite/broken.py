"""Files that hold their photo no more: what lies there now could not be read.

Such a file was read once, so its photo stays where it is; but it is no copy that anybody may rely
on. What is recorded of failures tells which ones they are. Called by `photos`, `filters`,
`whereabouts`, `known`, `files` and `batches` on any thread, inside their transactions and reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.failure import FailureCode, Stage
from photosearch.core.photo import FilePlace
from photosearch.core.stored import MovedFile
from photosearch.store.sqlite.failures import EVERY_SPACE

#: What says that the content is no sound picture, though size and time may be what they were.
_BROKEN_CONTENT = ", ".join(
    f"'{code.value}'"
    for code in (
        FailureCode.EMPTY,
        FailureCode.NOT_AN_IMAGE,
        FailureCode.TRUNCATED,
        FailureCode.DAMAGED,
    )
)
#: Of a row of `failure` and the one of `file` at its place. Any failure of a file that has changed
#: counts: whatever lies there now is not what was read. A failure without a stamp (a disk that is
#: away, a directory that nobody may enter) proves nothing, nor does a content that is online only.
_PROVES = (
    f"failure.space_id = {EVERY_SPACE}"
    f" AND failure.stage IN ('{Stage.READ.value}', '{Stage.DECODE.value}')"
    f" AND failure.code <> '{FailureCode.ONLINE_ONLY.value}'"
    f" AND (failure.code IN ({_BROKEN_CONTENT})"
    "  OR failure.size_bytes IS NOT NULL AND (NOT {file}.is_read"
    "   OR (failure.size_bytes, failure.mtime_ns) <> ({file}.size_bytes, {file}.mtime_ns)))"
)
#: What is told of a failure, wherever its file lies.
_TOLD = (
    "failure.size_bytes, failure.mtime_ns, stage, code, args, tries, first_seen_ns, last_seen_ns,"
    " is_to_retry, reading_version"
)
#: A row of `failure` for a new place.
_Told = tuple[object, ...]


def at_place(file: str) -> str:
    """A condition on rows of `file` and `failure`: the one tells that the other is broken.

    Args:
        file: What the table is called in the statement.
    """
    return (
        f"failure.folder_id = {file}.folder_id AND failure.rel_path = {file}.rel_path"
        f" AND {_PROVES.format(file=file)}"
    )


def is_broken(file: str) -> str:
    """A condition on a row of `file`, which is called so in the statement."""
    return f"EXISTS (SELECT 1 FROM failure WHERE {at_place(file)})"


#: What fails is little: looked through, it costs less than all files. CROSS keeps SQLite to that.
_BROKEN = f"failure CROSS JOIN file WHERE NOT is_companion AND {at_place('file')}"


def files(connection: apsw.Connection) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All broken files: their ids, and the contents that they held, (n,) each."""
    rows = connection.execute(f"SELECT file.id, content_id FROM {_BROKEN}").fetchall()
    found = np.array(rows, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def at(connection: apsw.Connection, places: Iterable[FilePlace]) -> set[tuple[int, int]]:
    """Those of the files at places that are broken: each with the content that it held."""
    rows = connection.executemany(
        f"SELECT file.id, content_id FROM file JOIN failure ON {at_place('file')}"
        " WHERE file.folder_id = ? AND file.rel_path = ? AND NOT is_companion",
        [(place.folder_id, place.rel_path) for place in places],
    )
    return set(rows)


def copy_counts(connection: apsw.Connection, ids: Sequence[int] | None = None) -> dict[int, int]:
    """In how many sound files photos lie of which some file is broken.

    Args:
        connection: Where to read.
        ids: Only these photos; all where None.
    """
    affected = f"SELECT content_id FROM {_BROKEN}"
    bound: tuple[str, ...] = ()
    if ids is not None:
        affected = (
            "SELECT content_id FROM json_each(?) CROSS JOIN file ON content_id = value"
            f" WHERE NOT is_companion AND {is_broken('file')}"
        )
        bound = (json.dumps([int(photo_id) for photo_id in ids]),)
    # As the triggers count: a file with several names, links included, is one.
    rows = connection.execute(
        "SELECT content_id, count(DISTINCT coalesce(device || ' ' || inode, id))"
        f" FILTER (WHERE NOT {is_broken('file')}) FROM file"
        f" WHERE NOT is_companion AND content_id IN ({affected}) GROUP BY content_id",
        bound,
    )
    return dict(rows)


def told_of(connection: apsw.Connection, moved: Sequence[MovedFile]) -> list[_Told]:
    """What is told of broken files that were found at other places, for `tell`."""
    return [
        (file.place.folder_id, file.place.rel_path, *told)
        for file in moved
        for told in connection.execute(
            f"SELECT {_TOLD} FROM file JOIN failure ON {at_place('file')}"
            " WHERE file.folder_id = ? AND file.rel_path = ? AND NOT is_companion",
            (file.former.folder_id, file.former.rel_path),
        )
    ]


def tell(connection: apsw.Connection, told: Sequence[_Told]) -> None:
    """Says of broken files at their new places what `told_of` found: nobody reads them again."""
    connection.executemany(
        f"INSERT OR REPLACE INTO failure (folder_id, rel_path, space_id,"
        f" {_TOLD.replace('failure.', '')})"
        f" VALUES (?, ?, {EVERY_SPACE}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        told,
    )
