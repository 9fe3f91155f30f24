"""What can be done with photos of the grid: by key, by menu, by double click. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from photosearch.core.visible import visible, visible_path
from photosearch.errors import LibraryError
from photosearch.gui import desktop
from photosearch.gui.background import Background
from photosearch.gui.drives import connect_text
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.widgets.grid import Grid


class PhotoActions(QObject):
    """Open, show in folder, find similar, copy.

    Signals:
        similar_requested(int): Photos like this one are wanted: its id.
        info_requested(int): All that is known of a photo is wanted: its id.
        part_requested(int): Something that is to be seen on this photo is wanted: its id.
        failed(PhotoSearchError): A file cannot be reached or shown.
        offline(PhotoSearchError, Path): A photo lies in a folder that is away: which one.
        open_failed(PhotoSearchError, Path): No program took a file; its folder may be shown.
    """

    similar_requested = Signal(int)
    info_requested = Signal(int)
    part_requested = Signal(int)
    failed = Signal(object)
    offline = Signal(object, object)
    open_failed = Signal(object, object)

    def __init__(
        self, grid: Grid, model: PhotosModel, disk: Background, parent: QObject | None = None
    ) -> None:
        """Adds the actions to a grid.

        Args:
            grid: Whose photos are meant.
            model: What is known of them.
            disk: Where the disk is asked.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._grid, self._model, self._disk = grid, model, disk
        self.open_action = self._action(self.tr("Open"), "", self._open_current)
        self.show_action = self._action(
            self.tr("Show in folder"), "Ctrl+Shift+O", self._show_current
        )
        self.info_action = self._action(self.tr("Info"), "Ctrl+I", self._info_of_current)
        self.similar_action = self._action(self.tr("Find similar"), "Ctrl+L", self._like_current)
        self.part_action = self._action(
            self.tr("Search for a part of it…"), "Ctrl+Shift+L", self._part_of_current
        )
        self.copy_action = self._action(
            self.tr("Copy"), QKeySequence(QKeySequence.StandardKey.Copy), self._copy
        )
        self.copy_path_action = self._action(self.tr("Copy path"), "Ctrl+Shift+C", self._copy_paths)
        self._menu = QMenu(grid)
        self._menu.addActions([self.open_action, self.show_action, self.info_action])
        self._menu.addSeparator()
        self._menu.addActions([self.similar_action, self.part_action])
        self._menu.addSeparator()
        self._menu.addActions([self.copy_action, self.copy_path_action])
        grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        grid.customContextMenuRequested.connect(self._show_menu)
        grid.opened.connect(self.open_photo)
        grid.similar_requested.connect(self.similar_requested)

    @property
    def menu(self) -> QMenu:
        """The context menu."""
        return self._menu

    @Slot(int)
    def open_photo(self, photo_id: int) -> None:
        """Opens a photo with the user's program for it."""
        self._with_file(photo_id, self._open_file)

    def show_path(self, path: Path) -> None:
        """Shows a file in the file manager."""
        if not desktop.show_in_folder(path):
            self.failed.emit(
                LibraryError(
                    f"No file manager could show {visible_path(path)}.", "Look for it by its name."
                )
            )

    def _action(self, text: str, key: str | QKeySequence, triggered: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(triggered)
        self._grid.addAction(action)
        return action

    def _current_id(self) -> int | None:
        return self._grid.photo_id_at(self._grid.currentIndex())

    def _selected_ids(self) -> list[int]:
        return list(self._model.selected_ids(self._grid.selectionModel().selection()))

    def _with_file(self, photo_id: int | None, act: Callable[[Path], None]) -> None:
        """Makes sure, off the GUI thread, that a photo's file is there, then acts."""
        photo = self._model.photo(photo_id) if photo_id is not None else None
        if photo is None:
            return
        folder = self._model.offline_folder(photo)
        if folder is not None:
            said = (
                f"{visible(photo.path.name)} lies in “{folder.name or folder}”, which is offline."
            )
            self.offline.emit(LibraryError(said, connect_text(folder)), folder)
            return
        self._disk.run(partial(_present, photo.path), act, self.failed.emit)

    def _open_file(self, path: Path) -> None:
        if not desktop.open_file(path):
            error = LibraryError(
                f"No program could open {visible(path.name)}.", "Show it in its folder."
            )
            self.open_failed.emit(error, path)

    @Slot()
    def _open_current(self) -> None:
        self._with_file(self._current_id(), self._open_file)

    @Slot()
    def _show_current(self) -> None:
        self._with_file(self._current_id(), self.show_path)

    @Slot()
    def _info_of_current(self) -> None:
        photo_id = self._current_id()
        if photo_id is not None:
            self.info_requested.emit(photo_id)

    @Slot()
    def _like_current(self) -> None:
        photo_id = self._current_id()
        if photo_id is not None:
            self.similar_requested.emit(photo_id)

    @Slot()
    def _part_of_current(self) -> None:
        photo_id = self._current_id()
        if photo_id is not None:
            self.part_requested.emit(photo_id)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setMimeData(self._model.carried(self._selected_ids()))

    @Slot()
    def _copy_paths(self) -> None:
        photos = [self._model.photo(photo_id) for photo_id in self._selected_ids()]
        paths = [str(photo.path) for photo in photos if photo is not None]
        QGuiApplication.clipboard().setText("\n".join(paths))

    @Slot(QPoint)
    def _show_menu(self, point: QPoint) -> None:
        if self._grid.indexAt(point).isValid():
            self._menu.popup(self._grid.viewport().mapToGlobal(point))


def _present(path: Path) -> Path:
    """The path, where there is a file; runs on a worker."""
    if not path.exists():
        raise LibraryError(
            f"{visible_path(path)} is not there any more.",
            "It was moved or deleted; the next scan will see it.",
        )
    return path
