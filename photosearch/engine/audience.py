"""Everybody who is connected to an engine, and who of them hears what happens in the library."""

from __future__ import annotations

import logging
import threading

from photosearch.core.events import IndexProgress, LibraryEvent
from photosearch.engine.protocol import Event, pack
from photosearch.engine.session import Session
from photosearch.errors import EngineError

log = logging.getLogger(__name__)


class Audience:
    """The sessions of an engine. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connected: set[Session] = set()
        self._joined: set[Session] = set()

    def connect(self, session: Session) -> None:
        """Adds a session that has yet to prove itself."""
        with self._lock:
            self._connected.add(session)

    def join(self, session: Session) -> None:
        """From now on the session hears of events."""
        with self._lock:
            self._joined.add(session)

    def leave(self, session: Session) -> None:
        """Forgets a session."""
        with self._lock:
            self._joined.discard(session)
            self._connected.discard(session)

    def tell(self, event: LibraryEvent) -> None:
        """Sends an event to every client; never waits for one of them."""
        try:
            data = pack(Event(event))
        except EngineError:
            log.exception("an event cannot travel")  # a bug, but no reason to stop the index
            return
        with self._lock:
            sessions = list(self._joined)
        for session in sessions:
            session.send(data, is_progress=isinstance(event, IndexProgress))

    def hang_up(self) -> None:
        """Ends every session."""
        with self._lock:
            sessions = list(self._connected)
        for session in sessions:
            session.hang_up()
