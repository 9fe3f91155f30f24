"""Files that were read and are not stored yet: one transaction's worth. Index thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from photosearch.core.decoded import DecodedPhoto, SamePhoto
from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace
from photosearch.index.found import FileTask

#: A slow trickle (a network disk) is stored at least this often, so that it shows.
_FLUSH_AFTER_S = 2.0


class Batch:
    """What `pipeline` gathers before it encodes and stores.

    Attributes:
        photos: Files that were read, and what was found.
        failures: Files that could not be.
    """

    def __init__(self) -> None:
        self.photos: list[tuple[FileTask, DecodedPhoto | SamePhoto]] = []
        self.failures: list[PhotoFailure] = []
        self._started_s = time.monotonic()

    def take(self, task: FileTask, photo: DecodedPhoto | SamePhoto) -> None:
        """Takes in what a file holds, in place of what was known of it before."""
        self.leave_out(lambda place: place == task.place)
        self.photos.append((task, photo))

    def fail(self, failure: PhotoFailure) -> None:
        """Takes in why a file could not be read, in place of what was known of it before."""
        self.leave_out(lambda place: place == failure.place)
        self.failures.append(failure)

    def leave_out(self, is_out: Callable[[FilePlace], bool]) -> None:
        """Drops what was read where it counts no more: it would stay in the store for long."""
        self.photos = [(task, photo) for task, photo in self.photos if not is_out(task.place)]
        self.failures = [failure for failure in self.failures if not is_out(failure.place)]

    def is_due(self, size: int) -> bool:
        """True where the batch has this size, or has waited long enough."""
        if len(self.photos) + len(self.failures) >= size:
            return True
        return time.monotonic() - self._started_s >= _FLUSH_AFTER_S
