"""The buttons on a tile under the mouse, and where they lie."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPoint, QRect

BUTTON_PX = 28
_INSET_PX = 6
_GAP_PX = 4


class TileButton(Enum):
    """What can be pressed on a tile under the mouse, from right to left."""

    SIMILAR = 0
    FAVOURITE = 1


def button_rect(tile: QRect, button: TileButton = TileButton.SIMILAR) -> QRect:
    """Where a button lies on a tile under the mouse."""
    distance = _INSET_PX + button.value * (BUTTON_PX + _GAP_PX)
    return QRect(
        tile.right() - BUTTON_PX - distance + 1, tile.top() + _INSET_PX, BUTTON_PX, BUTTON_PX
    )


def button_at(tile: QRect, point: QPoint) -> TileButton | None:
    """The button of a tile below a point."""
    return next((it for it in TileButton if button_rect(tile, it).contains(point)), None)
