"""One model: for whom it is, what it costs, how it stands, and what can be done. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.status import LibraryStatus
from photosearch.gui import model_words
from photosearch.gui.hints import without_commands
from photosearch.gui.model_entry import ModelEntry, Standing
from photosearch.gui.model_files import Job, JobKind
from photosearch.gui.stylesheet import CONTROL_PX
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.elided_label import ElidedLabel
from photosearch.gui.widgets.model_menu import ModelMenu
from photosearch.gui.widgets.notice import Notice, NoticeLine
from photosearch.gui.widgets.work_bar import WorkBar

_TONES = {Standing.IN_USE: "accent", Standing.PREPARING: "accent"}


class ModelRow(QFrame):
    """A model of the list.

    Signals:
        use_requested(str): The library is to use this model; "Go back" names the one that answers.
        job_requested(Job): Something is to be done with its files.
        import_requested(str, bool): Its files are to be brought; from a folder, else from a file.
        export_requested(str): It is to be written into a file.
        check_requested(str): Its faster form is to be tried on photos of the user's.
        cancel_clicked(): What is being done with its files is to stop.
    """

    use_requested = Signal(str)
    job_requested = Signal(object)
    import_requested = Signal(str, bool)
    export_requested = Signal(str)
    check_requested = Signal(str)
    cancel_clicked = Signal()

    def __init__(
        self, theme: Theme, names: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        """Makes an empty row.

        Args:
            theme: Colours.
            names: Names of languages by code.
            parent: Qt owner.
        """
        super().__init__(parent)
        self.setObjectName("modelRow")
        self._names = names
        self._entry: ModelEntry | None = None
        self._status: LibraryStatus | None = None
        self._standing = Standing.NOT_HERE
        self._offered: Job | None = None  # what the notice's button does
        self._title = ElidedLabel(self)
        self._title.setObjectName("modelTitle")
        self._tag = self._label("modelTag")
        self._languages = self._label("modelLanguages")
        self._damage = self._label("modelLack")
        self._lack = self._label("modelLack")
        self._facts = self._label("modelFacts")
        self._note = self._label("modelNote")
        for label in (self._facts, self._note, self._damage):
            label.setWordWrap(True)
        self._state = self._label("modelState")
        self.main_button = QPushButton(self)
        self.more_button = QToolButton(self)
        self.more_button.setObjectName("modelMore")
        self.more_button.setText("⋯")
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setToolTip(self.tr("More to do with this model"))
        self.menu = ModelMenu(self.more_button)
        self.more_button.setMenu(self.menu)
        self.work = WorkBar(self)
        self.notice = NoticeLine(theme, self)
        self._lay_out()
        self.menu.job_requested.connect(self.job_requested)
        self.menu.asked.connect(self.say)
        self.menu.import_requested.connect(self._on_import)
        self.menu.export_requested.connect(self._on_export)
        self.menu.check_requested.connect(self._on_check)
        self.main_button.clicked.connect(self._on_main)
        self.work.cancel_clicked.connect(self.cancel_clicked)
        self.notice.acted.connect(self._on_acted)
        self.notice.closed.connect(self._on_closed)

    @property
    def text(self) -> str:
        """Everything the row says, for tests and assistive technology."""
        parts = (self._title, self._tag, *self._lines, self._state)
        return "\n".join(part.text() for part in parts if part.text())

    @property
    def _lines(self) -> tuple[QLabel, ...]:
        return (self._languages, self._lack, self._note, self._facts, self._damage)

    def set_model(self, entry: ModelEntry, status: LibraryStatus | None) -> None:
        """Shows a model.

        Args:
            entry: The model.
            status: How the library is doing, None where that is not known.
        """
        self._entry, self._status = entry, status
        self._standing = standing = entry.standing(status)
        self._title.setText(entry.name)
        self._title.setToolTip(entry.model_id)
        self._tag.setText(model_words.tag(entry))
        self._languages.setText(model_words.languages(entry, self._names))
        self._damage.setText(model_words.damage(entry))
        self._lack.setText(model_words.lack(entry, self._names))
        self._facts.setText(model_words.facts(entry))
        self._note.setText(without_commands(entry.note))
        self._state.setText(model_words.state(entry, standing, status))
        for label in (self._tag, *self._lines):
            label.setVisible(bool(label.text()))
        tone = "warning" if entry.is_damaged else _TONES.get(standing, "")
        if self._state.property("tone") != tone:
            self._state.setProperty("tone", tone)
            self._state.style().unpolish(self._state)
            self._state.style().polish(self._state)
        self.setAccessibleName(self.text)
        self._show_actions()

    def set_job(self, job: Job | None) -> None:
        """Shows what is being done with some model's files; None for nothing."""
        is_own = (
            job is not None and self._entry is not None and job.model_id == self._entry.model_id
        )
        if is_own and job is not None:
            self.say(None)
            self.work.begin(self._doing(job.kind))
        else:
            self.work.end()
        self.main_button.setEnabled(job is None or self._uses)
        self.more_button.setEnabled(job is None)
        self.notice.action_button.setEnabled(job is None)
        is_free = job is None or is_own
        for button in (self.main_button, self.more_button):
            button.setToolTip(
                "" if is_free or button.isEnabled() else self.tr("Other files are being worked on")
            )
        self._show_actions(is_busy=is_own)

    def say(self, notice: Notice | None, offered: Job | None = None) -> None:
        """Says something about the model; None takes it back.

        Args:
            notice: What.
            offered: What its button does.
        """
        self._offered = offered
        self.notice.set_notice(notice)

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._tag)
        head.addStretch(1)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addLayout(head)
        for label in self._lines:
            text.addWidget(label)
        text.addStretch(1)
        side = QHBoxLayout()
        side.setSpacing(8)
        for widget in (self._state, self.main_button, self.more_button):
            side.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self._state.setFixedHeight(CONTROL_PX)
        self.more_button.setFixedSize(CONTROL_PX, CONTROL_PX)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addLayout(text, 1)
        top.addLayout(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.work)
        column.addWidget(self.notice)

    # What can be done

    @property
    def _uses(self) -> bool:
        """Whether the button changes the model; else it fetches one."""
        is_damaged = self._entry is not None and self._entry.is_damaged
        return self._standing in (Standing.HERE, Standing.PREPARING) and not is_damaged

    def _show_actions(self, *, is_busy: bool = False) -> None:
        entry, standing = self._entry, self._standing
        if entry is None:
            return
        text = (
            self.tr("Repair")
            if entry.is_damaged
            else {
                Standing.PREPARING: self.tr("Go back"),
                Standing.HERE: self.tr("Use"),
                Standing.PARTLY_HERE: self.tr("Download the rest"),
                Standing.NOT_HERE: self.tr("Download"),
                Standing.IN_USE: "" if entry.is_usable else self.tr("Download"),
            }[standing]
        )
        self.main_button.setText(text)
        self.main_button.setAccessibleName(f"{text}: {entry.name}")
        self.more_button.setAccessibleName(self.tr("More: %1").replace("%1", entry.name))
        self.main_button.setVisible(bool(text) and not is_busy)
        self.menu.set_model(entry, standing)
        self.more_button.setVisible(not is_busy)
        self._state.setVisible(not is_busy)

    def _doing(self, kind: JobKind) -> str:
        return {
            JobKind.DOWNLOAD: self.tr("Asking what to fetch…"),
            JobKind.IMPORT: self.tr("Looking into it…"),
            JobKind.EXPORT: self.tr("Preparing the export…"),
            JobKind.VERIFY: self.tr("Reading its files…"),
            JobKind.REPAIR: self.tr("Repairing…"),
            JobKind.REMOVE: self.tr("Removing…"),
            JobKind.USE: self.tr("Looking into it…"),
            JobKind.USE_AT_ONCE: self.tr("Changing the model…"),
            JobKind.FORGET: self.tr("Forgetting…"),
            JobKind.CHECK: self.tr("Comparing both forms on your photos…"),
        }[kind]

    @property
    def _model_id(self) -> str:
        assert self._entry is not None
        return self._entry.model_id

    @Slot()
    def _on_main(self) -> None:
        if self._uses and self._standing is Standing.PREPARING and self._status is not None:
            self.use_requested.emit(self._status.model_id)
        elif self._uses:
            self.use_requested.emit(self._model_id)
        else:
            is_damaged = self._entry is not None and self._entry.is_damaged
            kind = JobKind.REPAIR if is_damaged else JobKind.DOWNLOAD
            self.job_requested.emit(Job(kind, self._model_id))

    @Slot(bool)
    def _on_import(self, is_folder: bool) -> None:
        self.import_requested.emit(self._model_id, is_folder)

    @Slot()
    def _on_export(self) -> None:
        self.export_requested.emit(self._model_id)

    @Slot()
    def _on_check(self) -> None:
        self.check_requested.emit(self._model_id)

    @Slot()
    def _on_acted(self) -> None:
        if self._offered is not None:
            self.job_requested.emit(self._offered)

    @Slot()
    def _on_closed(self) -> None:
        self.say(None)
