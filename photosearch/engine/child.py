"""The process of an engine that this process has started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from photosearch import paths
from photosearch.errors import EngineError

#: Between two starts: one that found another engine at work ends at once.
_START_PAUSE_S = 0.1
#: An engine that dies twice before it answers will die a third time.
_MAX_DEATHS = 2
#: As the system ends a process, e.g. where memory runs out.
_KILLED = -9
#: The file only has to hold the last words of a process that died.
_MAX_STDERR_BYTES = 256 * 1024
#: Variables with paths, which may be relative to our working directory.
_PATH_VARIABLES = (paths.HOME_VARIABLE, paths.MODELS_VARIABLE, "XDG_RUNTIME_DIR")


def engine_command(library: Path) -> list[str]:
    """Returns the command that starts an engine."""
    return [*paths.program("engine"), "--library", str(library)]


class EngineChild:
    """Starts an engine, and starts it again when it has died. One thread at a time.

    Args:
        command: What starts it.
        stderr_path: Takes what it writes to its standard error.
        log_path: Its log, which messages name.
    """

    def __init__(self, command: Sequence[str], stderr_path: Path, log_path: Path) -> None:
        self._command = list(command)
        self._stderr_path = stderr_path
        self._log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._next_start = 0.0

    def forget_deaths(self) -> None:
        """Begins to count anew: what ended before now is no failure to start."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self._deaths = 0

    def keep_starting(self) -> None:
        """Starts the process unless it is on its way already.

        Raises:
            EngineError: It cannot be started, or died too often.
        """
        if self._process is not None:
            exit_code = self._process.poll()
            if exit_code is None:
                return
            self._process = None
            if exit_code != 0:  # 0: another engine was quicker
                self._deaths += 1
            if self._deaths >= _MAX_DEATHS:
                raise EngineError(
                    "The part of Photosearch that works on your photos stopped twice while it "
                    f"started: {_how(exit_code)}.",
                    f"Nothing is lost. Start Photosearch again. {self._last_words()}",
                )
        if time.monotonic() >= self._next_start:
            self._next_start = time.monotonic() + _START_PAUSE_S
            self._start()

    def release(self) -> None:
        """Leaves the process to itself."""
        if self._process is not None and self._process.poll() is None:
            # Or Python would complain that the process outlives this object, as it should.
            self._process.returncode = 0
        self._process = None

    def _start(self) -> None:
        options: dict[str, Any] = {"start_new_session": True}  # the terminal's Ctrl-C is not for it
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            options = {"creationflags": flags}
        environment = dict(os.environ)
        for name in _PATH_VARIABLES:
            if environment.get(name):
                environment[name] = str(Path(environment[name]).absolute())
        path = self._stderr_path
        try:
            is_long = path.exists() and path.stat().st_size > _MAX_STDERR_BYTES
            with path.open("wb" if is_long else "ab") as stderr:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    # Where the package lies: `-m` finds it there, wherever the user is; and the
                    # engine keeps no removable disk busy, nor loads modules that lie around.
                    cwd=Path(__file__).resolve().parents[2],
                    env=environment,
                    **options,
                )
        except OSError as error:
            raise EngineError(
                f"The engine cannot be started: {error}.", "Install Photosearch again."
            ) from error

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._stderr_path.read_text(errors="replace").splitlines()
            if lines:
                return f"Its last words: {lines[-1]} (more in {self._log_path})"
        return f"Why it stopped is in {self._log_path}."


def _how(exit_code: int) -> str:
    """Says for people how a process ended; only POSIX tells a signal by a negative number."""
    if exit_code == _KILLED:
        return "the system ended it, perhaps for lack of memory"
    return f"it crashed (signal {-exit_code})" if exit_code < 0 else f"exit code {exit_code}"
