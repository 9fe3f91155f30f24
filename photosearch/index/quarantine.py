"""Leaves out the files that took the engine down twice, until they change. Index thread."""

from __future__ import annotations

import logging

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FilePlace
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.index.journal import FileInFlight, Journal

log = logging.getLogger(__name__)


def quarantine(journal: Journal, store: Store, space: EmbeddingSpace) -> list[FilePlace]:
    """Stores a failure for each file that the journal blames, so that no scan asks for it again.

    Args:
        journal: Blames nobody any more afterwards.
        store: Takes the failures.
        space: The failures belong to it: another model may get on with the files.

    Returns:
        The files that are left out from now on.

    Raises:
        StoreError: The database refused; the journal keeps its blame.
    """
    reason = FailureReason(FailureCode.ENGINE_DIED)
    failures = [
        PhotoFailure(file.place, file.stamp, Stage.ENCODE, reason, space_key=space.key)
        for file in journal.blamed
        if not _is_done(file, store, space)
    ]
    if failures:
        log.warning("%d files are left out: the engine stopped twice at them", len(failures))
        store.write(space, IndexBatch(failures=failures))
    if journal.blamed:
        journal.settle()
    return [failure.place for failure in failures]


def _is_done(file: FileInFlight, store: Store, space: EmbeddingSpace) -> bool:
    """True where the engine stopped just after it had stored the file."""
    known = store.known_files(file.place.folder_id, space).get(file.place.rel_path)
    return known is not None and known.is_done and known.stamp == file.stamp
