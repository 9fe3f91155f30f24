"""The window around the grid: first run, folders, status, problems, the end."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel, QStyleOptionViewItem

from photosearch import resources
from photosearch.core.events import (
    DeviceLost,
    FileQuarantined,
    FoldersChanged,
    IndexFinished,
    IndexPhase,
    IndexProgress,
    ModelChanged,
    PhotosChanged,
    WorkerError,
)
from photosearch.core.failure import FailureCode
from photosearch.engine.client import ConnectionChanged
from photosearch.errors import (
    CorruptStoreError,
    EngineError,
    ModelError,
    NewerStoreError,
    UsageError,
)
from photosearch.gui.models.look import Role
from photosearch.gui.stage import Stage
from photosearch.gui.widgets.notice import Topic
from tests.gui.conftest import OpenWindow
from tests.gui.fake_client import FOLDER, FakeClient, failure, sample

PROGRESS = IndexProgress(IndexPhase.INDEXING, 1_120, 4_000, 0, 26.3, 23.0)
FINISHED = IndexFinished(1, 4_000, 4_000, 0, 0, 100.0, False)


def test_an_empty_library_offers_two_ways_to_begin(open_window: OpenWindow):
    shown = open_window(FakeClient(0))
    assert shown.window.session.stage is Stage.EMPTY_LIBRARY
    welcome = shown.window.gallery.currentWidget()
    assert welcome is shown.window.gallery.welcome

    shown.qtbot.mouseClick(welcome.sample_button, Qt.MouseButton.LeftButton)
    shown.until(lambda: shown.client.added == [resources.sample_pictures()])


def test_a_chosen_folder_is_added(open_window: OpenWindow, tmp_path: Path):
    shown = open_window(FakeClient(0))
    shown.window.top_bar.add_button.click()
    (dialog,) = shown.window.findChildren(QFileDialog)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    shown.until(lambda: shown.client.added == [tmp_path])


def test_a_folder_that_is_refused_is_told(open_window: OpenWindow, tmp_path: Path):
    client = FakeClient(3)
    client.errors["add_folder"] = UsageError(
        f"{tmp_path} lies in a watched folder.", "Nothing to do."
    )
    shown = open_window(client)
    shown.window.session.add_folder(tmp_path)
    shown.until(lambda: "lies in a watched folder" in shown.window.notices.text(Topic.TROUBLE))
    shown.window.notices.line(Topic.TROUBLE).close_button.click()
    assert shown.window.notices.text(Topic.TROUBLE) == ""
    assert shown.window.notices.is_empty


def test_a_library_that_cannot_be_opened_says_why_and_is_tried_again(open_window: OpenWindow):
    client = FakeClient(5)
    errors = [NewerStoreError("The library is newer.", "Update Photosearch.")]

    def connect() -> FakeClient:
        if errors:
            raise errors.pop()
        return client

    shown = open_window(client, connect, is_settled=False)
    shown.until(lambda: shown.window.session.stage is Stage.FAILED)
    assert "The library is newer. Update Photosearch." in shown.window.gallery.message.text
    assert shown.window.notices.text(Topic.TROUBLE) == "", "once is enough"

    shown.window.gallery.message.button.click()
    shown.settle()
    assert shown.ids == [5, 4, 3, 2, 1]


def test_what_was_asked_before_the_engine_answered_is_searched_for(open_window: OpenWindow):
    client = FakeClient(20)
    client.results["cat"] = [3]
    allowed = threading.Event()

    def connect() -> FakeClient:
        assert allowed.wait(10)
        return client

    shown = open_window(client, connect, is_settled=False)
    assert shown.window.session.stage is Stage.CONNECTING
    shown.window.search_box.set_words("cat")
    allowed.set()
    shown.until(lambda: shown.ids == [3])
    shown.settle()


def test_a_first_question_that_fails_settles_and_says_why(open_window: OpenWindow):
    client = FakeClient(20)
    client.errors["cat"] = ModelError("The model's texts are damaged.", "Fetch it again.")
    allowed = threading.Event()

    def connect() -> FakeClient:
        assert allowed.wait(10)
        return client

    shown = open_window(client, connect, is_settled=False)
    shown.window.search_box.set_words("cat")
    allowed.set()
    shown.settle()
    assert "The model's texts are damaged." in shown.window.notices.text(Topic.TROUBLE)
    assert shown.ids == []

    del client.errors["cat"]
    shown.search("cat")
    assert shown.window.session.stage is Stage.PHOTOS
    assert shown.window.notices.text(Topic.TROUBLE) == ""


def test_closing_while_connecting_joins_everything(open_window: OpenWindow):
    client = FakeClient(20)
    allowed = threading.Event()
    entered = threading.Event()

    def connect() -> FakeClient:
        entered.set()
        assert allowed.wait(10)
        return client

    shown = open_window(client, connect, is_settled=False)
    shown.until(entered.is_set)
    timer = threading.Timer(0.05, allowed.set)
    timer.start()
    shown.window.close()
    timer.join()
    assert client.is_closed


def test_closing_with_a_search_under_way_joins_everything(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    gate = shown.client.hold("slow")
    shown.window.search_box.set_words("slow")
    shown.until(gate.entered.is_set)
    shown.window.close()
    assert shown.client.is_closed


def test_progress_is_shown_and_can_be_stopped(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    assert not shown.window.status_line.stop_button.isVisible()
    shown.client.tell(PROGRESS)
    line = shown.window.status_line
    shown.until(lambda: line.stop_button.isVisible())
    assert "Indexing 1,120 of 4,000 · 26 photos/s · 23 s left" in line.text

    line.stop_button.click()
    shown.until(lambda: "stop_index" in shown.client.calls)
    shown.client.tell(FINISHED)
    shown.until(lambda: not line.stop_button.isVisible())
    assert line.text.startswith("20 photos")


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (IndexProgress(IndexPhase.SCANNING, 0, 1_200, 0, 0.0, None), "Looking for photos · 1,200"),
        (
            IndexProgress(IndexPhase.LOADING_MODEL, 0, 10, 0, 0.0, None),
            "Preparing the model, once…",
        ),
        (IndexProgress(IndexPhase.INDEXING, 1, 9, 0, 0.0, None), "Indexing 1 of 9"),
        (IndexProgress(IndexPhase.INDEXING, 1, 9, 0, 2.5, 150.0), "2.5 photos/s · 2 min left"),
        (IndexProgress(IndexPhase.INDEXING, 1, 9, 0, 2.5, 8_000.0), "2 h left"),
    ],
)
def test_progress_in_words(open_window: OpenWindow, progress: IndexProgress, text: str):
    shown = open_window(FakeClient(20))
    shown.client.tell(progress)
    shown.until(lambda: text in shown.window.status_line.text)


def test_a_search_while_indexing_says_that_it_saw_a_part(open_window: OpenWindow):
    client = FakeClient(20)
    client.progress = PROGRESS
    shown = open_window(client)
    shown.until(lambda: shown.window.status_line.stop_button.isVisible())
    shown.search("cat")
    assert "20 photos compared so far · 14 ms" in shown.window.status_line.text


def test_the_first_photos_are_announced(open_window: OpenWindow):
    client = FakeClient(0)
    client.folders_answer = [FOLDER]
    client.progress = PROGRESS
    shown = open_window(client)
    assert shown.window.session.stage is Stage.READING
    assert "Reading your photos" in shown.window.gallery.message.text
    client.progress = None
    shown.client.tell(FINISHED)
    shown.until(lambda: shown.window.session.stage is Stage.NO_PHOTOS)


def test_the_sample_model_is_named_wherever_it_is_used(open_window: OpenWindow):
    shown = open_window(sample(FakeClient(20)))
    text = shown.window.notices.text(Topic.SAMPLE)
    assert text == shown.client.model_note
    assert not shown.window.notices.line(Topic.SAMPLE).close_button.isVisible()
    assert shown.window.notices.isVisible()
    shown.search("cat")
    assert shown.window.notices.text(Topic.SAMPLE) == text


def test_a_real_model_needs_no_words(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    assert shown.window.notices.text(Topic.SAMPLE) == ""
    assert "Fake model · CPU, 2 threads" in shown.window.status_line.text


def test_problems_are_counted_listed_and_shown_in_their_folder(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    monkeypatch.setattr("sys.platform", "linux")
    client = FakeClient(20)
    client.failures_answer = [
        failure("one.jpg"),
        failure("two.jpg"),
        failure("locked", FailureCode.FOLDER_UNREADABLE),
    ]
    shown = open_window(client)
    line, problems = shown.window.status_line, shown.window.problems
    assert line.problems_button.text() == "3 problems"

    line.problems_button.click()
    shown.until(lambda: problems.model.rowCount() == 3)
    assert problems.isVisible()
    assert not problems.isModal()
    count = problems.findChild(QLabel, "problemsCount")
    assert count.text() == "2 files and 1 folder could not be read"
    row = [problems.model.index(1, column).data() for column in range(3)]
    assert row == ["two.jpg", "The file ends too early; the copy may be incomplete.", "/photos"]

    problems.list.setCurrentIndex(problems.model.index(1, 0))
    problems.show_button.click()
    assert [url.toLocalFile() for url in opened] == ["/photos"]
    shown.qtbot.keyClick(problems, Qt.Key.Key_Escape)
    assert not problems.isVisible()


def test_a_model_that_cannot_be_found_is_told_and_another_offered(open_window: OpenWindow):
    client = FakeClient(20)
    client.model_trouble = "The model /usb/mine cannot be found: it is away."
    shown = open_window(client)
    notices = shown.window.notices
    shown.until(lambda: notices.text(Topic.MODEL) == client.model_trouble)
    asked: list[bool] = []
    shown.window.announcer.models_requested.disconnect(shown.window.models.open_up)
    shown.window.announcer.models_requested.connect(lambda: asked.append(True))
    notices.line(Topic.MODEL).action_button.click()
    assert asked

    client.model_trouble = ""
    shown.client.tell(ModelChanged("Other"))
    shown.until(lambda: notices.text(Topic.MODEL) == "")


def test_background_trouble_is_told(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.client.tell(WorkerError("The disk is full.", "Make room."))
    notices = shown.window.notices
    shown.until(lambda: notices.text(Topic.WORK) == "The disk is full. Make room.")
    shown.search("cat")
    assert notices.text(Topic.WORK), "it is about something else"
    shown.client.tell(PROGRESS)
    shown.until(lambda: notices.text(Topic.WORK) == "")


def test_a_file_that_is_left_out_is_told_once_and_quietly(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.client.tell(PROGRESS)
    shown.client.tell(FileQuarantined(Path("/photos/odd.jpg")))
    notices = shown.window.notices
    told = "“odd.jpg” stopped indexing twice and is left out until it changes."
    shown.until(lambda: notices.text(Topic.WORK) == told)


def test_a_gpu_that_failed_is_told_once_and_quietly(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    shown.client.tell(PROGRESS)
    shown.client.tell(DeviceLost("the GPU failed: CUDA error"))
    told = "The CPU goes on, which is slower: the GPU failed: CUDA error."
    shown.until(lambda: shown.window.notices.text(Topic.WORK) == told)


def test_folder_events_refresh_the_status_once(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    before = shown.client.calls.count("status")
    for _ in range(20):
        shown.client.tell(FoldersChanged())
    shown.until(lambda: shown.client.calls.count("status") > before)
    assert shown.client.calls.count("status") == before + 1


def test_an_engine_that_came_back_is_told_once_and_goes_by_itself(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    notices = shown.window.notices
    shown.client.come_back()
    shown.client.lose()
    shown.until(lambda: notices.text(Topic.CONNECTION) == "Reconnecting to the library…")
    shown.window.announcer._passing.setInterval(50)
    told: list[str] = []
    shown.window.session.connection_changed.connect(
        lambda _: told.append(notices.text(Topic.CONNECTION))
    )
    shown.client.come_back()
    shown.until(lambda: told)
    assert told == ["The search engine stopped and was started again."]
    shown.until(lambda: notices.text(Topic.CONNECTION) == "")


def test_thumbnails_come_back_with_the_engine(open_window: OpenWindow):
    from photosearch.errors import EngineError

    client = FakeClient(20)
    client.errors["thumbnails"] = EngineError("The engine went away.")
    shown = open_window(client, is_settled=False)
    shown.until(lambda: client.thumbnail_calls)
    client.lose()
    del client.errors["thumbnails"]
    client.come_back()
    shown.settle()
    assert not shown.window.photos.is_waiting


def test_thumbnails_come_back_while_they_are_made_again(open_window: OpenWindow):
    client = FakeClient(3)
    client.without_thumbnail = {1, 2, 3}
    shown = open_window(client)
    photos = shown.window.photos
    assert photos.data(photos.index(0), Role.HAS_NO_THUMBNAIL)
    client.without_thumbnail = set()
    client.tell(PROGRESS)
    shown.until(lambda: not photos.data(photos.index(0), Role.HAS_NO_THUMBNAIL))
    shown.settle()
    assert not photos.is_waiting


def test_the_window_can_be_small(open_window: OpenWindow):
    client = sample(FakeClient(20))
    client.progress = PROGRESS
    client.failures_answer = [failure()]
    shown = open_window(client, size_px=(640, 420))
    shown.client.tell(PROGRESS)
    shown.until(lambda: shown.window.status_line.stop_button.isVisible())
    assert shown.window.width() == 640


def test_an_engine_that_is_lost_for_good_is_told_and_a_new_client_starts_over(
    open_window: OpenWindow,
):
    first, second = FakeClient(20), FakeClient(5)
    second.results["cat"] = [3]
    clients = [first, second]
    shown = open_window(first, lambda: clients.pop(0))
    first.lose()
    first.give_up(CorruptStoreError("The database is damaged.", "It was kept aside."))
    session, window = shown.window.session, shown.window
    shown.until(lambda: session.stage is Stage.FAILED)
    assert "The database is damaged. It was kept aside." in window.gallery.message.text
    assert window.notices.text(Topic.CONNECTION) == "", "nobody reconnects any more"
    assert window.notices.text(Topic.TROUBLE) == ""

    window.search_box.set_words("cat")
    assert window.top_bar.error == "The database is damaged. It was kept aside."
    assert first.searches == []

    window.gallery.message.button.click()
    shown.until(lambda: shown.ids == [3])
    assert first.is_closed
    assert window.top_bar.error == ""
    assert second.calls.count("start_index") == 1
    first.tell(ConnectionChanged(False))
    second.tell(PhotosChanged(2, 0))
    shown.until(lambda: window.notices.text(Topic.NEWS) == "2 new photos")
    assert window.notices.text(Topic.CONNECTION) == "", "the former client is none of our business"
    shown.settle()


def test_enter_tries_again_after_the_engine_was_lost(open_window: OpenWindow):
    first, second = FakeClient(20), FakeClient(5)
    clients = [first, second]
    shown = open_window(first, lambda: clients.pop(0))
    first.give_up(EngineError("The engine stopped 6 times within a minute."))
    shown.until(lambda: shown.window.session.stage is Stage.FAILED)
    shown.window.search_box.words.setText("cat")
    shown.window.search_box.words.returnPressed.emit()
    shown.until(lambda: second.texts() == ["cat"])
    shown.settle()
    assert shown.ids == [5, 4, 3, 2, 1]


def test_reasons_have_the_free_width_and_are_cut_at_their_end(open_window: OpenWindow):
    client = FakeClient(20)
    client.failures_answer = [failure("one.jpg")]
    shown = open_window(client)
    problems = shown.window.problems
    shown.window.status_line.problems_button.click()
    shown.until(lambda: problems.model.rowCount() == 1)
    header, before = problems.list.header(), problems.list.columnWidth(1)
    problems.resize(problems.width() + 200, problems.height())
    shown.until(lambda: problems.list.columnWidth(1) == before + 200)
    assert header.length() == problems.list.viewport().width()
    index = problems.model.index(0, 1)
    option = QStyleOptionViewItem()
    problems.list.itemDelegateForIndex(index).initStyleOption(option, index)
    assert option.textElideMode is Qt.TextElideMode.ElideRight
    assert problems.list.textElideMode() is Qt.TextElideMode.ElideMiddle
    assert index.data(Qt.ItemDataRole.ToolTipRole) == index.data()
    problems.close()


def test_the_name_makes_room_for_the_words(open_window: OpenWindow):
    shown = open_window(FakeClient(20), size_px=(1280, 600))
    bar = shown.window.top_bar
    name = bar.findChild(QLabel, "brand")
    assert name.isVisible()
    shown.window.resize(640, 600)
    shown.until(lambda: not name.isVisible())
    assert bar._mark.isVisible()
    words = shown.window.search_box.words
    assert words.placeholderText() == "Describe a photo, or drop a picture"
    hint_px = words.fontMetrics().horizontalAdvance(words.placeholderText())
    shown.until(lambda: words.width() > hint_px)
    for width_px in range(640, 1280, 40):
        shown.window.resize(width_px, 600)
        shown.until(lambda width_px=width_px: bar.width() == width_px)
        bar.layout().activate()
        box = shown.window.search_box
        assert not name.isVisible() or box.width() >= box.roomy_px
