"""The grid: arithmetic instead of rows, keys, mouse, selection as ranges."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QDesktopServices, QGuiApplication, QImage, QPixmap
from pytestqt.qtbot import QtBot

from photosearch.core.query import PhotoTerm
from photosearch.gui.models.answer import all_photos
from photosearch.gui.models.look import Role
from photosearch.gui.models.photos import MAX_CARRIED_COUNT, PhotosModel
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.grid import Grid
from photosearch.gui.widgets.notice import Topic
from photosearch.gui.widgets.tile import TilePainter
from photosearch.gui.widgets.tile_buttons import button_rect
from tests.gui.conftest import OpenWindow
from tests.gui.fake_client import FOLDER, FakeClient, photo

MILLION = 1_000_000


class FixedCache:
    """Has everything at hand, and counts who asks."""

    def __init__(self, make) -> None:
        self.make, self.asked = make, 0
        self.arrived = self
        self.is_settled = True

    def connect(self, _slot) -> None: ...

    def want(self, _ids) -> None: ...

    def has_nothing(self, _photo_id) -> bool:
        return False

    def get(self, photo_id: int):
        self.asked += 1
        return self.make(photo_id)


@pytest.fixture
def grid(qtbot: QtBot, theme: Theme) -> Iterator[Grid]:
    picture = QPixmap(64, 48)
    picture.fill(Qt.GlobalColor.red)
    thumbnails, facts = FixedCache(lambda _id: picture), FixedCache(photo)
    model = PhotosModel(thumbnails, facts)  # type: ignore[arg-type]
    grid = Grid(model, theme)
    model.setParent(grid)
    grid.facts_asked = lambda: facts.asked  # type: ignore[attr-defined]
    qtbot.addWidget(grid)
    grid.resize(800, 600)
    grid.show()
    qtbot.waitExposed(grid)
    model.set_answer(all_photos(np.arange(MILLION, 0, -1, dtype=np.int64)))
    grid.setFocus()
    yield grid
    grid.close()


def picture_of(grid: Grid) -> QImage:
    """The grid with all its tiles made, however slow the machine is."""
    grid.viewport().repaint()
    while grid.is_rough:
        grid.viewport().repaint()
    return grid.viewport().grab().toImage()


def press(qtbot: QtBot, grid: Grid, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> int:
    for modifier in modifiers or (Qt.KeyboardModifier.NoModifier,):
        qtbot.keyClick(grid, key, modifier)
    return grid.currentIndex().row()


def test_a_million_photos_cost_as_much_as_a_screenful(grid: Grid):
    model = grid.model()
    ids = np.arange(MILLION, dtype=np.int64)
    with patch.object(type(model), "data", autospec=True, side_effect=type(model).data) as data:
        model.set_answer(all_photos(ids))
        grid.resize(820, 620)
        grid.verticalScrollBar().setValue(10_000_000)
        grid.repaint()
        grid.selectAll()
        grid.repaint()
        in_sight = len(grid.visible_rows())
        assert in_sight < 40
        # Two repaints and what a resize adds; each tile asks a handful of roles.
        assert data.call_count < 6 * 7 * in_sight


def test_every_photo_can_be_reached(grid: Grid):
    bar = grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert grid.visible_rows()[-1] == MILLION - 1
    assert grid.visualRect(grid.model().index(MILLION - 1)).bottom() < grid.viewport().height()


def test_arrows_home_end_and_pages(grid: Grid, qtbot: QtBot):
    columns = grid.layout_of_tiles.columns
    grid.setCurrentIndex(grid.model().index(0))
    assert press(qtbot, grid, Qt.Key.Key_Right) == 1
    assert press(qtbot, grid, Qt.Key.Key_Down) == 1 + columns
    assert press(qtbot, grid, Qt.Key.Key_Up) == 1
    assert press(qtbot, grid, Qt.Key.Key_Up) == 1
    assert press(qtbot, grid, Qt.Key.Key_End) == MILLION - 1
    assert press(qtbot, grid, Qt.Key.Key_Right) == MILLION - 1
    assert grid.verticalScrollBar().value() == grid.verticalScrollBar().maximum()
    assert press(qtbot, grid, Qt.Key.Key_Home) == 0
    assert press(qtbot, grid, Qt.Key.Key_PageDown) % columns == 0
    assert grid.currentIndex().row() >= columns


def test_down_in_the_row_before_a_short_one_reaches_the_last_photo(grid: Grid, qtbot: QtBot):
    columns = grid.layout_of_tiles.columns
    grid.model().set_answer(all_photos(np.arange(columns + 1, dtype=np.int64)))
    grid.setCurrentIndex(grid.model().index(columns - 1))
    assert press(qtbot, grid, Qt.Key.Key_Down) == columns
    assert press(qtbot, grid, Qt.Key.Key_Down) == columns


def test_shift_selects_runs_in_both_directions(grid: Grid, qtbot: QtBot):
    shift = Qt.KeyboardModifier.ShiftModifier
    grid.setCurrentIndex(grid.model().index(5))
    press(qtbot, grid, Qt.Key.Key_Right, shift, shift)
    assert sorted(index.row() for index in grid.selectedIndexes()) == [5, 6, 7]
    press(qtbot, grid, Qt.Key.Key_Left, *[shift] * 4)
    assert sorted(index.row() for index in grid.selectedIndexes()) == [3, 4, 5]


def test_select_all_is_one_range(grid: Grid, qtbot: QtBot):
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    selection = grid.selectionModel().selection()
    assert selection.count() == 1
    assert (selection.at(0).top(), selection.at(0).bottom()) == (0, MILLION - 1)
    carried = list(grid.model().selected_ids(selection))
    assert carried == list(range(MILLION, MILLION - MAX_CARRIED_COUNT, -1))


def test_a_drag_carries_at_most_a_thousand_files(grid: Grid):
    grid.selectAll()
    model = grid.model()
    mime = model.carried(model.selected_ids(grid.selectionModel().selection(), limit=5_000))
    assert len(mime.urls()) == MAX_CARRIED_COUNT
    assert mime.urls()[0].toLocalFile() == f"/photos/photo {MILLION}.jpg"


def test_a_rubber_band_selects_the_tiles_it_touches(grid: Grid, qtbot: QtBot):
    first, last = grid.tile_rect(0), grid.tile_rect(grid.layout_of_tiles.columns + 1)
    start = first.topLeft() - QPoint(6, 4)
    viewport = grid.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for point in (first.center(), last.center()):
        from PySide6.QtCore import QEvent, QPointF
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(point),
            QPointF(viewport.mapToGlobal(point)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport, move)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=last.center())
    columns = grid.layout_of_tiles.columns
    rows = sorted(index.row() for index in grid.selectedIndexes())
    assert rows == [0, 1, columns, columns + 1]


def test_shift_click_selects_the_run(grid: Grid, qtbot: QtBot):
    viewport, left = grid.viewport(), Qt.MouseButton.LeftButton
    qtbot.mouseClick(viewport, left, pos=grid.tile_rect(1).center())
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(viewport, left, shift, pos=grid.tile_rect(6).center())
    assert sorted(index.row() for index in grid.selectedIndexes()) == [1, 2, 3, 4, 5, 6]


def test_another_tile_size_keeps_the_photo_at_the_top(grid: Grid):
    grid.scrollTo(grid.model().index(500_000), Grid.ScrollHint.PositionAtTop)
    before = grid.visible_rows().start
    columns = grid.layout_of_tiles.columns
    grid.set_tile_px(300)
    assert grid.layout_of_tiles.columns < columns
    rows = grid.visible_rows()
    assert rows.start <= before < rows.start + 2 * grid.layout_of_tiles.columns


def test_assistive_technology_sees_a_list_of_photos(grid: Grid):
    QAccessible.setActive(True)
    try:
        interface = QAccessible.queryAccessibleInterface(grid)
        assert interface.role() is QAccessible.Role.List
        assert interface.text(QAccessible.Text.Name) == "Photos"
        assert interface.childCount() == MILLION
        name = interface.child(0).text(QAccessible.Text.Name)
        assert name.startswith(f"photo {MILLION}.jpg, ")
    finally:
        QAccessible.setActive(False)


def test_the_tile_shows_the_middle_of_the_photo_with_round_corners(grid: Grid):
    grid.setCurrentIndex(QModelIndex())
    image = picture_of(grid)
    tile = grid.tile_rect(0)
    assert image.pixelColor(tile.center()).red() > 240
    assert image.pixelColor(tile.topLeft()) == image.pixelColor(2, 2), "the corner is ground"


def test_the_selected_tile_has_an_outline_in_the_accent_colour(grid: Grid, theme: Theme):
    index = grid.model().index(1)
    grid.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    image = picture_of(grid)
    tile = grid.tile_rect(1)
    assert image.pixelColor(tile.left() - 4, tile.center().y()) == theme.colour("accent")
    assert image.pixelColor(tile.left() - 1, tile.center().y()) != theme.colour("accent")


def test_tiles_that_a_frame_has_no_time_for_are_made_in_the_next(
    grid: Grid, monkeypatch: pytest.MonkeyPatch
):
    made = 0
    cut = TilePainter._cut

    def slow(*args: Any) -> QPixmap:
        nonlocal made
        made += 1
        time.sleep(0.012)
        return cut(*args)

    grid.verticalScrollBar().setValue(900_000)
    monkeypatch.setattr(TilePainter, "_cut", slow)
    grid.viewport().repaint()
    assert made == 1
    assert grid.is_rough
    rough = grid.viewport().grab().toImage()
    last = grid.tile_rect(grid.visible_rows()[-3])
    assert rough.pixelColor(last.center()).red() > 240, "the photo is there"
    image = picture_of(grid)
    assert made >= len(grid.visible_rows())
    assert image.pixelColor(last.topLeft()) == image.pixelColor(2, 2), "with round corners"


# In the window


def test_only_what_is_in_sight_and_the_next_page_is_fetched(open_window: OpenWindow):
    shown = open_window(FakeClient(5_000))
    grid = shown.window.grid
    in_sight = [shown.ids[row] for row in grid.visible_rows()]
    assert set(in_sight) <= shown.client.thumbnail_ids
    assert len(shown.client.thumbnail_ids) <= 2 * len(in_sight)
    assert shown.client.thumbnail_calls[0][0] == in_sight[0], "from the top"


def test_scrolled_away_photos_are_not_fetched(open_window: OpenWindow):
    shown = open_window(FakeClient(50_000))
    shown.client.thumbnail_calls.clear()
    bar = shown.window.grid.verticalScrollBar()
    for share in range(1, 40):
        bar.setValue(bar.maximum() * share // 40)
    bar.setValue(bar.maximum())
    shown.settle()
    last = {shown.ids[row] for row in shown.window.grid.visible_rows()}
    assert last <= shown.client.thumbnail_ids
    # 40 pages flew by; at most the batches that had already started were fetched.
    assert len(shown.client.thumbnail_ids) < 4 * len(last)


def test_a_photo_without_thumbnail_is_not_asked_for_again(open_window: OpenWindow):
    client = FakeClient(3)
    client.without_thumbnail = {2}
    shown = open_window(client)
    model = shown.window.photos
    assert model.data(model.index(1), Role.HAS_NO_THUMBNAIL)
    model.set_visible_rows(0, 2)
    shown.settle()
    assert sum(2 in call for call in client.thumbnail_calls) == 1


def test_double_click_and_enter_open_the_photo(
    open_window: OpenWindow, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    client = FakeClient(20)
    path = tmp_path / "a photo é 100%.jpg"
    path.write_bytes(b"x")
    client.paths = {20: path, 19: path}
    shown = open_window(client)
    grid = shown.window.grid

    shown.qtbot.mouseDClick(
        grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(0).center()
    )
    shown.until(lambda: len(opened) == 1)
    grid.setCurrentIndex(shown.window.photos.index(1))
    shown.qtbot.keyClick(grid, Qt.Key.Key_Return)
    shown.until(lambda: len(opened) == 2)
    assert [url.toLocalFile() for url in opened] == [str(path)] * 2


def test_a_photo_that_is_gone_is_told(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: pytest.fail("opened"))
    shown = open_window(FakeClient(20))
    shown.window.grid.opened.emit(20)
    shown.until(lambda: "not there any more" in shown.window.notices.text(Topic.TROUBLE))


def test_an_offline_photo_is_dimmed_and_not_opened(open_window: OpenWindow):
    from dataclasses import replace

    client = FakeClient(20)
    client.folders_answer = [replace(FOLDER, path=Path("/media/me/Disk A/photos"), is_online=False)]
    shown = open_window(client)
    model = shown.window.photos
    assert model.data(model.index(0), Role.IS_OFFLINE)
    assert len(shown.ids) == 20
    shown.window.grid.opened.emit(20)
    assert shown.window.notices.text(Topic.TROUBLE) == (
        "photo 20.jpg lies in “photos”, which is offline. Connect the drive “Disk A” to open it."
    )


def test_show_in_folder_and_copy(
    open_window: OpenWindow, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    monkeypatch.setattr("sys.platform", "linux")
    client = FakeClient(20)
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"x")
    client.paths = {20: path}
    shown = open_window(client)
    grid, actions = shown.window.grid, shown.window.desk.actions
    grid.setCurrentIndex(shown.window.photos.index(0))

    actions.show_action.trigger()
    shown.until(lambda: opened)
    assert opened[0].toLocalFile() == str(tmp_path)
    actions.copy_path_action.trigger()
    assert QGuiApplication.clipboard().text() == str(path)
    actions.copy_action.trigger()
    assert QGuiApplication.clipboard().mimeData().urls()[0].toLocalFile() == str(path)
    texts = [action.text() for action in actions.menu.actions() if action.text()]
    assert texts[:2] == ["Open", "Show in folder"]
    assert texts[5:7] == ["Copy", "Copy path"]


def test_find_similar_by_the_button_on_a_tile(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.search("cat")
    grid = shown.window.grid
    wanted = shown.ids[1]
    shown.qtbot.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, pos=button_rect(grid.tile_rect(1)).center()
    )
    shown.until(lambda: len(shown.client.searches) == 2)
    shown.settle()
    assert shown.client.searches[-1].terms == (PhotoTerm(wanted),)
    assert shown.window.search_box.chip.text == "like this"
    assert not shown.window.search_box.example.preview.isNull()


def test_find_similar_by_key(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.window.grid.setFocus()
    shown.window.grid.setCurrentIndex(shown.window.photos.index(2))
    shown.qtbot.keyClick(shown.window.grid, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    shown.until(lambda: shown.client.searches)
    shown.settle()
    assert shown.client.searches[0].terms == (PhotoTerm(18),)


def test_the_slider_changes_the_tiles(open_window: OpenWindow):
    shown = open_window(FakeClient(200))
    before = shown.window.grid.layout_of_tiles.columns
    shown.window.top_bar.slider.setValue(320)
    assert shown.window.grid.layout_of_tiles.columns < before
    assert shown.window.grid.layout_of_tiles.tile_px >= 256
    shown.settle()


def test_empty_tiles_appear_only_after_a_moment(open_window: OpenWindow):
    from threading import Event

    allowed = Event()
    client = FakeClient(20)

    def connect() -> FakeClient:
        assert allowed.wait(10)
        return client

    shown = open_window(client, connect, is_settled=False)
    grid = shown.window.grid
    ground = grid.viewport().grab().toImage()
    assert not grid._shows_skeletons
    assert ground.pixelColor(grid.width() // 2, 100) == ground.pixelColor(2, 2)
    shown.until(lambda: grid._shows_skeletons)
    places = grid.viewport().grab().toImage()
    assert isinstance(places, QImage)
    assert places.pixelColor(100, 100) != places.pixelColor(2, 2)
    allowed.set()
    shown.settle()
    grid.repaint()
    assert not grid._shows_skeletons


def test_a_photo_that_nothing_opens_can_be_shown_in_its_folder(
    open_window: OpenWindow, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: asked.append(url) or len(asked) > 1
    )
    monkeypatch.setattr("sys.platform", "linux")
    client = FakeClient(20)
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"x")
    client.paths = {20: path}
    shown = open_window(client)
    shown.window.grid.opened.emit(20)
    notices = shown.window.notices
    shown.until(lambda: notices.text(Topic.TROUBLE) == "No program could open photo.jpg.")
    button = notices.line(Topic.TROUBLE).action_button
    assert button.text() == "Show in folder"
    button.click()
    assert asked[-1].toLocalFile() == str(tmp_path)
    assert notices.text(Topic.TROUBLE) == ""
