"""Turns the state of the library into one-line notices. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from photosearch.core.photo import Folder
from photosearch.core.status import LibraryStatus
from photosearch.core.visible import visible
from photosearch.errors import EngineError, PhotoSearchError
from photosearch.gui.drives import away_text
from photosearch.gui.hints import Advice, advice, without_commands
from photosearch.gui.session import Session
from photosearch.gui.stage import Stage
from photosearch.gui.widgets.notice import Notice, Notices, Tone, Topic

#: Long enough to be read on the way; it asks for nothing.
_PASSING_MS = 8_000


class Announcer(QObject):
    """Says what the user should know, and does what the notice's button offers.

    Signals:
        show_in_folder_requested(Path): A file that nothing opens is to be shown.
        models_requested(): The list of models is wanted.
        model_requested(Advice): The list of models is wanted, at the one that something is said of.
        folders_requested(): The list of folders is wanted.
        undo_requested(): The newest change of photos is to be taken back.
    """

    show_in_folder_requested = Signal(object)
    models_requested = Signal()
    model_requested = Signal(object)
    folders_requested = Signal()
    undo_requested = Signal()

    def __init__(self, session: Session, notices: Notices, parent: QObject | None = None) -> None:
        """Connects a session with the place where notices stand.

        Args:
            session: Whose state is told.
            notices: Where.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._session, self._notices = session, notices
        self._offered_folder: Path | None = None
        self._unopened: Path | None = None  # what the notice about trouble offers to show
        self._advised: dict[Topic, Advice] = {}  # what the notices about a model's files offer
        self._away: tuple[Path, ...] = ()  # folders of which the user knows that they are away
        self._needed: Path | None = None  # the folder that has to come back, says the trouble
        self._was_lost = False
        self._passing = QTimer(self, singleShot=True, interval=_PASSING_MS)
        self._passing.timeout.connect(self._on_passed)
        session.connection_changed.connect(self._on_connection_changed)
        session.stage_changed.connect(self._on_stage)
        session.news_changed.connect(self._on_news)
        session.news.status_changed.connect(self._on_status)
        session.trouble_changed.connect(self.show_trouble)
        session.photos_shown.connect(self._on_photos_shown)
        session.news.work_failed.connect(self._on_work_failed)
        session.news.device_lost.connect(self._on_device_lost)
        session.news.file_left_out.connect(self._on_file_left_out)
        notices.closed.connect(self._on_closed)
        notices.acted.connect(self._on_acted)

    @Slot(object)
    def offer_folder(self, path: Path) -> None:
        """Asks whether a dropped folder is to be added."""
        self._offered_folder = path
        text = self.tr("Search the photos in “%1”, too?").replace(
            "%1", visible(path.name or str(path))
        )
        self._notices.show_notice(
            Topic.FOLDER, Notice(text, Tone.ACCENT, self.tr("Add folder"), can_close=True)
        )

    @Slot(object)
    def show_trouble(self, error: PhotoSearchError | None) -> None:
        """Says what went wrong and what can be done; None takes it back."""
        self._unopened = self._needed = None
        action = self.tr("Try again") if isinstance(error, EngineError) else ""
        self._show_failure(Topic.TROUBLE, error, action)

    @Slot(object, object)
    def show_offline(self, error: PhotoSearchError, folder: Path) -> None:
        """Says that a photo's folder is away, until it is back."""
        self.show_trouble(error)
        self._needed = folder

    @Slot(object, object)
    def offer_to_show(self, error: PhotoSearchError, path: Path) -> None:
        """Says that a file cannot be opened; the button, in the hint's place, shows its folder."""
        self._unopened = path
        self._advised.pop(Topic.TROUBLE, None)
        notice = Notice(error.message, Tone.NEGATIVE, self.tr("Show in folder"), can_close=True)
        self._notices.show_notice(Topic.TROUBLE, notice)

    @Slot(str)
    def show_edit(self, text: str) -> None:
        """Says what was changed, with a way back; "" takes it away."""
        notice = Notice(text, Tone.QUIET, self.tr("Undo"), can_close=True)
        self._notices.show_notice(Topic.EDIT, notice if text else None)

    @Slot()
    def _on_photos_shown(self) -> None:
        self.show_edit("")  # it was about other photos; the key for undo still works

    @Slot(object)
    def _on_work_failed(self, error: PhotoSearchError | None) -> None:
        self._show_failure(Topic.WORK, error)

    def _show_failure(self, topic: Topic, error: PhotoSearchError | None, action: str = "") -> None:
        self._advised.pop(topic, None)
        if error is None:
            self._notices.show_notice(topic, None)
            return
        told = advice(error)
        if told.action:
            self._advised[topic] = told
        notice = Notice(told.text, Tone.NEGATIVE, told.action or action, can_close=True)
        self._notices.show_notice(topic, notice)

    @Slot(str)
    def _on_device_lost(self, why: str) -> None:
        self._advised.pop(Topic.WORK, None)
        text = self.tr("The CPU goes on, which is slower: %1.").replace("%1", why)
        self._notices.show_notice(Topic.WORK, Notice(text, can_close=True))

    @Slot(object)
    def _on_file_left_out(self, path: Path) -> None:
        self._advised.pop(Topic.WORK, None)
        text = self.tr("“%1” stopped indexing twice and is left out until it changes.")
        notice = Notice(text.replace("%1", visible(path.name)), can_close=True)
        self._notices.show_notice(Topic.WORK, notice)

    @Slot(bool)
    def _on_connection_changed(self, is_connected: bool) -> None:
        self._passing.stop()
        notice = None
        if not is_connected:
            notice = Notice(self.tr("Reconnecting to the library…"))
        elif self._was_lost:
            text = self.tr("The search engine stopped and was started again.")
            notice = Notice(text, can_close=True)
            self._passing.start()
        self._was_lost = not is_connected
        self._notices.show_notice(Topic.CONNECTION, notice)

    @Slot()
    def _on_passed(self) -> None:
        self._notices.show_notice(Topic.CONNECTION, None)

    @Slot(object)
    def _on_stage(self, stage: Stage) -> None:
        if stage is Stage.FAILED:  # the page in the middle says it all
            self._was_lost = False
            self._notices.show_notice(Topic.CONNECTION, None)

    @Slot(int, int)
    def _on_news(self, added: int, removed: int) -> None:
        if not added and not removed:
            self._notices.show_notice(Topic.NEWS, None)
            return
        if added:
            text = self.tr("1 new photo") if added == 1 else self.tr("%Ln new photos", "", added)
        elif removed == 1:
            text = self.tr("1 photo is gone")
        else:
            text = self.tr("%Ln photos are gone", "", removed)
        is_search = self._session.query is not None
        action = self.tr("Search again") if is_search else self.tr("Show them")
        if not added:
            action = self.tr("Update")
        self._notices.show_notice(Topic.NEWS, Notice(text, Tone.ACCENT, action))

    @Slot(object)
    def _on_status(self, status: LibraryStatus) -> None:
        choose = Notice(status.model_trouble, Tone.WARNING, self.tr("Choose another model"))
        self._notices.show_notice(Topic.MODEL, choose if status.model_trouble else None)
        is_sample = status.space is not None and status.space.is_sample
        # Of other models, the list of models says what is to be known.
        action = self.tr("Get a real model") if status.filling is None else ""
        note = without_commands(status.model_note)
        notice = Notice(note, Tone.WARNING, action) if is_sample else None
        self._notices.show_notice(Topic.SAMPLE, notice)
        self._show_away(status.folders)

    def _show_away(self, folders: Sequence[Folder]) -> None:
        if self._needed not in {None, *(path for each in folders for path in each.away_paths)}:
            self.show_trouble(None)
        folders = [folder for folder in folders if not folder.is_online]
        paths = tuple(folder.path for folder in folders)
        if not paths:
            self._away = ()
        text = away_text(folders)
        notice = Notice(text, action=self.tr("Folders"), can_close=True)
        is_told = not paths or paths == self._away
        self._notices.show_notice(Topic.OFFLINE, None if is_told else notice)

    @Slot(object)
    def _on_closed(self, topic: Topic) -> None:
        status = self._session.status
        if topic is Topic.OFFLINE and status is not None:
            self._away = tuple(folder.path for folder in status.folders if not folder.is_online)

    @Slot(object)
    def _on_acted(self, topic: Topic) -> None:
        if topic is Topic.TROUBLE and self._unopened is not None:
            path = self._unopened
            self.show_trouble(None)
            self.show_in_folder_requested.emit(path)
        elif topic in self._advised:
            self.model_requested.emit(self._advised[topic])
        elif topic in (Topic.MODEL, Topic.SAMPLE):
            self.models_requested.emit()
        elif topic is Topic.OFFLINE:
            self.folders_requested.emit()
        elif topic is Topic.EDIT:
            self.undo_requested.emit()
        elif topic in (Topic.NEWS, Topic.TROUBLE):
            self._session.ask_again()
        elif topic is Topic.FOLDER and self._offered_folder is not None:
            self._session.add_folder(self._offered_folder)
            self._notices.show_notice(Topic.FOLDER, None)
