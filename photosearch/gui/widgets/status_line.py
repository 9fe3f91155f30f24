"""The line at the bottom: what goes on, what failed, who computes. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from photosearch.core.events import IndexPhase, IndexProgress
from photosearch.core.result import SearchResult
from photosearch.core.status import LibraryStatus
from photosearch.gui.glyphs import glyph_icon
from photosearch.gui.stylesheet import STATUS_LINE_PX
from photosearch.gui.theme import Theme, tabular
from photosearch.gui.widgets.elided_label import ElidedLabel

_BAR_PX = 154
_SEPARATOR = " · "
_MINUTE_S = 60
_HOUR_S = 3600


class StatusLine(QFrame):
    """Progress and problems on the left, model and device on the right.

    Signals:
        stop_clicked(): Indexing is to stop.
        problems_clicked(): The list of what failed is wanted.
    """

    stop_clicked = Signal()
    problems_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setFixedHeight(STATUS_LINE_PX)
        self._theme = theme
        self._status: LibraryStatus | None = None
        self._progress: IndexProgress | None = None
        self._bar = QProgressBar(self)
        self._bar.setFixedSize(_BAR_PX, 6)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Indexing"))
        self._left = ElidedLabel(self)
        self.stop_button = QToolButton(self)
        self.stop_button.setText(self.tr("Stop"))
        self.stop_button.setIconSize(QSize(12, 12))
        self.stop_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.stop_button.setToolTip(self.tr("Stop reading photos; the next run goes on from here"))
        self.problems_button = QToolButton(self)
        self.problems_button.setProperty("tone", "warning")
        self.problems_button.setToolTip(self.tr("What could not be read, and why"))
        self._model = QLabel(self)
        self._device = QLabel(self)
        self._compared = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(10)
        for widget in (self._bar, self._left, self.stop_button, self.problems_button):
            layout.addWidget(widget)
        layout.addStretch(1)
        right = QHBoxLayout()
        right.setSpacing(16)
        for label in (self._model, self._device, self._compared):
            label.setTextFormat(Qt.TextFormat.PlainText)
            right.addWidget(label)
        layout.addLayout(right)
        for label in (self._left, self._compared):
            label.setFont(tabular(label.font()))
        self.stop_button.clicked.connect(self.stop_clicked)
        self.problems_button.clicked.connect(self.problems_clicked)
        theme.changed.connect(self._dress)
        self._dress()
        self._show()

    @property
    def text(self) -> str:
        """Everything the line says, for tests and assistive technology."""
        parts = (self._left, self.problems_button, self._model, self._device, self._compared)
        return _SEPARATOR.join(part.text() for part in parts if part.text())

    @Slot(object)
    def set_status(self, status: LibraryStatus) -> None:
        """Shows the library's numbers, model and device."""
        self._status = status
        self._show()

    @Slot(object)
    def set_progress(self, progress: IndexProgress | None) -> None:
        """Shows how far indexing is; None where nothing is being indexed."""
        self._progress = progress
        self._show()

    @Slot(object, object)
    def set_result(self, _ids: object, result: SearchResult | None) -> None:
        """Shows what a search cost; None where all photos are shown."""
        if result is None:
            self._compared.setText("")
            return
        count = result.searched_count
        compared = (
            self.tr("1 photo compared") if count == 1 else self.tr("%Ln photos compared", "", count)
        )
        if self._progress is not None and self._progress.phase is not IndexPhase.SCANNING:
            compared = self.tr("%1 so far").replace("%1", compared)
        took = self.tr("%1 ms").replace("%1", QLocale().toString(round(result.elapsed_ms)))
        self._compared.setText(compared + _SEPARATOR + took)
        self._compared.show()

    def _show(self) -> None:
        progress, status = self._progress, self._status
        self._bar.setVisible(progress is not None)
        self.stop_button.setVisible(progress is not None)
        if progress is not None:
            # Nothing known of the total: a bar that only says "busy".
            is_known = progress.phase is IndexPhase.INDEXING and progress.total > 0
            self._bar.setRange(0, progress.total if is_known else 0)
            self._bar.setValue(progress.done if is_known else 0)
            self._left.setText(self._progress_text(progress))
        elif status is not None:
            count = status.counts.photo_count
            self._left.setText(
                self.tr("1 photo") if count == 1 else self.tr("%Ln photos", "", count)
            )
        failed = max(
            status.counts.failure_count if status is not None else 0,
            progress.failed if progress is not None else 0,
        )
        self.problems_button.setVisible(failed > 0)
        self.problems_button.setText(
            self.tr("1 problem") if failed == 1 else self.tr("%Ln problems", "", failed)
        )
        if status is not None:
            self._model.setText(self._model_text(status))
            self._model.setToolTip(status.model_note)
            self._device.setText(status.device)
        for label in (self._model, self._device, self._compared):
            label.setVisible(bool(label.text()))

    def _model_text(self, status: LibraryStatus) -> str:
        if status.filling is None:
            return status.model_name
        known, missing = status.filling.vector_count, status.filling.missing_count
        percent = 100 * known // max(1, known + missing)
        return (
            self.tr("%1, until %2 is ready (%3 %)")
            .replace("%1", status.model_name)
            .replace("%2", status.filling.model_name)
            .replace("%3", str(percent))
        )

    def _progress_text(self, progress: IndexProgress) -> str:
        if progress.phase is IndexPhase.SCANNING:
            return self.tr("Looking for photos") + (
                _SEPARATOR + self.tr("%Ln found", "", progress.total) if progress.total else ""
            )
        if progress.phase is IndexPhase.LOADING_MODEL:
            return self.tr("Loading the model")
        locale = QLocale()
        parts = [
            self.tr("Indexing %1 of %2")
            .replace("%1", locale.toString(progress.done))
            .replace("%2", locale.toString(progress.total))
        ]
        if progress.photos_per_s > 0:
            digits = 0 if progress.photos_per_s >= 10 else 1
            rate = locale.toString(progress.photos_per_s, "f", digits)
            parts.append(self.tr("%1 photos/s").replace("%1", rate))
        if progress.eta_s is not None:
            parts.append(self._time_left(progress.eta_s))
        return _SEPARATOR.join(parts)

    def _time_left(self, eta_s: float) -> str:
        if eta_s < _MINUTE_S:
            return self.tr("%Ln s left", "", max(1, round(eta_s)))
        if eta_s < _HOUR_S:
            return self.tr("%Ln min left", "", round(eta_s / _MINUTE_S))
        return self.tr("%Ln h left", "", round(eta_s / _HOUR_S))

    @Slot()
    def _dress(self) -> None:
        self.stop_button.setIcon(glyph_icon("stop", self._theme.colour("mute"), 12))
