"""Favourites, stars, tags, albums and parts of pictures, as the user makes them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt

from photosearch.core.events import PhotosEdited
from photosearch.core.query import Box, PhotoTerm
from photosearch.core.userdata import UserChange, UserData, Vocabulary
from photosearch.errors import StoreError
from photosearch.gui.widgets.notice import Topic
from photosearch.gui.widgets.tile_buttons import TileButton, button_rect
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient, jpeg


def select(shown: Shown, first: int, last: int | None = None) -> None:
    photos, grid = shown.window.photos, shown.window.grid
    grid.setFocus()
    grid.setCurrentIndex(photos.index(first))
    selection = QItemSelection(photos.index(first), photos.index(last or first))
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    grid.selectionModel().select(selection, flag)
    shown.settle()


def press(shown: Shown, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    shown.qtbot.keyClick(shown.window.grid, key, modifier or Qt.KeyboardModifier.NoModifier)
    shown.settle()


def user_of(shown: Shown, row: int) -> UserData:
    photo = shown.window.photos.look(row).photo
    assert photo is not None
    return photo.user


def test_f_makes_a_favourite_and_takes_it_back(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    select(shown, 3)
    press(shown, Qt.Key.Key_F)
    assert shown.client.changes == [((17,), UserChange(is_favourite=True))]
    assert user_of(shown, 3).is_favourite
    assert shown.window.notices.text(Topic.EDIT) == "", "the tile says enough"
    press(shown, Qt.Key.Key_F)
    assert not user_of(shown, 3).is_favourite


def test_the_heart_on_a_tile(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    grid = shown.window.grid
    heart = button_rect(grid.tile_rect(2), TileButton.FAVOURITE).center()
    shown.qtbot.mouseMove(grid.viewport(), heart)
    shown.qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=heart)
    shown.settle()
    assert shown.client.user == {18: UserData(is_favourite=True)}
    assert user_of(shown, 2).is_favourite


def test_a_favourite_has_a_mark(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    grid = shown.window.grid
    place = grid.tile_rect(0).topLeft() + QPoint(8, 18)
    before = grid.viewport().grab().toImage().pixelColor(place)
    select(shown, 0)
    press(shown, Qt.Key.Key_F)
    assert grid.viewport().grab().toImage().pixelColor(place) != before


def test_it_shows_before_it_is_stored(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    select(shown, 0)
    shown.window.desk.user_actions.favourite_action.trigger()
    assert user_of(shown, 0).is_favourite
    assert not shown.window.is_settled
    shown.settle()


def test_stars_for_several_photos_can_be_taken_back(open_window: OpenWindow):
    client = FakeClient(20)
    client.user = {20: UserData(rating=2)}
    shown = open_window(client)
    select(shown, 0, 2)
    press(shown, Qt.Key.Key_4)
    assert [user_of(shown, row).rating for row in range(4)] == [4, 4, 4, 0]
    notices = shown.window.notices
    assert notices.text(Topic.EDIT) == "3 photos: ★★★★"

    notices.line(Topic.EDIT).action_button.click()
    shown.settle()
    assert [user_of(shown, row).rating for row in range(3)] == [2, 0, 0]
    assert notices.text(Topic.EDIT) == ""


def test_undo_takes_back_one_change_after_the_other(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    select(shown, 0)
    press(shown, Qt.Key.Key_3)
    press(shown, Qt.Key.Key_F)
    press(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert user_of(shown, 0) == UserData(rating=3)
    press(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert user_of(shown, 0) == UserData()
    press(shown, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shown.client.changes[-1][1] == UserChange(rating=0)


def test_a_change_that_is_refused_is_told_and_not_shown(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.client.errors["change_photos"] = StoreError("The disk is full.", "Make room.")
    select(shown, 0)
    press(shown, Qt.Key.Key_F)
    assert shown.window.notices.text(Topic.TROUBLE) == "The disk is full. Make room."
    shown.until(lambda: not user_of(shown, 0).is_favourite)


def test_what_others_change_is_seen(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.client.user[20] = UserData(rating=5)
    shown.client.tell(PhotosEdited((20,)))
    shown.until(lambda: user_of(shown, 0).rating == 5)
    shown.settle()


def test_the_menu_ticks_what_holds_for_all(open_window: OpenWindow):
    client = FakeClient(20)
    client.user = {20: UserData(True, 3), 19: UserData(True, 3), 18: UserData(False, 3)}
    shown = open_window(client)
    actions, menu = shown.window.desk.user_actions, shown.window.desk.actions.menu
    select(shown, 0, 1)
    menu.aboutToShow.emit()
    assert actions.favourite_action.isChecked()
    select(shown, 0, 2)
    menu.aboutToShow.emit()
    assert not actions.favourite_action.isChecked()
    assert [action.isChecked() for action in actions.rating_actions].index(True) == 3
    assert not actions.undo_action.isEnabled()


def test_tags_are_added_and_removed(open_window: OpenWindow):
    client = FakeClient(20)
    client.user = {20: UserData(tags=("beach",)), 19: UserData(tags=("beach", "Rome"))}
    client.vocabulary_answer = Vocabulary(tags=("beach", "dog", "Rome"))
    shown = open_window(client)
    select(shown, 0, 1)
    press(shown, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    labels = shown.window.desk.dialogs.labels
    assert labels.isVisible()
    assert not labels.isModal()
    assert [chip.text for chip in labels.chips] == ["beach", "Rome · 1 photo"]
    shown.until(lambda: labels.line.completer().model().rowCount() == 3)

    shown.qtbot.keyClicks(labels.line, " red  boat, dog ")
    shown.qtbot.keyClick(labels.line, Qt.Key.Key_Return)
    shown.settle()
    assert shown.client.changes[-1] == ((20, 19), UserChange(add_tags=("red boat", "dog")))
    assert shown.window.notices.text(Topic.EDIT) == "2 photos: tagged “red boat”, “dog”"
    labels.chips[0].removed.emit()
    shown.settle()
    assert shown.client.user[19].tags == ("dog", "red boat", "Rome")

    shown.qtbot.keyClick(labels.line, Qt.Key.Key_Return)
    assert not labels.isVisible()
    shown.window.desk.edits.undo()
    shown.window.desk.edits.undo()
    shown.settle()
    assert shown.client.user[19].tags == ("beach", "Rome")
    assert shown.client.user[20].tags == ("beach",)


def test_photos_are_put_into_albums(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    select(shown, 0)
    press(shown, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    labels = shown.window.desk.dialogs.labels
    shown.qtbot.keyClicks(labels.line, "Summer")
    shown.qtbot.keyClick(labels.line, Qt.Key.Key_Return)
    shown.settle()
    assert shown.client.user[20].albums == ("Summer",)
    labels.close()


def test_a_part_of_a_picture_is_searched_for(open_window: OpenWindow, tmp_path: Path):
    client = FakeClient(20)
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg("#ff0000", 400, 300))
    client.paths = {18: path}
    shown = open_window(client)
    select(shown, 2)
    shown.window.desk.actions.part_action.trigger()
    dialog = shown.window.desk.dialogs.part
    assert dialog.isVisible()
    shown.until(lambda: dialog.picker.image.width() == 400)

    place = dialog.picker._place()
    start, end = place.topLeft().toPoint(), place.center().toPoint()
    left = Qt.MouseButton.LeftButton
    shown.qtbot.mousePress(dialog.picker, left, pos=start)
    shown.qtbot.mouseMove(dialog.picker, end)
    shown.qtbot.mouseRelease(dialog.picker, left, pos=end)
    dialog.search_button.click()
    shown.until(lambda: shown.client.searches)
    shown.settle()
    (term,) = shown.client.searches[-1].terms
    assert isinstance(term, PhotoTerm)
    assert term.photo_id == 18
    box = term.box
    assert box is not None
    assert max(box.left, box.top) < 0.01
    assert abs(box.right - 0.5) < 0.01
    assert abs(box.bottom - 0.5) < 0.01
    example = shown.window.search_box.example
    assert example is not None
    assert example.label == "part of photo.jpg"
    assert abs(example.preview.width() - 200) <= 4


def test_a_box_is_moved_and_sized_by_keys(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    select(shown, 0)
    shown.window.desk.actions.part_action.trigger()
    picker = shown.window.desk.dialogs.part.picker
    shift = Qt.KeyboardModifier.ShiftModifier
    for _ in range(40):
        shown.qtbot.keyClick(picker, Qt.Key.Key_Left)
    assert picker.box == Box(0.0, 0.25, 0.5, 0.75)
    for _ in range(40):
        shown.qtbot.keyClick(picker, Qt.Key.Key_Right, shift)
        shown.qtbot.keyClick(picker, Qt.Key.Key_Up, shift)
    assert (picker.box.left, picker.box.right) == (0.0, 1.0)
    assert abs(picker.box.height - 0.04) < 1e-9
    shown.qtbot.keyClick(picker, Qt.Key.Key_Return)
    shown.until(lambda: shown.client.searches)
    shown.settle()
    assert not shown.window.desk.dialogs.part.isVisible()
