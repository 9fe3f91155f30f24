"""Hands events on to a client's listeners, away from the thread that reads the socket.

So a listener may be slow, and may make calls itself.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from photosearch.core.events import LibraryEvent
from photosearch.errors import PhotoSearchError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The engine was lost, or is there again.

    Attributes:
        is_connected: False while calls wait for a new engine.
    """

    is_connected: bool


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The engine cannot be had any more: the last event. Every call raises the same from now on.

    Attributes:
        error: Why; only a new client may get further.
    """

    error: PhotoSearchError


ClientEvent = LibraryEvent | ConnectionChanged | ConnectionLost
ClientListener = Callable[[ClientEvent], None]


class News:
    """Delivers events in order on one thread of its own. Safe from any thread.

    `ConnectionLost` reaches those who subscribe later, too.
    """

    def __init__(self) -> None:
        self._listeners: tuple[ClientListener, ...] = ()
        self._lock = threading.Lock()
        self._lost: ConnectionLost | None = None
        #: Events, each with the one listener it is for, or None for all of them.
        self._queue: queue.SimpleQueue[tuple[ClientEvent, ClientListener | None] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._deliver, name="engine-news", daemon=True)
        self._thread.start()

    def subscribe(self, listener: ClientListener) -> Callable[[], None]:
        """Adds a listener; returns how to remove it again."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
            if self._lost is not None:
                self._queue.put((self._lost, listener))

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known != listener)

        return unsubscribe

    def tell(self, event: ClientEvent) -> None:
        """Delivers an event soon; returns at once."""
        self._queue.put((event, None))

    def close(self) -> None:
        """Delivers what waits and ends. Calling it twice is harmless."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _deliver(self) -> None:
        while (item := self._queue.get()) is not None:
            event, only = item
            with self._lock:
                listeners = self._listeners if only is None else (only,)
                if isinstance(event, ConnectionLost):
                    self._lost = event
            for listener in listeners:
                try:
                    listener(event)
                except PhotoSearchError as error:  # e.g. a call it made as the client was closed
                    log.warning("a listener gave up: %s", error.message)
