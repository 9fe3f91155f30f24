"""Where the tiles of a grid lie: plain arithmetic, the same cost for ten photos or a million.

The tiles may be in a few sections (bands of an answer); each but the first stands below a heading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect

GAP_PX = 8
#: A heading with the room above and below it.
HEADING_PX = 48
MIN_TILE_PX = 96
MAX_TILE_PX = 320


@dataclass(frozen=True, slots=True)
class _Section:
    """Tiles that follow each other without a heading between them.

    Attributes:
        start: Position of its first tile.
        stop: Position after its last.
        top_px: Where its first row lies.
        first_row: Number of that row, counted through all sections.
    """

    start: int
    stop: int
    top_px: int
    first_row: int


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
        starts: Positions with a heading above them, ascending, each above 0 and below `count`.
        columns: Tiles in a row.
        tile_px: Side of a tile.
    """

    width_px: int
    count: int
    wanted_tile_px: int
    left_px: int = 0
    right_px: int = 0
    top_px: int = 0
    starts: tuple[int, ...] = ()
    columns: int = field(init=False)
    tile_px: int = field(init=False)
    _sections: tuple[_Section, ...] = field(init=False)

    def __post_init__(self) -> None:
        inner_px = max(1, self.width_px - self.left_px - self.right_px)
        columns = max(1, (inner_px + GAP_PX) // (self.wanted_tile_px + GAP_PX))
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "tile_px", max(1, (inner_px + GAP_PX) // columns - GAP_PX))
        object.__setattr__(self, "_sections", tuple(self._laid_out()))

    def _laid_out(self) -> Iterator[_Section]:
        top_px, first_row = self.top_px, 0
        for start, stop in pairwise((0, *self.starts, self.count)):
            yield _Section(start, stop, top_px, first_row)
            rows = -(-(stop - start) // self.columns)
            top_px += rows * self.pitch_px - GAP_PX + HEADING_PX
            first_row += rows

    @property
    def pitch_px(self) -> int:
        """From one row to the next."""
        return self.tile_px + GAP_PX

    @property
    def height_px(self) -> int:
        """Height of everything."""
        last = self._sections[-1]
        rows = -(-(last.stop - last.start) // self.columns)
        return last.top_px + max(0, rows * self.pitch_px - GAP_PX) + self.top_px

    def rect(self, position: int) -> QRect:
        """Where a tile lies."""
        section = self._section_of(position)
        row, column = divmod(position - section.start, self.columns)
        return QRect(
            self.left_px + column * self.pitch_px,
            section.top_px + row * self.pitch_px,
            self.tile_px,
            self.tile_px,
        )

    def heading_rect(self, number: int) -> QRect:
        """Where the heading above `starts[number]` lies."""
        bottom = self._sections[number + 1].top_px
        width = self.columns * self.pitch_px - GAP_PX
        return QRect(self.left_px, bottom - HEADING_PX, width, HEADING_PX)

    def position_at(self, point: QPoint) -> int | None:
        """The tile below a point; None in a gap, on a heading or beside the grid."""
        x = point.x() - self.left_px
        if x < 0 or point.y() < self.top_px:
            return None
        section = self._section_at(point.y())
        column, in_column = divmod(x, self.pitch_px)
        row, in_row = divmod(point.y() - section.top_px, self.pitch_px)
        position = section.start + row * self.columns + column
        is_on_tile = column < self.columns and max(in_column, in_row) < self.tile_px
        return position if is_on_tile and position < section.stop else None

    def positions_between(self, top_px: int, bottom_px: int) -> range:
        """All tiles of the rows that touch a stretch of the content."""
        start, stop = self.count, 0
        for section in self._sections:
            first_row = max(0, (top_px - section.top_px) // self.pitch_px)
            last_row = (bottom_px - section.top_px) // self.pitch_px
            first = section.start + first_row * self.columns
            last = min(section.stop, section.start + (last_row + 1) * self.columns)
            if first < last:
                start, stop = min(start, first), max(stop, last)
        return range(min(start, stop), stop)

    def ranges_in(self, band: QRect) -> list[range]:
        """The tiles that a rubber band touches, one range for each row."""
        left, right = band.left() - self.left_px, band.right() - self.left_px
        first = max(0, (left + GAP_PX) // self.pitch_px)
        last = min(self.columns - 1, right // self.pitch_px)
        if first > last:
            return []
        ranges = []
        for section in self._sections:
            top, bottom = band.top() - section.top_px, band.bottom() - section.top_px
            first_row = max(0, (top + GAP_PX) // self.pitch_px)
            row_count = -(-(section.stop - section.start) // self.columns)
            last_row = min(row_count - 1, bottom // self.pitch_px)
            for row in range(first_row, last_row + 1):
                start = section.start + row * self.columns
                ranges.append(range(start + first, min(start + last + 1, section.stop)))
        return [found for found in ranges if found]

    def moved(self, position: int, rows: int) -> int:
        """The tile some rows below a tile, or above it where negative, in the same column.

        Where a row is too short for that, its last tile; beyond the first or last row, the tile
        itself where it stands in that row already, else one of that row.
        """
        section = self._section_of(position)
        row, column = divmod(position - section.start, self.columns)
        last = self._sections[-1]
        last_row = last.first_row + (last.stop - last.start - 1) // self.columns
        wanted = min(max(section.first_row + row + rows, 0), last_row)
        number = bisect_right(self._sections, wanted, key=lambda known: known.first_row) - 1
        there = self._sections[number]
        start = there.start + (wanted - there.first_row) * self.columns
        return min(start + column, there.stop - 1)

    def _section_of(self, position: int) -> _Section:
        return self._sections[bisect_right(self.starts, position)]

    def _section_at(self, y: int) -> _Section:
        number = bisect_right(self._sections, y, key=lambda known: known.top_px) - 1
        return self._sections[max(0, number)]
