"""Stores what one indexing step has found out.

Called by `store.SqliteStore.write` inside one transaction, on the thread that indexes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence

import apsw

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FACTS_VERSION, FilePlace
from photosearch.core.ports import Vectors
from photosearch.core.stored import IndexBatch, IndexedFile, WriteCounts
from photosearch.errors import StoreError
from photosearch.store.sqlite import failures, folders, names, userdata, vectors, vocabulary
from photosearch.store.sqlite.failures import EVERY_SPACE, FailureKey
from photosearch.store.sqlite.rows import FACTS_COLUMNS, display_path, facts_row, int64
from photosearch.store.sqlite.vectors import StoredSpace

_log = logging.getLogger(__name__)

_PUT_COLUMNS = ("facts_version", *FACTS_COLUMNS)
# What the user says of a photo stays as it is.
_PUT_CONTENT = (
    f"INSERT INTO content (hash, added_ns, {', '.join(_PUT_COLUMNS)})"
    f" VALUES (?, ?, {', '.join('?' * len(_PUT_COLUMNS))})"
    " ON CONFLICT (hash) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _PUT_COLUMNS)
    + " RETURNING id"
)
# The triggers on `file` count a content's files and find its place in time: content first.
_PUT_FILE = (
    "INSERT INTO file (folder_id, rel_path, rel_path_text, size_bytes, mtime_ns, content_id)"
    " VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (folder_id, rel_path) DO UPDATE SET size_bytes = excluded.size_bytes,"
    " mtime_ns = excluded.mtime_ns, content_id = excluded.content_id"
)
_CONTENT_AT = "SELECT content_id FROM file WHERE folder_id = ? AND rel_path = ?"


def write(
    connection: apsw.Connection, space: StoredSpace, space_key: str, batch: IndexBatch
) -> WriteCounts:
    """Stores a batch: first what is gone, then what was read, then what failed.

    Args:
        connection: Inside a transaction.
        space: Where the vectors and the failures of this space belong.
        space_key: Its key, as failures name it.
        batch: What to store. Whatever lies in a folder that the user has removed meanwhile is
            passed over.

    Returns:
        Photos that have a file now and had none before, and the reverse.

    Raises:
        StoreError: A vector is none of this space, or a failure names another space.
    """
    watched = folders.ids(connection)
    files = [file for file in batch.files if file.place.folder_id in watched]
    failed = _by_key(batch.failures, watched, space, space_key)
    if len(files) < len(batch.files):
        _log.info("Passed over %d files of removed folders", len(batch.files) - len(files))

    touched = _contents_at(connection, [*batch.removed, *(file.place for file in files)])
    touched |= _contents_named(connection, [file.content_hash for file in files])
    placed_before = _placed(connection, touched)

    _remove(connection, batch.removed)
    touched |= _put(connection, space, files)
    failures.forget_succeeded(connection, [file.place for file in files], space.id, failed.keys())
    failures.record(connection, failed)

    names.refresh(connection, touched)
    vocabulary.learn(connection, files)

    placed_after = _placed(connection, touched)
    return WriteCounts(
        added=len(placed_after - placed_before), removed=len(placed_before - placed_after)
    )


def _by_key(
    reported: Sequence[PhotoFailure], watched: set[int], space: StoredSpace, space_key: str
) -> dict[FailureKey, PhotoFailure]:
    space_ids = {"": EVERY_SPACE, space_key: space.id}
    by_key = {}
    for failure in reported:
        if failure.space_key not in space_ids:
            raise StoreError(
                f"A failure in {failure.space_key} was reported while indexing for {space_key}."
            )
        if failure.place.folder_id in watched:
            by_key[failure.place, space_ids[failure.space_key]] = failure
    return by_key


def _remove(connection: apsw.Connection, places: Sequence[FilePlace]) -> None:
    connection.executemany(
        "DELETE FROM file WHERE folder_id = ? AND rel_path = ?",
        [_row(place) for place in places],
    )
    failures.forget(connection, places)


def _put(connection: apsw.Connection, space: StoredSpace, files: Sequence[IndexedFile]) -> set[int]:
    """Stores files, their contents and vectors; returns the contents' ids."""
    now_ns = time.time_ns()
    content_ids = set()
    new_vectors: dict[int, Vectors] = {}
    some_kept = connection.execute("SELECT EXISTS (SELECT 1 FROM kept_user_data)").get
    for file in files:
        former_id = connection.execute(_CONTENT_AT, _row(file.place)).get
        content_id: int = connection.execute(
            _PUT_CONTENT, (file.content_hash, now_ns, FACTS_VERSION, *facts_row(file.facts))
        ).get
        connection.execute(
            _PUT_FILE,
            (
                file.place.folder_id,
                file.place.rel_path,
                display_path(file.place.rel_path),
                int64(file.stamp.size_bytes),
                int64(file.stamp.mtime_ns),
                content_id,
            ),
        )
        if some_kept:
            userdata.bring_back(connection, file.content_hash, content_id)
        if former_id is not None and former_id != content_id:
            userdata.carry(connection, former_id, content_id)
        content_ids.add(content_id)
        if file.vector is not None:
            new_vectors[content_id] = file.vector
    vectors.put(connection, space, new_vectors)
    return content_ids


def _contents_at(connection: apsw.Connection, places: Iterable[FilePlace]) -> set[int]:
    found = connection.executemany(_CONTENT_AT, [_row(place) for place in places])
    return {content_id for (content_id,) in found}


def _row(place: FilePlace) -> tuple[int, bytes]:
    return place.folder_id, place.rel_path


def _contents_named(connection: apsw.Connection, hashes: Iterable[bytes]) -> set[int]:
    found = connection.executemany(
        "SELECT id FROM content WHERE hash = ?", [(value,) for value in hashes]
    )
    return {content_id for (content_id,) in found}


def _placed(connection: apsw.Connection, content_ids: Iterable[int]) -> set[int]:
    found = connection.executemany(
        "SELECT id FROM content WHERE id = ? AND file_count > 0",
        [(content_id,) for content_id in content_ids],
    )
    return {content_id for (content_id,) in found}
