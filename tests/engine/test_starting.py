"""Engines and libraries that do not come up, are slow to, or hang: what the user hears."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from photosearch.engine.address import AddressFile
from photosearch.engine.child import EngineChild
from photosearch.engine.client import ClientEvent, ConnectionLost, connect
from photosearch.errors import CorruptStoreError, EngineError, LibraryError
from tests.engine.conftest import Connect, engine_pid, wait_until
from tests.engine.fake_library import command


def test_relative_places_mean_the_same_to_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("PHOTOSEARCH_HOME", "PHOTOSEARCH_MODELS", "XDG_RUNTIME_DIR")
    for name in names:
        monkeypatch.setenv(name, f"my {name}")
    told = tmp_path / "told.txt"
    code = f"import os; open({str(told)!r}, 'w').write(repr([os.environ[n] for n in {names}]))"
    child = EngineChild([sys.executable, "-c", code], tmp_path / "stderr", tmp_path / "engine.log")
    child.keep_starting()
    wait_until(lambda: told.exists() and told.read_text())
    child.release()
    assert told.read_text() == repr([str(tmp_path / f"my {name}") for name in names])


def test_an_open_error_reaches_whoever_connects(fake: Connect, library: Path) -> None:
    def attempt(_number: int) -> CorruptStoreError:
        with pytest.raises(CorruptStoreError) as caught:
            fake("corrupt")
        return caught.value

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(attempt, range(3)))
    assert {error.message for error in found} == {"The database is damaged."}
    assert {error.hint for error in found} == {"It was kept aside."}
    wait_until(lambda: AddressFile(library).read() is None)


def test_a_library_slow_to_open_makes_calls_wait(fake: Connect, library: Path) -> None:
    engine = subprocess.Popen(command(library, "slow"))
    wait_until(lambda: AddressFile(library).read())
    client = fake(wait_s=0.2)
    assert client.folders() == []
    assert engine_pid(client) == engine.pid
    client.close()
    assert engine.wait(timeout=10) == 0


def test_an_open_error_after_connecting_reaches_the_calls(library: Path, fake: Connect) -> None:
    engine = subprocess.Popen(command(library, "slow corrupt"))
    wait_until(lambda: AddressFile(library).read())
    client = fake(wait_s=0.2)
    with pytest.raises(CorruptStoreError):
        client.folders()
    with pytest.raises(CorruptStoreError):
        client.status()
    heard: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(heard.put)
    event = heard.get(timeout=5)
    assert isinstance(event, ConnectionLost)
    assert isinstance(event.error, CorruptStoreError)
    client.close()
    assert heard.empty()
    assert engine.wait(timeout=10) == 3


@pytest.mark.parametrize(
    ("mode", "message", "hint"),
    [
        ("bug", "error of its own", "engine.log"),
        ("die", r"stopped twice while it started: the system ended it", "engine.log"),
        ("never", r"while it started: exit code 1\.", "the fake engine will not start"),
    ],
)
def test_an_engine_that_cannot_start_is_explained(
    fake: Connect, mode: str, message: str, hint: str
) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        fake(mode)
    assert hint in caught.value.hint


def test_a_program_that_is_not_there_is_explained(library: Path) -> None:
    with pytest.raises(EngineError, match="cannot be started"):
        connect(library, command=["/nowhere/python"])


def test_a_library_that_is_a_file_is_explained(tmp_path: Path, runtime: Path) -> None:
    path = tmp_path / "library"
    path.write_text("I am a file")
    with pytest.raises(LibraryError, match="cannot be used"):
        connect(path, command=command(path))


def test_a_library_may_have_any_name(tmp_path: Path, runtime: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 %_ \xff") / ("long " * 30)
    with connect(path, command=command(path)) as client:
        assert client.status().path == path


def test_an_engine_that_hangs_is_named(fake: Connect, library: Path) -> None:
    pid = engine_pid(fake())
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(EngineError, match=f"process {pid}.* does not answer"):
            connect(library, wait_s=0.3, command=command(library))
    finally:
        os.kill(pid, signal.SIGCONT)


def test_closing_does_not_wait_for_a_hanging_engine(fake: Connect) -> None:
    client = fake()
    pid = engine_pid(client)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.folders)
        wait_until(call.running)
        client.close()
        with pytest.raises(EngineError, match="closed"):
            call.result(timeout=5)
    os.kill(pid, signal.SIGCONT)
