"""The window that lists models by the user's languages, fetches and chooses them. GUI thread.

Files are worked on by `ModelFiles` in processes of their own; the library's model is changed
through the bridge. Blocks nothing.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.status import LibraryStatus
from photosearch.embed.bytes_meter import BytesProgress
from photosearch.embed.languages import names as language_names
from photosearch.errors import PhotoSearchError
from photosearch.gui import model_notices
from photosearch.gui.dialogs.model_paths import ModelPaths
from photosearch.gui.hints import Advice, advice, words
from photosearch.gui.model_entry import ModelEntry
from photosearch.gui.model_files import Job, JobKind, ModelFiles
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.language_chooser import LanguageChooser
from photosearch.gui.widgets.model_row import ModelRow
from photosearch.gui.widgets.notice import Notice, NoticeLine, Tone
from photosearch.gui.widgets.work_bar import WorkBar

_MARGIN_PX = 20


class Models(QWidget):
    """A window of its own beside the main one. Closing it stops nothing.

    Signals:
        use_requested(str): The library is to use this model.
        mended(): The files of a model are what they must be again.
    """

    use_requested = Signal(str)
    mended = Signal()

    def __init__(self, files: ModelFiles, theme: Theme, parent: QWidget | None = None) -> None:
        """Makes the window; `open_up` shows it.

        Args:
            files: Works on the models' files.
            theme: Colours.
            parent: Qt owner.
        """
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("models")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Models"))
        self.resize(760, 640)
        self._files = files
        self._paths = ModelPaths(self)
        self._theme = theme
        self._names = language_names()
        self._entries: tuple[ModelEntry, ...] = ()
        self._status: LibraryStatus | None = None
        self._awaited: Advice | None = None  # said once the row that it is about is there
        self.rows: dict[str, ModelRow] = {}
        self.languages = LanguageChooser(theme, self._names, self)
        self.notice = NoticeLine(theme, self)
        self.work = WorkBar(self)
        self.import_button = QPushButton(self.tr("Import…"), self)
        self._rows = QWidget(self)
        self._column = QVBoxLayout(self._rows)
        self._lay_out()
        self._connect()

    @Slot()
    def open_up(self) -> None:
        """Shows the window and asks for the newest list."""
        if not self.rows:
            self.notice.set_notice(Notice(self.tr("Looking at the models…")))
        self._files.refresh(self.languages.codes)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(object)
    def open_at(self, told: Advice) -> None:
        """Shows the window at a model, with what is wrong with it."""
        self._awaited = told
        self.open_up()
        self._show_awaited()

    @Slot(object)
    def set_status(self, status: LibraryStatus) -> None:
        """Takes in which model answers and which one is being prepared."""
        self._files.library = status.path
        if self._status is None and self.isVisible():
            self._files.refresh()
        self._status = status
        self._present.setText(self.tr("In use: %1").replace("%1", status.model_name))
        for entry in self._entries:
            self.rows[entry.model_id].set_model(entry, status)
            self.rows[entry.model_id].set_job(self._files.job)

    @Slot(str, object)
    def show_refusal(self, model_id: str, error: PhotoSearchError) -> None:
        """Says why the library does not use a model."""
        if not self.isVisible():
            self.open_up()
        told = advice(error)
        if told.is_damaged:
            self._say(told.model_id, *model_notices.repair(told))
        else:
            self._say(model_id, Notice(told.text, Tone.NEGATIVE, can_close=True))

    # Putting together

    def _lay_out(self) -> None:
        head = QLabel(self.tr("The model that understands your photos"), self)
        head.setObjectName("modelsHead")
        self._present = QLabel(self)
        self._present.setTextFormat(Qt.TextFormat.PlainText)
        text = QLabel(
            self.tr("It runs on this computer. Best for your languages first; ")
            + self.tr("a change loses nothing: the old one answers until the new one is ready."),
            self,
        )
        text.setObjectName("modelFacts")
        text.setWordWrap(True)
        self._rows.setObjectName("modelRows")
        self._column.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 4)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("modelScroll")
        scroll.setWidgetResizable(True)
        # Always: one that came would take width from rows whose heights are already laid out.
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._rows)
        scroll.setFocus()
        self._scroll = scroll
        top = QVBoxLayout()
        top.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        top.setSpacing(8)
        for widget in (head, self._present, text, self.languages, self.notice):
            top.addWidget(widget)
        close_button = QPushButton(self.tr("Close"), self)
        close_button.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        foot.addWidget(self.import_button)
        foot.addWidget(self.work, 1)
        foot.addStretch(0)
        foot.addWidget(close_button, 0, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 16, 0, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        menu = QMenu(self.import_button)
        for text, act in (
            (self.tr("From a file…"), self._paths.import_any_file),
            (self.tr("From a folder…"), self._paths.import_any_folder),
            (self.tr("Use a folder of mine…"), self._paths.choose_folder),
        ):
            action = QAction(text, self)
            action.triggered.connect(act)
            menu.addAction(action)
        self.import_button.setMenu(menu)
        self.import_button.setToolTip(
            self.tr("A model that another machine exported, or that was downloaded by hand")
        )
        self._paths.job_chosen.connect(self._files.start)
        self.languages.changed.connect(self._files.refresh)
        self.work.cancel_clicked.connect(self._files.cancel)
        self.notice.closed.connect(self._on_notice_closed)
        self._files.listed.connect(self._on_listed)
        self._files.list_failed.connect(self._on_list_failed)
        self._files.job_changed.connect(self._on_job)
        self._files.progressed.connect(self._on_progress)
        self._files.job_done.connect(self._on_done)
        self._files.job_failed.connect(self._on_failed)
        self._files.job_cancelled.connect(self._on_cancelled)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)

    # What the files tell

    @Slot(object)
    def _on_listed(self, entries: tuple[ModelEntry, ...]) -> None:
        if not self._entries:
            self.notice.set_notice(None)
        self._entries = entries
        self.languages.offer(code for entry in entries for code in entry.languages)
        for model_id in set(self.rows) - {entry.model_id for entry in entries}:
            self.rows.pop(model_id).deleteLater()
        for place, entry in enumerate(entries):
            row = self.rows.get(entry.model_id) or self._add_row(entry.model_id)
            row.set_model(entry, self._status)
            row.set_job(self._files.job)
            self._column.insertWidget(place, row)
        self._show_awaited()

    def _show_awaited(self) -> None:
        """Brings the row into view that the window was opened for, and says why."""
        told = self._awaited
        row = self.rows.get(told.model_id) if told is not None else None
        if told is None or row is None:
            return
        self._awaited = None
        if told.is_damaged and self._files.job is None:
            row.say(*model_notices.repair(told))
        # Later: rows that were just put in have no places yet.
        QTimer.singleShot(0, row, partial(self._scroll.ensureWidgetVisible, row))
        row.setFocus()

    def _add_row(self, model_id: str) -> ModelRow:
        row = self.rows[model_id] = ModelRow(self._theme, self._names, self)
        row.use_requested.connect(self._on_use)
        row.job_requested.connect(self._files.start)
        row.import_requested.connect(self._paths.choose_import)
        row.export_requested.connect(self._paths.choose_export)
        row.check_requested.connect(self._paths.choose_photos)
        row.cancel_clicked.connect(self._files.cancel)
        return row

    @Slot(object)
    def _on_list_failed(self, error: PhotoSearchError) -> None:
        self._say("", Notice(words(error), Tone.NEGATIVE))

    @Slot(object)
    def _on_job(self, job: Job | None) -> None:
        self.import_button.setEnabled(job is None)
        for row in self.rows.values():
            row.set_job(job)
        if job is not None and job.model_id not in self.rows:
            self.notice.set_notice(None)
            self.work.begin(self.tr("Looking into it…"))
        else:
            self.work.end()

    @Slot(object)
    def _on_progress(self, now: BytesProgress) -> None:
        job = self._files.job
        row = self.rows.get(job.model_id) if job is not None else None
        (row.work if row is not None else self.work).show_progress(now)

    @Slot(object, object)
    def _on_done(self, job: Job, answer: object) -> None:
        self._say(job.model_id, *model_notices.done(job, answer))
        if job.kind is JobKind.REPAIR:
            self.mended.emit()

    @Slot(object, object)
    def _on_failed(self, job: Job, error: PhotoSearchError) -> None:
        self._say(job.model_id, *model_notices.failed(job, error))

    @Slot(object)
    def _on_cancelled(self, job: Job) -> None:
        self._say(job.model_id, model_notices.stopped(job))

    def _say(self, model_id: str, notice: Notice, offered: Job | None = None) -> None:
        """Says something in a model's row, or above all where it is about none."""
        row = self.rows.get(model_id)
        if row is not None:
            row.say(notice, offered)
        else:
            self.notice.set_notice(notice)

    # What the user does

    @Slot(str)
    def _on_use(self, model_id: str) -> None:
        if model_id in self.rows:
            self.rows[model_id].say(None)
        self.use_requested.emit(model_id)

    @Slot()
    def _on_notice_closed(self) -> None:
        self.notice.set_notice(None)
