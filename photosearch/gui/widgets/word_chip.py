"""One part of a query as it was understood: words and a cross. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from photosearch.core.chip import Chip, ChipKind
from photosearch.gui.glyphs import glyph_icon
from photosearch.gui.stylesheet import CHIP_PX
from photosearch.gui.theme import Theme

_MAX_LABEL_PX = 240


class WordChip(QFrame):
    """Shows a chip and lets it be removed, by its cross or by Delete.

    Signals:
        removed(Chip): It is not wanted.
    """

    removed = Signal(object)

    def __init__(self, chip: Chip, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("wordChip")
        self.setProperty("kind", chip.kind.value)
        self._chip, self._theme = chip, theme
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        elide = Qt.TextElideMode.ElideRight
        shown = self._label.fontMetrics().elidedText(chip.label, elide, _MAX_LABEL_PX)
        self._label.setText(shown)
        self.remove_button = QToolButton(self)
        self.remove_button.setIconSize(QSize(12, 12))
        self.remove_button.setFixedSize(16, 16)
        self.remove_button.setAccessibleName(
            self.tr("Remove “%1” from the search").replace("%1", chip.label)
        )
        self.remove_button.setToolTip(self.tr("Search without this"))
        self.setToolTip(self._told())
        self.setAccessibleName(chip.label)
        self.setFocusProxy(self.remove_button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 0, 5, 0)
        layout.setSpacing(5)
        layout.addWidget(self._label)
        layout.addWidget(self.remove_button)
        self.setFixedHeight(CHIP_PX)
        self.remove_button.clicked.connect(self._remove)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def chip(self) -> Chip:
        """What it shows."""
        return self._chip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace remove the chip whose cross has the focus."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove()
            return
        super().keyPressEvent(event)

    def _told(self) -> str:
        if not self._chip.is_guess:
            return self._chip.source
        text = self.tr("Read from your words. As a filter: %1")
        return text.replace("%1", self._chip.source)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self._chip)

    @Slot()
    def _dress(self) -> None:
        ink = {ChipKind.EXCLUDED: "negative", ChipKind.FILTER: "text"}.get(
            self._chip.kind, "accent"
        )
        self.remove_button.setIcon(glyph_icon("close", self._theme.colour(ink), 12))
