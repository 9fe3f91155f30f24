"""One connection between an engine and a client: messages over a socket that both have proved.

Used by both processes. Sending is safe from any thread, receiving is one thread's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing import connection as mp_connection

from photosearch.engine.protocol import MAX_MESSAGE_BYTES, Message, unpack
from photosearch.errors import EngineError

#: For proving the key: some round trips on one machine. A process that imports torch may be deaf
#: for most of a second, more on a busy machine.
HANDSHAKE_S = 5.0

_PEER_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def connection_family() -> str:
    """Returns the kind of local connection that this system has."""
    return "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"


class Channel:
    """Sends and receives messages.

    Args:
        connection: An open connection; the channel owns it from now on.
    """

    def __init__(self, connection: mp_connection.Connection) -> None:
        self._connection = connection
        self._send_lock = threading.Lock()
        self._close_lock = threading.Lock()

    def prove(self, authkey: bytes, *, is_host: bool, within_s: float = HANDSHAKE_S) -> None:
        """Makes both sides prove that they know the key; the first thing on a new connection.

        Args:
            authkey: The key.
            is_host: True at the engine's end.
            within_s: Hangs up when it takes longer.

        Raises:
            EngineError: The other side does not know the key, or runs as another user.
            EOFError: The other side hung up, or was too slow.
            OSError: The connection broke.
        """
        if is_host:
            self._check_peer()
        challenge = mp_connection.deliver_challenge
        answer = mp_connection.answer_challenge
        try:
            with self._hanging_up_after(within_s):
                for step in (challenge, answer) if is_host else (answer, challenge):
                    step(self._connection, authkey)
        # Python 3.11 asserts where later ones raise; those choke on an odd digest name.
        except (AuthenticationError, AssertionError, ValueError) as error:
            raise EngineError("The other end of the engine's socket is a stranger.") from error

    def send(self, data: bytes) -> None:
        """Sends a packed message; waits while the other side does not read.

        Raises:
            OSError: The connection is broken or closed.
        """
        with self._send_lock:
            self._connection.send_bytes(data)

    def has_message(self, within_s: float) -> bool:
        """Waits for a message, or for the connection's end.

        Raises:
            OSError: The connection is broken or closed.
        """
        return self._connection.poll(within_s)

    def receive(self) -> Message:
        """Waits for the next message.

        Raises:
            EngineError: What came is no message.
            EOFError: The other side hung up.
            OSError: The connection is broken or closed, or the message too long.
        """
        return unpack(self._connection.recv_bytes(MAX_MESSAGE_BYTES))

    def hang_up(self) -> None:
        """Ends the connection: whoever waits in it, here or there, wakes up. From any thread."""
        with self._close_lock, contextlib.suppress(OSError):
            if sys.platform == "win32":
                # Closing a pipe ends the reads and writes that wait in it.
                self._connection.close()
                return
            # Closing a socket does not wake its readers, shutting it down does.
            with self._as_socket() as peer:
                peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hangs up and frees the connection. Only by the thread that receives."""
        self.hang_up()
        # Neither a sender nor `hang_up` may meet whoever gets this file number next.
        with self._send_lock, self._close_lock:
            self._connection.close()

    def _as_socket(self) -> socket.socket:
        return socket.socket(fileno=os.dup(self._connection.fileno()))

    def _check_peer(self) -> None:
        option = getattr(socket, "SO_PEERCRED", None)
        if option is None or sys.platform == "win32":
            return  # there, the private directory and the key have to do
        with self._as_socket() as peer:
            credentials = peer.getsockopt(socket.SOL_SOCKET, option, _PEER_CREDENTIALS.size)
        uid = _PEER_CREDENTIALS.unpack(credentials)[1]
        if uid != os.getuid():
            raise EngineError(f"User {uid} knocked at the engine of user {os.getuid()}.")

    @contextlib.contextmanager
    def _hanging_up_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self.hang_up)
        timer.daemon = True
        timer.name = "handshake-limit"
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
