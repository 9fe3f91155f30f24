"""Collects hints that files have changed until the files are still.

The watcher's thread adds, the index thread takes. Events are hints only: what counts is what
`stat` says twice in a row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from photosearch.core.photo import FileEvent, FilePlace, FileStamp

#: A file is taken for finished when nothing was heard of it for this long and two looks agree.
#: Long enough for a camera import's pauses, short enough to find a new photo within five seconds.
SETTLE_S = 2.0


@dataclass(slots=True)
class _Waiting:
    heard_s: float
    stamp: FileStamp | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What is ready to be dealt with.

    Attributes:
        present: Files that are there and still.
        gone: Places where no file is any more.
        folder_ids: Folders of which a whole directory appeared, moved or went: scan them.
    """

    present: list[FilePlace] = field(default_factory=list)
    gone: list[FilePlace] = field(default_factory=list)
    folder_ids: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.present or self.gone or self.folder_ids)


class SettleQueue:
    """Merges events by place and gives them out once the place is still.

    Args:
        look: Returns the stamp of the file at a place, or None where there is none.
    """

    def __init__(self, look: Callable[[FilePlace], FileStamp | None]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._files: dict[FilePlace, _Waiting] = {}
        self._folders: dict[int, float] = {}

    def add(self, event: FileEvent, now_s: float) -> None:
        """Takes in a hint.

        Args:
            event: What may have happened.
            now_s: The time on any steady clock.
        """
        with self._lock:
            if event.is_directory:
                self._folders[event.place.folder_id] = now_s
                return
            self._files[event.place] = _Waiting(now_s)

    def forget_folder(self, folder_id: int) -> None:
        """Drops everything that waits for a folder."""
        with self._lock:
            self._folders.pop(folder_id, None)
            self._files = {
                place: waiting
                for place, waiting in self._files.items()
                if place.folder_id != folder_id
            }

    def is_empty(self) -> bool:
        """True where nothing waits."""
        with self._lock:
            return not (self._files or self._folders)

    def take(self, now_s: float) -> Settled:
        """Returns what has become still, and forgets it.

        Each call looks at each waiting file once, so two calls must lie some time apart.
        """
        settled = Settled()
        with self._lock:
            for place, waiting in list(self._files.items()):
                stamp = self._look(place)
                is_still = waiting.looks > 0 and stamp == waiting.stamp
                waiting.stamp, waiting.looks = stamp, waiting.looks + 1
                if is_still and now_s - waiting.heard_s >= SETTLE_S:
                    del self._files[place]
                    (settled.gone if stamp is None else settled.present).append(place)
            for folder_id, heard_s in list(self._folders.items()):
                if now_s - heard_s >= SETTLE_S:
                    del self._folders[folder_id]
                    settled.folder_ids.add(folder_id)
        return settled
