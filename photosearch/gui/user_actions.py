"""What the user says of photos: by key, by menu, by the heart on a tile. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from photosearch.core.photo import Photo
from photosearch.core.userdata import RATING_MAX, UserChange
from photosearch.errors import LibraryError
from photosearch.gui.match_words import photo_count
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.user_edits import UserEdits
from photosearch.gui.widgets.grid import Grid


class UserActions(QObject):
    """Favourite, stars, tags and albums for the photos that are selected.

    Signals:
        labels_requested(bool, list[int]): The tags (True) or albums of photos are to be edited.
        failed(PhotoSearchError): Not now, and why.
    """

    labels_requested = Signal(bool, list)
    failed = Signal(object)

    def __init__(
        self,
        grid: Grid,
        model: PhotosModel,
        edits: UserEdits,
        menu: QMenu,
        parent: QObject | None = None,
    ) -> None:
        """Adds the actions to a grid.

        Args:
            grid: Whose photos are meant.
            model: What is known of them.
            edits: Makes the changes.
            menu: Gets the actions, too.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._grid, self._model, self._edits = grid, model, edits
        self.favourite_action = self._action(self.tr("Favourite"), "F", self._toggle_selected)
        self.favourite_action.setCheckable(True)
        self.rating_menu = QMenu(self.tr("Stars"), menu)
        self.rating_actions = []
        for rating in range(RATING_MAX + 1):
            text = "★" * rating if rating else self.tr("None")
            action = self._action(text, str(rating), partial(self._rate, rating))
            action.setCheckable(True)
            self.rating_menu.addAction(action)
            self.rating_actions.append(action)
        self.tags_action = self._action(
            self.tr("Tags…"), "Ctrl+T", partial(self._edit_labels, is_tags=True)
        )
        self.albums_action = self._action(
            self.tr("Albums…"), "Ctrl+B", partial(self._edit_labels, is_tags=False)
        )
        self.undo_action = self._action(
            self.tr("Undo"), QKeySequence(QKeySequence.StandardKey.Undo), edits.undo
        )
        menu.addSeparator()
        menu.addAction(self.favourite_action)
        menu.addMenu(self.rating_menu)
        menu.addActions([self.tags_action, self.albums_action, self.undo_action])
        menu.aboutToShow.connect(self._show_state)
        grid.favourite_toggled.connect(self.toggle_favourite)

    @Slot(int)
    def toggle_favourite(self, photo_id: int) -> None:
        """Makes one photo a favourite, or none."""
        photo = self._model.photo(photo_id)
        if photo is not None:
            change = UserChange(is_favourite=not photo.user.is_favourite)
            self._edits.change([photo_id], change)

    def _action(self, text: str, key: str | QKeySequence, triggered: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: triggered())
        self._grid.addAction(action)
        return action

    def _selected(self) -> list[int]:
        """The selected photos; none, and a word, where some of them have not come yet."""
        selection = self._grid.selectionModel().selection()
        parts = [selection.at(number) for number in range(selection.count())]
        if any(part.bottom() >= len(self._model.ids) for part in parts):
            self.failed.emit(
                LibraryError("Not all of the selected photos have come yet.", "Try again.")
            )
            return []
        return list(self._model.selected_ids(selection, self._model.rowCount()))

    def _known(self) -> list[Photo]:
        ids = self._model.selected_ids(self._grid.selectionModel().selection())
        return [photo for photo in map(self._model.photo, ids) if photo is not None]

    @Slot()
    def _toggle_selected(self) -> None:
        ids = self._selected()
        is_on = not all(photo.user.is_favourite for photo in self._known())
        text = self.tr("%1: favourites") if is_on else self.tr("%1: no favourites any more")
        self._edits.change(ids, UserChange(is_favourite=is_on), _said(text, ids))

    def _rate(self, rating: int) -> None:
        ids = self._selected()
        stars = "★" * rating or self.tr("no stars")
        text = self.tr("%1: %2").replace("%2", stars)
        self._edits.change(ids, UserChange(rating=rating), _said(text, ids))

    def _edit_labels(self, *, is_tags: bool) -> None:
        ids = self._selected()
        if ids:
            self.labels_requested.emit(is_tags, ids)

    @Slot()
    def _show_state(self) -> None:
        """Ticks in the menu what holds for all that are selected."""
        users = [photo.user for photo in self._known()]
        is_favourite = bool(users) and all(user.is_favourite for user in users)
        self.favourite_action.setChecked(is_favourite)
        for rating, action in enumerate(self.rating_actions):
            action.setChecked(bool(users) and all(user.rating == rating for user in users))
        self.undo_action.setEnabled(self._edits.can_undo)


def _said(text: str, ids: list[int]) -> str:
    """A line for several photos; on a single one, its tile says enough."""
    return text.replace("%1", photo_count(len(ids))) if len(ids) > 1 else ""
