"""A flag that long work looks at between two steps."""

from __future__ import annotations

import threading

from photosearch.errors import Cancelled


class CancelToken:
    """Says whether work is still wanted. Safe to use from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Asks the work to stop at its next step."""
        self._event.set()

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
