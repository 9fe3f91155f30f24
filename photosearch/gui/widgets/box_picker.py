"""A picture on which a box is drawn, by mouse or by keys. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from photosearch.core.query import Box
from photosearch.gui.theme import Theme

#: The box before anybody has drawn one: the middle.
_FIRST_BOX = QRectF(0.25, 0.25, 0.5, 0.5)
#: A smaller box shows nothing that a model could recognise.
LEAST_SHARE = 0.04
_KEY_STEP = 0.02
_DIRECTIONS = {
    Qt.Key.Key_Left: QPointF(-_KEY_STEP, 0),
    Qt.Key.Key_Right: QPointF(_KEY_STEP, 0),
    Qt.Key.Key_Up: QPointF(0, -_KEY_STEP),
    Qt.Key.Key_Down: QPointF(0, _KEY_STEP),
}


class BoxPicker(QWidget):
    """Shows the whole picture; what lies outside of the box is dimmed.

    Arrow keys move the box, with Shift they make it larger or smaller.

    Signals:
        picked(): Enter was pressed.
    """

    picked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self._box = QRectF(_FIRST_BOX)
        self._pressed_at: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(QSize(320, 240))
        self.setAccessibleName(self.tr("Part of the picture"))
        self.setAccessibleDescription(
            self.tr("Arrow keys move the box, with Shift they change its size.")
        )

    @property
    def image(self) -> QImage:
        """The picture."""
        return self._image

    @property
    def box(self) -> Box:
        """The part that is meant."""
        box = self._box
        return Box(box.left(), box.top(), box.right(), box.bottom())

    def set_image(self, image: QImage) -> None:
        """Shows a picture; the box stays."""
        self._image = image
        self.update()

    def reset(self) -> None:
        """Puts the box into the middle."""
        self._box = QRectF(_FIRST_BOX)
        self.update()

    def cropped(self) -> QImage:
        """What is in the box."""
        size = QSizeF(self._image.size())
        left, top = self._box.left() * size.width(), self._box.top() * size.height()
        width, height = self._box.width() * size.width(), self._box.height() * size.height()
        return self._image.copy(int(left), int(top), max(1, int(width)), max(1, int(height)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a box."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = self._share(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draws the box from where the button was pressed."""
        if self._pressed_at is None:
            return
        drawn = QRectF(self._pressed_at, self._share(event.position())).normalized()
        if drawn.width() >= LEAST_SHARE and drawn.height() >= LEAST_SHARE:
            self._box = drawn
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the box."""
        self._pressed_at = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves the box, or makes it larger or smaller."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit()
            return
        step = _DIRECTIONS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        box = QRectF(self._box)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            box.setRight(min(1.0, max(box.left() + LEAST_SHARE, box.right() + step.x())))
            box.setBottom(min(1.0, max(box.top() + LEAST_SHARE, box.bottom() + step.y())))
        else:
            box.moveLeft(min(max(0.0, box.left() + step.x()), 1.0 - box.width()))
            box.moveTop(min(max(0.0, box.top() + step.y()), 1.0 - box.height()))
        self._box = box
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the picture, dimmed outside of the box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place()
        if self._image.isNull():
            painter.setPen(self._theme.colour("mute"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Loading…"))
            return
        painter.drawImage(place, self._image)
        box = QRectF(
            place.left() + self._box.left() * place.width(),
            place.top() + self._box.top() * place.height(),
            self._box.width() * place.width(),
            self._box.height() * place.height(),
        )
        painter.save()
        painter.setClipRect(place)
        painter.setPen(QPen(QColor(0, 0, 0, 0)))
        shade = QColor(0, 0, 0, 130)
        for part in (
            QRectF(place.left(), place.top(), place.width(), box.top() - place.top()),
            QRectF(place.left(), box.bottom(), place.width(), place.bottom() - box.bottom()),
            QRectF(place.left(), box.top(), box.left() - place.left(), box.height()),
            QRectF(box.right(), box.top(), place.right() - box.right(), box.height()),
        ):
            painter.fillRect(part, shade)
        painter.restore()
        painter.setPen(QPen(self._theme.colour("highlight"), 2))
        painter.drawRect(box)

    def _place(self) -> QRectF:
        """Where the picture lies in the widget."""
        size = QSizeF(self._image.size())
        size.scale(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(QPointF(left, top), size)

    def _share(self, point: QPointF) -> QPointF:
        """A point of the widget as shares of the picture, kept inside of it."""
        place = self._place()
        x = (point.x() - place.left()) / max(1.0, place.width())
        y = (point.y() - place.top()) / max(1.0, place.height())
        return QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
