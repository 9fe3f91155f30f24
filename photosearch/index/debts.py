"""What was noticed and could not be dealt with: it is looked for again later.

The settings are wrong, or the disk is full: nobody asks for those files a second time. Used by the
index thread alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from photosearch.core.events import WorkerError


class Debts:
    """Folders in which something was left, to be scanned later.

    Args:
        after_s: How much later, in seconds.
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._folder_ids: set[int] = set()
        self._due_s = 0.0
        #: Folders that the run under way scans since an earlier one could not.
        self._owed_now: set[int] = set()
        self._told: WorkerError | None = None

    def remaining_s(self, now_s: float) -> float | None:
        """Returns how long until they are due, None where there are none."""
        return max(0.0, self._due_s - now_s) if self._folder_ids else None

    def take_due(self, now_s: float) -> set[int]:
        """Returns the folders that the next run is to scan, once they are due."""
        self._owed_now = set()
        if self.remaining_s(now_s) == 0:
            self._owed_now, self._folder_ids = self._folder_ids, set()
        return self._owed_now

    def add(self, left_in: Iterable[int], error: WorkerError, now_s: float) -> bool:
        """Notes what a run could not do; all folders are due together.

        Args:
            left_in: Folders in which the run left something that nobody asks for again.
            error: Why it could not.
            now_s: The time on any steady clock.

        Returns:
            Whether this is to be told; it is not where the same was told at the last try.
        """
        is_news = not (self._owed_now and error == self._told)
        self._folder_ids.update(left_in, self._owed_now)
        self._due_s = now_s + self._after_s
        self._told = error
        return is_news

    def forgive(self) -> None:
        """A run came to its end: whatever goes wrong next is news."""
        self._told = None
