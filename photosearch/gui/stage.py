"""Where things stand, and so what the middle of the window shows. Plain values."""

from __future__ import annotations

from enum import Enum, auto

from photosearch.core.status import LibraryStatus
from photosearch.errors import PhotoSearchError


class Stage(Enum):
    """What the middle of the window shows."""

    CONNECTING = auto()  #: nothing known yet
    FAILED = auto()  #: the library cannot be opened
    EMPTY_LIBRARY = auto()  #: no folders: the offer
    READING = auto()  #: the first photos are being read
    NO_PHOTOS = auto()  #: folders without photos
    NO_ANSWER = auto()  #: nothing was shown yet and the question failed: a notice says why
    NO_MATCH = auto()  #: nothing could be compared
    PHOTOS = auto()


def find_stage(
    *,
    failure: PhotoSearchError | None,
    status: LibraryStatus | None,
    shown_count: int | None,
    is_indexing: bool,
    is_searched: bool,
    is_refused: bool = False,
) -> Stage:
    """Decides what to show.

    Args:
        failure: Why the library cannot be opened.
        status: The newest status, None before the first.
        shown_count: Photos in the newest answer, None before the first.
        is_indexing: An index run is under way.
        is_searched: There is a question, not just all photos.
        is_refused: The question failed.
    """
    if failure is not None:
        return Stage.FAILED
    if shown_count:
        return Stage.PHOTOS
    if status is None or shown_count is None:
        return Stage.NO_ANSWER if status is not None and is_refused else Stage.CONNECTING
    if is_indexing and not is_searched:
        return Stage.READING
    if not status.folders and status.counts.photo_count == 0:
        return Stage.EMPTY_LIBRARY
    return Stage.NO_MATCH if is_searched else Stage.NO_PHOTOS
