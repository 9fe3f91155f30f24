"""How far work on files is, with a way to stop it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from photosearch.embed.bytes_meter import BytesProgress
from photosearch.gui import model_words
from photosearch.gui.theme import tabular

_BAR_PX = 6
#: A bar of whole bytes would overflow Qt's 32 bits.
_STEPS = 1000


class WorkBar(QWidget):
    """Bar, bytes, rate, time left, Cancel.

    Signals:
        cancel_clicked(): It is to stop.
    """

    cancel_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = QProgressBar(self)
        self._bar.setFixedHeight(_BAR_PX)
        self._bar.setTextVisible(False)
        self._text = QLabel(self)
        self._text.setObjectName("modelFacts")
        self._text.setFont(tabular(self._text.font()))
        self.cancel_button = QPushButton(self)
        self.cancel_button.setToolTip(self.tr("What has come is kept; it goes on from there"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._text)
        layout.addWidget(self.cancel_button)
        self.cancel_button.clicked.connect(self._on_cancel)
        self.end()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def begin(self, what: str) -> None:
        """Shows itself; nothing is known yet.

        Args:
            what: What is being done, for assistive technology.
        """
        self._bar.setAccessibleName(what)
        self._bar.setRange(0, 0)
        self._text.setText(what)
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setEnabled(True)
        self.setVisible(True)

    def show_progress(self, now: BytesProgress) -> None:
        """Shows how far it is."""
        if now.total_bytes:
            self._bar.setRange(0, _STEPS)
            self._bar.setValue(_STEPS * now.done_bytes // now.total_bytes)
            self._text.setText(model_words.progress(now))

    def end(self) -> None:
        """Hides itself."""
        self._bar.setRange(0, _STEPS)  # a bar without a range moves for ever
        self.setVisible(False)

    @Slot()
    def _on_cancel(self) -> None:
        self.cancel_button.setText(self.tr("Stopping…"))
        self.cancel_button.setEnabled(False)
        self.cancel_clicked.emit()
