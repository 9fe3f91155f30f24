"""Where the tiles of a grid lie: plain arithmetic, the same cost for ten photos or a million."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect

GAP_PX = 8
MIN_TILE_PX = 96
MAX_TILE_PX = 320


@dataclass(frozen=True, slots=True)
class GridGeometry:
    """Square tiles in rows that fill the width. Coordinates are those of the whole content.

    Attributes:
        width_px: Width of the view.
        count: Number of tiles.
        wanted_tile_px: Least side of a tile; rows are filled by growing the tiles.
        left_px: Free space on the left.
        right_px: Free space on the right.
        top_px: Free space above the first and below the last row.
        columns: Tiles in a row.
        tile_px: Side of a tile.
    """

    width_px: int
    count: int
    wanted_tile_px: int
    left_px: int = 0
    right_px: int = 0
    top_px: int = 0
    columns: int = field(init=False)
    tile_px: int = field(init=False)

    def __post_init__(self) -> None:
        inner_px = max(1, self.width_px - self.left_px - self.right_px)
        columns = max(1, (inner_px + GAP_PX) // (self.wanted_tile_px + GAP_PX))
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "tile_px", max(1, (inner_px + GAP_PX) // columns - GAP_PX))

    @property
    def pitch_px(self) -> int:
        """From one row to the next."""
        return self.tile_px + GAP_PX

    @property
    def row_count(self) -> int:
        """Rows of tiles."""
        return -(-self.count // self.columns)

    @property
    def height_px(self) -> int:
        """Height of everything."""
        return 2 * self.top_px + max(0, self.row_count * self.pitch_px - GAP_PX)

    def rect(self, position: int) -> QRect:
        """Where a tile lies."""
        row, column = divmod(position, self.columns)
        return QRect(
            self.left_px + column * self.pitch_px,
            self.top_px + row * self.pitch_px,
            self.tile_px,
            self.tile_px,
        )

    def position_at(self, point: QPoint) -> int | None:
        """The tile below a point; None in a gap or beside the grid."""
        x, y = point.x() - self.left_px, point.y() - self.top_px
        if x < 0 or y < 0:
            return None
        column, in_column = divmod(x, self.pitch_px)
        row, in_row = divmod(y, self.pitch_px)
        position = row * self.columns + column
        is_on_tile = column < self.columns and max(in_column, in_row) < self.tile_px
        return position if is_on_tile and position < self.count else None

    def positions_between(self, top_px: int, bottom_px: int) -> range:
        """All tiles of the rows that touch a stretch of the content."""
        first_row = max(0, (top_px - self.top_px) // self.pitch_px)
        last_row = (bottom_px - self.top_px) // self.pitch_px
        return range(
            min(self.count, first_row * self.columns),
            max(0, min(self.count, (last_row + 1) * self.columns)),
        )

    def ranges_in(self, band: QRect) -> list[range]:
        """The tiles that a rubber band touches, one range for each row."""
        left, right = band.left() - self.left_px, band.right() - self.left_px
        first = max(0, (left + GAP_PX) // self.pitch_px)
        last = min(self.columns - 1, right // self.pitch_px)
        top, bottom = band.top() - self.top_px, band.bottom() - self.top_px
        first_row = max(0, (top + GAP_PX) // self.pitch_px)
        last_row = min(self.row_count - 1, bottom // self.pitch_px)
        if first > last:
            return []
        starts = (row * self.columns for row in range(first_row, last_row + 1))
        ranges = (range(s + first, min(s + last + 1, self.count)) for s in starts)
        return [found for found in ranges if found]
