"""A page that says why there are no photos to see, with one way on. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDTH_PX = 520
#: Takes all the width it may have before the stretches get any.
_GREEDY = 1000


class MessagePage(QWidget):
    """Headline, a sentence, one button.

    Signals:
        acted(): The button was pressed.
    """

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headline = QLabel(self)
        self._headline.setObjectName("messageHeadline")
        self._text = QLabel(self)
        self._text.setObjectName("messageText")
        for label in (self._headline, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton(self)
        # No alignment on wrapped labels: their height would be that of a single line.
        block = QWidget(self)
        block.setMaximumWidth(_WIDTH_PX)
        column = QVBoxLayout(block)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self._headline)
        column.addWidget(self._text)
        column.addSpacing(12)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(block, _GREEDY)
        outer.addStretch(1)
        self.button.clicked.connect(self.acted)

    @property
    def text(self) -> str:
        """Everything the page says."""
        return f"{self._headline.text()}\n{self._text.text()}"

    def set_message(self, headline: str, text: str, action: str = "") -> None:
        """Says something.

        Args:
            headline: What is the matter.
            text: What to do or expect.
            action: Text of the button, "" for none.
        """
        self._headline.setText(headline)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button.setText(action)
        self.button.setVisible(bool(action))
