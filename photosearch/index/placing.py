"""Brings the store up to date as far as no file has to be read for it. Index thread.

What merely moved gets its new place, what is gone leaves, and raw data goes to the photo that it
belongs to. Cheap enough to be done while reading photos waits.
"""

from __future__ import annotations

from collections.abc import Callable

from photosearch.core.events import LibraryEvent, PhotosChanged, ThumbnailsChanged
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, WriteCounts
from photosearch.index.changes import Changes
from photosearch.index.moves import linked, renamed_in_case, split_moved
from photosearch.index.places import Places
from photosearch.index.run import Run
from photosearch.index.scan import FileTask


class Placing:
    """Deals with changes that cost no reading.

    Args:
        store: The library's store.
        space: As `Store.write` wants it.
        places: Where folders lie.
        emit: Gets events.
    """

    def __init__(
        self,
        store: Store,
        space: EmbeddingSpace,
        places: Places,
        emit: Callable[[LibraryEvent], None],
    ) -> None:
        self._store = store
        self._space = space
        self._places = places
        self._emit = emit

    def move(self, changes: Changes, run: Run) -> list[FileTask]:
        """Gives moved files their new places; returns what has to be read."""
        moved, tasks = split_moved(changes.tasks, self._store)
        tasks += linked(changes.tasks, self._store, self._places)
        if moved:
            formers = {move.former for move in moved} & set(changes.gone)
            formers |= set(renamed_in_case(moved, self._places))
            # In one transaction, since files may have changed places with each other.
            self.write(IndexBatch(moved=moved, removed=list(formers)))
            run.counts.moved += len(moved)
            changes.gone = [place for place in changes.gone if place not in formers]
            self._emit(PhotosChanged(0, 0))
        return tasks

    def forget(self, changes: Changes, run: Run) -> None:
        """Forgets places where no file is any more; what lay there is kept for a while."""
        if changes.gone and not run.cancel.is_cancelled:
            written = self._store.write(self._space, IndexBatch(removed=changes.gone))
            changes.gone = []
            run.counts.gone += written.removed
            self._emit(PhotosChanged(0, written.removed))

    def join_known(self, changes: Changes) -> None:
        """Gives raw data to the photos that it belongs to, where those are known by reading.

        The rest waits: what only looks like a photo may turn out to be none.
        """
        asked = changes.companions[: changes.asked_count]
        fresh = changes.companions[changes.asked_count :]
        if not fresh:
            return
        stored = self._store.hashes_at([each.main for each in fresh])
        joined = [each for each in fresh if each.main in stored]
        if joined:
            self.write(IndexBatch(companions=joined))
        changes.companions = asked + [each for each in fresh if each.main not in stored]
        changes.asked_count = len(changes.companions)

    def join(self, changes: Changes) -> list[FileTask]:
        """Gives all raw data to its photos; returns that whose photo is broken, to be read."""
        companions, changes.companions, changes.asked_count = changes.companions, [], 0
        if not companions:
            return []
        self.write(IndexBatch(companions=companions))
        stored = self._store.hashes_at(
            [place for each in companions for place in (each.main, each.place)]
        )
        return [
            self._places.task(each.place)
            for each in companions
            if each.main not in stored and each.place not in stored
        ]

    def write(self, batch: IndexBatch) -> None:
        """Stores a batch and tells what that changed."""
        self.tell(self._store.write(self._space, batch))

    def tell(self, written: WriteCounts) -> None:
        """Tells what a batch changed."""
        if written.removed:
            self._emit(PhotosChanged(0, written.removed))
        if written.changed:
            self._emit(ThumbnailsChanged(written.changed))
