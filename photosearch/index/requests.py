"""Who asked for which folders to be scanned, by ticket: what waits, what runs, what is taken back.

Used by `worker` with its lock held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of the index thread is about.

    Attributes:
        ticket: All requests up to this one are dealt with by this run.
        folder_ids: Folders to scan; None where nobody asked for a scan.
        is_taken_back: Everybody who asked has taken it back meanwhile.
    """

    ticket: int
    folder_ids: set[int] | None
    is_taken_back: bool


class Requests:
    """The requests to scan folders."""

    def __init__(self) -> None:
        self._ticket = 0
        self._waiting: dict[int, frozenset[int]] = {}
        self._taken: dict[int, frozenset[int]] = {}
        self._running: frozenset[int] = frozenset()
        self._taken_back: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, folder_ids: Iterable[int]) -> int:
        """Adds a request; returns its ticket."""
        self._ticket += 1
        self._waiting[self._ticket] = frozenset(folder_ids)
        return self._ticket

    def take_back(self, ticket: int | None) -> bool:
        """Takes a request back, or all of them.

        Args:
            ticket: Which; None for all.

        Returns:
            True where the run under way serves nobody any more.
        """
        known = set(self._waiting) | self._running
        taken_back = known if ticket is None else {ticket} & known
        self._waiting |= dict.fromkeys(taken_back & set(self._waiting), frozenset[int]())
        self._taken_back |= taken_back
        return ticket is None or (bool(self._running) and self._running <= self._taken_back)

    def forget_folder(self, folder_id: int) -> None:
        """Takes a folder out of all requests that wait."""
        self._waiting = {
            ticket: folder_ids - {folder_id} for ticket, folder_ids in self._waiting.items()
        }

    def take(self) -> Round:
        """Returns all that waits, as one run."""
        requests, self._waiting = self._waiting, {}
        self._taken = requests
        self._taken_back -= self._running
        self._running = frozenset(requests)
        is_taken_back = bool(self._running) and self._running <= self._taken_back
        wanted = set[int]().union(*requests.values()) if requests else None
        return Round(self._ticket, wanted, is_taken_back)

    def put_back(self) -> None:
        """Has what was taken last wait again: a run made way before it was done."""
        self._waiting = self._taken | self._waiting
        self._running = frozenset()
