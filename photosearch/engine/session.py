"""The engine's end of one connection: two threads, one that reads calls and one that answers.

Whatever a client does costs its own session only.
"""

from __future__ import annotations

import logging
import threading
from multiprocessing.connection import Connection
from typing import Protocol

from photosearch.core.cancel import CancelToken
from photosearch.engine.channel import Channel
from photosearch.engine.outbox import Outbox
from photosearch.engine.protocol import PROTOCOL_VERSION, Call, Hello, Welcome, pack
from photosearch.engine.scalars import malformed
from photosearch.errors import EngineError

log = logging.getLogger(__name__)


class Desk(Protocol):
    """What a session needs of its host. Called on the session's reading thread."""

    def joined(self, session: Session, hello: Hello) -> None:
        """A client has proved itself and speaks our version."""
        ...

    def called(self, session: Session, call: Call) -> None:
        """A client calls; must return at once."""
        ...

    def left(self, session: Session) -> None:
        """A client that had joined is gone."""
        ...

    def met_other_version(self) -> None:
        """A client of another version of Photosearch would like to take over."""
        ...

    def ended(self, session: Session) -> None:
        """The session is over, whether its client had joined or not."""
        ...


class Session:
    """Serves one connection from its first byte to its last.

    Args:
        connection: As accepted, nothing read or proved.
        authkey: What the client has to know.
        desk: Gets the calls.
    """

    def __init__(self, connection: Connection, authkey: bytes, desk: Desk) -> None:
        self._channel = Channel(connection)
        self._authkey = authkey
        self._desk = desk
        self._outbox = Outbox()
        self._reader = threading.Thread(target=self._serve, name="client-read", daemon=True)
        self._writer = threading.Thread(target=self._write, name="client-write", daemon=True)
        self._search: CancelToken | None = None

    def start(self) -> None:
        """Starts to serve; returns at once."""
        self._reader.start()

    def send(self, data: bytes, *, is_progress: bool = False) -> None:
        """Sends a packed message when the client is ready for it; never waits."""
        if not self._outbox.put(data, is_progress=is_progress):
            log.warning("a client does not read its messages and is cut off")
            self.hang_up()

    def new_search(self) -> CancelToken:
        """Returns the token of a search that takes the place of the former one."""
        self._cancel_search()
        self._search = CancelToken()
        return self._search

    def hang_up(self) -> None:
        """Ends the session soon. From any thread."""
        self._channel.hang_up()

    def _serve(self) -> None:
        try:
            self._channel.prove(self._authkey, is_host=True)
            hello = self._channel.receive()
            if not isinstance(hello, Hello):
                raise malformed("greeting")
            self._channel.send(pack(Welcome(PROTOCOL_VERSION)))
            if hello.version == PROTOCOL_VERSION:
                self._serve_client(hello)
            else:
                self._desk.met_other_version()
        except (EOFError, OSError):
            pass  # the ordinary end
        except EngineError as error:
            log.warning("a connection is cut off: %s", error.message)
        finally:
            self._channel.close()
            self._desk.ended(self)

    def _serve_client(self, hello: Hello) -> None:
        self._writer.start()
        self._desk.joined(self, hello)
        try:
            while True:
                call = self._channel.receive()
                if not isinstance(call, Call):
                    raise malformed("call")
                self._desk.called(self, call)
        finally:
            self._cancel_search()
            self._outbox.close()
            self._channel.hang_up()
            self._writer.join()
            self._desk.left(self)

    def _write(self) -> None:
        try:
            while (data := self._outbox.take()) is not None:
                self._channel.send(data)
        except OSError:
            self._channel.hang_up()  # wakes the reader, who tidies up

    def _cancel_search(self) -> None:
        if self._search is not None:
            self._search.cancel()
