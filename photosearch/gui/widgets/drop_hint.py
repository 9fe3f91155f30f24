"""What appears over the window while something is dragged across it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from photosearch.gui.theme import Theme

_INSET_PX = 8
_RADIUS_PX = 10


class DropHint(QWidget):
    """A frame with a sentence; takes no events."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Shows the hint over the whole parent."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws ground, frame and sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._theme.colour("accent_ground")
        ground.setAlphaF(0.92)
        painter.setBrush(ground)
        painter.setPen(QPen(self._theme.colour("accent"), 2))
        inset = _INSET_PX
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        painter.setPen(self._theme.colour("text"))
        text = self.tr("Drop a picture to search by it, or a folder to add it")
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)
