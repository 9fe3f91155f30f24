"""A flat button that gives way: too long a text ends in dots instead of widening the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

#: So much of a text stays in the narrowest window.
_LEAST_PX = 96
#: Left and right of the text, as in the stylesheet.
_PADDING_PX = 6


class ElidedButton(QToolButton):
    """One line of text; where it does not fit, the whole of it is for the tooltip to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Little will do."""
        whole = super().minimumSizeHint()
        return QSize(min(_LEAST_PX, whole.width()), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what fits."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        width_px = self.width() - 2 * _PADDING_PX
        option.text = self.fontMetrics().elidedText(
            option.text, Qt.TextElideMode.ElideRight, width_px
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
