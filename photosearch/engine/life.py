"""When an engine has lived long enough: the one clock of its main thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

LINGER_VARIABLE = "PHOTOSEARCH_ENGINE_LINGER_S"
#: Command-line calls in a row find the engine running.
DEFAULT_LINGER_S = 20.0
TEXTS_VARIABLE = "PHOTOSEARCH_TEXT_IDLE_S"
#: Where an engine stays without clients: the next window or command finds a model that is warm,
#: and a computer that nobody uses does not hold some hundred megabytes for nothing.
DEFAULT_TEXTS_S = 180.0
#: For the first client, who started the engine and may be slow, on a busy machine, to knock.
FIRST_CLIENT_S = 15.0
#: For clients to hear that the library cannot be opened.
FAILED_S = 5.0
#: After the last of them has heard and left: others may be at the door, and would start it again.
TOLD_S = 0.5


def linger_from_environment() -> float:
    """Returns how long an engine waits for another client, in seconds."""
    return _seconds(LINGER_VARIABLE, DEFAULT_LINGER_S)


def texts_from_environment() -> float:
    """Returns how long after the last client texts can still be asked for at once, in seconds."""
    return _seconds(TEXTS_VARIABLE, DEFAULT_TEXTS_S)


def _seconds(variable: str, default_s: float) -> float:
    try:
        return max(0.0, float(os.environ[variable]))
    except (KeyError, ValueError):
        return default_s


class Life:
    """Counts clients and says how long an engine without any may still wait.

    Safe from any thread.

    Args:
        linger_s: How long to wait for another client after the last one.
        clock: Seconds that only grow.
        texts_s: How long after the last client what texts need is kept; None asks the environment.
    """

    def __init__(
        self,
        linger_s: float,
        clock: Callable[[], float] = time.monotonic,
        texts_s: float | None = None,
    ) -> None:
        self._linger_s = linger_s
        self._texts_s = texts_from_environment() if texts_s is None else texts_s
        self._clock = clock
        self._lock = threading.Lock()
        self._clients = 0
        self._left_at: float | None = None
        self._failed_until: float | None = None
        self._stays = False
        self._empty_until = clock() + max(linger_s, FIRST_CLIENT_S)
        self._texts_until: float | None = None

    @property
    def has_clients(self) -> bool:
        """True while somebody is connected."""
        with self._lock:
            return self._clients > 0

    def joined(self) -> None:
        """A client is welcome."""
        with self._lock:
            self._clients += 1
            self._texts_until = None

    def left(self) -> None:
        """A client that had joined is gone."""
        with self._lock:
            self._clients -= 1
            self._left_at = self._clock()
            self._empty_until = self._left_at + self._linger_s
            if not self._clients:
                self._texts_until = self._left_at + self._texts_s

    def stay(self, stays: bool) -> None:
        """Whether to live on without any client: there is work of one's own."""
        with self._lock:
            self._stays = stays

    def fail(self) -> None:
        """The library cannot be opened: end as soon as whoever waited for it has heard."""
        with self._lock:
            self._failed_until = self._clock() + FAILED_S

    def take_texts_due(self) -> bool:
        """True, once, where nobody was there for so long that no text will be asked for."""
        with self._lock:
            if self._left_of(self._texts_until) != 0.0:
                return False
            self._texts_until = None
            return True

    def next_s(self) -> float | None:
        """Returns when there is something to do, in seconds from now; None for never."""
        with self._lock:
            texts_s = self._left_of(self._texts_until)
        waits = [wait_s for wait_s in (self.remaining_s(), texts_s) if wait_s is not None]
        return min(waits, default=None)

    def _left_of(self, until: float | None) -> float | None:
        return None if until is None else max(0.0, until - self._clock())

    def remaining_s(self) -> float | None:
        """Returns how long the engine still waits, 0 for no longer, None without end."""
        with self._lock:
            if self._failed_until is not None:
                until = self._failed_until
                if self._left_at is not None and not self._clients:
                    until = min(until, self._left_at + TOLD_S)
            elif self._clients or self._stays:
                return None
            else:
                until = self._empty_until
            return self._left_of(until)
