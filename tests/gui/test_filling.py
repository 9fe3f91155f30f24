"""New photos come by themselves while nobody looks at certain ones, and are offered else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest

from photosearch.core.events import PhotosChanged
from photosearch.gui.widgets.notice import Topic
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient


def test_a_library_that_begins_with_one_photo_fills_by_itself(open_window: OpenWindow):
    shown = open_window(FakeClient(1))
    told: list[tuple[int, int]] = []
    shown.window.session.news_changed.connect(lambda *news: told.append(news))
    for count in (40, 90, 2_149):
        shown.client.photo_ids_answer = FakeClient(count).photo_ids_answer
        shown.client.tell(PhotosChanged(count // 2, 0))
        shown.until(lambda count=count: len(shown.ids) == count)
    shown.settle()
    assert shown.window.gallery.heading == "All photos  2,149"
    assert told == [], "nobody has to ask for them"


def test_a_photo_that_turns_out_broken_leaves_by_itself(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.photo_ids_answer = shown.client.photo_ids_answer[1:]
    shown.client.tell(PhotosChanged(0, 1))
    shown.until(lambda: shown.ids[0] == 49)
    shown.settle()
    assert shown.window.gallery.heading == "All photos  49"
    assert shown.window.notices.text(Topic.NEWS) == ""


def test_photos_that_are_gone_leave_and_the_others_stay_selected(open_window: OpenWindow):
    shown = open_window(FakeClient(300))
    grid, photos = shown.window.grid, shown.window.photos
    grid.verticalScrollBar().setValue(120)
    scroll_px = grid.verticalScrollBar().value()
    chosen = [12, 13, 20]
    for row in chosen:
        flags = QItemSelectionModel.SelectionFlag.Select
        grid.selectionModel().select(photos.index(row), flags)
    before = [shown.ids[row] for row in chosen]
    gone = {300, 299, 287, 1}  # 287 is selected: row 13
    shown.client.photo_ids_answer = np.array(
        [305, *(photo_id for photo_id in range(300, 0, -1) if photo_id not in gone)], np.int64
    )
    shown.client.tell(PhotosChanged(1, 4))
    shown.until(lambda: len(shown.ids) == 296)
    assert shown.ids == [photo_id for photo_id in range(300, 0, -1) if photo_id not in gone]
    left = list(photos.selected_ids(grid.selectionModel().selection()))
    assert left == [photo_id for photo_id in before if photo_id not in gone]
    assert grid.verticalScrollBar().value() == scroll_px
    assert shown.window.gallery.heading == "All photos  296"
    assert shown.window.notices.text(Topic.NEWS) == "1 new photo"
    shown.settle()
    assert all(photos.look(row).thumbnail is not None for row in grid.visible_rows())


def test_so_many_photos_that_are_gone_are_said(open_window: OpenWindow):
    shown = open_window(FakeClient(400))
    shown.window.grid.verticalScrollBar().setValue(90)
    shown.client.photo_ids_answer = shown.client.photo_ids_answer[::2]
    shown.client.tell(PhotosChanged(0, 200))
    shown.until(lambda: shown.window.notices.text(Topic.NEWS) == "200 photos are gone")
    shown.settle()
    assert len(shown.ids) == 400
    shown.window.notices.line(Topic.NEWS).action_button.click()
    shown.until(lambda: len(shown.ids) == 200)
    shown.settle()


def select(shown: Shown) -> None:
    shown.window.grid.setCurrentIndex(shown.window.photos.index(3))


def scroll(shown: Shown) -> None:
    shown.window.grid.verticalScrollBar().setValue(90)


def aim(shown: Shown) -> None:
    QTest.mouseMove(shown.window.grid.viewport(), QPoint(60, 60))
    shown.qtbot.mouseMove(shown.window.grid.viewport(), QPoint(80, 80))
    shown.until(lambda: not shown.window.grid.is_untouched)


@pytest.mark.parametrize("touch", [select, scroll, aim])
def test_nothing_jumps_where_somebody_looks_at_certain_photos(
    open_window: OpenWindow, touch: Callable[[Shown], None]
):
    shown = open_window(FakeClient(80))
    touch(shown)
    shown.client.photo_ids_answer = FakeClient(83).photo_ids_answer
    shown.client.tell(PhotosChanged(3, 0))
    shown.until(lambda: shown.window.notices.text(Topic.NEWS) == "3 new photos")
    assert len(shown.ids) == 80
    shown.window.notices.line(Topic.NEWS).action_button.click()
    shown.until(lambda: len(shown.ids) == 83)
    shown.settle()


def test_photos_that_wait_are_offered_once_somebody_chooses_one(open_window: OpenWindow):
    shown = open_window(FakeClient(400))  # many: they come together after a while
    shown.client.photo_ids_answer = FakeClient(401).photo_ids_answer
    shown.client.tell(PhotosChanged(1, 0))
    shown.qtbot.mouseClick(
        shown.window.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 60)
    )
    shown.until(lambda: shown.window.notices.text(Topic.NEWS) == "1 new photo")
    assert len(shown.ids) == 400
