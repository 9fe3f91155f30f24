"""A word or phrase with a cross to take it away. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from photosearch.core.chip import ChipKind
from photosearch.gui.glyphs import glyph_icon
from photosearch.gui.stylesheet import CHIP_PX
from photosearch.gui.theme import Theme

_MAX_LABEL_PX = 240
_INKS = {ChipKind.CONCEPT: "accent", ChipKind.EXCLUDED: "negative", ChipKind.FILTER: "text"}


class WordChip(QFrame):
    """Shows words and lets them be removed, by the cross or by Delete.

    Signals:
        removed(): They are not wanted.
    """

    removed = Signal()

    def __init__(
        self,
        label: str,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        kind: ChipKind = ChipKind.CONCEPT,
        told: str = "",
        remove_name: str = "",
    ) -> None:
        """Makes a chip.

        Args:
            label: What it says.
            theme: Colours.
            parent: Qt owner.
            kind: Decides its colours.
            told: Its tooltip.
            remove_name: What the cross does, for assistive technology and its tooltip.
        """
        super().__init__(parent)
        self.setObjectName("wordChip")
        self.setProperty("kind", kind.value)
        self._kind, self._theme = kind, theme
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        elide = Qt.TextElideMode.ElideRight
        self._label.setText(self._label.fontMetrics().elidedText(label, elide, _MAX_LABEL_PX))
        self.remove_button = QToolButton(self)
        self.remove_button.setIconSize(QSize(12, 12))
        self.remove_button.setFixedSize(16, 16)
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.setAccessibleName(remove_name)
        self.remove_button.setToolTip(remove_name)
        self.setToolTip(told)
        self.setAccessibleName(label)
        self.setFocusProxy(self.remove_button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 0, 5, 0)
        layout.setSpacing(5)
        layout.addWidget(self._label)
        layout.addWidget(self.remove_button)
        self.setFixedHeight(CHIP_PX)
        self.remove_button.clicked.connect(self.removed)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace remove the chip whose cross has the focus."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

    @Slot()
    def _dress(self) -> None:
        colour = self._theme.colour(_INKS[self._kind])
        self.remove_button.setIcon(glyph_icon("close", colour, 12))
