"""Collects hints that files have changed until the files are still.

The watcher's thread adds, the index thread takes. Events are hints only: what counts is what
`stat` says twice in a row.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from photosearch.core.photo import FileEvent, FileEventKind, FilePlace, FileStamp
from photosearch.index.walk import is_below

#: A file is taken for finished when nothing was heard of it for this long and two looks agree.
#: Long enough for a camera import's pauses, short enough to find a new photo within five seconds.
SETTLE_S = 2.0
#: A directory in which something happens all the time is scanned after this long all the same:
#: its files settle by themselves, a scan only finds those of which nothing was heard.
PATIENCE_S = 10.0


#: The two halves of a rename are heard of within so long.
_TOGETHER_S = 0.5


@dataclass(slots=True)
class _Waiting:
    heard_s: float
    is_doubted: bool
    stamp: FileStamp | None = None
    looks: int = 0


@dataclass(slots=True)
class _Subtree:
    first_s: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class Settled:
    """What is ready to be dealt with.

    Attributes:
        present: Files that are there and still: photos, raw data, and sidecars of either, for
            `scan.look_at` to say what is to be done about them.
        gone: Places of such files where none is any more.
        subtrees: Directories that appeared, moved or went, with all below them: to be scanned.
            None of them lies below another one.
    """

    present: list[FilePlace] = field(default_factory=list)
    gone: list[FilePlace] = field(default_factory=list)
    subtrees: set[FilePlace] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.present or self.gone or self.subtrees)


class SettleQueue:
    """Merges events by place and gives them out once the place is still.

    Args:
        look: Returns the stamp of the file at a place, or None where there is none. May take its
            time: nobody waits for the queue meanwhile.
        is_listed: Whether a file that `look` found has this very name: where upper and lower case
            are the same, a file is found by its former name, too.
    """

    def __init__(
        self,
        look: Callable[[FilePlace], FileStamp | None],
        is_listed: Callable[[FilePlace], bool] = lambda _: True,
    ) -> None:
        self._look = look
        self._is_listed = is_listed
        self._lock = threading.Lock()
        self._files: dict[FilePlace, _Waiting] = {}
        self._subtrees: dict[FilePlace, _Subtree] = {}

    def add(self, event: FileEvent, now_s: float) -> None:
        """Takes in a hint.

        Args:
            event: What may have happened.
            now_s: The time on any steady clock.
        """
        with self._lock:
            if event.is_directory:
                subtree = self._subtrees.setdefault(event.place, _Subtree(now_s, now_s))
                subtree.heard_s = now_s
                return
            before = self._files.get(event.place)
            is_doubted = event.kind is FileEventKind.REMOVED or (
                before is not None and before.is_doubted
            )
            self._files[event.place] = _Waiting(now_s, is_doubted)

    def forget_folder(self, folder_id: int) -> None:
        """Drops everything that waits for a folder."""
        with self._lock:
            for waiting in (self._files, self._subtrees):
                for place in [place for place in waiting if place.folder_id == folder_id]:
                    del waiting[place]

    def is_empty(self) -> bool:
        """True where nothing waits."""
        with self._lock:
            return not (self._files or self._subtrees)

    def take(self, now_s: float) -> Settled:
        """Returns what has become still, and forgets it.

        Each call looks at each waiting file once, so two calls must lie some time apart.
        """
        with self._lock:
            waiting_files = list(self._files.items())
        settled = Settled()
        due, restless_s = [], list[float]()
        for place, waiting in waiting_files:
            stamp = self._look(place)
            is_still = waiting.looks > 0 and stamp == waiting.stamp
            waiting.stamp, waiting.looks = stamp, waiting.looks + 1
            if is_still and now_s - waiting.heard_s >= SETTLE_S:
                due.append((place, waiting))
            elif now_s - waiting.heard_s < PATIENCE_S:
                restless_s.append(waiting.heard_s)
        restless_s.sort()
        for place, waiting in due:
            is_gone = waiting.stamp is None or (waiting.is_doubted and not self._is_listed(place))
            if is_gone and _is_near(waiting.heard_s, restless_s):
                continue  # it may have been renamed: both halves are given out together
            with self._lock:
                if self._files.get(place) is not waiting:
                    continue  # something was heard meanwhile
                del self._files[place]
            (settled.gone if is_gone else settled.present).append(place)
        with self._lock:
            quiet = [place for place in self._subtrees if self._is_due(place, now_s)]
            for place in quiet:
                del self._subtrees[place]
        settled.subtrees.update(outermost(quiet))
        return settled

    def _is_due(self, place: FilePlace, now_s: float) -> bool:
        subtree = self._subtrees[place]
        is_quiet = now_s - subtree.heard_s >= SETTLE_S
        return is_quiet or now_s - subtree.first_s >= PATIENCE_S


def _is_near(heard_s: float, others_s: list[float]) -> bool:
    """Whether something was heard of others, sorted, at about the same time."""
    at = bisect_left(others_s, heard_s - _TOGETHER_S)
    return at < len(others_s) and others_s[at] <= heard_s + _TOGETHER_S


def outermost(places: Iterable[FilePlace]) -> set[FilePlace]:
    """Returns those of some directories that lie below none of the others."""
    kept: set[FilePlace] = set()
    last: FilePlace | None = None
    # With a "/" at its end, what lies below a directory comes right after it.
    for place in sorted(
        places, key=lambda place: (place.folder_id, place.rel_path and place.rel_path + b"/")
    ):
        is_inside = (
            last is not None
            and last.folder_id == place.folder_id
            and is_below(place.rel_path, last.rel_path)
        )
        if not is_inside:
            kept.add(place)
            last = place
    return kept
