"""Paints one tile of the grid: a photo cut to a square, its date, its marks. GUI thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontInfo,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from photosearch.core.userdata import NOTHING_SAID
from photosearch.gui.glyphs import glyph_pixmap
from photosearch.gui.models.look import Look
from photosearch.gui.photo_words import capture_day
from photosearch.gui.theme import Theme, tabular
from photosearch.gui.widgets.badges import BADGE_PX, SHADE, paint_badge
from photosearch.gui.widgets.tile_buttons import TileButton, button_rect
from photosearch.gui.widgets.unseen import (
    CAPTION_INSET_PX,
    LEAST_CAPTIONED_PX,
    OFFLINE_OPACITY,
    RADIUS_PX,
    caption_font,
    paint_unseen,
)

OUTLINE_PX = 3
OUTLINE_OFFSET_PX = 2
#: Ready tiles that are kept, in bytes: a few screens of them.
_READY_BYTES = 64 * 1024 * 1024
_SHADE_PX = 40
#: Below the words of a heading.
_HEADING_DEPTH_PX = 14


@dataclass(frozen=True, slots=True)
class TileMarks:
    """What mouse, keyboard and selection do to a tile."""

    is_selected: bool = False
    is_current: bool = False
    is_hovered: bool = False
    hovered_button: TileButton | None = None


class TilePainter:
    """Draws tiles; keeps the last ones cut and rounded, so that scrolling only copies."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._ready: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def paint(
        self, painter: QPainter, rect: QRect, look: Look, marks: TileMarks, *, may_make: bool = True
    ) -> bool:
        """Draws one tile with its outline.

        Args:
            painter: Draws on the view.
            rect: Where.
            look: What the tile shows.
            marks: What mouse, keys and selection do to it.
            may_make: There is time to make a tile that is not ready; else its photo is drawn
                roughly.

        Returns:
            False where it was drawn roughly.
        """
        is_fine = True
        if look.thumbnail is not None:
            is_fine = self._paint_photo(painter, rect, look, look.thumbnail, may_make=may_make)
        else:
            self.paint_skeleton(painter, rect)
            paint_unseen(painter, rect, look, self._theme)
        if marks.is_hovered:
            self._paint_buttons(painter, rect, look, marks.hovered_button)
        elif look.burst_count > 1:
            self._paint_burst(painter, rect, look.burst_count)
        if marks.is_selected or marks.is_current:
            self._paint_outline(painter, rect, is_full=marks.is_selected)
        return is_fine

    def paint_skeleton(self, painter: QPainter, rect: QRect) -> None:
        """Draws the place of a photo that has not come yet."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line"))
        painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)

    def _paint_photo(
        self, painter: QPainter, rect: QRect, look: Look, thumbnail: QPixmap, *, may_make: bool
    ) -> bool:
        ratio = painter.device().devicePixelRatio()
        if may_make or _tile_key(look, thumbnail, rect.width(), ratio) in self._ready:
            tile = self._tile(look, thumbnail, rect.width(), ratio, painter.font())
            painter.drawPixmap(rect.topLeft(), tile)
            return True
        painter.setOpacity(OFFLINE_OPACITY if look.is_offline else 1.0)
        painter.drawPixmap(rect, thumbnail, _middle(thumbnail))
        painter.setOpacity(1.0)
        return False

    def prepare(self, look: Look, side_px: int, ratio: float, font: QFont) -> bool:
        """Makes a tile that will be drawn soon; False where it is ready, or cannot be made yet.

        Args:
            look: What it shows.
            side_px: Its side.
            ratio: Device pixels per such a pixel.
            font: Of its caption.
        """
        thumbnail = look.thumbnail
        if thumbnail is None or look.photo is None:
            return False
        if _tile_key(look, thumbnail, side_px, ratio) in self._ready:
            return False
        self._tile(look, thumbnail, side_px, ratio, font)
        return True

    def _tile(
        self, look: Look, thumbnail: QPixmap, side_px: int, ratio: float, font: QFont
    ) -> QPixmap:
        """The photo with all that does not change while it is looked at."""
        key = _tile_key(look, thumbnail, side_px, ratio)
        tile = self._ready.get(key)
        if tile is not None:
            self._ready.move_to_end(key)
            return tile
        photo = look.photo
        user = photo.user if photo is not None else NOTHING_SAID
        opacity = OFFLINE_OPACITY if look.is_offline else 1.0
        tile = self._cut(thumbnail, round(side_px * ratio), ratio, opacity)
        decorator = QPainter(tile)
        decorator.setRenderHint(QPainter.RenderHint.Antialiasing)
        decorator.setFont(font)
        if photo is not None and side_px >= LEAST_CAPTIONED_PX:
            caption, stars = capture_day(photo), f"{user.rating} ★" if user.rating else ""
            if caption or stars:
                self._paint_caption(decorator, QRect(0, 0, side_px, side_px), caption, stars)
        badges = {"offline": look.is_offline, "heart-full": user.is_favourite}
        for number, glyph in enumerate(name for name, is_shown in badges.items() if is_shown):
            paint_badge(decorator, 6 + number * (BADGE_PX + 4), 6, glyph)
        decorator.end()
        self._ready[key] = tile
        while len(self._ready) > max(1, _READY_BYTES // (4 * tile.width() * tile.height())):
            self._ready.popitem(last=False)
        return tile

    def _cut(self, thumbnail: QPixmap, side: int, ratio: float, opacity: float) -> QPixmap:
        """The middle of a photo as a square with round corners; `side` in device pixels."""
        square = thumbnail.copy(_middle(thumbnail)).scaled(
            side,
            side,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        tile = QPixmap(side, side)
        tile.fill(Qt.GlobalColor.transparent)
        cutter = QPainter(tile)
        cutter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cutter.setOpacity(opacity)
        cutter.setPen(Qt.PenStyle.NoPen)
        cutter.setBrush(QBrush(square))  # a mask would cost five times as much
        cutter.drawRoundedRect(QRectF(0, 0, side, side), RADIUS_PX * ratio, RADIUS_PX * ratio)
        cutter.end()
        tile.setDevicePixelRatio(ratio)
        return tile

    def _paint_caption(self, painter: QPainter, rect: QRect, caption: str, stars: str) -> None:
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
        painter.save()
        painter.setFont(caption_font(painter.font()))
        baseline = QPointF(rect.left() + CAPTION_INSET_PX, rect.bottom() - CAPTION_INSET_PX)
        stars_px = painter.fontMetrics().horizontalAdvance(stars)
        right = QPointF(rect.right() + 1 - CAPTION_INSET_PX - stars_px, baseline.y())
        for ink, shift_px in ((QColor(0, 0, 0, 160), 1), (QColor(Qt.GlobalColor.white), 0)):
            painter.setPen(ink)
            painter.drawText(baseline + QPointF(0, shift_px), caption)
            painter.drawText(right + QPointF(0, shift_px), stars)
        painter.restore()

    def _paint_outline(self, painter: QPainter, rect: QRect, *, is_full: bool) -> None:
        """3 px for a selected tile, 1 px for the one the keyboard is at, both 2 px away."""
        width = OUTLINE_PX if is_full else 1
        reach = OUTLINE_OFFSET_PX + width / 2
        outline = QRectF(rect).adjusted(-reach, -reach, reach, reach)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("accent"), width))
        painter.drawRoundedRect(outline, RADIUS_PX + reach, RADIUS_PX + reach)

    def _paint_buttons(
        self, painter: QPainter, tile: QRect, look: Look, hovered: TileButton | None
    ) -> None:
        is_favourite = look.photo is not None and look.photo.user.is_favourite
        glyphs = {
            TileButton.SIMILAR: "similar",
            TileButton.FAVOURITE: "heart-full" if is_favourite else "heart",
        }
        ratio = painter.device().devicePixelRatio()
        for button, glyph in glyphs.items():
            rect, is_hovered = button_rect(tile, button), button is hovered
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent") if is_hovered else SHADE)
            painter.drawRoundedRect(rect, 8, 8)
            ink = self._theme.colour("on_accent") if is_hovered else QColor(Qt.GlobalColor.white)
            pixmap = glyph_pixmap(glyph, ink, 16, ratio)
            painter.drawPixmap(rect.left() + 6, rect.top() + 6, pixmap)

    def _paint_burst(self, painter: QPainter, tile: QRect, count: int) -> None:
        """How many photos more a tile stands for, at its upper right."""
        text = f"+{QLocale().toString(count - 1)}"
        width = painter.fontMetrics().horizontalAdvance(text) + 30
        left = tile.right() + 1 - 6 - width
        badge = QRect(left, tile.top() + 6, width, BADGE_PX)
        paint_badge(painter, left, tile.top() + 6, "burst", width)
        painter.setPen(Qt.GlobalColor.white)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(badge.adjusted(23, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, text)

    def paint_heading(self, painter: QPainter, rect: QRect, title: str, count: str) -> None:
        """Draws the name of a band and how many photos are in it, as above the grid."""
        plain = painter.font()
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        strong.setPixelSize(QFontInfo(plain).pixelSize() + 2)
        baseline = rect.bottom() - _HEADING_DEPTH_PX
        painter.setFont(strong)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(rect.left(), baseline, title)
        left = rect.left() + painter.fontMetrics().horizontalAdvance(title) + 8
        painter.setFont(tabular(plain))
        painter.setPen(self._theme.colour("mute"))
        painter.drawText(left, baseline, count)
        painter.setFont(plain)


def _middle(thumbnail: QPixmap) -> QRect:
    """The square in the middle of a picture."""
    side = min(thumbnail.width(), thumbnail.height())
    return QRect((thumbnail.width() - side) // 2, (thumbnail.height() - side) // 2, side, side)


def _tile_key(look: Look, thumbnail: QPixmap, side_px: int, ratio: float) -> Hashable:
    """All that a tile's look depends on."""
    photo = look.photo
    taken = photo.facts.taken if photo is not None else None
    said = (photo.user.is_favourite, photo.user.rating) if photo is not None else None
    return (look.photo_id, thumbnail.cacheKey(), taken, look.is_offline, said, side_px, ratio)
