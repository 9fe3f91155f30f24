"""The real program in processes of its own, with the sample model: what a user runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from photosearch.engine.client import connect
from tests.end_to_end.living import Living
from tests.engine.colour_engine import command

#: One command; a cold start loads torch, which takes its time on a busy machine.
TIMEOUT_S = 240


@dataclass(frozen=True)
class Program:
    """Runs `photosearch` on one library.

    Attributes:
        library: Its directory.
        environment: What the processes see.
        started: Commands that were left to themselves; `end` ends them.
    """

    library: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def command(self, *arguments: str | Path) -> list[str]:
        options = ["--library", os.fspath(self.library), *map(os.fspath, arguments)]
        return [sys.executable, "-m", "photosearch", *options]

    def run(
        self, *arguments: str | Path, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )

    def json(self, *arguments: str | Path) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell's background jobs ignore Ctrl-C, and so would what they start.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


def program_for(directory: Path, runtime: str, *, linger_s: float) -> Program:
    environment = {
        **os.environ,
        "PHOTOSEARCH_HOME": str(directory / "home"),
        "XDG_RUNTIME_DIR": runtime,
        "PHOTOSEARCH_ENGINE_LINGER_S": str(linger_s),
        "PYTHONIOENCODING": "utf-8",
    }
    environment.pop("DISPLAY", None)
    return Program(directory / "library", environment)


@pytest.fixture(scope="module")
def shared_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One library for a module; its engine stays up between the commands."""
    directory = tmp_path_factory.mktemp("shared")
    with tempfile.TemporaryDirectory(prefix="ps-") as runtime:
        yield program_for(directory, runtime, linger_s=8)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A library for one test; its engine ends with its last client."""
    with tempfile.TemporaryDirectory(prefix="ps-") as runtime:
        program = program_for(tmp_path, runtime, linger_s=0)
        try:
            yield program
        finally:
            program.end()


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Living]:
    """An open library whose model knows colours."""
    directory = tmp_path / "library"
    with connect(directory, command=command(directory)) as client:
        yield Living(client)
