"""Where the engine of a library can be reached, and with which key.

The engine writes it into the user's private runtime directory; its clients read it there. A socket
cannot lie in the library: its path may have 107 bytes, and not every disk holds sockets.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from photosearch import paths
from photosearch.errors import EngineError

#: 64 bits of a hash: two libraries of one user never meet in it.
_NAME_CHARS = 16
#: What Linux allows, less the closing zero; other systems allow about the same.
_SOCKET_PATH_BYTES = 107
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """How to reach an engine.

    Attributes:
        address: Path of a socket, or name of a pipe on Windows.
        authkey: Who knows it may connect.
        pid: The engine's process.
    """

    address: str
    authkey: bytes
    pid: int


class AddressFile:
    """The file that says where a library's engine listens.

    Args:
        library: The library's directory; need not exist.

    Raises:
        LibraryError: The runtime directory cannot be used.
    """

    def __init__(self, library: Path) -> None:
        digest = hashlib.sha256(os.fsencode(library.resolve())).hexdigest()
        self._stem = f"engine-{digest[:_NAME_CHARS]}"
        self._directory = paths.runtime_dir()
        self.path = self._directory / f"{self._stem}.json"
        #: Takes what the engine's process writes to its standard error.
        self.stderr_path = self._directory / f"{self._stem}.err"

    def new_address(self) -> EngineAddress:
        """Returns an address for this process to listen at, freed of a dead engine's socket.

        Call it only while holding the library's lock.

        Raises:
            EngineError: The socket's path would be too long.
        """
        key = secrets.token_bytes(_KEY_BYTES)
        if sys.platform == "win32":
            # A name that nobody can take before us.
            pipe = rf"\\.\pipe\photosearch-{self._stem}-{secrets.token_hex(8)}"
            return EngineAddress(pipe, key, os.getpid())
        socket = self._directory / f"{self._stem}.sock"
        if len(os.fsencode(socket)) > _SOCKET_PATH_BYTES:
            raise EngineError(
                f"The path of the engine's socket is too long: {socket}.",
                "Set XDG_RUNTIME_DIR to a directory with a shorter path.",
            )
        socket.unlink(missing_ok=True)
        return EngineAddress(str(socket), key, os.getpid())

    def read(self) -> EngineAddress | None:
        """Returns where the engine listens, or listened before it died; None where none does."""
        try:
            fields = json.loads(self.path.read_bytes())
            return EngineAddress(
                str(fields["address"]), bytes.fromhex(fields["authkey"]), int(fields["pid"])
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, address: EngineAddress) -> None:
        """Makes the address known, in one step, to this user only.

        Raises:
            OSError: The disk refuses.
        """
        fields = {
            "address": address.address,
            "authkey": address.authkey.hex(),
            "pid": address.pid,
        }
        draft = self.path.with_suffix(f".{address.pid}.tmp")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(fields, file)
        draft.replace(self.path)

    def remove(self) -> None:
        """Takes the address back. Harmless where there is none."""
        with contextlib.suppress(OSError):
            self.path.unlink()
