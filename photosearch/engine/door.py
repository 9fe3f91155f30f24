"""Where clients come in: the engine's listening socket and the thread that accepts."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener

from photosearch.engine.address import AddressFile
from photosearch.engine.channel import connection_family
from photosearch.errors import EngineError

log = logging.getLogger(__name__)

_BACKLOG = 64
#: After a failure to accept, e.g. too many open files.
_PAUSE_S = 0.1


class Door:
    """Listens for clients of a library. The library's lock must be held.

    Args:
        address_file: Tells the clients where.

    Raises:
        EngineError: No socket could be made.
    """

    def __init__(self, address_file: AddressFile) -> None:
        self._address_file = address_file
        self._address = address_file.new_address()
        self._is_closed = False
        try:
            self._listener = Listener(self._address.address, connection_family(), backlog=_BACKLOG)
            address_file.write(self._address)
        except OSError as error:
            raise EngineError(
                f"The engine cannot listen at {self._address.address}: {error.strerror}."
            ) from error

    def open(self, welcome: Callable[[Connection, bytes], None]) -> None:
        """Starts to accept.

        Args:
            welcome: Gets each connection, nothing read or proved, and the key that the other side
                has to know. Called on the accepting thread; must return at once.
        """
        threading.Thread(target=self._accept, args=(welcome,), name="accept", daemon=True).start()

    def close(self) -> None:
        """Lets nobody in any more, and says so to those who look."""
        self._is_closed = True
        self._address_file.remove()
        # A connection of our own wakes the thread that accepts; closing would not.
        with contextlib.suppress(OSError):
            Client(self._address.address, connection_family()).close()
        with contextlib.suppress(OSError):
            self._listener.close()

    def _accept(self, welcome: Callable[[Connection, bytes], None]) -> None:
        while not self._is_closed:
            try:
                connection = self._listener.accept()
            except OSError as error:
                if not self._is_closed:
                    log.warning("a client could not be let in: %s", error)
                    time.sleep(_PAUSE_S)
                continue
            welcome(connection, self._address.authkey)
