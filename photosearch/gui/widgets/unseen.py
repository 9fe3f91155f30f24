"""The tile of a photo whose thumbnail has not come, or is not made yet. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from photosearch.gui.models.look import Look
from photosearch.gui.photo_words import capture_day
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.badges import paint_badge, paint_glyph

RADIUS_PX = 7
CAPTION_INSET_PX = 8
#: A date fits into tiles from this side on.
LEAST_CAPTIONED_PX = 96
OFFLINE_OPACITY = 0.45
#: Around the shape of the photo: room for its date below.
_INSET_PX = 24
_LEAST_PX = 12
_GLYPH_PX = 24
_LONE_GLYPH_PX = 32


def paint_unseen(painter: QPainter, rect: QRect, look: Look, theme: Theme) -> None:
    """Draws the shape of a photo and its date onto its empty tile, as far as they are known.

    Args:
        painter: Draws on the view.
        rect: The tile, whose ground is there.
        look: What is known.
        theme: Colours.
    """
    photo, mute = look.photo, theme.colour("mute")
    if photo is None:
        if look.has_no_thumbnail:
            paint_glyph(painter, rect, "picture", _LONE_GLYPH_PX, mute)
        return
    painter.setOpacity(OFFLINE_OPACITY if look.is_offline else 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("panel"))
    shape = shape_in(rect, photo.facts.width_px, photo.facts.height_px)
    painter.drawRoundedRect(shape, RADIUS_PX / 2, RADIUS_PX / 2)
    if look.has_no_thumbnail:
        paint_glyph(painter, rect, "picture", _GLYPH_PX, mute)
    painter.setOpacity(1.0)
    caption = capture_day(photo)
    if caption and rect.width() >= LEAST_CAPTIONED_PX:
        painter.save()
        painter.setFont(caption_font(painter.font()))
        painter.setPen(mute)
        place = rect.adjusted(CAPTION_INSET_PX, 0, -CAPTION_INSET_PX, -CAPTION_INSET_PX // 2)
        painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, caption)
        painter.restore()
    if look.is_offline:
        paint_badge(painter, rect.left() + 6, rect.top() + 6, "offline")


def caption_font(font: QFont) -> QFont:
    """The font of what stands on tiles: a little smaller than the view's."""
    small = QFont(font)
    if small.pixelSize() > 0:
        small.setPixelSize(small.pixelSize() - 2)
    else:
        small.setPointSizeF(small.pointSizeF() * 0.85)
    return small


def shape_in(rect: QRect, width_px: int, height_px: int) -> QRectF:
    """Where a photo of these sides lies within its tile, seen whole; square where unknown."""
    side = rect.width() - 2 * _INSET_PX
    longest = max(width_px, height_px)
    is_known = width_px > 0 and height_px > 0
    # A panorama is still to be seen as something.
    width = max(side * width_px / longest, _LEAST_PX) if is_known else side
    height = max(side * height_px / longest, _LEAST_PX) if is_known else side
    centre = QRectF(rect).center()
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
