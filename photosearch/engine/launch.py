"""The client's way to an engine: finds the one that runs, or starts one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Client
from pathlib import Path

from photosearch.engine.address import AddressFile, EngineAddress
from photosearch.engine.channel import HANDSHAKE_S, Channel, connection_family
from photosearch.engine.child import EngineChild, engine_command
from photosearch.engine.protocol import (
    PROTOCOL_VERSION,
    Hello,
    OpenFailed,
    Ready,
    Welcome,
    pack,
)
from photosearch.errors import EngineError

log = logging.getLogger(__name__)

#: Between two looks for an engine that is about to listen.
_POLL_S = 0.01
#: Between two looks whether the client was closed, while the library opens.
_LOOK_S = 0.1
#: For another version's engine to make way, once no client is left.
_OTHER_VERSION_S = 3.0


class _OtherVersionError(Exception):
    """The engine that answers is of another version."""


class Launcher:
    """Reaches the engine of one library, as often as needed. One thread at a time.

    Args:
        library: The library's directory.
        warm: Ask the engine to load what a query needs.
        command: What starts an engine, None for the usual.

    Raises:
        LibraryError: The runtime directory cannot be used.
    """

    def __init__(
        self, library: Path, *, warm: bool = False, command: Sequence[str] | None = None
    ) -> None:
        library = library.resolve()
        self._hello = pack(Hello(PROTOCOL_VERSION, warm))
        self._address_file = AddressFile(library)
        self.log_path = library / "engine.log"  #: for messages
        self._child = EngineChild(
            engine_command(library) if command is None else command,
            self._address_file.stderr_path,
            self.log_path,
        )

    def reach(self, wait_s: float, stop: threading.Event) -> Channel:
        """Connects to the engine, started where none runs, and waits for its library to open.

        Args:
            wait_s: For the engine to answer and to open the library. A library that opens longer
                goes on opening; calls wait for it, or `OpenFailed` comes through the channel.
            stop: Gives up when set.

        Raises:
            EngineError: No engine could be started, or it does not answer; or `stop` was set.
            PhotoSearchError: The library cannot be opened; the very error of the engine.
        """
        give_up_at = time.monotonic() + wait_s
        other_version_since: float | None = None
        self._child.forget_deaths()
        while not stop.is_set():
            address = self._address_file.read()
            try:
                channel = self._knock(address, give_up_at) if address else None
                if channel and _library_opens(channel, give_up_at, stop):
                    return channel
            except _OtherVersionError:
                other_version_since = other_version_since or time.monotonic()
                if time.monotonic() > other_version_since + _OTHER_VERSION_S:
                    raise EngineError(
                        "Another version of Photosearch is using this library.",
                        "Close its windows and try again.",
                    ) from None
            except ConnectionError:
                address = None  # of an engine that died
            if address is None:
                self._child.keep_starting()
            if time.monotonic() > give_up_at:
                raise _no_answer(address, wait_s)
            stop.wait(_POLL_S)
        raise EngineError("The connection to the engine was closed.")

    def release(self) -> None:
        """Leaves the engine to itself: it ends when it has been without clients for a while."""
        self._child.release()

    def _knock(self, address: EngineAddress, give_up_at: float) -> Channel | None:
        """Connects and greets; None where somebody is there who does not answer as he should.

        Raises:
            ConnectionError: Nobody is there.
            _OtherVersionError: The engine is of another version.
        """
        try:
            channel = Channel(Client(address.address, connection_family()))
        except OSError as error:
            raise ConnectionError from error
        welcome = None
        try:
            within_s = min(HANDSHAKE_S, max(_LOOK_S, give_up_at - time.monotonic()))
            channel.prove(address.authkey, is_host=False, within_s=within_s)
            channel.send(self._hello)
            if channel.has_message(within_s):
                welcome = channel.receive()
        except (EngineError, EOFError, OSError) as error:
            # It ends, or has only just begun: its socket is there, its new key is not yet.
            log.debug("the engine does not answer: %s", error)
        if isinstance(welcome, Welcome) and welcome.version == PROTOCOL_VERSION:
            return channel
        channel.close()
        if isinstance(welcome, Welcome):
            raise _OtherVersionError
        return None


def _library_opens(channel: Channel, give_up_at: float, stop: threading.Event) -> bool:
    """Waits for the library to open, but not too long; False where the engine died over it.

    Raises:
        PhotoSearchError: The library cannot be opened.
    """
    try:
        while not stop.is_set() and (left := give_up_at - time.monotonic()) > 0:
            if not channel.has_message(min(left, _LOOK_S)):
                continue
            message = channel.receive()
            if isinstance(message, OpenFailed):
                channel.close()
                raise message.error.to_error()
            if isinstance(message, Ready):
                break
    except (EOFError, OSError):
        channel.close()
        return False
    return True


def _no_answer(address: EngineAddress | None, wait_s: float) -> EngineError:
    if address is None:
        return EngineError(f"The engine did not start within {wait_s:.0f} s.", "Try again.")
    return EngineError(
        f"The engine (process {address.pid}) does not answer.", "End that process and try again."
    )
