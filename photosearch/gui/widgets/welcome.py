"""What an empty library shows: what this is, and two ways to begin. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.gui.glyphs import glyph_pixmap
from photosearch.gui.theme import Theme

_WIDTH_PX = 620
_MARK_PX = 28
#: Takes all the width it may have before the stretches get any.
_GREEDY = 1000


class Welcome(QWidget):
    """The offer.

    Signals:
        add_folder_clicked(): The user's own folder is to be added.
        sample_clicked(): The sample library is to be added.
    """

    add_folder_clicked = Signal()
    sample_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mark = QLabel(self)
        headline = QLabel(self.tr("Find any photo by what is in it"), self)
        headline.setObjectName("welcomeHeadline")
        headline.setWordWrap(True)
        subtitle = QLabel(
            self.tr("In your words, in your language, or with a picture. ")
            + self.tr("Everything stays on this computer."),
            self,
        )
        subtitle.setObjectName("welcomeSubtitle")
        subtitle.setWordWrap(True)
        self.add_button = QPushButton(self.tr("Add a photo folder…"), self)
        self.add_button.setProperty("primary", "true")
        self.sample_button = QPushButton(self.tr("Try the sample library"), self)
        hint = QLabel(
            self.tr("Or drop a folder here. Your photos are only read, never changed or moved."),
            self,
        )
        hint.setObjectName("messageText")
        hint.setWordWrap(True)

        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._mark)
        head.addWidget(headline, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.sample_button)
        buttons.addStretch(1)
        # No alignment on wrapped labels: their height would be that of a single line.
        block = QWidget(self)
        block.setMaximumWidth(_WIDTH_PX)
        inner = QVBoxLayout(block)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addStretch(1)
        inner.addLayout(head)
        inner.addSpacing(10)
        inner.addWidget(subtitle)
        inner.addSpacing(24)
        inner.addLayout(buttons)
        inner.addSpacing(16)
        inner.addWidget(hint)
        inner.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        outer.addWidget(block, _GREEDY)
        outer.addStretch(1)
        self.add_button.clicked.connect(self.add_folder_clicked)
        self.sample_button.clicked.connect(self.sample_clicked)
        theme.changed.connect(self._dress)
        self._dress()

    @Slot()
    def _dress(self) -> None:
        ratio = self.devicePixelRatioF()
        text = self._theme.colour("text")
        self._mark.setPixmap(glyph_pixmap("brand", text, _MARK_PX, ratio))
