"""What a run of the index thread counts, and what happens between its files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosearch.core.cancel import CancelToken
from photosearch.core.events import IndexFinished, IndexPhase
from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace, FileStamp
from photosearch.index.queue import Settled
from photosearch.index.scan import FileTask

if TYPE_CHECKING:  # which counts what is here
    from photosearch.index.progress import ProgressMeter

#: A run reads at least so long, and as long as it looked, before it makes way for another one.
LEAST_SHARE_S = 1.0


@dataclass(slots=True)
class RunCounts:
    """What a run has done so far.

    Attributes:
        done: Files finished, failures included.
        encoded: Pictures that went through the model.
        failed: Files that could not be taken in.
        added: Photos that are new in the store.
        gone: Photos of which no file is left.
        moved: Files that were only given another place.
        found_in: Files that there were to do, by folder.
        done_in: Of those finished, by folder.
        failed_in: Of those that could not be taken in, by folder.
    """

    done: int = 0
    encoded: int = 0
    failed: int = 0
    added: int = 0
    gone: int = 0
    moved: int = 0
    found_in: Counter[int] = field(default_factory=Counter)
    done_in: Counter[int] = field(default_factory=Counter)
    failed_in: Counter[int] = field(default_factory=Counter)

    def find(self, tasks: Iterable[FileTask]) -> None:
        """Counts files that there are to do beside those that are done."""
        self.found_in = self.done_in + Counter(task.place.folder_id for task in tasks)

    def finish(self, folder_id: int) -> None:
        """Counts a file of a folder that was dealt with."""
        self.done += 1
        self.done_in[folder_id] += 1

    def fail(self, folder_ids: Iterable[int]) -> None:
        """Counts files that could not be taken in, by their folders."""
        failed_in = Counter(folder_ids)
        self.failed += failed_in.total()
        self.failed_in += failed_in

    def finished(self, ticket: int, elapsed_s: float, *, was_stopped: bool) -> IndexFinished:
        """Returns what is told of a run that came to its end.

        Args:
            ticket: Of the last request that it served.
            elapsed_s: How long it took, in seconds.
            was_stopped: It left something undone.
        """
        return IndexFinished(
            ticket=ticket,
            done=self.done,
            encoded=self.encoded,
            failed=self.failed,
            gone=self.gone,
            elapsed_s=elapsed_s,
            was_stopped=was_stopped,
            moved=self.moved,
        )


OnStep = Callable[[IndexPhase, RunCounts], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens between the files of a run.

    Attributes:
        on_step: Told how far it is, after each file and batch; must return at once.
        urgent: Asked for files that go before all others: a photo that somebody saved just now.
        wait: Returns when work may go on, or at once where the run was cancelled.
        is_held: True where `wait` would not return at once; asked often.
        is_over: True where the rest is better left to another run.
        on_failed: Told of files that could not be taken in.
        is_gone: Whether a place was found empty since the run began, however well it was read.
    """

    on_step: OnStep
    urgent: Callable[[], Sequence[FileTask]] = tuple
    wait: Callable[[CancelToken], None] = lambda _: None
    is_held: Callable[[], bool] = lambda: False
    is_over: Callable[[], bool] = lambda: False
    on_failed: Callable[[Sequence[PhotoFailure]], None] = lambda _: None
    is_gone: Callable[[FilePlace], bool] = lambda _: False


@dataclass(slots=True)
class Run:
    """One piece of the index thread's work.

    Attributes:
        cancel: Stops it.
        meter: Tells how far it is.
        settled: Asked, now and then, for what the watcher noticed meanwhile.
        is_called: True where somebody waits for another run, which finds again what this leaves.
        is_unsettled: True where the watcher noticed something that has not kept still so far.
        counts: What was done.
        is_left: Something was left to the next run.
        again: Folders in which so much is new that a run of its own is to deal with it.
        gone: Places that were found empty while the run was at work.
        noticed_in: Folders of what the watcher noticed and this run took up.
    """

    cancel: CancelToken
    meter: ProgressMeter
    settled: Callable[[], Settled] = Settled
    is_called: Callable[[], bool] = lambda: False
    is_unsettled: Callable[[], bool] = lambda: False
    counts: RunCounts = field(default_factory=RunCounts)
    is_left: bool = False
    again: set[int] = field(default_factory=set)
    gone: set[FilePlace] = field(default_factory=set)
    noticed_in: set[int] = field(default_factory=set)
    _asked: dict[FilePlace, FileStamp | None] = field(default_factory=dict)
    _urgent: dict[FilePlace, FileTask] = field(default_factory=dict)
    _began_s: float = field(default_factory=time.monotonic)
    _goes_on_until_s: float = 0.0

    def begin_reading(self) -> None:
        """Ends the looking. What follows has its share before it makes way for another run.

        Else requests that come quicker than folders can be looked through would have all runs look,
        and none read.
        """
        now_s = time.monotonic()
        self._goes_on_until_s = now_s + max(LEAST_SHARE_S, now_s - self._began_s)

    def is_over(self) -> bool:
        """Whether the rest is better left to another run."""
        if self.again:
            return True
        return self.is_called() and time.monotonic() >= self._goes_on_until_s

    def ask(self, tasks: Iterable[FileTask]) -> None:
        """Notes files that this run reads, as they were when that was decided."""
        self._asked.update((task.place, task.stamp) for task in tasks)

    def is_asked(self, task: FileTask) -> bool:
        """Whether this run reads the very same file already.

        Whoever looked through a folder hears of the same changes a moment later.
        """
        return task.stamp is not None and self._asked.get(task.place) == task.stamp

    def note_failed(self, failures: Iterable[PhotoFailure]) -> None:
        """Notes files that could not be taken in: whoever asks for them again means it."""
        for failure in failures:
            self._asked.pop(failure.place, None)

    def note_gone(self, places: Iterable[FilePlace]) -> None:
        """Notes places that were found empty."""
        for place in places:
            self.gone.add(place)
            self._asked.pop(place, None)
            self._urgent.pop(place, None)

    def hurry(self, tasks: Sequence[FileTask]) -> None:
        """Notes files that go before all others once photos may be read."""
        self.ask(tasks)
        self._urgent.update((task.place, task) for task in tasks)

    @property
    def unread(self) -> list[FilePlace]:
        """Where files lie that go before all others, and that nobody has begun to read."""
        return list(self._urgent)

    def take_urgent(self) -> list[FileTask]:
        """Returns the files that go before all others, and forgets them."""
        tasks, self._urgent = list(self._urgent.values()), {}
        return tasks
