"""Whoever should not be heard, or does not behave, costs his own connection only."""

from __future__ import annotations

import json
import os
import queue
import socket
import stat
import struct
import subprocess
import sys
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from pathlib import Path

import pytest

from photosearch.core.events import FoldersChanged
from photosearch.engine.address import AddressFile
from photosearch.engine.client import ClientEvent, connect
from photosearch.engine.protocol import PROTOCOL_VERSION, Call, Hello, Reply, Welcome, pack, unpack
from photosearch.errors import EngineError
from tests.engine.conftest import Connect
from tests.engine.fake_library import command


def address_of(library: Path) -> tuple[str, bytes]:
    address = AddressFile(library).read()
    assert address is not None
    return address.address, address.authkey


def test_only_the_user_can_reach_the_engine(fake: Connect, library: Path) -> None:
    fake()
    path = AddressFile(library).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    address, key = address_of(library)
    assert Path(address).parent == path.parent
    assert len(key) == 32
    with pytest.raises(AuthenticationError):
        Client(address, authkey=b"wrong").close()


def test_another_users_process_is_refused(fake: Connect, library: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    client = fake()
    address, _ = address_of(library)
    # He comes in through the directory that only root could enter.
    code = f"""
import os, socket
os.chdir(os.path.dirname({address!r}))
os.setgroups([]); os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(os.path.basename({address!r}))
    print("heard", s.recv(100))
except OSError as error:
    print(type(error).__name__)
"""
    Path(address).chmod(0o777)
    Path(address).parent.chmod(0o711)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("heard b''", "ConnectionResetError")
    assert "knocked at the engine" in (library / "engine.log").read_text()
    assert client.folders() == []


def test_a_library_of_another_key_is_not_served(fake: Connect, library: Path) -> None:
    fake()
    file = AddressFile(library)
    fields = json.loads(file.path.read_text())
    file.path.write_text(json.dumps({**fields, "authkey": "00" * 32}))
    with pytest.raises(EngineError, match="does not answer"):
        connect(library, wait_s=0.3, command=command(library))
    file.path.write_text(json.dumps(fields))


def proved(library: Path) -> Connection:
    address, key = address_of(library)
    return Client(address, authkey=key)


def greeted(library: Path) -> Connection:
    connection = proved(library)
    connection.send_bytes(pack(Hello(PROTOCOL_VERSION, warm=False)))
    assert unpack(connection.recv_bytes()) == Welcome(PROTOCOL_VERSION)
    return connection


def hears_the_end(connection: Connection) -> bool:
    try:
        while connection.poll(5):
            connection.recv_bytes()
    except (EOFError, ConnectionError):
        return True
    finally:
        connection.close()
    return False


GARBAGE = (
    b"garbage",
    b"",
    pack(Welcome(1)),
    pack(Call(1, "status", ())).replace(b"status", b"closed"),
    b"\0" * 100_000,
)


def test_garbage_ends_its_own_connection_only(fake: Connect, library: Path) -> None:
    client = fake()
    for garbage in GARBAGE:
        for connection in (proved(library), greeted(library)):
            connection.send_bytes(garbage)
            assert hears_the_end(connection)
    assert client.folders() == []


def test_a_length_that_lies_ends_its_own_connection_only(fake: Connect, library: Path) -> None:
    client = fake()
    connection = greeted(library)
    os.write(connection.fileno(), struct.pack("!iQ", -1, 1 << 60))
    assert hears_the_end(connection)
    address, _ = address_of(library)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(address)
        stranger.sendall(os.urandom(1000))
        stranger.settimeout(5)
        try:
            while stranger.recv(1000):
                pass
        except ConnectionError:
            pass
    assert client.folders() == []


def test_a_client_that_never_reads_holds_nobody_up(fake: Connect, library: Path) -> None:
    client = fake()
    heard: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(heard.put)
    address, _ = address_of(library)
    deaf = greeted(library)
    for number in range(20):  # far more than a socket holds
        deaf.send_bytes(pack(Call(number, "thumbnails", (list(range(200)),))))
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(address)  # and proves nothing
        client.add_folder(Path("/a"))
        assert heard.get(timeout=5) == FoldersChanged()
        assert len(client.thumbnails([1, 2])) == 2
        assert fake().folders() != []
    deaf.close()


def test_answers_name_their_calls(fake: Connect, library: Path) -> None:
    fake()
    connection = greeted(library)
    for number in (7, 8, 9):
        connection.send_bytes(pack(Call(number, "folders", ())))
    answers: list[int] = []
    while len(answers) < 3:
        message = unpack(connection.recv_bytes())
        answers += [message.id] if isinstance(message, Reply) else []
    connection.close()
    assert sorted(answers) == [7, 8, 9]
