"""A QListView of square tiles that lays out by arithmetic instead of asking every row.

Plain QListView walks all rows at each reset, insertion and resize (seconds at a million photos);
here every answer comes from `GridGeometry`. It stays a QListView because assistive technology then
sees a list with its items. Base of `Grid`, which paints. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from photosearch.gui.models.answer import starts_of
from photosearch.gui.models.photos import Index, PhotosModel
from photosearch.gui.stylesheet import MARGIN_PX
from photosearch.gui.widgets.grid_geometry import MAX_TILE_PX, MIN_TILE_PX, GridGeometry

DEFAULT_TILE_PX = 160
_TOP_PX = 8
_SCROLL_BAR_PX = 12
_SCROLL_STEP_PX = 48

Anchor = tuple[int, int]


class TileView(QListView):
    """Geometry, keyboard moves and selection; the cost of each is that of one row.

    Signals:
        visible_rows_changed(int, int): First and last row in sight.
    """

    visible_rows_changed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tile_px = DEFAULT_TILE_PX
        self._covered_px = 0
        self._geometry = self._measure()
        self._announced: tuple[int, int] | None = None
        self._band_origin: QPoint | None = None
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(_SCROLL_STEP_PX)

    # For the window

    @property
    def layout_of_tiles(self) -> GridGeometry:
        """Where the tiles lie now."""
        return self._geometry

    @Slot(int)
    def set_tile_px(self, tile_px: int) -> None:
        """Makes tiles smaller or larger; the photo at the top stays there."""
        self._tile_px = min(max(tile_px, MIN_TILE_PX), MAX_TILE_PX)
        self.updateGeometries()
        self.viewport().update()

    @Slot(int)
    def set_covered_px(self, covered_px: int) -> None:
        """Can be scrolled so much further, since something lies over the lower end."""
        self._covered_px = covered_px
        self.updateGeometries()

    def announce_visible(self) -> None:
        """Says which rows are in sight, where that changed."""
        rows = self.visible_rows()
        visible = (rows.start, rows.stop - 1) if rows else None
        if visible is not None and visible != self._announced:
            self._announced = visible
            self.visible_rows_changed.emit(*visible)

    # Layout: nothing here looks at rows

    def doItemsLayout(self) -> None:
        """Recomputes measures only."""
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        """Fits geometry and scroll bar to width, tile size and number of photos."""
        anchor = self._anchor()
        model = cast("PhotosModel | None", self.model())
        if model is not None:
            self._geometry = self._measure(model.rowCount(), starts_of(model.sections))
        bar, height_px = self.verticalScrollBar(), self._geometry.height_px + self._covered_px
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, height_px - self.viewport().height()))
        bar.setEnabled(bar.maximum() > 0)
        self._scroll_to_anchor(anchor)
        QAbstractItemView.updateGeometries(self)
        self.announce_visible()

    def reset(self) -> None:
        """Starts at the top with other photos."""
        QAbstractItemView.reset(self)
        self._announced = None
        self._geometry = self._measure()  # no anchor to keep
        self.verticalScrollBar().setValue(0)
        self.updateGeometries()

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        """One repaint, whatever came."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the photo at the top where it is."""
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Repaints and says what is in sight."""
        self.viewport().update()
        self.announce_visible()

    def horizontalOffset(self) -> int:
        """There is nothing beside the grid."""
        return 0

    def verticalOffset(self) -> int:
        """Pixels above the view."""
        return self.verticalScrollBar().value()

    def visualRect(self, index: Index) -> QRect:
        """Where a tile lies in the view."""
        return self.tile_rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The tile below a point of the view."""
        position = self._geometry.position_at(point + QPoint(0, self.verticalOffset()))
        return QModelIndex() if position is None else self.model().index(position, 0)

    def isIndexHidden(self, index: Index) -> bool:
        """No photo is hidden."""
        return False

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Brings a tile into sight, with the gap around it."""
        rect = self.visualRect(index).adjusted(0, -_TOP_PX, 0, _TOP_PX + self._covered_px)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if hint is QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif hint is QAbstractItemView.ScrollHint.PositionAtTop or rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() >= height:
            bar.setValue(bar.value() + rect.bottom() + 1 - height)

    # Selection: ranges, never lists of indexes

    def selectAll(self) -> None:
        """Selects everything as one range."""
        model = self.model()
        if model.rowCount():
            everything = QItemSelection(model.index(0, 0), model.index(model.rowCount() - 1, 0))
            self.selectionModel().select(
                everything, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Selects what a rubber band touches, else the run between two tiles."""
        selection = QItemSelection()
        model = self.model()
        if self._band_origin is not None and self.state() is self.State.DragSelectingState:
            band = rect.normalized().translated(0, self.verticalOffset())
            for found in self._geometry.ranges_in(band):
                selection.select(model.index(found.start, 0), model.index(found.stop - 1, 0))
        else:
            ends = self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())
            if all(index.isValid() for index in ends):
                first, last = sorted(index.row() for index in ends)
                selection.select(model.index(first, 0), model.index(last, 0))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Everything: selections are redrawn as a whole."""
        return QRegion(self.viewport().rect())

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Skips QListView's, which lists every index where assistive technology listens."""
        QAbstractItemView.selectionChanged(self, selected, deselected)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Outlines reach beyond the tiles, so more than the two is repainted."""
        super().currentChanged(current, previous)
        self.viewport().update()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Where an arrow, Home, End or page key leads."""
        geometry, count = self._geometry, self._geometry.count
        if not count:
            return QModelIndex()
        here = self.currentIndex().row()
        if here < 0:
            return self.model().index(self.visible_rows().start, 0)
        page = max(1, self.viewport().height() // geometry.pitch_px)
        moves = QAbstractItemView.CursorAction
        there = {
            moves.MoveLeft: here - 1,
            moves.MovePrevious: here - 1,
            moves.MoveRight: here + 1,
            moves.MoveNext: here + 1,
            moves.MoveUp: geometry.moved(here, -1),
            moves.MoveDown: geometry.moved(here, 1),
            moves.MovePageUp: geometry.moved(here, -page),
            moves.MovePageDown: geometry.moved(here, page),
            moves.MoveHome: 0,
            moves.MoveEnd: count - 1,
        }[action]
        return self.model().index(min(max(there, 0), count - 1), 0)

    def keyboardSearch(self, search: str) -> None:
        """No jumping to names: that would ask every row. The search box is for words."""

    # Helpers

    def _measure(self, count: int = 0, starts: tuple[int, ...] = ()) -> GridGeometry:
        return GridGeometry(
            width_px=self.viewport().width(),
            count=count,
            wanted_tile_px=self._tile_px,
            left_px=MARGIN_PX,
            right_px=MARGIN_PX - _SCROLL_BAR_PX,
            top_px=_TOP_PX,
            starts=starts,
        )

    def tile_rect(self, row: int) -> QRect:
        """Where a tile lies in the view."""
        return self._geometry.rect(row).translated(0, -self.verticalOffset())

    def visible_rows(self) -> range:
        """The rows in sight, cut ones included."""
        top = self.verticalOffset()
        return self._geometry.positions_between(top, top + self.viewport().height() - 1)

    def _anchor(self) -> Anchor | None:
        """The first tile in sight and where it stands, to find it again after a change."""
        rows = self.visible_rows()
        if self.verticalOffset() <= 0 or not rows:
            return None
        return rows.start, self.tile_rect(rows.start).top()

    def _scroll_to_anchor(self, anchor: Anchor | None) -> None:
        if anchor is not None and anchor[0] < self._geometry.count:
            self.verticalScrollBar().setValue(self._geometry.rect(anchor[0]).top() - anchor[1])
