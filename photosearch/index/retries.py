"""Tries again what could not be read because it may still be on its way. Index thread.

A slow copy may pause for longer than the queue waits, and a download may have its full size from
the beginning: what is there then looks broken, and nothing may be heard of the file any more.
"""

from __future__ import annotations

from photosearch.core.failure import FailureCode, PhotoFailure
from photosearch.core.photo import FilePlace

#: How long after each failure a file is tried again, in seconds; then not any more until it
#: changes, or the next index run where the failure is one that may mend by itself.
RETRY_AFTER_S = (5.0, 30.0, 300.0)

#: What a file looks like that is still being written, or that its writer still holds.
_UNFINISHED_CODES = frozenset(
    {
        *(FailureCode.EMPTY, FailureCode.TRUNCATED, FailureCode.DAMAGED),
        *(FailureCode.NOT_AN_IMAGE, FailureCode.NO_PERMISSION, FailureCode.READ_ERROR),
    }
)


class Retries:
    """Remembers which files that were noticed just now failed, and when to try them again."""

    def __init__(self) -> None:
        self._tries: dict[FilePlace, int] = {}
        self._due_s: dict[FilePlace, float] = {}

    def note_failure(self, failure: PhotoFailure, now_s: float) -> None:
        """Has a file tried again later, if that can be of use.

        For files that the watcher noticed and for those given by `take_due`: a scan meets old
        files, too, and those are not on their way.

        Args:
            failure: Why it could not be read.
            now_s: The time on any steady clock.
        """
        place = failure.place
        tries = self._tries.get(place, 0)
        if failure.reason.code not in _UNFINISHED_CODES or tries >= len(RETRY_AFTER_S):
            self.forget(place)
            return
        self._tries[place] = tries + 1
        self._due_s[place] = now_s + RETRY_AFTER_S[tries]

    def forget(self, place: FilePlace) -> None:
        """The file was read, or is gone, or something was heard of it: it starts anew."""
        self._tries.pop(place, None)
        self._due_s.pop(place, None)

    def forget_folder(self, folder_id: int) -> None:
        """Drops everything that waits in a folder."""
        for place in [place for place in self._tries if place.folder_id == folder_id]:
            self.forget(place)

    def take_due(self, now_s: float) -> list[FilePlace]:
        """Returns what is to be tried now; each is given out once for each failure."""
        due = [place for place, due_s in self._due_s.items() if due_s <= now_s]
        for place in due:
            del self._due_s[place]
        return due

    def remaining_s(self, now_s: float) -> float | None:
        """Returns how long until something is due, None where nothing waits."""
        return max(0.0, min(self._due_s.values()) - now_s) if self._due_s else None
