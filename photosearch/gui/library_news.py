"""How the library is doing: its newest status, how far indexing is, what happened meanwhile.

`session.Session` owns it; the status line and the notices listen. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from photosearch.core.events import (
    DeviceLost,
    FileQuarantined,
    IndexFinished,
    IndexProgress,
    LibraryEvent,
    ModelChanged,
    PhotosChanged,
    PhotosEdited,
    ThumbnailsChanged,
    WorkerError,
)
from photosearch.core.status import LibraryStatus
from photosearch.errors import ModelError, PhotoSearchError
from photosearch.gui.bridge import Bridge

#: Events come up to ten a second; numbers in the status line need no more than four.
_STATUS_DELAY_MS = 250
#: While another model learns the photos, its share is asked for now and then: that is a count.
_FILLING_DELAY_MS = 2000


class LibraryNews(QObject):
    """What the engine tells of the library by itself.

    Signals:
        status_changed(LibraryStatus): Numbers, folders, model.
        stopped_changed(bool): The last run ended before its end, or went on.
        progress_changed(IndexProgress | None): How far indexing is, None when it ended.
        photos_changed(int, int): Photos were added and removed.
        thumbnails_changed(tuple[int, ...]): These photos have other thumbnails or facts.
        photos_edited(): Somebody changed favourites, stars, tags or albums.
        model_changed(): Another model answers from now on.
        device_lost(str): Why the CPU goes on in a GPU's place, as part of a sentence.
        file_left_out(Path): It stopped the engine twice and is not tried until it changes.
        work_failed(PhotoSearchError | None): Background work gave up; None when it begins anew.
    """

    status_changed = Signal(object)
    stopped_changed = Signal(bool)
    progress_changed = Signal(object)
    photos_changed = Signal(int, int)
    thumbnails_changed = Signal(object)
    photos_edited = Signal()
    model_changed = Signal()
    device_lost = Signal(str)
    file_left_out = Signal(object)
    work_failed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        """Listens.

        Args:
            bridge: Brings events and statuses.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._status: LibraryStatus | None = None
        self._progress: IndexProgress | None = None
        self._is_stopped = False
        self._status_timer = QTimer(self, singleShot=True)
        self._status_timer.timeout.connect(bridge.ask_status)
        bridge.event_received.connect(self._on_event)
        bridge.status_told.connect(self._on_status)
        bridge.folder_added.connect(bridge.ask_status)
        bridge.model_chosen.connect(bridge.ask_status)

    @property
    def status(self) -> LibraryStatus | None:
        """The newest status, None before the first."""
        return self._status

    @property
    def is_indexing(self) -> bool:
        """True while an index run is under way."""
        return self._progress is not None

    def forget_progress(self) -> None:
        """Nobody indexes any more, as far as is known."""
        self._set_stopped(False)
        self._set_progress(None)

    @Slot(object)
    def _on_event(self, event: LibraryEvent) -> None:
        delay_ms = _STATUS_DELAY_MS
        match event:
            case IndexProgress():
                self._set_progress(event)
                if self._status is None or self._status.filling is None:
                    return
                delay_ms = _FILLING_DELAY_MS
            case ThumbnailsChanged(ids):
                self.thumbnails_changed.emit(ids)
                return
            case PhotosEdited():
                self.photos_edited.emit()
                return
            case IndexFinished(was_stopped=was_stopped):
                self._set_progress(None)
                self._set_stopped(was_stopped)
            case PhotosChanged(added, removed):
                self.photos_changed.emit(added, removed)
            case DeviceLost(why):
                self.device_lost.emit(why)
            case FileQuarantined(path):
                self.file_left_out.emit(path)
            case ModelChanged():
                self.model_changed.emit()
            case WorkerError(message, hint, is_about_model):
                kind = ModelError if is_about_model else PhotoSearchError
                self.work_failed.emit(kind(message, hint))
        self._ask_status_within(delay_ms)

    def _ask_status_within(self, delay_ms: int) -> None:
        timer = self._status_timer
        if not timer.isActive() or timer.remainingTime() > delay_ms:
            timer.start(delay_ms)

    @Slot(object)
    def _on_status(self, status: LibraryStatus) -> None:
        self._status = status
        self._set_progress(status.indexing)
        self.status_changed.emit(status)

    def _set_stopped(self, is_stopped: bool) -> None:
        if is_stopped != self._is_stopped:
            self._is_stopped = is_stopped
            self.stopped_changed.emit(is_stopped)

    def _set_progress(self, progress: IndexProgress | None) -> None:
        if progress != self._progress:
            if self._progress is None:
                self.work_failed.emit(None)
                self._set_stopped(False)
            self._progress = progress
            self.progress_changed.emit(progress)
