"""The thumbnail grid: paints the tiles in sight, and what mouse and keys do to them.

Layout and selection are `TileView`'s. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QDrag, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QRubberBand,
    QStyle,
    QStyleOptionRubberBand,
    QToolTip,
    QWidget,
)

from photosearch.gui import match_words
from photosearch.gui.models.look import Role
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.tile import TileMarks, TilePainter
from photosearch.gui.widgets.tile_buttons import TileButton, button_at
from photosearch.gui.widgets.tile_view import TileView

#: Nothing is drawn in the place of a photo that comes sooner than this.
SKELETON_DELAY_MS = 150
_DRAG_PICTURE_PX = 96
#: Tiles of the next page are made for so long at a time: a third of a frame.
_PREPARING_MS = 5
#: Tiles in sight are made for so long; the others are drawn roughly, and made in the next frame.
_PAINTING_MS = 10
#: Who moved the mouse here so lately may be about to press.
_AIMING_MS = 2_000
#: More places than any screen has tiles.
_ENDLESS = 100_000


class Grid(TileView):
    """Photos as square tiles.

    Signals:
        opened(int): A photo was double-clicked, or Enter pressed on it: its id.
        similar_requested(int): Photos like this one are wanted: its id.
        favourite_toggled(int): The heart of a photo was pressed: its id.
    """

    opened = Signal(int)
    similar_requested = Signal(int)
    favourite_toggled = Signal(int)

    def __init__(self, model: PhotosModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setAccessibleName(self.tr("Photos"))
        self._painter = TilePainter(theme)
        self._band = QRect()
        self._hovered: int | None = None
        self._hovered_button: TileButton | None = None
        self._moved = QElapsedTimer()
        self._is_loading = False
        self._is_rough = False
        self._shows_skeletons = False
        self._skeleton_timer = QTimer(self, singleShot=True, interval=SKELETON_DELAY_MS)
        self._skeleton_timer.timeout.connect(self._show_skeletons)
        self._prepare_timer = QTimer(self, singleShot=True, interval=0)
        self._prepare_timer.timeout.connect(self._prepare)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.viewport().setMouseTracking(True)
        self.setModel(model)
        model.sections_changed.connect(self.updateGeometries)
        theme.changed.connect(self.viewport().update)

    def set_loading(self, is_loading: bool) -> None:
        """Shows empty tiles, after a moment, while it is not known which photos will come."""
        self._is_loading = is_loading
        self.viewport().update()

    @property
    def is_rough(self) -> bool:
        """True where some tiles are drawn without round corners and dates until the next frame."""
        return self._is_rough

    @property
    def is_untouched(self) -> bool:
        """True where nobody scrolled, chose a photo or is about to: others may take their place."""
        is_full = self.verticalScrollBar().maximum() > 0
        is_aiming = is_full and self._moved.isValid() and self._moved.elapsed() < _AIMING_MS
        is_chosen = self.selectionModel().hasSelection() or self.currentIndex().isValid()
        is_idle = self.state() is self.State.NoState
        return self.verticalOffset() == 0 and is_idle and not is_chosen and not is_aiming

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
        button = self._button_at(point)
        photo_id = self.photo_id_at(self.indexAt(point))
        if event.button() is Qt.MouseButton.LeftButton and button and photo_id is not None:
            is_similar = button is TileButton.SIMILAR
            signal = self.similar_requested if is_similar else self.favourite_toggled
            signal.emit(photo_id)
            return
        self._band_origin = point + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens a photo."""
        point = event.position().toPoint()
        photo_id = self.photo_id_at(self.indexAt(point))
        is_left = event.button() is Qt.MouseButton.LeftButton
        if is_left and photo_id is not None and self._button_at(point) is None:
            self.opened.emit(photo_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draws the rubber band; the base class selects what it touches."""
        super().mouseMoveEvent(event)
        self._moved.start()
        point = event.position().toPoint()
        if self.state() is self.State.DragSelectingState and self._band_origin is not None:
            origin = self._band_origin - QPoint(0, self.verticalOffset())
            self._band = QRect(origin, point).normalized()
            self.viewport().update()
        self._set_hovered(self.indexAt(point), self._button_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the rubber band."""
        super().mouseReleaseEvent(event)
        self._band_origin, self._band = None, QRect()
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Explains the button on a tile; forgets the hovered tile when the mouse leaves."""
        if event.type() is QEvent.Type.Leave:
            self._set_hovered(QModelIndex(), None)
        if event.type() is QEvent.Type.ToolTip:
            help_event = cast(QHelpEvent, event)
            button = self._button_at(help_event.pos())
            if button is not None:
                is_similar = button is TileButton.SIMILAR
                similar, favourite = self.tr("Find similar photos"), self.tr("Favourite (F)")
                text = similar if is_similar else favourite
                QToolTip.showText(help_event.globalPos(), text, self)
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
        self._is_rough = False
        self._paint_headings(painter)
        is_waiting = self._paint_tiles(painter) or self._paint_places(painter)
        if not is_waiting:
            self._skeleton_timer.stop()
            self._shows_skeletons = False
        elif not self._shows_skeletons and not self._skeleton_timer.isActive():
            self._skeleton_timer.start()
        if self._is_rough:
            self.viewport().update()
        else:
            self._prepare_timer.start()
        if not self._band.isNull():
            option = QStyleOptionRubberBand()
            option.initFrom(self)
            option.rect = self._band
            option.shape = QRubberBand.Shape.Rectangle
            self.style().drawControl(QStyle.ControlElement.CE_RubberBand, option, painter, self)
        painter.end()

    def _paint_tiles(self, painter: QPainter) -> bool:
        """Returns True where a thumbnail has not come yet."""
        is_waiting = False
        model, selection = cast(PhotosModel, self.model()), self.selectionModel()
        has_selection = selection.hasSelection()
        current = self.currentIndex().row() if self.hasFocus() else -1
        spent = QElapsedTimer()
        spent.start()
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
                hovered_button=self._hovered_button if row == self._hovered else None,
            )
            may_make = spent.elapsed() < _PAINTING_MS
            place = self.tile_rect(row)
            if not self._painter.paint(painter, place, look, marks, may_make=may_make):
                self._is_rough = True
        return is_waiting

    def _paint_headings(self, painter: QPainter) -> None:
        """Names of the bands in sight, with how many photos are in each."""
        model = cast(PhotosModel, self.model())
        view = self.viewport().rect()
        for number, section in enumerate(model.sections[1:]):
            rect = self._geometry.heading_rect(number).translated(0, -self.verticalOffset())
            if rect.intersects(view):
                count = match_words.section_count(section, len(model.ids))
                title = match_words.band_title(section.band)
                self._painter.paint_heading(painter, rect, title, count)

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
    def _prepare(self) -> None:
        """Makes tiles of the next page while nothing else is to do, a few at a time."""
        rows, model = self.visible_rows(), cast(PhotosModel, self.model())
        if not self.isVisible() or not rows:
            return
        side_px, ratio = self._geometry.tile_px, self.devicePixelRatioF()
        spent = QElapsedTimer()
        spent.start()
        for row in range(rows.stop, min(rows.stop + len(rows), self._geometry.count)):
            is_made = self._painter.prepare(model.look(row), side_px, ratio, self.font())
            if is_made and spent.elapsed() >= _PREPARING_MS:
                self._prepare_timer.start()
                return

    @Slot()
    def _show_skeletons(self) -> None:
        self._shows_skeletons = True
        self.viewport().update()

    # Helpers

    def _button_at(self, point: QPoint) -> TileButton | None:
        index = self.indexAt(point)
        return button_at(self.visualRect(index), point) if index.isValid() else None

    def _set_hovered(self, index: QModelIndex, button: TileButton | None) -> None:
        hovered = index.row() if index.isValid() else None
        if (hovered, button) != (self._hovered, self._hovered_button):
            self._hovered, self._hovered_button = hovered, button
            self.viewport().update()
