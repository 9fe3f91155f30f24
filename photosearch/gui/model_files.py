"""The files of models, as the window works on them: one job at a time. GUI thread.

Each job is a run of `photosearch models ...`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from photosearch.errors import PhotoSearchError
from photosearch.gui.command import Command
from photosearch.gui.model_entry import ModelEntry


class JobKind(Enum):
    """What can be done with a model's files."""

    DOWNLOAD = auto()
    IMPORT = auto()
    EXPORT = auto()
    VERIFY = auto()
    REPAIR = auto()
    REMOVE = auto()
    USE = auto()  #: for a folder; what is listed is chosen through the bridge
    USE_AT_ONCE = auto()
    FORGET = auto()
    CHECK = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """Work on a model's files.

    Attributes:
        kind: What.
        model_id: Which model; "" where an import has to find out.
        path: What to import, where to export to, or a folder with photos to compare forms on.
    """

    kind: JobKind
    model_id: str = ""
    path: Path | None = None

    def arguments(self) -> list[str]:
        """Returns the command that does it."""
        match self.kind:
            case JobKind.IMPORT:
                which = ["--model", self.model_id] if self.model_id else []
                return ["import", str(self.path), *which]
            case JobKind.EXPORT:
                return ["export", self.model_id, str(self.path)]
            case JobKind.REPAIR:
                return ["verify", self.model_id, "--repair"]
            case JobKind.USE_AT_ONCE:
                return ["use", self.model_id, "--at-once"]
            case JobKind.FORGET:
                return ["remove", self.model_id, "--space"]
            case JobKind.CHECK:
                return ["check", self.model_id, "--photos", str(self.path)]
            case kind:
                return [kind.name.lower(), self.model_id]


class ModelFiles(QObject):
    """Lists models and works on their files.

    Signals:
        listed(tuple[ModelEntry, ...]): Answer to `refresh`, and once after each job.
        list_failed(PhotoSearchError): There is no list.
        job_changed(Job | None): What is being done now.
        progressed(BytesProgress): How far that is.
        job_done(Job, object): It is done; the command's answer.
        job_failed(Job, PhotoSearchError): It went wrong.
        job_cancelled(Job): It was stopped; what it had done is kept.
    """

    listed = Signal(object)
    list_failed = Signal(object)
    job_changed = Signal(object)
    progressed = Signal(object)
    job_done = Signal(object, object)
    job_failed = Signal(object, object)
    job_cancelled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library: Path | None = None  #: the one whose models are in use
        self.job: Job | None = None
        self._work: Command | None = None
        self._listing: Command | None = None
        self._codes: Sequence[str] = ()
        self._is_stale = False

    def refresh(self, codes: Sequence[str] | None = None) -> None:
        """Asks for the list.

        Args:
            codes: Languages of whoever asks; those of the last time where None.
        """
        self._codes = self._codes if codes is None else codes
        self._is_stale = self._listing is not None
        if self._is_stale:
            return  # asked again when this one is answered
        languages = [part for code in self._codes for part in ("--language", code)]
        self._listing = self._command(["list", *languages])
        self._listing.succeeded.connect(self._on_listed)
        self._listing.failed.connect(self._on_list_failed)
        self._listing.start()

    def start(self, job: Job) -> None:
        """Does something with a model's files; nothing while something else is being done."""
        if self.job is not None:
            return
        self.job = job
        self._work = self._command(job.arguments())
        self._work.progressed.connect(self.progressed)
        self._work.succeeded.connect(self._on_done)
        self._work.failed.connect(self._on_failed)
        self._work.cancelled.connect(self._on_cancelled)
        self.job_changed.emit(job)
        self._work.start()

    @Slot()
    def cancel(self) -> None:
        """Stops what is being done; what it has done is kept."""
        if self._work is not None:
            self._work.cancel()

    def close(self) -> None:
        """Stops everything and waits for its end."""
        for command in (self._work, self._listing):
            if command is not None:
                command.close()

    def _command(self, arguments: Sequence[str]) -> Command:
        library = [] if self.library is None else ["--library", str(self.library)]
        return Command([*library, "models", *arguments], self)

    @Slot(object)
    def _on_listed(self, answer: list[dict[str, object]]) -> None:
        if self._end_listing():
            self.listed.emit(tuple(ModelEntry.of_json(read) for read in answer))

    @Slot(object)
    def _on_list_failed(self, error: PhotoSearchError) -> None:
        if self._end_listing():
            self.list_failed.emit(error)

    def _end_listing(self) -> bool:
        """Lets the command go; False where its answer is old already and another is asked for."""
        if self._listing is not None:
            self._listing.deleteLater()
            self._listing = None
        if not self._is_stale:
            return True
        self.refresh()
        return False

    @Slot(object)
    def _on_done(self, answer: object) -> None:
        self.job_done.emit(self._end_job(), answer)

    @Slot(object)
    def _on_failed(self, error: PhotoSearchError) -> None:
        self.job_failed.emit(self._end_job(), error)

    @Slot()
    def _on_cancelled(self) -> None:
        self.job_cancelled.emit(self._end_job())

    def _end_job(self) -> Job:
        job, work = self.job, self._work
        assert job is not None
        assert work is not None
        work.deleteLater()
        self.job = self._work = None
        self.job_changed.emit(None)
        self.refresh()
        return job
