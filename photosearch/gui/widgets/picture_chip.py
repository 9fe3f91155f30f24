"""The example picture as it stands in the search box: small picture, name, cross. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from photosearch.gui.example import Example
from photosearch.gui.glyphs import glyph_icon, glyph_pixmap
from photosearch.gui.stylesheet import CHIP_PX
from photosearch.gui.theme import Theme

_PICTURE_PX = 18
_MAX_LABEL_PX = 160


class PictureChip(QFrame):
    """Shows an example and lets it be removed.

    Signals:
        removed(): The cross was pressed.
    """

    removed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self._theme = theme
        self._example: Example | None = None
        self._picture = QLabel(self)
        self._label = QLabel(self)
        self._remove_button = QToolButton(self)
        self._remove_button.setIconSize(QSize(12, 12))
        self._remove_button.setFixedSize(16, 16)
        self._remove_button.setToolTip(self.tr("Search without this picture"))
        self._remove_button.setAccessibleName(self.tr("Remove the picture from the search"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 5, 0)
        layout.setSpacing(6)
        for widget in (self._picture, self._label, self._remove_button):
            layout.addWidget(widget)
        self.setFixedHeight(CHIP_PX)
        self._remove_button.clicked.connect(self.removed)
        theme.changed.connect(self._dress)
        self.set_example(None)

    @property
    def text(self) -> str:
        """What the chip says."""
        return self._label.text()

    def set_example(self, example: Example | None) -> None:
        """Shows an example; None hides the chip."""
        self._example = example
        self.setVisible(example is not None)
        if example is not None:
            metrics, elide = self._label.fontMetrics(), Qt.TextElideMode.ElideMiddle
            self._label.setText(metrics.elidedText(example.label, elide, _MAX_LABEL_PX))
            self.setToolTip(example.label)
        self._dress()

    @Slot()
    def _dress(self) -> None:
        accent, ratio = self._theme.colour("accent"), self.devicePixelRatioF()
        self._remove_button.setIcon(glyph_icon("close", accent, 12))
        if self._example is None:
            return
        if self._example.preview.isNull():
            self._picture.setPixmap(glyph_pixmap("picture", accent, _PICTURE_PX, ratio))
        else:
            self._picture.setPixmap(_rounded(self._example.preview, ratio))


def _rounded(image: QImage, ratio: float) -> QPixmap:
    """The middle of a picture as a small square with round corners."""
    side = round(_PICTURE_PX * ratio)
    covering = image.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left, top = (covering.width() - side) // 2, (covering.height() - side) // 2
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(covering.copy(left, top, side, side)))
    painter.drawRoundedRect(QRectF(0, 0, side, side), 4 * ratio, 4 * ratio)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
