"""A cache that fetches what is being looked at, on threads, newest wish first.

Lives on the GUI thread; only `fetch` runs on its workers. Used for thumbnails and for photo facts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from photosearch.errors import PhotoSearchError
from photosearch.gui.background import Background

#: Finished things are collected this long and shown with one repaint: one frame at 60 Hz.
_COLLECT_MS = 16
#: How long after a fetch that failed, or found nothing, the same things are asked for again.
_RETRY_MS = 2_000

#: Asked with ids, and with a question whether an id is still wanted.
Fetch = Callable[[Sequence[int], Callable[[int], bool]], dict[int, Any]]


class LazyCache(QObject):
    """Values by photo id: those at hand at once, the others when they have come.

    `want` replaces the former wish, so what was scrolled away before its turn is never fetched.

    Signals:
        arrived(frozenset[int]): These ids are at hand now, or known to have nothing.
    """

    arrived = Signal(object)

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        capacity: int,
        *,
        cost: Callable[[Any], int] = lambda _value: 1,
        admit: Callable[[Any], Any] = lambda value: value,
        batch_size: int = 16,
        thread_count: int = 1,
        parent: QObject | None = None,
    ) -> None:
        """Makes an empty cache.

        Args:
            name: Name of its threads.
            fetch: Called on a worker with ids and a question whether an id is still wanted.
                Answers None for what has nothing to show, and leaves out what is not wanted.
            capacity: Sum of costs that is kept; the least recently used go first.
            cost: Cost of a value, in the unit of `capacity`.
            admit: Turns a fetched value into the kept one, on the GUI thread.
            batch_size: Ids in one fetch.
            thread_count: Fetches side by side.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._fetch, self._cost, self._admit = fetch, cost, admit
        self._capacity, self._batch_size, self._thread_count = capacity, batch_size, thread_count
        self._kept: OrderedDict[int, Any] = OrderedDict()
        self._kept_cost = 0
        self._nothing: set[int] = set()
        self._wish: list[int] = []
        self._wanted: frozenset[int] = frozenset()  # the same; replaced as a whole: workers read it
        self._queue: list[int] = []
        self._in_flight: set[int] = set()
        self._running = 0
        self._stale: set[int] = set()  # in flight, and changed since they were asked for
        self._collected: dict[int, Any] = {}
        self._background = Background(name, thread_count, parent=self)
        self._collect_timer = QTimer(self, singleShot=True, interval=_COLLECT_MS)
        self._collect_timer.timeout.connect(self._hand_over)
        self._retry_timer = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._retry_timer.timeout.connect(self.retry)

    def get(self, photo_id: int) -> Any | None:
        """The value at hand, else None. Never waits."""
        value = self._kept.get(photo_id)
        if value is not None:
            self._kept.move_to_end(photo_id)
        return value

    def replace(self, photo_id: int, value: Any) -> None:
        """Puts another value in the place of the one at hand, e.g. what the user just changed."""
        if photo_id in self._kept:
            self._keep(photo_id, value)
            self.arrived.emit(frozenset((photo_id,)))

    def has_nothing(self, photo_id: int) -> bool:
        """True where the value was asked for and there is none."""
        return photo_id in self._nothing

    def want(self, photo_ids: Iterable[int]) -> None:
        """Fetches these, in this order, instead of whatever was wanted before."""
        self._wish = wanted = list(dict.fromkeys(photo_ids))
        self._wanted = frozenset(wanted)
        self._queue = [
            photo_id
            for photo_id in wanted
            if photo_id not in self._kept
            and photo_id not in self._nothing
            and photo_id not in self._in_flight
            and photo_id not in self._collected
        ]
        for photo_id in wanted:
            if photo_id in self._kept:
                self._kept.move_to_end(photo_id)
        self._pump()

    @Slot()
    def retry(self) -> None:
        """Asks again for what is wanted and not there, e.g. because the engine was away."""
        self._retry_timer.stop()
        self._nothing.clear()
        self.want(self._wish)

    @Slot()
    def retry_soon(self) -> None:
        """Asks again in a while for what is wanted and has nothing: it may be made meanwhile."""
        if not self._retry_timer.isActive() and not self._nothing.isdisjoint(self._wanted):
            self._retry_timer.start()

    def refresh(self) -> None:
        """Fetches what is wanted anew, since it may have changed; it stays at hand meanwhile."""
        self._nothing.clear()
        for photo_id in [kept for kept in self._kept if kept not in self._wanted]:
            self._kept_cost -= self._cost(self._kept.pop(photo_id))
        self._queue = [photo_id for photo_id in self._wish if photo_id not in self._in_flight]
        self._pump()

    def refetch(self, photo_ids: Iterable[int]) -> None:
        """Fetches these anew where they are wanted, since they have changed.

        What is at hand of them stays so until then, or goes where nobody wants it now.
        """
        changed = set(photo_ids)
        self._nothing -= changed
        self._stale |= changed & self._in_flight
        for photo_id in (changed - self._wanted) & self._kept.keys():
            self._kept_cost -= self._cost(self._kept.pop(photo_id))
        waiting = set(self._queue) | self._in_flight
        self._queue += [each for each in self._wish if each in changed and each not in waiting]
        self._pump()

    @property
    def is_settled(self) -> bool:
        """True where everything wanted has come and was handed over."""
        return not (
            self._queue or self._in_flight or self._collected or self._retry_timer.isActive()
        )

    @property
    def kept_cost(self) -> int:
        """Sum of the costs of what is at hand."""
        return self._kept_cost

    def close(self) -> None:
        """Joins the threads."""
        self._queue, self._wish, self._wanted = [], [], frozenset()
        self._collect_timer.stop()
        self._retry_timer.stop()
        self._background.close()

    def _is_wanted(self, photo_id: int) -> bool:
        return photo_id in self._wanted

    def _pump(self) -> None:
        while self._queue and self._running < self._thread_count:
            batch, self._queue = self._queue[: self._batch_size], self._queue[self._batch_size :]
            self._in_flight.update(batch)
            self._running += 1
            self._background.run(
                partial(self._fetch, batch, self._is_wanted),
                partial(self._on_fetched, batch),
                partial(self._on_failed, batch),
            )

    def _on_fetched(self, batch: list[int], values: dict[int, Any]) -> None:
        self._running -= 1
        self._in_flight.difference_update(batch)
        stale = self._stale.intersection(batch)
        self._stale -= stale
        for photo_id in batch:
            if photo_id in stale and self._is_wanted(photo_id):
                self._queue.append(photo_id)
            elif photo_id in values:
                self._collected[photo_id] = values[photo_id]
            elif self._is_wanted(photo_id):
                self._queue.append(photo_id)  # scrolled away while it was fetched, and back
        if self._collected and not self._collect_timer.isActive():
            self._collect_timer.start()
        self._pump()

    def _on_failed(self, batch: list[int], _error: PhotoSearchError) -> None:
        self._running -= 1
        self._in_flight.difference_update(batch)
        self._stale.difference_update(batch)
        self._retry_timer.start()

    @Slot()
    def _hand_over(self) -> None:
        collected, self._collected = self._collected, {}
        for photo_id, value in collected.items():
            if value is None:
                self._nothing.add(photo_id)
            else:
                self._keep(photo_id, self._admit(value))
        self.arrived.emit(frozenset(collected))

    def _keep(self, photo_id: int, value: Any) -> None:
        if photo_id in self._kept:
            self._kept_cost -= self._cost(self._kept.pop(photo_id))
        self._kept[photo_id] = value
        self._kept_cost += self._cost(value)
        while self._kept_cost > self._capacity and len(self._kept) > 1:
            _photo_id, oldest = self._kept.popitem(last=False)
            self._kept_cost -= self._cost(oldest)
