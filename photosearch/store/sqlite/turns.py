"""Who writes next: whoever asked urgently, else any of those who wait.

Held by `connection.Database`, taken on any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WriteTurns:
    """A lock that its holder may take again, and that urgent waiters get first.

    What holds it is never interrupted: index batches are small. Like any lock, use it with `with`.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._holder: int | None = None
        self._depth = 0
        self._urgent_count = 0

    def __enter__(self) -> None:
        self._take(is_urgent=False)

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._holder = None
                self._changed.notify_all()

    @contextmanager
    def urgently(self) -> Iterator[None]:
        """Takes the lock before everybody who waits for it without urgency."""
        self._take(is_urgent=True)
        try:
            yield
        finally:
            self.__exit__()

    def _take(self, *, is_urgent: bool) -> None:
        me = threading.get_ident()
        with self._changed:
            if self._holder != me:
                self._urgent_count += is_urgent
                try:
                    self._changed.wait_for(lambda: self._may_go(is_urgent))
                finally:
                    self._urgent_count -= is_urgent
                    self._changed.notify_all()
                self._holder = me
            self._depth += 1

    def _may_go(self, is_urgent: bool) -> bool:
        return self._holder is None and (is_urgent or self._urgent_count == 0)
