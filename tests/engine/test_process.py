"""The engine as a process: how it lives, dies, comes back and ends."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from photosearch.core.events import FoldersChanged
from photosearch.core.query import Query, TextTerm
from photosearch.engine import launch
from photosearch.engine.address import AddressFile
from photosearch.engine.child import engine_command
from photosearch.engine.client import (
    ClientEvent,
    ConnectionChanged,
    ConnectionLost,
    connect,
)
from photosearch.engine.life import TEXTS_VARIABLE
from photosearch.engine.protocol import PROTOCOL_VERSION
from photosearch.errors import EngineError
from tests.engine.conftest import Connect, engine_pid, is_running, pids_in, wait_until
from tests.engine.fake_library import CLOSED, OPENED, RELEASED, WARMED, command


def text(words: str) -> Query:
    return Query((TextTerm(words),))


def test_a_killed_engine_comes_back_and_the_client_hears_of_it(
    fake: Connect, library: Path
) -> None:
    client = fake(warm=True)
    heard: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(heard.put)
    first = engine_pid(client)
    wait_until(lambda: pids_in(library / WARMED) == [first])
    os.kill(first, signal.SIGKILL)
    second = engine_pid(client)
    assert second != first
    assert heard.get(timeout=5) == ConnectionChanged(is_connected=False)
    assert heard.get(timeout=5) == ConnectionChanged(is_connected=True)
    client.add_folder(Path("/a"))
    assert heard.get(timeout=5) == FoldersChanged()
    wait_until(lambda: pids_in(library / WARMED) == [first, second])


def test_calls_under_way_when_the_engine_dies_are_made_again(fake: Connect, library: Path) -> None:
    client = fake()
    assert client.search(text("die once")).searched_count == 5
    assert len(pids_in(library / OPENED)) == 2


def test_a_call_that_kills_engines_is_given_up_and_then_the_engine(
    fake: Connect, library: Path
) -> None:
    client = fake()
    heard: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(heard.put)
    for _ in range(2):
        with pytest.raises(EngineError, match="stopped twice while") as caught:
            client.search(text("die"))
        assert "was started again" in caught.value.message
        assert str(library / "engine.log") in caught.value.hint
        assert client.folders() == []
    with pytest.raises(EngineError, match="stopped"):
        client.search(text("die"))
    with pytest.raises(EngineError, match="6 times within a minute") as caught:
        client.folders()
    assert "Start Photosearch again" in caught.value.hint
    assert str(library / "engine.log") in caught.value.hint
    assert len(pids_in(library / OPENED)) == 6
    while isinstance(event := heard.get(timeout=5), ConnectionChanged):
        pass
    assert isinstance(event, ConnectionLost)
    assert "6 times within a minute" in event.error.message
    late: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(late.put)
    assert late.get(timeout=5) == event
    client.close()
    assert heard.empty()
    assert late.empty()


def test_clients_that_come_together_get_one_engine(fake: Connect, library: Path) -> None:
    with ThreadPoolExecutor(5) as pool:
        clients = list(pool.map(lambda _: fake(), range(5)))
    pids = {engine_pid(client) for client in clients}
    assert len(pids) == 1
    assert pids_in(library / OPENED) == list(pids)


def test_an_engine_ends_with_its_last_client_and_closes_the_library(
    fake: Connect, library: Path, runtime: Path
) -> None:
    one, two = fake(), fake()
    pid = engine_pid(one)
    one.close()
    assert engine_pid(two) == pid
    two.close()
    wait_until(lambda: not is_running(pid))
    assert pids_in(library / CLOSED) == [pid]
    assert [path.suffix for path in (runtime / f"photosearch-{os.getuid()}").iterdir()] == [".err"]


def test_an_engine_lingers_for_the_next_client(fake: Connect, library: Path) -> None:
    client = fake(linger_s=0.7)
    pid = engine_pid(client)
    client.close()
    client = fake(linger_s=0.7)
    assert engine_pid(client) == pid
    client.close()
    wait_until(lambda: not is_running(pid))
    assert pids_in(library / OPENED) == [pid]


def test_an_engine_that_watches_in_the_background_stays_without_clients(
    fake: Connect, library: Path
) -> None:
    (library / "stay").touch()
    client = fake()
    pid = engine_pid(client)
    client.close()
    with pytest.raises(AssertionError):
        wait_until(lambda: not is_running(pid), within_s=0.5)
    (library / "stay").unlink()  # the user has changed his mind
    client = fake()
    assert engine_pid(client) == pid
    client.close()
    wait_until(lambda: not is_running(pid))
    assert pids_in(library / CLOSED) == [pid]


def test_an_engine_without_clients_lets_go_of_what_texts_need(
    fake: Connect, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TEXTS_VARIABLE, "0.2")
    (library / "stay").touch()
    client = fake(warm=True)
    pid = engine_pid(client)
    wait_until(lambda: pids_in(library / WARMED) == [pid])
    time.sleep(0.4)
    assert not (library / RELEASED).exists(), "somebody is there"
    client.close()
    wait_until(lambda: pids_in(library / RELEASED) == [pid])
    (library / "stay").unlink()
    client = fake(warm=True)
    assert engine_pid(client) == pid
    wait_until(lambda: pids_in(library / WARMED) == [pid, pid])
    client.close()
    wait_until(lambda: not is_running(pid))
    assert pids_in(library / RELEASED) == [pid]


def test_an_engine_that_watches_in_the_background_ends_when_told(library: Path) -> None:
    (library / "stay").touch()
    engine = start_alone(library)
    engine.terminate()
    assert engine.wait(timeout=5) == 0


def test_a_client_that_meets_an_ending_engine_gets_it_or_the_next(
    fake: Connect, library: Path
) -> None:
    pids = []
    for _ in range(4):
        client = fake()
        pids.append(engine_pid(client))
        client.close()
    wait_until(lambda: not is_running(pids[-1]))
    assert (
        pids_in(library / OPENED) == pids_in(library / CLOSED) == sorted(set(pids), key=pids.index)
    )


def start_alone(library: Path, linger_s: float = 0.0) -> subprocess.Popen[bytes]:
    engine = subprocess.Popen(command(library, linger_s=linger_s))
    wait_until(lambda: AddressFile(library).read() and pids_in(library / OPENED))
    return engine


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_an_engine_cleanly(library: Path, number: int) -> None:
    engine = start_alone(library)
    engine.send_signal(number)
    assert engine.wait(timeout=5) == 0
    assert pids_in(library / CLOSED) == [engine.pid]
    assert AddressFile(library).read() is None


def test_a_library_that_does_not_close_does_not_keep_the_engine(
    fake: Connect, library: Path
) -> None:
    (library / "hang").touch()
    engine = start_alone(library)
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(timeout=5) == 0
    assert pids_in(library / CLOSED) == []
    (library / "hang").unlink()
    assert fake().folders() == []


def test_what_a_killed_engine_leaves_is_replaced(fake: Connect, library: Path) -> None:
    engine = start_alone(library)
    engine.kill()
    engine.wait()
    left = AddressFile(library).read()
    assert left is not None
    assert Path(left.address).is_socket()
    assert engine_pid(fake()) != engine.pid


def test_a_second_engine_leaves_quietly(library: Path) -> None:
    engine = start_alone(library)
    second = subprocess.run(command(library), timeout=10, check=False)
    assert second.returncode == 0
    assert pids_in(library / OPENED) == [engine.pid]
    engine.terminate()
    engine.wait(timeout=5)


def test_a_damaged_address_file_is_no_obstacle(library: Path, fake: Connect) -> None:
    file = AddressFile(library)
    for junk in (b"", b"\xff\xfe", b'{"address": 1, "authkey": "zz"}', b"[]", b"{}"):
        file.path.write_bytes(junk)
        assert file.read() is None
    assert fake().folders() == []


# Versions


def test_an_engine_of_another_version_stays_with_its_clients(
    fake: Connect, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fake()
    pid = engine_pid(client)
    monkeypatch.setattr(launch, "PROTOCOL_VERSION", PROTOCOL_VERSION + 1)
    monkeypatch.setattr(launch, "_OTHER_VERSION_S", 0.2)
    with pytest.raises(EngineError, match="Another version"):
        connect(library, command=command(library))
    assert engine_pid(client) == pid


def test_an_engine_of_another_version_makes_way(
    fake: Connect, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fake(linger_s=30)
    pid = engine_pid(client)
    client.close()
    with monkeypatch.context() as patch:
        patch.setattr(launch, "PROTOCOL_VERSION", PROTOCOL_VERSION + 1)
        patch.setattr(launch, "_OTHER_VERSION_S", 0.2)
        with pytest.raises(EngineError, match="Another version"):
            connect(library, command=command(library))  # they are all of the other version here
    wait_until(lambda: not is_running(pid))
    assert pids_in(library / CLOSED)[0] == pid


# The command


def test_an_engine_is_no_part_of_the_terminals_session(fake: Connect) -> None:
    pid = engine_pid(fake())
    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path(os.devnull)


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert engine_command(tmp_path)[1:] == [
        "-m",
        "photosearch",
        "--run-engine",
        "--library",
        str(tmp_path),
    ]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    program = str(Path(sys.executable).with_name("photosearch"))
    assert engine_command(tmp_path) == [program, "--run-engine", "--library", str(tmp_path)]


def test_a_relative_home_means_the_same_to_the_engine(
    library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTOSEARCH_HOME", "here")
    with connect(library, command=command(library)) as client:
        pid = engine_pid(client)
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert b"PHOTOSEARCH_HOME=" + os.fsencode(tmp_path / "here") in environment


def test_closing_is_quick(fake: Connect) -> None:
    client = fake()
    started = time.monotonic()
    client.close()
    assert time.monotonic() - started < 2  # no wait of any kind, even on a busy machine
