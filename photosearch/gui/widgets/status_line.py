"""The line at the bottom: what goes on, what failed, who computes. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from photosearch.core.events import IndexProgress, Waiting
from photosearch.core.status import LibraryStatus
from photosearch.gui.glyphs import glyph_icon
from photosearch.gui.hints import without_commands
from photosearch.gui.model_words import percent
from photosearch.gui.models.answer import Answer
from photosearch.gui.stylesheet import STATUS_LINE_PX
from photosearch.gui.theme import Theme, tabular
from photosearch.gui.widgets.elided_button import ElidedButton
from photosearch.gui.widgets.elided_label import ElidedLabel
from photosearch.gui.widgets.reading_button import ReadingButton
from photosearch.gui.work_words import (
    COUNTED,
    OVERRIDABLE,
    SEPARATOR,
    compared_text,
    folders_text,
    has_listed,
    problems_text,
    progress_text,
    waiting_hint,
    waiting_text,
)

_BAR_PX = 154
_LEAST_BAR_PX = 32
#: In narrower lines, buttons with a glyph show nothing else, and the device stands in a tooltip.
_ROOMY_PX = 960


class StatusLine(QFrame):
    """Progress and problems on the left, model and device on the right.

    Signals:
        stop_clicked(): Indexing is to stop.
        go_on_clicked(): Indexing is to go on where it was stopped.
        pause_clicked(): Indexing is to wait until it is resumed.
        resume_clicked(): Indexing is to go on.
        anyway_clicked(): Indexing is to go on, whatever battery and screen say.
        folders_clicked(): The list of folders is wanted.
        problems_clicked(): The list of what failed is wanted.
        model_clicked(): The list of models is wanted.
        go_back_clicked(): The model that is being prepared is not wanted after all.
    """

    stop_clicked = Signal()
    go_on_clicked = Signal()
    pause_clicked = Signal()
    resume_clicked = Signal()
    anyway_clicked = Signal()
    folders_clicked = Signal()
    problems_clicked = Signal()
    model_clicked = Signal()
    go_back_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setFixedHeight(STATUS_LINE_PX)
        self._theme = theme
        self._status: LibraryStatus | None = None
        self._progress: IndexProgress | None = None
        self._has_listed = False
        self._is_stopped = False
        self._bar = QProgressBar(self)
        self._bar.setFixedHeight(6)
        self._bar.setMinimumWidth(_LEAST_BAR_PX)
        self._bar.setMaximumWidth(_BAR_PX)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Indexing"))
        self.folders_button = ElidedButton(self)
        self.anyway_button = QToolButton(self)
        self.anyway_button.setProperty("tone", "accent")
        self.anyway_button.setText(self.tr("Index anyway"))
        self.anyway_button.setToolTip(self.tr("Read photos now, until all of these are read"))
        self.pause_button = QToolButton(self)
        self.stop_button = QToolButton(self)
        self.stop_button.setText(self.tr("Stop"))
        self.go_on_button = QToolButton(self)
        self.go_on_button.setText(self.tr("Go on"))
        self.go_on_button.setToolTip(self.tr("Go on reading photos where it was stopped"))
        for button in self._small_buttons:
            button.setIconSize(QSize(12, 12))
        self.stop_button.setToolTip(self.tr("Stop reading photos; the next run goes on from here"))
        self.problems_button = QToolButton(self)
        self.problems_button.setProperty("tone", "warning")
        self.problems_button.setToolTip(self.tr("What could not be read, and why"))
        self.model_button = ElidedButton(self)
        self.go_back_button = QToolButton(self)
        self.go_back_button.setProperty("tone", "accent")
        self.go_back_button.setText(self.tr("Go back"))
        self._device = ElidedLabel(self)
        self._compared = QLabel(self)
        self.reading_button = ReadingButton(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(10)
        for widget in (
            self._bar,
            self.folders_button,
            self.anyway_button,
            self.pause_button,
            self.stop_button,
            self.go_on_button,
            self.problems_button,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        right = QHBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.model_button)
        right.addWidget(self.go_back_button)
        self._compared.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._device, self._compared):
            right.addWidget(label)
        right.addWidget(self.reading_button)
        layout.addLayout(right)
        self.folders_button.setFont(tabular(self.folders_button.font()))
        self._compared.setFont(tabular(self._compared.font()))
        self.folders_button.clicked.connect(self.folders_clicked)
        self.anyway_button.clicked.connect(self.anyway_clicked)
        self.pause_button.clicked.connect(self._on_pause)
        self.stop_button.clicked.connect(self.stop_clicked)
        self.go_on_button.clicked.connect(self.go_on_clicked)
        self.problems_button.clicked.connect(self.problems_clicked)
        self.model_button.clicked.connect(self.model_clicked)
        self.go_back_button.clicked.connect(self.go_back_clicked)
        theme.changed.connect(self._dress)
        self._dress()
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out words where there is no room."""
        super().resizeEvent(event)
        self._fit()

    @property
    def text(self) -> str:
        """Everything the line says, for tests and assistive technology."""
        model = self.model_button
        parts = (self.folders_button, self.problems_button, model, self._device, self._compared)
        return SEPARATOR.join(part.text() for part in parts if part.text())

    @Slot(object)
    def set_status(self, status: LibraryStatus) -> None:
        """Shows the library's numbers, model and device."""
        self._status = status
        self._show()

    @Slot(bool)
    def set_stopped(self, is_stopped: bool) -> None:
        """Offers to go on where the last run ended before its end."""
        self._is_stopped = is_stopped
        self._show()

    @Slot(object)
    def set_progress(self, progress: IndexProgress | None) -> None:
        """Shows how far indexing is; None where nothing is being indexed."""
        self._progress = progress
        self._has_listed = has_listed(progress, before=self._has_listed)
        self._show()

    @Slot(object)
    def set_answer(self, answer: Answer) -> None:
        """Shows what a search cost and who read it; nothing where all photos are shown."""
        result = answer.result
        self.reading_button.set_result(result)
        if result is None:
            self._compared.setText("")
            return
        took = self.tr("%1 ms").replace("%1", QLocale().toString(round(result.elapsed_ms)))
        compared = compared_text(result, self._progress) if answer.is_judged else ""
        self._compared.setText(SEPARATOR.join(filter(None, (compared, took))))
        self._compared.show()

    @property
    def _small_buttons(self) -> tuple[QToolButton, ...]:
        """Those with a glyph, which say nothing else where there is no room."""
        return self.pause_button, self.stop_button, self.go_on_button

    @property
    def _is_paused(self) -> bool:
        """Whether the user wants no index work, as far as is known."""
        if self._progress is not None and self._progress.waiting is Waiting.PAUSED:
            return True
        return self._status is not None and self._status.is_paused

    @property
    def _is_left(self) -> bool:
        """Whether the last run was stopped, and nothing else says how it goes on."""
        return self._is_stopped and self._progress is None and not self._is_paused

    def _show(self) -> None:
        progress, status = self._progress, self._status
        waiting = progress.waiting if progress is not None else None
        self._bar.setVisible(progress is not None)
        self.stop_button.setVisible(progress is not None)
        self.go_on_button.setVisible(self._is_left)
        self.pause_button.setVisible(progress is not None or self._is_paused)
        self.anyway_button.setVisible(waiting in OVERRIDABLE)
        if progress is not None:
            # Nothing known of the total: a bar that only says "busy", unless it stands still.
            is_known = progress.phase in COUNTED and progress.total > 0
            is_still = waiting is not None and not is_known
            self._bar.setRange(0, progress.total if is_known else int(is_still))
            self._bar.setValue(progress.done if is_known else 0)
        self._show_work()
        failed = max(
            status.counts.failure_count if status is not None else 0,
            progress.failed if progress is not None else 0,
        )
        self.problems_button.setVisible(failed > 0)
        self.problems_button.setText(problems_text(failed))
        if status is not None:
            self._show_model(status)
        self.model_button.setVisible(status is not None)
        self.go_back_button.setVisible(status is not None and status.filling is not None)
        self._compared.setVisible(bool(self._compared.text()))
        self._fit()
        self._dress()

    def _fit(self) -> None:
        is_roomy = self.width() >= _ROOMY_PX
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonTextBesideIcon if is_roomy else styles.ToolButtonIconOnly
        for button in self._small_buttons:
            button.setToolButtonStyle(style)
        has_run = self._progress is not None
        self._device.setVisible(bool(self._device.text()) and (is_roomy or not has_run))

    def _show_work(self) -> None:
        """Says on the left how far indexing is, or how many photos there are."""
        progress, status = self._progress, self._status
        text, told = "", []
        if progress is not None:
            text = progress_text(progress, has_listed=self._has_listed)
            names = {folder.id: folder.path.name for folder in status.folders} if status else {}
            told = [text, waiting_hint(progress.waiting) if progress.waiting else ""]
            told.append(folders_text(names, progress.folders))
        elif status is not None:
            count = status.counts.photo_count
            text = self.tr("1 photo") if count == 1 else self.tr("%Ln photos", "", count)
            told = [waiting_hint(Waiting.PAUSED) if self._is_paused else ""]
            if self._is_paused:
                text += SEPARATOR + waiting_text(Waiting.PAUSED)
            elif self._is_left:
                text += SEPARATOR + self.tr("Stopped")
                told = [self.tr("Not all photos were read yet.")]
        told.append(self.tr("Click for your folders"))
        self.folders_button.setText(text)
        self.folders_button.setToolTip("\n".join(filter(None, told)))
        self.folders_button.setVisible(bool(text))

    def _show_model(self, status: LibraryStatus) -> None:
        name, filling = status.model_name, status.filling
        text = name
        if filling is not None:
            # What changes stands first: the end is cut where there is no room.
            text = (
                self.tr("Preparing %2: %3 %") + SEPARATOR + self.tr("%1 answers until then")
            ).replace("%1", name)
            text = text.replace("%3", str(percent(filling))).replace("%2", filling.model_name)
            tooltip = self.tr("Go on with %1").replace("%1", name)
            self.go_back_button.setToolTip(tooltip)
        self.model_button.setText(text)
        hint = self.tr("Choose another model")
        told = (text, status.device, without_commands(status.model_note), hint)
        self.model_button.setToolTip("\n".join(filter(None, told)))
        self._device.setText(status.device)

    @Slot()
    def _on_pause(self) -> None:
        (self.resume_clicked if self._is_paused else self.pause_clicked).emit()

    @Slot()
    def _dress(self) -> None:
        mute = self._theme.colour("mute")
        self.stop_button.setIcon(glyph_icon("stop", mute, 12))
        self.go_on_button.setIcon(glyph_icon("play", mute, 12))
        if self._is_paused:
            text, tip = self.tr("Resume"), self.tr("Go on reading photos")
        else:
            text, tip = self.tr("Pause"), self.tr("Read no photos until you resume")
        self.pause_button.setText(text)
        self.pause_button.setToolTip(tip)
        self.pause_button.setIcon(glyph_icon("play" if self._is_paused else "pause", mute, 12))
