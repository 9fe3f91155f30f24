"""What the window shows of a library that goes on by itself: work, folders, problems, facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel

from photosearch.core.events import (
    FolderProgress,
    FoldersChanged,
    IndexFinished,
    IndexPhase,
    IndexProgress,
    ThumbnailsChanged,
    Waiting,
)
from photosearch.core.photo import CaptureTime, FileStamp, Folder, PhotoFacts
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.core.userdata import UserData
from photosearch.gui.drives import drive_of
from photosearch.gui.fact_words import fact_lines
from photosearch.gui.models.failures import Column
from photosearch.gui.models.look import Role
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.unseen import shape_in
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FOLDER, FakeClient, failure, jpeg, photo

FOLDERS = [FOLDER, Folder(2, Path("/media/me/Disk A"), is_online=False, photo_count=44)]
PROGRESS = IndexProgress(
    IndexPhase.INDEXING,
    1_120,
    4_000,
    3,
    26.3,
    23.0,
    (FolderProgress(1, 3_900, 1_100, 3), FolderProgress(2, 100, 20, 0)),
)
FINISHED = IndexFinished(1, 4_000, 4_000, 0, 0, 100.0, False)


def watched(client: FakeClient) -> FakeClient:
    """The client with two folders, one of them away."""
    client.folders_answer = list(FOLDERS)
    client.watching = (
        FolderWatch(
            1,
            WatchMode.RESCANNED,
            900.0,
            "12,000 directories are more than the system allows",
            "sudo sysctl fs.inotify.max_user_watches=524288",
        ),
        FolderWatch(2, WatchMode.OFFLINE),
    )
    return client


def line_text(shown: Shown) -> str:
    return shown.window.status_line.folders_button.text()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"phase": IndexPhase.LISTING, "photos_per_s": 512.0},
            "Step 1 of 2: reading dates and places, 1,120 of 4,000 · 512 photos/s · 23 s left",
        ),
        ({"waiting": Waiting.PAUSED}, "Paused · 1,120 of 4,000"),
        ({"waiting": Waiting.SEARCHING}, "Searches go first · 1,120 of 4,000"),
        ({"waiting": Waiting.ON_BATTERY}, "Waiting for mains power · 1,120 of 4,000"),
        (
            {"waiting": Waiting.DISK_FULL},
            "Waiting: less than 1 GB is free on the library's disk · 1,120 of 4,000",
        ),
        (
            {"phase": IndexPhase.SCANNING, "waiting": Waiting.FULL_SCREEN},
            "Waiting while another program fills the screen",
        ),
    ],
)
def test_work_and_waits_in_words(open_window: OpenWindow, changes: dict[str, object], text: str):
    shown = open_window(FakeClient(20), size_px=(1400, 600))
    shown.client.tell(replace(PROGRESS, **changes))
    shown.until(lambda: line_text(shown) == text)


def test_the_tooltip_tells_each_folder_and_what_ends_a_wait(open_window: OpenWindow):
    shown = open_window(watched(FakeClient(20)))
    shown.client.tell(replace(PROGRESS, waiting=Waiting.ON_BATTERY))
    button = shown.window.status_line.folders_button
    shown.until(lambda: "photos: 1,100 of 3,900 · 3 problems" in button.toolTip())
    assert "Disk A: 20 of 100" in button.toolTip()
    assert "plugged in" in button.toolTip()


def test_indexing_is_paused_and_resumed(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    line = shown.window.status_line
    assert not line.pause_button.isVisible(), "there is nothing to pause"
    shown.client.tell(PROGRESS)
    shown.until(lambda: line.pause_button.isVisible())
    assert line.pause_button.text() == "Pause"

    line.pause_button.click()
    shown.until(lambda: shown.client.is_paused)
    shown.client.tell(replace(PROGRESS, waiting=Waiting.PAUSED))
    shown.until(lambda: line.pause_button.text() == "Resume")
    line.pause_button.click()
    shown.until(lambda: not shown.client.is_paused)
    shown.client.tell(PROGRESS)
    shown.until(lambda: line.pause_button.text() == "Pause")


def test_a_pause_is_told_between_runs_too(open_window: OpenWindow):
    client = FakeClient(20)
    client.is_paused = True
    shown = open_window(client)
    line = shown.window.status_line
    shown.until(lambda: line_text(shown) == "20 photos · Paused")
    assert line.pause_button.text() == "Resume"
    line.pause_button.click()
    shown.until(lambda: line_text(shown) == "20 photos")
    assert not line.pause_button.isVisible()


@pytest.mark.parametrize(
    ("why", "is_offered"),
    [
        (Waiting.ON_BATTERY, True),
        (Waiting.FULL_SCREEN, True),
        (Waiting.DISK_FULL, False),
        (Waiting.PAUSED, False),
    ],
)
def test_index_anyway_is_offered_where_it_helps(
    open_window: OpenWindow, why: Waiting, is_offered: bool
):
    shown = open_window(FakeClient(20))
    line = shown.window.status_line
    shown.client.tell(replace(PROGRESS, waiting=why))
    shown.until(lambda: line.pause_button.isVisible())
    assert line.anyway_button.isVisible() == is_offered
    if is_offered:
        line.anyway_button.click()
        shown.until(lambda: "index_anyway" in shown.client.calls)


def test_a_busy_bar_stands_still_while_work_waits(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    waiting = replace(PROGRESS, phase=IndexPhase.SCANNING, waiting=Waiting.PAUSED)
    shown.client.tell(waiting)
    bar = shown.window.status_line._bar
    shown.until(lambda: bar.isVisible())
    assert bar.maximum() > 0, "without a range it would move for ever"


def test_folders_say_how_they_are_watched_and_how_far_they_are_read(open_window: OpenWindow):
    shown = open_window(watched(FakeClient(20)))
    shown.client.gone_count = 12
    shown.client.tell(FoldersChanged())
    folders = shown.window.folders
    shown.window.status_line.folders_button.click()
    assert folders.isVisible()
    assert not folders.isModal()
    shown.until(lambda: "12 photos lie in no file" in folders.gone_text)
    first, second = folders.rows
    assert first.text.splitlines() == [
        "/photos",
        "0 photos",
        "Looked through every 15 min: 12,000 directories are more than the system allows",
        "sudo sysctl fs.inotify.max_user_watches=524288",
    ]
    assert "Offline: its photos can be found" in second.text
    assert "44 photos" in second.text

    shown.client.tell(PROGRESS)
    shown.until(lambda: "1,100 of 3,900 · 3 problems" in first.text)
    shown.client.tell(FINISHED)
    shown.until(lambda: "of 3,900" not in first.text)

    shown.client.folders_answer = FOLDERS[1:]
    shown.client.tell(FoldersChanged())
    shown.until(lambda: len(folders.rows) == 1)
    shown.qtbot.keyClick(folders, Qt.Key.Key_Escape)
    assert not folders.isVisible()


def test_problems_say_stage_first_day_and_tries(open_window: OpenWindow):
    client = FakeClient(20)
    seen_ns = int(datetime(2026, 5, 3, 12).timestamp()) * 10**9
    client.failures_answer = [replace(failure("one.jpg"), tries=3, first_seen_ns=seen_ns)]
    shown = open_window(client)
    problems = shown.window.problems
    shown.window.status_line.problems_button.click()
    shown.until(lambda: problems.model.rowCount() == 1)
    told = {column: problems.model.index(0, column).data() for column in Column}
    assert told[Column.STAGE] == "Decoding"
    assert told[Column.SEEN] == "3 May 2026"
    assert told[Column.TRIES] == "3"


def test_problems_are_tried_again_some_or_all_and_go_when_solved(open_window: OpenWindow):
    client = FakeClient(20)
    client.failures_answer = [failure("one.jpg"), failure("two.jpg"), failure("three.jpg")]
    shown = open_window(client)
    problems = shown.window.problems
    shown.window.status_line.problems_button.click()
    shown.until(lambda: problems.model.rowCount() == 3)
    assert not problems.retry_button.isEnabled()
    problems.list.setCurrentIndex(problems.model.index(1, 0))
    problems.retry_button.click()
    shown.until(lambda: client.retried == [[Path("/photos/two.jpg")]])

    client.failures_answer = [failure("two.jpg"), failure("three.jpg")]
    client.tell(FINISHED)
    shown.until(lambda: problems.model.rowCount() == 2)
    (index,) = problems.list.selectionModel().selectedRows()
    assert index.data() == "two.jpg", "what was selected stays so"

    problems.retry_all_button.click()
    shown.until(lambda: client.retried[1:] == [None])
    client.failures_answer = []
    client.tell(FINISHED)
    shown.until(lambda: problems.model.rowCount() == 0)
    assert problems.findChild(QLabel, "problemsCount").text() == "Everything could be read"
    assert not problems.retry_all_button.isEnabled()


def test_thumbnails_and_facts_that_changed_are_fetched_anew(open_window: OpenWindow):
    client = FakeClient(5)
    client.without_thumbnail = {5}
    shown = open_window(client)
    model = shown.window.photos
    assert model.data(model.index(0), Role.HAS_NO_THUMBNAIL)
    before = model.data(model.index(1), Role.THUMBNAIL)
    asked = len(client.thumbnail_calls)

    client.without_thumbnail = set()
    client.thumbnail = jpeg("#c04020", 48, 64)
    client.photo_answers[5] = replace(photo(5), facts=PhotoFacts("HEIF", 48, 64))
    client.tell(ThumbnailsChanged((5,)))
    shown.until(lambda: model.data(model.index(0), Role.THUMBNAIL) is not None)
    shown.until(lambda: model.photo(5).facts.format == "HEIF")
    assert client.thumbnail_calls[asked:] == [[5]], "only what changed"
    assert model.data(model.index(1), Role.THUMBNAIL) is before


def test_a_thumbnail_that_changes_stays_in_sight_until_the_new_one_comes(open_window: OpenWindow):
    client = FakeClient(3)
    shown = open_window(client)
    model = shown.window.photos
    before = model.data(model.index(0), Role.THUMBNAIL)
    client.thumbnail = jpeg("#c04020", 48, 64)
    client.tell(ThumbnailsChanged((3,)))

    def is_new() -> bool:
        now = model.data(model.index(0), Role.THUMBNAIL)
        assert now is not None
        return now is not before

    shown.until(is_new)
    assert model.data(model.index(0), Role.THUMBNAIL).height() == 64


def test_a_photo_without_thumbnail_shows_its_shape(open_window: OpenWindow, theme: Theme):
    client = FakeClient(2)
    client.without_thumbnail = {1, 2}
    tall = PhotoFacts("JPEG", 1_000, 3_000)
    client.photo_answers[2] = replace(photo(2), facts=tall)
    shown = open_window(client)
    grid, tokens = shown.window.grid, theme.tokens
    picture = grid.viewport().grab().toImage()
    tile = grid.tile_rect(0)
    shape = shape_in(tile, 1_000, 3_000).toRect()
    middle = tile.center()
    inside = picture.pixelColor(middle.x(), shape.top() + 6).name()
    outside = picture.pixelColor(tile.left() + 10, middle.y()).name()
    assert (inside.upper(), outside.upper()) == (tokens.panel, tokens.line)


@pytest.mark.parametrize(
    ("sides", "ratio"), [((4_000, 3_000), 4 / 3), ((1_000, 2_000), 0.5), ((0, 0), 1.0)]
)
def test_shapes_have_the_photos_aspect_and_stay_in_the_tile(sides: tuple[int, int], ratio: float):
    tile = QRect(10, 20, 160, 160)
    shape = shape_in(tile, *sides)
    assert shape.width() / shape.height() == pytest.approx(ratio)
    assert tile.contains(shape.toRect())
    assert shape_in(tile, 100_000, 10).height() >= 10, "a panorama is seen, too"


def informed() -> FakeClient:
    client = FakeClient(1)
    facts = PhotoFacts(
        "JPEG",
        4_000,
        3_000,
        CaptureTime(datetime(2021, 2, 14, 10, 32, 5), 60, "exif"),
        "Canon",
        "Canon EOS R5",
        41.9,
        12.5,
        iso=400,
        aperture=2.8,
        exposure_s=0.004,
        focal_mm=35.0,
        keywords=("dog", "snow"),
        people=("Oma",),
        city="Rome",
        country="Italy",
    )
    known = replace(photo(1), facts=facts, copy_count=3)
    client.user[1] = UserData(tags=("holiday",))
    client.photo_answers[1] = replace(known, stamp=FileStamp(3_400_000, 0))
    client.copies[1] = [known.path, Path("/media/me/Disk A/1.jpg"), Path("/nas/1.jpg")]
    return client


def test_all_that_is_known_of_a_photo_is_told(open_window: OpenWindow):
    shown = open_window(informed())
    shown.window.grid.setCurrentIndex(shown.window.photos.index(0))
    shown.window.desk.actions.info_action.trigger()
    info = shown.window.desk.dialogs.info
    assert info.isVisible()
    shown.until(lambda: "Also in" in info.lines)
    assert info.lines == {
        "Folder": "/photos",
        "Taken": "14 Feb 2021 10:32:05 (+01:00)",
        "Place": "Rome, Italy\n41.90000; 12.50000",
        "People": "Oma",
        "Keywords": "dog, snow",
        "Camera": "Canon EOS R5",
        "Exposure": "f/2.8 · 1/250 s · ISO 400 · 35 mm",
        "Picture": "JPEG · 4,000 \N{MULTIPLICATION SIGN} 3,000 pixels · 3 MB",
        "Your tags": "holiday",
        "Also in": "/media/me/Disk A/1.jpg\n/nas/1.jpg",
    }
    shown.qtbot.keyClick(info, Qt.Key.Key_Escape)
    assert not info.isVisible()


def test_beside_the_mouse_stands_what_helps_to_find_it(open_window: OpenWindow):
    shown = open_window(informed())
    model = shown.window.photos
    told = model.data(model.index(0), Qt.ItemDataRole.ToolTipRole).splitlines()
    assert told[1:] == ["Rome, Italy", "Oma", "dog, snow, holiday", "2 more copies"]


@pytest.mark.parametrize(
    ("taken", "text"),
    [
        (
            CaptureTime(datetime(2021, 2, 14), None, "name"),
            "14 Feb 2021 00:00:00, by the file's name",
        ),
        (CaptureTime(datetime(2021, 2, 14), -150, "xmp"), "14 Feb 2021 00:00:00 (-02:30)"),
        (None, "3 May 2026 12:00:00, by the file's time"),
    ],
)
def test_a_date_that_is_a_guess_says_so(taken: CaptureTime | None, text: str):
    known = photo(1)
    at_ns = int(datetime(2026, 5, 3, 12).timestamp()) * 10**9
    known = replace(known, facts=replace(known.facts, taken=taken), stamp=FileStamp(1_000, at_ns))
    assert dict(fact_lines(known))["Taken"] == text


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/media/me/Disk A/photos", "the drive “Disk A”"),
        ("/run/media/me/Disk A", "the drive “Disk A”"),
        ("/Volumes/Disk A/photos/2021", "the drive “Disk A”"),
        ("/mnt/nas/photos", "the drive “nas”"),
        ("/home/me/photos", "/home/me/photos"),
    ],
)
def test_a_drive_is_called_as_it_is_mounted(folder: str, name: str):
    assert drive_of(Path(folder)) == name


def test_photos_of_which_only_headers_were_read_are_shown_newest_first(open_window: OpenWindow):
    client = FakeClient(20)
    client.without_thumbnail = set(range(1, 21))
    client.progress = replace(PROGRESS, phase=IndexPhase.LISTING)
    client.results["in:rome"] = [7, 3]
    shown = open_window(client)
    assert shown.ids == list(range(20, 0, -1))
    assert "reading dates and places" in line_text(shown)
    shown.search("in:rome")
    assert shown.ids == [7, 3]
