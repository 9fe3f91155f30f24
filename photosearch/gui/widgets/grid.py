"""The thumbnail grid: paints the tiles in sight, and what mouse and keys do to them.

Layout and selection are `TileView`'s. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDrag, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QRubberBand,
    QStyle,
    QStyleOptionRubberBand,
    QToolTip,
    QWidget,
)

from photosearch.gui.models.photos import PhotosModel, Role
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.tile import TileMarks, TilePainter, button_rect
from photosearch.gui.widgets.tile_view import TileView

#: Nothing is drawn in the place of a photo that comes sooner than this.
SKELETON_DELAY_MS = 150
_DRAG_PICTURE_PX = 96
#: More places than any screen has tiles.
_ENDLESS = 100_000


class Grid(TileView):
    """Photos as square tiles.

    Signals:
        opened(int): A photo was double-clicked, or Enter pressed on it: its id.
        similar_requested(int): Photos like this one are wanted: its id.
    """

    opened = Signal(int)
    similar_requested = Signal(int)

    def __init__(self, model: PhotosModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setAccessibleName(self.tr("Photos"))
        self._painter = TilePainter(theme)
        self._band = QRect()
        self._hovered: int | None = None
        self._is_button_hovered = False
        self._is_loading = False
        self._shows_skeletons = False
        self._skeleton_timer = QTimer(self, singleShot=True, interval=SKELETON_DELAY_MS)
        self._skeleton_timer.timeout.connect(self._show_skeletons)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.viewport().setMouseTracking(True)
        self.setModel(model)
        theme.changed.connect(self.viewport().update)

    def set_loading(self, is_loading: bool) -> None:
        """Shows empty tiles, after a moment, while it is not known which photos will come."""
        self._is_loading = is_loading
        self.viewport().update()

    def photo_id_at(self, index: QModelIndex) -> int | None:
        """The id behind an index."""
        return cast("int | None", index.data(Role.ID)) if index.isValid() else None

    def reset(self) -> None:
        """Starts at the top with other photos."""
        self._hovered = None
        super().reset()

    # Mouse and keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, on every platform."""
        photo_id = self.photo_id_at(self.currentIndex())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and photo_id is not None:
            self.opened.emit(photo_id)
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Presses the button on a tile, else selects or starts a rubber band."""
        point = event.position().toPoint()
        index = self._button_at(point)
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self.similar_requested.emit(self.photo_id_at(index))
            return
        self._band_origin = point + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens a photo."""
        point = event.position().toPoint()
        photo_id = self.photo_id_at(self.indexAt(point))
        is_on_button = self._button_at(point).isValid()
        if (
            event.button() is Qt.MouseButton.LeftButton
            and photo_id is not None
            and not is_on_button
        ):
            self.opened.emit(photo_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draws the rubber band; the base class selects what it touches."""
        super().mouseMoveEvent(event)
        point = event.position().toPoint()
        if self.state() is self.State.DragSelectingState and self._band_origin is not None:
            origin = self._band_origin - QPoint(0, self.verticalOffset())
            self._band = QRect(origin, point).normalized()
            self.viewport().update()
        self._set_hovered(self.indexAt(point), is_on_button=self._button_at(point).isValid())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the rubber band."""
        super().mouseReleaseEvent(event)
        self._band_origin, self._band = None, QRect()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Explains the button on a tile; forgets the hovered tile when the mouse leaves."""
        if event.type() is QEvent.Type.Leave:
            self._set_hovered(QModelIndex(), is_on_button=False)
        if event.type() is QEvent.Type.ToolTip:
            help_event = cast(QHelpEvent, event)
            if self._button_at(help_event.pos()).isValid():
                QToolTip.showText(help_event.globalPos(), self.tr("Find similar photos"), self)
                return True
        return super().viewportEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Carries the selected files out, at most `MAX_CARRIED_COUNT`."""
        model = cast(PhotosModel, self.model())
        mime = model.carried(model.selected_ids(self.selectionModel().selection()))
        if not mime.urls():
            return
        drag = QDrag(self)
        drag.setMimeData(mime)
        picture = self.currentIndex().data(Role.THUMBNAIL)
        if picture is not None:
            side = _DRAG_PICTURE_PX
            drag.setPixmap(picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio))
        drag.exec(Qt.DropAction.CopyAction)

    # Painting

    def paintEvent(self, event: QEvent) -> None:
        """Draws the tiles in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        is_waiting = self._paint_tiles(painter) or self._paint_places(painter)
        if not is_waiting:
            self._skeleton_timer.stop()
            self._shows_skeletons = False
        elif not self._shows_skeletons and not self._skeleton_timer.isActive():
            self._skeleton_timer.start()
        if not self._band.isNull():
            option = QStyleOptionRubberBand()
            option.initFrom(self)
            option.rect = self._band
            option.shape = QRubberBand.Shape.Rectangle
            self.style().drawControl(QStyle.ControlElement.CE_RubberBand, option, painter, self)

    def _paint_tiles(self, painter: QPainter) -> bool:
        """Returns True where a thumbnail has not come yet."""
        is_waiting = False
        model, selection = cast(PhotosModel, self.model()), self.selectionModel()
        has_selection = selection.hasSelection()
        current = self.currentIndex().row() if self.hasFocus() else -1
        for row in self.visible_rows():
            look = model.look(row)
            is_missing = look.thumbnail is None and not look.has_no_thumbnail
            is_waiting = is_waiting or is_missing
            if is_missing and not self._shows_skeletons:
                continue
            is_selected = has_selection and selection.isSelected(model.index(row))
            marks = TileMarks(
                is_selected=is_selected,
                is_current=row == current,
                is_hovered=row == self._hovered,
                is_button_hovered=row == self._hovered and self._is_button_hovered,
            )
            self._painter.paint(painter, self.tile_rect(row), look, marks)
        return is_waiting

    def _paint_places(self, painter: QPainter) -> bool:
        """Empty tiles while it is not known which photos will come."""
        if not self._is_loading or self._geometry.count:
            return False
        if self._shows_skeletons:
            places = replace(self._geometry, count=_ENDLESS)
            for position in places.positions_between(0, self.viewport().height()):
                self._painter.paint_skeleton(painter, places.rect(position))
        return True

    @Slot()
    def _show_skeletons(self) -> None:
        self._shows_skeletons = True
        self.viewport().update()

    # Helpers

    def _button_at(self, point: QPoint) -> QModelIndex:
        index = self.indexAt(point)
        if index.isValid() and button_rect(self.visualRect(index)).contains(point):
            return index
        return QModelIndex()

    def _set_hovered(self, index: QModelIndex, *, is_on_button: bool) -> None:
        hovered = index.row() if index.isValid() else None
        if (hovered, is_on_button) != (self._hovered, self._is_button_hovered):
            self._hovered, self._is_button_hovered = hovered, is_on_button
            self.viewport().update()
