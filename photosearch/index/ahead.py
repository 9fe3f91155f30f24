"""Files on their way from the disk to the encoder: what is read ahead, and what overtakes it.

`pipeline` holds one for each run. Index thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from photosearch.core.decoded import DecodedPhoto, SamePhoto
from photosearch.core.photo import FilePlace
from photosearch.index.found import FileTask

#: Files that are announced at once: those are suspects after a crash.
BLOCK = 32
#: Files that decoders may have begun, whose reading is not cut off where a run makes way.
_BEING_READ = 8

ReadFuture = Future[DecodedPhoto | SamePhoto]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that a decoder reads or has read.

    Attributes:
        task: The file.
        future: Gives what is in it.
        is_urgent: It goes before all others.
        is_outdated: The file has changed since, and is read anew: what was read does not count.
    """

    task: FileTask
    future: ReadFuture
    is_urgent: bool
    is_outdated: bool = False


class ReadAhead:
    """Hands files to the decoders ahead of the encoder, and gives them back in their order.

    An urgent file, a photo that was saved just now, overtakes all that no decoder has begun: it is
    given back next.

    Args:
        tasks: Files in the order in which they are to be read.
        urgent: Asked for files that go first.
        announce: Told of each block of files before the first of them is touched; returns what
            each of them is thought to hold.
        submit: Hands a file to the decoders; says what it is thought to hold, and whether it goes
            first.
    """

    def __init__(
        self,
        tasks: Iterable[FileTask],
        urgent: Callable[[], Sequence[FileTask]],
        announce: Callable[[Sequence[FileTask]], Iterable[tuple[FileTask, bytes | None]]],
        submit: Callable[[FileTask, bytes | None, bool], ReadFuture],
    ) -> None:
        self._urgent = urgent
        self._announce = announce
        self._submit = submit
        self._waiting = deque(tasks)
        self._announced: deque[tuple[FileTask, bytes | None]] = deque()
        self._reading: deque[Reading] = deque()
        self._urgent_waiting: deque[FileTask] = deque()
        self._urgent_reading: deque[Reading] = deque()

    def fill(self, count: int) -> None:
        """Has so many files read ahead, and as many of those that go first."""
        self._urgent_waiting.extend(self._urgent())
        while self._urgent_waiting and len(self._urgent_reading) < count:
            block = _taken(self._urgent_waiting)
            self._outdate(block)
            for task, expected in self._announce(block):
                future = self._submit(task, expected, True)
                self._urgent_reading.append(Reading(task, future, is_urgent=True))
        while len(self._reading) < count and (self._announced or self._waiting):
            if not self._announced:
                self._announced.extend(self._announce(_taken(self._waiting)))
            task, expected = self._announced.popleft()
            future = self._submit(task, expected, False)
            self._reading.append(Reading(task, future, is_urgent=False))

    @property
    def is_empty(self) -> bool:
        """True after `fill` where every file was given back."""
        return not (self._reading or self._urgent_reading)

    @property
    def is_urgent(self) -> bool:
        """True where a file that goes first is still to be given back."""
        return bool(self._urgent_reading or self._urgent_waiting)

    def holds(self, place: FilePlace) -> bool:
        """Whether a file that goes first is still to be given back, and lies there."""
        return any(each.task.place == place for each in self._urgent_reading)

    def take(self, patience_s: float) -> Reading | None:
        """Returns the next file that was read, those that go first before the others.

        Args:
            patience_s: How long it waits at most. A file that goes first and takes longer does
                not hold up the others.

        Returns:
            None where none was read in this time.
        """
        queues = [queue for queue in (self._urgent_reading, self._reading) if queue]
        if not queues[0][0].future.done():
            wait([queues[0][0].future], patience_s)
        for queue in queues:
            if queue[0].future.done():
                return queue.popleft()
        return None

    def leave(self, *, at_once: bool) -> None:
        """Gives up what was not given back.

        Args:
            at_once: What is being read just now, too; else that is left to itself, since a fresh
                decoder would take longer to start.
        """
        reading = [*self._urgent_reading, *self._reading]
        for each in reading[0 if at_once else _BEING_READ :]:
            each.future.cancel()

    def _outdate(self, tasks: Sequence[FileTask]) -> None:
        """Has what was read of files not count any more, since they are read anew."""
        places = {task.place for task in tasks}
        for queue in (self._urgent_reading, self._reading):
            for number, each in enumerate(queue):
                if each.task.place in places:
                    queue[number] = replace(each, is_outdated=True)


def _taken(waiting: deque[FileTask]) -> list[FileTask]:
    return [waiting.popleft() for _ in range(min(len(waiting), BLOCK))]
