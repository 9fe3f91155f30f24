"""What a search found, as it is shown: bands, long answers, why a photo is there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from photosearch.core.chip import Chip, ChipKind
from photosearch.core.query import Order, Scope
from photosearch.core.result import Band, Why
from photosearch.gui.models.look import Role
from photosearch.gui.stage import Stage
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient


def banded(count: int = 2_000) -> FakeClient:
    """A library where "dog" finds 1 by name, 9 strong, 12 possible, and all others."""
    client = FakeClient(count)
    bands = [Band.NAMED] + [Band.STRONG] * 9 + [Band.POSSIBLE] * 12
    bands += [Band.WEAK] * (count - len(bands))
    client.results["dog"] = list(range(1, count + 1))
    client.fields["dog"] = {"bands": np.array(bands, np.uint8), "total_count": count}
    return client


def searched(open_window: OpenWindow, client: FakeClient, text: str = "dog") -> Shown:
    shown = open_window(client)
    shown.search(text)
    return shown


def test_the_heading_is_that_of_the_band_at_the_top(open_window: OpenWindow):
    shown = searched(open_window, banded())
    gallery, grid = shown.window.gallery, shown.window.grid
    assert gallery.heading == "Found by name  1 photo"
    bar = grid.verticalScrollBar()
    bar.setValue(grid.tile_rect(1).top() + bar.value())
    assert gallery.heading == "Strong matches  9 photos"
    bar.setValue(grid.tile_rect(10).top() + bar.value())
    assert gallery.heading == "Possible matches  12 photos"
    bar.setValue(grid.tile_rect(30).top() + bar.value())
    assert gallery.heading == "The rest, by likeness  1,978 photos"
    shown.settle()


def test_the_headings_of_the_other_bands_stand_among_the_tiles(open_window: OpenWindow):
    shown = searched(open_window, banded())
    grid = shown.window.grid
    assert grid.layout_of_tiles.starts == (1, 10, 22)
    heading = grid.layout_of_tiles.heading_rect(0)
    image = grid.viewport().grab(heading).toImage()
    ground = image.pixelColor(2, 2)
    drawn = sum(
        image.pixelColor(x, y) != ground
        for x in range(image.width())
        for y in range(image.height())
    )
    assert drawn > 200, "words are drawn"


def test_keys_lead_across_bands(open_window: OpenWindow):
    shown = searched(open_window, banded())
    grid, qtbot = shown.window.grid, shown.qtbot
    grid.setFocus()
    grid.setCurrentIndex(shown.window.photos.index(0))
    rows = [grid.currentIndex().row()]
    for _ in range(4):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        rows.append(grid.currentIndex().row())
    columns = grid.layout_of_tiles.columns
    assert rows[:3] == [0, 1, 1 + columns]
    assert grid.layout_of_tiles.rect(rows[-1]).left() == grid.layout_of_tiles.left_px
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert grid.selectionModel().selection().count() == 1
    shown.settle()


def test_a_long_answer_comes_in_parts_and_nothing_moves(open_window: OpenWindow):
    shown = searched(open_window, banded(20_000))
    photos, grid = shown.window.photos, shown.window.grid
    assert len(shown.ids) == 500
    assert photos.rowCount() == 20_000
    before, height = shown.ids, grid.layout_of_tiles.height_px

    bar = grid.verticalScrollBar()
    bar.setValue(grid.tile_rect(490).top() + bar.value())
    value = bar.value()
    shown.until(lambda: len(shown.ids) == 2_000)
    shown.settle()
    assert shown.ids[:500] == before
    assert (bar.value(), grid.layout_of_tiles.height_px) == (value, height)

    bar.setValue(bar.maximum())
    shown.until(lambda: len(shown.ids) == 20_000)
    shown.settle()
    assert photos.data(photos.index(19_999), Role.ID) == 20_000
    assert len(shown.client.searches) == 3


def test_a_new_search_drops_the_rest_of_the_old_one(open_window: OpenWindow):
    shown = searched(open_window, banded(20_000))
    bar = shown.window.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    shown.search("cat")
    assert len(shown.ids) == 10
    assert shown.window.photos.rowCount() == 10


def test_select_all_selects_what_has_not_come_yet_too(open_window: OpenWindow):
    shown = searched(open_window, banded(20_000))
    grid = shown.window.grid
    grid.setFocus()
    shown.qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    shown.until(lambda: len(shown.ids) == 20_000)
    shown.settle()
    selection = grid.selectionModel().selection()
    assert (selection.at(0).top(), selection.at(0).bottom()) == (0, 19_999)


def test_a_library_that_shrank_meanwhile_leaves_no_empty_places(open_window: OpenWindow):
    shown = searched(open_window, banded(3_000))
    shown.client.results["dog"] = shown.client.results["dog"][:1_500]
    shown.client.fields["dog"]["bands"] = shown.client.fields["dog"]["bands"][:1_500]
    shown.client.fields["dog"]["total_count"] = 1_500
    bar = shown.window.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    shown.until(lambda: shown.window.photos.rowCount() == 1_500)
    shown.settle()
    assert len(shown.ids) == 1_500


def test_where_nothing_stands_out_one_line_says_so_and_the_closest_are_shown(
    open_window: OpenWindow,
):
    client = banded(50)
    client.fields["dog"] |= {"no_good_match": True, "bands": np.full(50, Band.WEAK, np.uint8)}
    shown = searched(open_window, client)
    assert shown.window.gallery.heading == "Nothing stands out for “dog”.  These are the closest."
    assert len(shown.ids) == 50
    assert shown.window.grid.layout_of_tiles.starts == ()


def test_what_is_compared_so_far_is_said(open_window: OpenWindow):
    client = banded(100)
    client.fields["dog"] |= {"searched_count": 12_480, "waiting_count": 35_733}
    shown = searched(open_window, client)
    assert "12,480 of 48,213 compared so far · 14 ms" in shown.window.status_line.text


def test_filters_alone_compare_nothing(open_window: OpenWindow):
    client = banded(100)
    client.fields["dog"]["chips"] = (Chip(ChipKind.FILTER, "2021", "date:2021", 0, 9),)
    shown = searched(open_window, client)
    assert shown.window.gallery.heading == "Photos  100 photos"
    assert shown.window.status_line.text.endswith("CPU, 2 threads · 14 ms")
    photos = shown.window.photos
    told = photos.data(photos.index(0), Qt.ItemDataRole.ToolTipRole)
    assert "%" not in told


def test_the_order_is_changed_by_the_menu(open_window: OpenWindow):
    shown = searched(open_window, banded(100))
    bar = shown.window.gallery.result_bar
    assert bar.order_button.isVisible()
    bar.order_actions[Order.NEWEST].trigger()
    shown.until(lambda: shown.client.searches[-1].order is Order.NEWEST)
    shown.settle()
    assert bar.order_button.text() == "Newest ▾"
    assert shown.window.gallery.heading == "Matches, newest first  100 photos"
    assert shown.window.grid.layout_of_tiles.starts == ()

    shown.window.search_box.clear()
    shown.settle()
    assert not bar.order_button.isVisible(), "all photos have one order"


def test_scope_certainty_and_bursts_are_changed_by_keys(open_window: OpenWindow):
    shown = searched(open_window, banded(100))
    bar, qtbot = shown.window.gallery.result_bar, shown.qtbot
    bar.refine_button.setFocus()
    qtbot.keyClick(bar.refine_button, Qt.Key.Key_Space)
    popup = bar.refine
    assert popup.isVisible()
    assert QApplication.focusWidget() in popup.scopes.buttons()
    qtbot.keyClick(popup.scopes.checkedButton(), Qt.Key.Key_Down)
    qtbot.keyClick(popup.slider, Qt.Key.Key_PageUp)
    qtbot.keyClick(popup.bursts, Qt.Key.Key_Space)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    shown.until(lambda: shown.client.searches[-1].collapses_bursts)
    shown.settle()
    query = shown.client.searches[-1]
    assert query.min_confidence == 0.2
    assert query.scope is Scope.MEANING
    assert bar.refine_button.property("tone") == "accent"

    shown.search("cat")
    assert shown.client.searches[-1].min_confidence == 0.2, "until it is changed"


def test_where_nothing_passes_the_way_back_stays_in_sight(open_window: OpenWindow):
    client = banded(100)
    client.results["none"] = []
    shown = searched(open_window, client, "none")
    assert shown.window.session.stage is Stage.NO_MATCH
    assert shown.window.gallery.result_bar.refine_button.isVisible()
    shown.search("dog")
    assert shown.window.gallery.grid.isVisible()


def test_a_tile_says_why_it_is_there(open_window: OpenWindow):
    client = banded(100)
    whys = np.full(100, Why.IMAGE, np.uint8)
    whys[:2] = Why.NAME | Why.FOLDER, Why.TAG | Why.IMAGE
    confidences = np.full(100, 0.931, np.float32)
    bursts = np.ones(100, np.int32)
    bursts[2] = 12
    client.fields["dog"] |= {"whys": whys, "confidences": confidences, "burst_counts": bursts}
    shown = searched(open_window, client)
    photos = shown.window.photos
    told = [photos.data(photos.index(row), Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert told[0].splitlines()[1:] == ["Found by its name, folder"]
    assert told[1].splitlines()[1:] == ["Strong match, 93 %", "Found by its tag"]
    assert told[2].splitlines()[1:] == ["Strong match, 93 %", "12 photos of one moment"]
    spoken = photos.data(photos.index(1), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith(", Strong match, 93 %, Found by its tag")
    assert photos.look(2).burst_count == 12
