"""The own glyphs, tinted with a colour of the theme. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from photosearch import resources

#: Device pixel ratios that icons are made for; Qt scales between them.
_RATIOS = (1, 2, 3)


def glyph_pixmap(name: str, colour: QColor, side_px: int, ratio: float = 1.0) -> QPixmap:
    """A glyph in one colour.

    Args:
        name: File name in resources/icons without its suffix.
        colour: Replaces the black it is drawn in.
        side_px: Side in device-independent pixels.
        ratio: Device pixels per such a pixel.
    """
    # Qt's own cache: a frame draws dozens of them.
    key = f"glyph/{name}/{colour.rgba():x}/{side_px}/{ratio}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(round(side_px * ratio), round(side_px * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(str(resources.icon(name))).render(painter, QRectF(pixmap.rect()))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def glyph_icon(name: str, colour: QColor, side_px: int = 16) -> QIcon:
    """A glyph for a button, sharp at every usual scale."""
    icon = QIcon()
    for ratio in _RATIOS:
        icon.addPixmap(glyph_pixmap(name, colour, side_px, ratio))
    return icon
