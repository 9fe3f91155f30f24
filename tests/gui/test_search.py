"""Typing, the newest question winning, errors under the box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from photosearch.core.events import PhotosChanged
from photosearch.core.query import Reading
from photosearch.errors import Cancelled, EngineError, ModelError
from photosearch.gui.stage import Stage
from photosearch.gui.widgets.notice import Topic
from tests.gui.conftest import OpenWindow
from tests.gui.fake_client import FakeClient


def test_all_photos_are_shown_newest_first_before_anything_is_asked(open_window: OpenWindow):
    shown = open_window(FakeClient(1_234))

    assert shown.ids == list(range(1_234, 0, -1))
    assert shown.window.gallery.heading == "All photos  1,234"
    assert shown.client.searches == []
    assert shown.client.calls.count("start_index") == 1


def test_a_pause_in_typing_searches_once_for_all_that_was_typed(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results["dog in snow"] = [7, 3, 5]

    shown.type("dog in snow")
    shown.until(lambda: shown.ids == [7, 3, 5])

    assert shown.client.texts() == ["dog in snow"]
    assert shown.window.gallery.heading == "Strong matches  3 photos"
    assert "50 photos compared · 14 ms" in shown.window.status_line.text


def test_enter_does_not_wait_and_searches_only_once(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.type("dog")
    shown.qtbot.keyClick(shown.window.search_box.words, Qt.Key.Key_Return)

    assert not shown.window.search_box._timer.isActive()
    shown.until(lambda: shown.client.texts() == ["dog"])
    shown.settle()
    assert len(shown.ids) == 10


def test_results_keep_the_order_of_the_engine(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results["cat"] = [5, 50, 1, 30]
    shown.search("cat")
    assert shown.ids == [5, 50, 1, 30]


def test_the_newest_question_wins_and_the_late_answer_is_dropped(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results.update({"slow": [1], "fast": [2]})
    gate = shown.client.hold("slow")
    shown.window.search_box.set_words("slow")
    shown.until(gate.entered.is_set)

    shown.search("fast")

    assert gate.is_cancelled
    assert shown.ids == [2]
    assert shown.window.notices.text(Topic.TROUBLE) == ""


def test_an_answer_that_comes_after_a_newer_one_changes_nothing(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.search("new")
    generation = shown.window.bridge._generation
    before = shown.ids

    shown.window.bridge._on_answer(shown.window.bridge.found, generation - 1, None)

    assert shown.ids == before


def test_a_search_that_an_older_one_overtook_is_asked_again(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results["cat"] = [4]
    answer = shown.client.search
    failed = []

    def cancelled_once(query):
        if not failed:
            failed.append(query)
            raise Cancelled("An older search came late.")
        return answer(query)

    shown.client.search = cancelled_once
    shown.window.search_box.set_words("cat")
    shown.until(lambda: shown.ids == [4])


def test_the_same_question_is_not_asked_twice_by_typing(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.search("cat")
    shown.window.search_box._search()
    shown.settle()
    assert shown.client.texts() == ["cat"]


@pytest.mark.parametrize("text", ["", "   "])
def test_enter_on_an_empty_box_says_what_to_do(open_window: OpenWindow, text: str):
    shown = open_window(FakeClient(50))
    shown.window.search_box.words.setText(text)
    shown.qtbot.keyClick(shown.window.search_box.words, Qt.Key.Key_Return)

    shown.settle()
    assert "Type what you are looking for" in shown.window.top_bar.error
    assert shown.client.searches == []
    assert len(shown.ids) == 50


def test_too_long_a_question_is_refused_under_the_box(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.window.search_box.words.setText("x" * 10_000)
    shown.window.search_box._search()
    shown.until(lambda: shown.window.top_bar.error)
    shown.settle()

    assert shown.window.top_bar.error == (
        "The search text is 10,000 characters long; at most 1,000 are understood."
        " Say it in a sentence."
    )
    assert shown.window.notices.text(Topic.TROUBLE) == "", "under the box is enough"
    assert len(shown.ids) == 50, "what was shown stays"

    shown.search("cat")
    assert shown.window.top_bar.error == ""


def test_half_a_surrogate_pair_does_not_reach_the_engine(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.window.search_box.words.setText("cat \ud83d")
    shown.window.search_box._search()
    shown.until(lambda: shown.client.searches)
    shown.client.searches[0].text.encode("utf-8")
    shown.settle()


def test_a_model_that_fails_is_told_in_a_notice(open_window: OpenWindow):
    client = FakeClient(50)
    client.errors["cat"] = ModelError("The model is damaged.", "Fetch it again.")
    shown = open_window(client)
    shown.search("cat")
    assert shown.window.notices.text(Topic.TROUBLE) == "The model is damaged. Fetch it again."
    assert len(shown.ids) == 50


def test_escape_clears_the_box_and_drops_the_search_under_way(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    gate = shown.client.hold("slow")
    shown.window.search_box.set_words("slow")
    shown.until(gate.entered.is_set)

    shown.qtbot.keyClick(shown.window.grid, Qt.Key.Key_Escape)
    shown.settle()
    gate.opened.set()

    assert shown.window.search_box.is_empty
    assert len(shown.ids) == 50
    assert shown.window.search_box.words.hasFocus()


def test_ctrl_f_goes_to_the_box_and_down_leaves_it(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.qtbot.keyClick(shown.window.search_box.words, Qt.Key.Key_Down)
    assert shown.window.grid.hasFocus()
    assert shown.window.grid.currentIndex().row() == 0
    shown.qtbot.keyClick(shown.window.grid, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert shown.window.search_box.words.hasFocus()


def test_new_photos_are_offered_and_nothing_moves(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.search("cat")
    before = shown.ids
    shown.client.results["cat"] = [99, *before]

    shown.client.tell(PhotosChanged(3, 0))
    shown.client.tell(PhotosChanged(2, 0))
    shown.until(lambda: shown.window.notices.text(Topic.NEWS) == "5 new photos")
    assert shown.ids == before

    line = shown.window.notices.line(Topic.NEWS)
    assert line.action_button.text() == "Search again"
    line.action_button.click()
    shown.until(lambda: shown.ids == [99, *before])
    assert shown.window.notices.text(Topic.NEWS) == ""


def test_new_photos_are_searchable_at_once(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.window.grid.setCurrentIndex(shown.window.photos.index(3))
    shown.client.tell(PhotosChanged(1, 0))
    shown.until(lambda: shown.window.notices.text(Topic.NEWS) == "1 new photo")
    shown.client.results["new"] = [51]
    shown.search("new")
    assert shown.ids == [51]
    assert shown.window.notices.text(Topic.NEWS) == ""


def test_the_first_photos_come_by_themselves(open_window: OpenWindow):
    shown = open_window(FakeClient(0))
    assert shown.window.session.stage is Stage.EMPTY_LIBRARY
    shown.client.photo_ids_answer = FakeClient(8).photo_ids_answer
    shown.client.tell(PhotosChanged(8, 0))
    shown.until(lambda: shown.ids == [8, 7, 6, 5, 4, 3, 2, 1])
    shown.settle()


def test_a_search_lost_with_the_engine_is_repeated_when_it_is_back(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results["cat"] = [4, 2]
    shown.client.errors["cat"] = EngineError("The engine went away.")
    shown.client.lose()
    shown.search("cat")
    assert shown.window.notices.text(Topic.CONNECTION) == "Reconnecting to the library…"
    assert shown.window.notices.text(Topic.TROUBLE) == "", "one quiet line is enough"

    del shown.client.errors["cat"]
    shown.client.come_back()

    shown.until(lambda: shown.ids == [4, 2])
    assert "was started again" in shown.window.notices.text(Topic.CONNECTION)
    assert shown.client.calls.count("start_index") == 2, "a new engine has to watch again"


def test_a_search_under_way_is_repeated_when_the_engine_is_back(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.results["cat"] = [4, 2]
    gate = shown.client.hold("cat")
    shown.window.search_box.set_words("cat")
    shown.until(gate.entered.is_set)
    shown.client.lose()
    del shown.client.gates["cat"]
    shown.client.come_back()
    shown.until(lambda: shown.ids == [4, 2])


def test_an_engine_that_stays_away_can_be_tried_again(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    shown.client.errors["cat"] = EngineError("The engine cannot be started.", "Look at the log.")
    shown.search("cat")
    assert "cannot be started" in shown.window.notices.text(Topic.TROUBLE)

    del shown.client.errors["cat"]
    shown.client.results["cat"] = [9]
    shown.window.notices.line(Topic.TROUBLE).action_button.click()
    shown.until(lambda: shown.ids == [9])
    assert shown.window.notices.text(Topic.TROUBLE) == ""


def test_nothing_to_compare_is_said(open_window: OpenWindow):
    client = FakeClient(50)
    client.results["cat"] = []
    shown = open_window(client)
    shown.search("cat")
    assert shown.window.session.stage is Stage.NO_MATCH
    assert "Nothing to compare yet" in shown.window.gallery.no_match.text


def test_who_read_the_words_is_shown_and_the_other_one_can_be_asked(open_window: OpenWindow):
    shown = open_window(FakeClient(50))
    button = shown.window.status_line.reading_button
    shown.search("dog")
    assert button.isHidden()

    shown.client.reading = Reading.ENGLISH
    shown.search("Hut")
    shown.until(lambda: button.text() == "Read as English")
    assert not button.isHidden()

    button.click()
    shown.until(lambda: button.text() == "Read as any language")
    query = shown.client.searches[-1]
    assert (query.text, query.reading) == ("Hut", Reading.MULTILINGUAL)

    shown.window.search_box.clear()
    shown.until(button.isHidden)
