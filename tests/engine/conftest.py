from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch.engine.client import EngineClient, connect
from tests.engine.fake_library import command
from tests.processes import wait_until


def is_running(pid: int) -> bool:
    """Whether a process lives; one that only waits for its parent to take note does not."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def pids_in(path: Path) -> list[int]:
    """The processes that left a note in a file of the fake library, in order."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def runtime(home: Path) -> Iterator[Path]:
    """The test's own runtime directory. Threads and engines that outlive the test are errors."""
    threads = set(threading.enumerate())
    directory = Path(os.environ["XDG_RUNTIME_DIR"])
    yield directory
    wait_until(lambda: set(threading.enumerate()) <= threads)
    # Every engine takes its file away at its end; only a killed one leaves it.
    paths = directory.glob("*/engine-*.json")
    running = [pid for pid in (pid_in(path) for path in paths) if pid and is_running(pid)]
    try:
        wait_until(lambda: not any(map(is_running, running)), within_s=5)
    finally:
        for pid in filter(is_running, running):
            os.kill(pid, signal.SIGKILL)


def pid_in(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_text())["pid"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


@pytest.fixture
def library(tmp_path: Path, runtime: Path) -> Path:
    directory = tmp_path / "library"
    directory.mkdir()
    return directory


Connect = Callable[..., EngineClient]


@pytest.fixture
def fake(library: Path) -> Iterator[Connect]:
    """Connects to the engine of a fake library."""
    clients = []

    def connect_fake(
        mode: str = "ok", *, linger_s: float = 0.0, wait_s: float = 20.0, warm: bool = False
    ) -> EngineClient:
        start = command(library, mode, linger_s)
        clients.append(connect(library, wait_s=wait_s, warm=warm, command=start))
        return clients[-1]

    yield connect_fake
    for client in clients:
        client.close()


def engine_pid(client: EngineClient) -> int:
    """The process of the fake library's engine."""
    return int(client.status().model_note.removeprefix("pid "))
