"""A flag that long work looks at between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photosearch.errors import Cancelled


class CancelToken:
    """Says whether work is still wanted. Safe to use from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Asks the work to stop at its next step."""
        with self._lock:
            self._event.set()
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Stops the work here.

        Raises:
            Cancelled: `cancel` was called.
        """
        if self._event.is_set():
            raise Cancelled("The work was stopped.")

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Has `cancel` wake work that waits for something else.

        Args:
            wake: Called on the thread that cancels, unless it was cancelled before; must be quick.
        """
        with self._lock:
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)
