"""What a query was understood as, and how that is changed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from photosearch.core.chip import Chip, ChipKind
from photosearch.errors import QueryError
from photosearch.gui.widgets.understood import without_part
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient

TEXT = "Strand letzten Sommer  ohne Menschen"
CHIPS = (
    Chip(ChipKind.CONCEPT, "Strand", '"Strand"', 0, 6),
    Chip(ChipKind.FILTER, "Summer 2025", "date:2025-06..2025-08", 7, 21, is_guess=True),
    Chip(ChipKind.EXCLUDED, "without Menschen", '-"Menschen"', 23, 36, is_guess=True),
)


def searched(open_window: OpenWindow, chips: tuple[Chip, ...] = CHIPS) -> Shown:
    client = FakeClient(20)
    client.fields[TEXT] = {"chips": chips}
    shown = open_window(client)
    shown.search(TEXT)
    return shown


def test_chips_say_what_was_understood_and_where_from(open_window: OpenWindow):
    shown = searched(open_window)
    understood = shown.window.gallery.understood
    assert understood.isVisible()
    assert [chip.text for chip in understood.chips] == [chip.label for chip in CHIPS]
    assert [chip.property("kind") for chip in understood.chips] == ["concept", "filter", "excluded"]
    assert understood.chips[0].toolTip() == '"Strand"'
    assert understood.chips[1].toolTip().endswith("As a filter: date:2025-06..2025-08")
    name = understood.chips[2].remove_button.accessibleName()
    assert name == "Remove “without Menschen” from the search"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "letzten Sommer  ohne Menschen"),
        (1, "Strand ohne Menschen"),
        (2, "Strand letzten Sommer"),
    ],
)
def test_removing_a_chip_removes_its_part(open_window: OpenWindow, number: int, text: str):
    shown = searched(open_window)
    chip = shown.window.gallery.understood.chips[number]
    shown.qtbot.mouseClick(chip.remove_button, Qt.MouseButton.LeftButton)
    shown.until(lambda: shown.client.texts()[-1] == text)
    shown.settle()
    assert shown.window.search_box.words.text() == text


def test_a_chip_is_removed_by_a_key(open_window: OpenWindow):
    shown = searched(open_window)
    button = shown.window.gallery.understood.chips[0].remove_button
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    shown.qtbot.keyClick(button, Qt.Key.Key_Delete)
    shown.until(lambda: shown.client.texts()[-1] == "letzten Sommer  ohne Menschen")
    shown.settle()
    assert not shown.window.gallery.understood.isVisible()


def test_the_part_belongs_to_what_was_asked_not_to_what_is_typed_since(open_window: OpenWindow):
    shown = searched(open_window)
    shown.window.search_box.words.setText("something else")
    shown.window.gallery.understood.chips[1].removed.emit()
    shown.until(lambda: shown.client.texts()[-1] == "Strand ohne Menschen")
    shown.settle()


def test_a_removed_last_part_brings_all_photos_back(open_window: OpenWindow):
    shown = searched(open_window, (Chip(ChipKind.FILTER, "all of it", "x", 0, len(TEXT)),))
    shown.window.gallery.understood.chips[0].removed.emit()
    shown.until(lambda: len(shown.ids) == 20)
    shown.settle()
    assert shown.window.search_box.is_empty
    assert not shown.window.gallery.understood.isVisible()


def test_words_can_be_taken_literally(open_window: OpenWindow):
    shown = searched(open_window)
    button = shown.window.gallery.understood.literal_button
    assert button.isVisible()
    shown.client.fields[TEXT] = {"chips": (Chip(ChipKind.CONCEPT, TEXT, TEXT, 0, len(TEXT)),)}
    button.click()
    shown.until(lambda: not shown.client.searches[-1].understands)
    shown.settle()
    assert button.isVisible(), "the way back stays in sight"
    assert button.isChecked()
    shown.client.fields[TEXT] = {"chips": CHIPS}
    button.click()
    shown.until(lambda: shown.client.searches[-1].understands)
    shown.settle()
    assert len(shown.window.gallery.understood.chips) == 3


def test_one_concept_needs_no_chips(open_window: OpenWindow):
    shown = searched(open_window, (Chip(ChipKind.CONCEPT, "Strand", "Strand", 0, 6),))
    assert not shown.window.gallery.understood.isVisible()


def test_filters_that_were_typed_offer_no_switch(open_window: OpenWindow):
    shown = searched(open_window, (Chip(ChipKind.FILTER, "2021", "date:2021", 0, 9),))
    assert shown.window.gallery.understood.isVisible()
    assert not shown.window.gallery.understood.literal_button.isVisible()


def test_a_syntax_error_stands_under_the_box(open_window: OpenWindow):
    shown = searched(open_window)
    shown.client.errors["dat:2021"] = QueryError("There is no field “dat”.", "Try date:2021.")
    shown.search("dat:2021")
    assert shown.window.top_bar.error == "There is no field “dat”. Try date:2021."
    assert len(shown.ids) == 10, "what was shown stays"


@pytest.mark.parametrize(
    ("text", "start", "end", "left"),
    [("a b c", 2, 3, "a c"), ("a", 0, 1, ""), ("  a   b", 2, 3, "b"), ('"a  b" c', 7, 8, '"a  b"')],
)
def test_blanks_are_joined_only_where_the_part_was(text: str, start: int, end: int, left: str):
    assert without_part(text, Chip(ChipKind.CONCEPT, "", "", start, end)) == left
