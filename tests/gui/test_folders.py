"""Folders are removed, what is gone is listed and forgotten, work that was stopped goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from photosearch.core.events import FoldersChanged, IndexFinished, IndexPhase, IndexProgress
from photosearch.core.photo import FilePlace, Folder, GonePhoto
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.core.visible import visible
from photosearch.gui.models.failures import Column as FailureColumn
from photosearch.gui.models.gone import Column
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FOLDER, FakeClient, failure

SECOND = Folder(2, Path("/pictures"), photo_count=44)
PROGRESS = IndexProgress(IndexPhase.INDEXING, 12, 400, 0, 20.0, 19.0)
STOPPED = IndexFinished(1, 12, 12, 0, 0, 3.0, was_stopped=True)


def answer(shown: Shown, window: QWidget, *, yes: bool) -> str:
    """Answers the question that is asked; returns all its words."""
    shown.until(lambda: window.findChild(QDialog, "confirm"))
    dialog = window.findChild(QDialog, "confirm")
    assert dialog.isVisible()
    told = " ".join(label.text() for label in dialog.findChildren(QLabel))
    (dialog.findChild(QPushButton, "confirmYes").click if yes else dialog.reject)()
    shown.until(lambda: not window.findChildren(QDialog, "confirm"))
    return told


def test_a_folder_is_removed_once_the_user_agrees(open_window: OpenWindow):
    client = FakeClient(20)
    client.folders_answer = [FOLDER, SECOND]
    shown = open_window(client)
    folders = shown.window.folders
    folders.open_up()
    shown.until(lambda: len(folders.rows) == 2)
    folders.rows[1].remove_button.click()
    told = answer(shown, folders, yes=False)
    assert "Remove “/pictures”" in told
    assert "Nothing on the disk is touched" in told
    assert "30 days" in told
    shown.settle()
    assert len(client.folders_answer) == 2

    folders.rows[1].remove_button.click()
    answer(shown, folders, yes=True)
    shown.until(lambda: len(folders.rows) == 1)
    assert client.folders_answer == [FOLDER]


def test_what_is_gone_is_listed_and_forgotten(open_window: OpenWindow):
    client = FakeClient(20)
    client.gone_answer = [GonePhoto(7, Path("/photos/a\nb.jpg"), 1_750_000_000 * 10**9)]
    shown = open_window(client)
    folders, gone = shown.window.folders, shown.window.folder_desk.gone
    folders.open_up()
    shown.until(lambda: "1 photo lies in no file any more" in folders.gone_text)
    folders.gone_button.click()
    shown.until(lambda: gone.model.rowCount() == 1)
    assert gone.isVisible()
    told = [gone.model.index(0, column).data() for column in Column]
    assert told == ["a\\nb.jpg", "/photos", "15 Jun 2025", "15 Jul 2025"]

    gone.forget_button.click()
    assert "stars, tags and albums" in answer(shown, gone, yes=True)
    shown.until(lambda: gone.model.rowCount() == 0)
    shown.until(lambda: not folders.gone_button.isVisible())
    assert not gone.forget_button.isEnabled()


def test_work_that_was_stopped_goes_on(open_window: OpenWindow):
    shown = open_window(FakeClient(20), size_px=(1400, 600))
    line, client = shown.window.status_line, shown.client
    assert not line.go_on_button.isVisible()
    client.tell(PROGRESS)
    shown.until(lambda: line.stop_button.isVisible())
    line.stop_button.click()
    client.tell(STOPPED)
    shown.until(lambda: line.go_on_button.isVisible())
    assert line.folders_button.text() == "20 photos · Stopped"
    assert not line.stop_button.isVisible()

    before = client.calls.count("start_index")
    line.go_on_button.click()
    shown.until(lambda: client.calls.count("start_index") == before + 1)
    client.tell(PROGRESS)
    shown.until(lambda: not line.go_on_button.isVisible())
    client.tell(replace(STOPPED, was_stopped=False))
    shown.until(lambda: line.folders_button.text() == "20 photos")


def test_a_run_that_read_headers_is_in_its_second_step(open_window: OpenWindow):
    shown = open_window(FakeClient(20), size_px=(1400, 600))
    text = shown.window.status_line.folders_button.text
    shown.client.tell(PROGRESS)
    shown.until(lambda: text().startswith("Indexing 12 of 400"))
    shown.client.tell(replace(PROGRESS, phase=IndexPhase.LISTING))
    shown.until(lambda: text().startswith("Step 1 of 2: reading dates and places, 12 of 400"))
    shown.client.tell(PROGRESS)
    shown.until(lambda: text().startswith("Step 2 of 2: indexing 12 of 400"))
    shown.client.tell(replace(STOPPED, was_stopped=False))
    shown.until(lambda: text() == "20 photos")
    shown.client.tell(PROGRESS)
    shown.until(lambda: text().startswith("Indexing 12 of 400"))


def test_a_folder_says_that_work_is_paused(open_window: OpenWindow):
    client = FakeClient(20)
    client.watching = (FolderWatch(1, WatchMode.LIVE),)
    shown = open_window(client)
    shown.until(lambda: shown.window.folders.rows)
    (row,) = shown.window.folders.rows
    assert "Changes are noticed at once" in row.text
    client.is_paused = True
    client.tell(FoldersChanged())
    shown.until(lambda: "Paused: new and changed photos are read when you resume" in row.text)
    assert "at once" not in row.text


@pytest.mark.parametrize(
    ("name", "shown_name"),
    [
        ("photo 1.jpg", "photo 1.jpg"),
        ("a\nb\t.jpg", "a\\nb\\t.jpg"),
        ("caf\udce9.jpg", "caf\\xe9.jpg"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("a\u2028b", "a\\u2028b"),
        ("\x7f\x1b", "\\x7f\\x1b"),
        ("\U0001f469\u200d\U0001f4bb.jpg", "\U0001f469\u200d\U0001f4bb.jpg"),
    ],
)
def test_names_are_shown_in_one_line(name: str, shown_name: str):
    assert visible(name) == shown_name


def test_a_problem_with_a_line_break_in_its_name_keeps_to_its_row(open_window: OpenWindow):
    client = FakeClient(20)
    odd = replace(failure(), place=FilePlace(1, b"a\nb.jpg"), path=Path("/photos/a\nb.jpg"))
    client.failures_answer = [odd]
    shown = open_window(client)
    model = shown.window.problems.model
    shown.window.status_line.problems_button.click()
    shown.until(lambda: model.rowCount() == 1)
    assert model.index(0, FailureColumn.NAME).data() == "a\\nb.jpg"


def test_one_of_several_selected_problems_is_shown_in_its_folder(open_window: OpenWindow):
    client = FakeClient(20)
    client.failures_answer = [failure("one.jpg"), failure("two.jpg"), failure("three.jpg")]
    shown = open_window(client)
    problems = shown.window.problems
    wanted: list[Path] = []
    problems.show_in_folder_requested.disconnect()
    problems.show_in_folder_requested.connect(wanted.append)
    shown.window.status_line.problems_button.click()
    shown.until(lambda: problems.model.rowCount() == 3)
    problems.list.selectAll()
    assert problems.show_button.isEnabled()
    problems.show_button.click()
    problems.list.setCurrentIndex(problems.model.index(1, 0))
    client.failures_answer = client.failures_answer[1:]
    client.tell(FoldersChanged())
    shown.until(lambda: problems.model.rowCount() == 2)
    assert problems.show_button.isEnabled(), "the list was fetched anew"
    problems.show_button.click()
    assert wanted == [Path("/photos/one.jpg"), Path("/photos/two.jpg")]
