"""What an engine still has to send to one client.

Threads of the library and of calls put in and never wait; the connection's writer takes out.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

#: A client that leaves so many messages lying reads no more.
MAX_WAITING = 2_000
#: The same in bytes: twice the longest message.
MAX_WAITING_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Waiting:
    data: bytes
    is_progress: bool


class Outbox:
    """A bounded queue of packed messages. Safe from any thread."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, data: bytes, *, is_progress: bool = False) -> bool:
        """Adds a message; does nothing once closed.

        Args:
            data: Packed message.
            is_progress: It says how far something is: an older one that still waits is dropped,
                since nobody wants to know any more.

        Returns:
            False where too much waits already: the client is lost.
        """
        with self._changed:
            if self._is_closed:
                return True
            if is_progress:
                self._drop_progress()
            full = len(self._waiting) >= MAX_WAITING
            if full or (self._waiting and self._bytes + len(data) > MAX_WAITING_BYTES):
                return False
            self._waiting.append(_Waiting(data, is_progress))
            self._bytes += len(data)
            self._changed.notify()
            return True

    def take(self) -> bytes | None:
        """Waits for the next message; None once the box is closed."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                return None
            first = self._waiting.popleft()
            self._bytes -= len(first.data)
            return first.data

    def close(self) -> None:
        """Drops what waits and lets `take` return."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._bytes = 0
            self._changed.notify_all()

    def _drop_progress(self) -> None:
        for waiting in self._waiting:
            if waiting.is_progress:  # there is one at most
                self._waiting.remove(waiting)
                self._bytes -= len(waiting.data)
                return
