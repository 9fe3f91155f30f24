"""Stores what one indexing step has found out.

Called by `store.SqliteStore.write` inside one transaction, on the thread that indexes. `taking`
does it file by file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import apsw

from photosearch.core.failure import TRANSIENT_CODES, FailureCode, PhotoFailure
from photosearch.core.photo import FilePlace
from photosearch.core.stored import IndexBatch, WriteCounts
from photosearch.errors import StoreError
from photosearch.store.sqlite import broken, failures, folders, names, vectors, vocabulary
from photosearch.store.sqlite.failures import EVERY_SPACE, FailureKey
from photosearch.store.sqlite.taking import Taking
from photosearch.store.sqlite.thumbnail_changes import ThumbnailChanges
from photosearch.store.sqlite.vectors import StoredSpace

_log = logging.getLogger(__name__)


def write(
    connection: apsw.Connection, space: StoredSpace, space_key: str, batch: IndexBatch
) -> tuple[WriteCounts, ThumbnailChanges]:
    """Stores a batch, in the order that `IndexBatch` says.

    Args:
        connection: Inside a transaction.
        space: Where the vectors and the failures of this space belong.
        space_key: Its key, as failures name it.
        batch: What to store. Whatever lies in a folder that the user has removed meanwhile is
            passed over.

    Returns:
        What was changed, and what is to be done about thumbnails once that is committed.

    Raises:
        StoreError: A vector is none of this space, or a failure names another space.
    """
    batch = _watched(connection, batch)
    failed = _by_key(batch.failures, space, space_key)
    tried = [file.place for file in batch.files] + [found.place for found in batch.failures]
    was_broken, still_broken = broken.at(connection, tried), broken.told_of(connection, batch.moved)
    taking = Taking(connection)
    taking.move(batch.moved, batch.removed)
    taking.remove(batch.removed)
    for header in batch.listed:
        taking.take_listed(header)
    for file in batch.files:
        taking.take_read(file)
    for companion in batch.companions:
        taking.take_companion(companion)
    taking.leave_unread(_for_good(batch.failures))
    taking.settle()
    vectors.put(connection, space, taking.vectors)

    read = [file.place for file in batch.files]
    listed = [file.place for file in batch.listed]
    moved = [file.place for file in batch.moved]
    failures.forget(connection, [*batch.removed, *(file.place for file in batch.companions)])
    failures.forget_succeeded(connection, moved, space.id, failed.keys())
    broken.tell(connection, still_broken)
    failures.forget_succeeded(connection, read, space.id, failed.keys())
    failures.record(connection, failed)

    names.refresh(connection, taking.touched)
    facts = [*(file.facts for file in batch.listed), *(file.facts for file in batch.files)]
    vocabulary.learn(connection, [*moved, *listed, *read], facts)
    changed = {content_id for _, content_id in was_broken ^ broken.at(connection, tried)}
    return taking.counts(changed), taking.thumbnails


def _watched(connection: apsw.Connection, batch: IndexBatch) -> IndexBatch:
    """A batch without what lies in folders that are none of the library any more."""
    watched = folders.ids(connection)
    files = [file for file in batch.files if file.place.folder_id in watched]
    if len(files) < len(batch.files):
        _log.info("Passed over %d files of removed folders", len(batch.files) - len(files))
    return replace(
        batch,
        files=files,
        listed=[file for file in batch.listed if file.place.folder_id in watched],
        moved=[file for file in batch.moved if file.place.folder_id in watched],
        companions=[file for file in batch.companions if file.place.folder_id in watched],
        failures=[found for found in batch.failures if found.place.folder_id in watched],
    )


def _by_key(
    reported: Sequence[PhotoFailure], space: StoredSpace, space_key: str
) -> dict[FailureKey, PhotoFailure]:
    space_ids = {"": EVERY_SPACE, space_key: space.id}
    by_key = {}
    for failure in reported:
        if failure.space_key not in space_ids:
            raise StoreError(
                f"A failure in {failure.space_key} was reported while indexing for {space_key}."
            )
        by_key[failure.place, space_ids[failure.space_key]] = failure
    return by_key


def _for_good(reported: Sequence[PhotoFailure]) -> list[FilePlace]:
    """The places of what failed in every space, for a reason that only a change can mend."""
    may_mend = TRANSIENT_CODES | {FailureCode.ONLINE_ONLY}
    return [
        failure.place
        for failure in reported
        if not failure.space_key and failure.reason.code not in may_mend
    ]
