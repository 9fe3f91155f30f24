"""One run of the command line, for what the window leaves to it: files of models. GUI thread.

The window's process never loads what models need and never opens a connection; whoever asks for
that runs `photosearch ... --json` in a process of its own.
"""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from photosearch import paths
from photosearch.embed.bytes_meter import BytesProgress
from photosearch.errors import ModelError, PhotoSearchError

_log = logging.getLogger(__name__)

#: Time to tidy up after an interrupt before the process is killed.
_PATIENCE_MS = 3000
_ERROR = "Error: "
#: A check that found something wrong ends with one of these, and tells what in its answer.
_CHECK_FAILED = (PhotoSearchError.exit_code, ModelError.exit_code)


class Command(QObject):
    """Runs one command that takes `--json`; says how far it is and what came of it.

    Exactly one of `succeeded`, `failed` and `cancelled` comes, once.

    Signals:
        progressed(BytesProgress): How far it is.
        succeeded(object): Its answer, as parsed JSON.
        failed(PhotoSearchError): What it complained of.
        cancelled(): It was stopped by `cancel`.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        """Prepares a run; `start` begins it.

        Args:
            arguments: Of the command line, with its global options.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._is_cancelled = False
        self._is_over = False
        self._told: list[str] = []
        self._rest = b""  # of a line that has not come whole yet
        program, *own = paths.program("cli")
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUTF8", "1")  # Windows would answer in its own code page
        self._process = QProcess(self)
        self._process.setProcessEnvironment(environment)
        self._process.setProgram(program)
        self._process.setArguments([*own, *arguments, "--json"])
        self._process.setStandardInputFile(QProcess.nullDevice())
        self._process.readyReadStandardError.connect(self._read_lines)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._killer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._killer.timeout.connect(self._process.kill)

    def start(self) -> None:
        """Begins."""
        self._process.start()

    @Slot()
    def cancel(self) -> None:
        """Stops it as Ctrl-C does: what it has done is kept."""
        self._is_cancelled = True
        self._interrupt()
        self._killer.start()

    def close(self) -> None:
        """Stops it and waits for its end; tells nobody any more."""
        self._is_over = True
        self._killer.stop()
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._interrupt()
        if not self._process.waitForFinished(_PATIENCE_MS):
            self._process.kill()
            self._process.waitForFinished(_PATIENCE_MS)

    def _interrupt(self) -> None:
        if os.name == "posix" and self._process.processId():
            os.kill(self._process.processId(), signal.SIGINT)
        else:
            self._process.kill()  # Windows has no interrupt for a process without a console

    @Slot()
    def _read_lines(self) -> None:
        *lines, self._rest = (
            self._rest + bytes(self._process.readAllStandardError().data())
        ).split(b"\n")
        for line in lines:
            self._read_line(line.decode("utf-8", "replace").strip())

    def _read_line(self, line: str) -> None:
        progress = _progress(line)
        if progress is None:
            self._told.append(line)
        elif not self._is_over:
            self.progressed.emit(progress)

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._killer.stop()
        self._read_lines()
        self._read_line(self._rest.decode("utf-8", "replace").strip())
        if self._is_over:
            return
        self._is_over = True
        answer = _answer(bytes(self._process.readAllStandardOutput().data()))
        is_normal = status is QProcess.ExitStatus.NormalExit
        if is_normal and code in (0, *_CHECK_FAILED) and answer is not None:
            self.succeeded.emit(answer)
        elif self._is_cancelled:
            self.cancelled.emit()
        else:
            self.failed.emit(self._failure(code))

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is not QProcess.ProcessError.FailedToStart or self._is_over:
            return  # everything else ends in `finished`
        self._is_over = True
        name = self._process.program()
        message = self.tr("%1 cannot be started: %2.").replace("%1", name)
        hint = self.tr("Install Photosearch again.")
        why = self._process.errorString()
        self.failed.emit(PhotoSearchError(message.replace("%2", why), hint))

    def _failure(self, code: int) -> PhotoSearchError:
        for number, line in enumerate(self._told):
            if line.startswith(_ERROR):
                hint = " ".join(filter(None, self._told[number + 1 :]))
                return PhotoSearchError(line.removeprefix(_ERROR), hint)
        _log.error("A command ended with status %d: %s", code, "\n".join(self._told))
        return PhotoSearchError(
            self.tr("Photosearch met an error of its own at this."),
            self.tr("Try again; the log says more (gui.log in the library's folder)."),
        )


def _progress(line: str) -> BytesProgress | None:
    """Reads a line of progress, None where it is something else."""
    if not line.startswith("{"):
        return None
    try:
        read = json.loads(line)
        return BytesProgress(
            int(read["done_bytes"]),
            int(read["total_bytes"]),
            float(read["rate"]),
            None if read["eta_s"] is None else float(read["eta_s"]),
            "",
        )
    except (ValueError, KeyError, TypeError):
        return None


def _answer(printed: bytes) -> object | None:
    """Reads what a command printed, None where that is no JSON."""
    try:
        answer: object = json.loads(printed)
    except ValueError:
        return None
    return answer
