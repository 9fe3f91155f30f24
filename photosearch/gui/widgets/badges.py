"""Small marks on tiles: a glyph on a shade, a glyph by itself. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from photosearch.gui.glyphs import glyph_pixmap

BADGE_PX = 24
#: Below what is drawn on photos, so that it reads on snow, too.
SHADE = QColor(0, 0, 0, 150)


def paint_badge(painter: QPainter, left: int, top: int, glyph: str, width: int = BADGE_PX) -> None:
    """Draws a glyph on a shade; what stands beside it is for the caller."""
    badge = QRect(left, top, width, BADGE_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(SHADE)
    painter.drawRoundedRect(badge, 6, 6)
    white = QColor(Qt.GlobalColor.white)
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(left + 5, top + 5, glyph_pixmap(glyph, white, 14, ratio))


def paint_glyph(painter: QPainter, rect: QRect, glyph: str, side_px: int, ink: QColor) -> None:
    """Draws a glyph in the middle of a place."""
    ratio = painter.device().devicePixelRatio()
    corner = rect.center() - QRect(0, 0, side_px, side_px).center()
    painter.drawPixmap(corner, glyph_pixmap(glyph, ink, side_px, ratio))
