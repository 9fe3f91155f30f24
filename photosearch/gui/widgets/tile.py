"""Paints one tile of the grid: a photo cut to a square, its date, its marks. GUI thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from photosearch.gui.glyphs import glyph_pixmap
from photosearch.gui.models.photos import Look, capture_day
from photosearch.gui.theme import Theme

RADIUS_PX = 7
OUTLINE_PX = 3
OUTLINE_OFFSET_PX = 2
#: Ready tiles that are kept, in bytes: a few screens of them.
_READY_BYTES = 64 * 1024 * 1024
_CAPTION_INSET_PX = 8
_SHADE_PX = 40
#: A date fits into tiles from this side on.
_LEAST_CAPTIONED_PX = 96
_OFFLINE_OPACITY = 0.45
BUTTON_PX = 28
_BUTTON_INSET_PX = 6


@dataclass(frozen=True, slots=True)
class TileMarks:
    """What mouse, keyboard and selection do to a tile."""

    is_selected: bool = False
    is_current: bool = False
    is_hovered: bool = False
    is_button_hovered: bool = False


def button_rect(tile: QRect) -> QRect:
    """Where the "find similar" button lies on a tile under the mouse."""
    return QRect(
        tile.right() - BUTTON_PX - _BUTTON_INSET_PX + 1,
        tile.top() + _BUTTON_INSET_PX,
        BUTTON_PX,
        BUTTON_PX,
    )


class TilePainter:
    """Draws tiles; keeps the last ones cut and rounded, so that scrolling only copies."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._ready: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._mask = QPixmap()

    def paint(self, painter: QPainter, rect: QRect, look: Look, marks: TileMarks) -> None:
        """Draws one tile with its outline."""
        if look.thumbnail is not None:
            painter.drawPixmap(rect.topLeft(), self._tile(look, look.thumbnail, rect, painter))
        else:
            self.paint_skeleton(painter, rect)
            if look.has_no_thumbnail:
                self._paint_glyph(painter, rect, "picture", 32)
        if marks.is_hovered:
            self._paint_button(painter, button_rect(rect), is_hovered=marks.is_button_hovered)
        if marks.is_selected or marks.is_current:
            self._paint_outline(painter, rect, is_full=marks.is_selected)

    def paint_skeleton(self, painter: QPainter, rect: QRect) -> None:
        """Draws the place of a photo that has not come yet."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line"))
        painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)

    def _tile(self, look: Look, thumbnail: QPixmap, rect: QRect, painter: QPainter) -> QPixmap:
        """The photo with all that does not change while it is looked at."""
        ratio = painter.device().devicePixelRatio()
        taken = look.photo.facts.taken if look.photo is not None else None
        key = (look.photo_id, rect.width(), ratio, thumbnail.cacheKey(), taken, look.is_offline)
        tile = self._ready.get(key)
        if tile is not None:
            self._ready.move_to_end(key)
            return tile
        opacity = _OFFLINE_OPACITY if look.is_offline else 1.0
        tile = self._cut(thumbnail, round(rect.width() * ratio), ratio, opacity)
        inner = QRect(0, 0, rect.width(), rect.width())
        decorator = QPainter(tile)
        decorator.setRenderHint(QPainter.RenderHint.Antialiasing)
        decorator.setFont(painter.font())
        if look.photo is not None and rect.width() >= _LEAST_CAPTIONED_PX:
            caption = capture_day(look.photo)
            if caption:
                self._paint_caption(decorator, inner, caption)
        if look.is_offline:
            self._paint_badge(decorator, 6, 6, "offline")
        decorator.end()
        self._ready[key] = tile
        while len(self._ready) > max(1, _READY_BYTES // (4 * tile.width() * tile.height())):
            self._ready.popitem(last=False)
        return tile

    def _cut(self, thumbnail: QPixmap, side: int, ratio: float, opacity: float) -> QPixmap:
        """The middle of a photo as a square with round corners; `side` in device pixels."""
        shorter = min(thumbnail.width(), thumbnail.height())
        left, top = (thumbnail.width() - shorter) // 2, (thumbnail.height() - shorter) // 2
        square = thumbnail.copy(left, top, shorter, shorter).scaled(
            side,
            side,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        tile = QPixmap(side, side)
        tile.fill(Qt.GlobalColor.transparent)
        cutter = QPainter(tile)
        cutter.setOpacity(opacity)
        cutter.drawPixmap(0, 0, square)
        cutter.setOpacity(1.0)
        cutter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        cutter.drawPixmap(0, 0, self._round_mask(side, RADIUS_PX * ratio))
        cutter.end()
        tile.setDevicePixelRatio(ratio)
        return tile

    def _round_mask(self, side: int, radius: float) -> QPixmap:
        """A square with round corners; made once for a tile size."""
        if self._mask.width() != side:
            self._mask = QPixmap(side, side)
            self._mask.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._mask)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.black)
            painter.drawRoundedRect(QRectF(0, 0, side, side), radius, radius)
            painter.end()
        return self._mask

    def _paint_caption(self, painter: QPainter, rect: QRect, caption: str) -> None:
        """White on a shade that grows downwards, so that it reads on snow as on night."""
        shade = QRectF(rect.left(), rect.bottom() + 1 - _SHADE_PX, rect.width(), _SHADE_PX)
        gradient = QLinearGradient(shade.topLeft(), shade.bottomLeft())
        gradient.setColorAt(0, QColor(0, 0, 0, 0))
        gradient.setColorAt(1, QColor(0, 0, 0, 150))
        path = QPainterPath()
        path.addRoundedRect(QRectF(rect), RADIUS_PX, RADIUS_PX)
        clip = QPainterPath()
        clip.addRect(shade)
        painter.fillPath(path.intersected(clip), gradient)
        font = QFont(painter.font())
        if font.pixelSize() > 0:
            font.setPixelSize(font.pixelSize() - 2)
        else:
            font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.save()
        painter.setFont(font)
        baseline = QPointF(rect.left() + _CAPTION_INSET_PX, rect.bottom() - _CAPTION_INSET_PX)
        painter.setPen(QColor(0, 0, 0, 160))
        painter.drawText(baseline + QPointF(0, 1), caption)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(baseline, caption)
        painter.restore()

    def _paint_outline(self, painter: QPainter, rect: QRect, *, is_full: bool) -> None:
        """3 px for a selected tile, 1 px for the one the keyboard is at, both 2 px away."""
        width = OUTLINE_PX if is_full else 1
        reach = OUTLINE_OFFSET_PX + width / 2
        outline = QRectF(rect).adjusted(-reach, -reach, reach, reach)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("accent"), width))
        painter.drawRoundedRect(outline, RADIUS_PX + reach, RADIUS_PX + reach)

    def _paint_button(self, painter: QPainter, rect: QRect, *, is_hovered: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent") if is_hovered else QColor(0, 0, 0, 150))
        painter.drawRoundedRect(rect, 8, 8)
        ink = self._theme.colour("on_accent") if is_hovered else QColor(Qt.GlobalColor.white)
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect.left() + 6, rect.top() + 6, glyph_pixmap("similar", ink, 16, ratio))

    def _paint_badge(self, painter: QPainter, left: int, top: int, glyph: str) -> None:
        badge = QRect(left, top, 24, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(badge, 6, 6)
        white = QColor(Qt.GlobalColor.white)
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(left + 5, top + 5, glyph_pixmap(glyph, white, 14, ratio))

    def _paint_glyph(self, painter: QPainter, rect: QRect, glyph: str, side_px: int) -> None:
        ratio = painter.device().devicePixelRatio()
        corner = rect.center() - QRect(0, 0, side_px, side_px).center()
        painter.drawPixmap(corner, glyph_pixmap(glyph, self._theme.colour("mute"), side_px, ratio))
