"""Folders that are away, and notices that come and go: said where they are seen, calmly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from photosearch.core.events import FolderOffline, FoldersChanged, PhotosChanged
from photosearch.core.photo import Folder, MountPoint
from photosearch.gui.drives import away_text
from photosearch.gui.widgets.notice import Tone, Topic
from tests.gui.conftest import OpenWindow
from tests.gui.fake_client import FOLDER, FakeClient, photo

DISK = Folder(2, Path("/media/me/Disk A/photos"), photo_count=1_234)


def away(folder: Folder) -> Folder:
    return replace(folder, is_online=False)


def with_disk(photo_count: int = 60) -> FakeClient:
    """The client whose first photo lies on a disk."""
    client = FakeClient(photo_count)
    client.folders_answer = [FOLDER, DISK]
    client.photo_answers[photo_count] = photo(photo_count, DISK.path / "1.jpg", DISK.id)
    return client


def test_a_disk_that_is_away_is_said_once_and_calmly(open_window: OpenWindow):
    client = with_disk()
    shown = open_window(client)
    notices = shown.window.notices
    assert notices.text(Topic.OFFLINE) == ""
    client.folders_answer = [FOLDER, away(DISK)]
    client.tell(FolderOffline(DISK.path))
    text = "“Disk A” is away: its 1,234 photos can be searched, not opened."
    shown.until(lambda: notices.text(Topic.OFFLINE) == text)
    line = notices.line(Topic.OFFLINE)
    assert line.notice.tone is Tone.QUIET

    line.action_button.click()
    assert shown.window.folders.isVisible()
    line.close_button.click()
    client.tell(FoldersChanged())
    shown.until(lambda: shown.client.calls[-1] == "status")
    shown.settle()
    assert notices.text(Topic.OFFLINE) == "", "it was read"

    client.folders_answer = [FOLDER, DISK]
    client.tell(FoldersChanged())
    shown.until(lambda: shown.window.session.status.folders[1].is_online)
    client.folders_answer = [FOLDER, away(DISK)]
    client.tell(FolderOffline(DISK.path))
    shown.until(lambda: notices.text(Topic.OFFLINE) == text)
    client.folders_answer = [FOLDER, DISK]
    client.tell(FoldersChanged())
    shown.until(lambda: notices.text(Topic.OFFLINE) == "")


def test_several_folders_that_are_away():
    near = Folder(3, Path("/home/me/pictures"), photo_count=1)
    text = "“Disk A”, “pictures” are away: their 1,235 photos can be searched, not opened."
    assert away_text([DISK, near]) == text
    other = replace(DISK, id=4, path=Path("/media/me/Disk A/more"), photo_count=0)
    assert away_text([DISK, other]).startswith("“Disk A” is away: its 1,234 photos")
    assert away_text([]) == ""


def test_what_has_to_be_connected_is_said_until_it_is(open_window: OpenWindow):
    client = with_disk()
    client.folders_answer = [FOLDER, away(DISK)]
    shown = open_window(client)
    window = shown.window
    shown.until(lambda: window.photos.offline_folder(client.photo_answers[60]) is not None)
    window.desk.actions.open_photo(60)
    assert "Connect the drive “Disk A” to open it." in window.notices.text(Topic.TROUBLE)
    window.desk.dialogs.show_info(60)
    info = window.desk.dialogs.info
    assert info.away == "In “photos”, which is away. Connect the drive “Disk A” to open it."

    client.folders_answer = [FOLDER, DISK]
    client.tell(FoldersChanged())
    shown.until(lambda: window.notices.text(Topic.TROUBLE) == "")
    assert info.away == ""
    window.desk.dialogs.show_info(59)
    assert info.away == ""


def test_a_disk_inside_a_folder_has_to_be_connected_for_its_own_photos(open_window: OpenWindow):
    client = with_disk()
    inside = MountPoint(b"stick", "uuid 1", is_away=True)
    client.folders_answer = [FOLDER, replace(DISK, mounts=(inside,))]
    path = DISK.path / "stick" / "in" / "2.jpg"
    client.photo_answers[59] = photo(59, path, DISK.id)
    shown = open_window(client)
    window = shown.window
    shown.until(lambda: window.photos.offline_folder(client.photo_answers[59]) is not None)
    assert not window.photos.is_offline(client.photo_answers[60]), "it lies beside the stick"
    window.desk.actions.open_photo(59)
    assert "lies in “stick”, which is offline." in window.notices.text(Topic.TROUBLE)
    client.tell(FoldersChanged())
    window.desk.dialogs.show_info(59)
    assert window.desk.dialogs.info.away.startswith("In “stick”, which is away.")
    assert window.notices.text(Topic.TROUBLE)

    client.folders_answer = [FOLDER, replace(DISK, mounts=(replace(inside, is_away=False),))]
    client.tell(FoldersChanged())
    shown.until(lambda: window.notices.text(Topic.TROUBLE) == "")
    assert window.desk.dialogs.info.away == ""


def test_notices_come_and_go_and_no_photo_moves(open_window: OpenWindow):
    shown = open_window(FakeClient(200))
    grid, notices = shown.window.grid, shown.window.notices
    grid.setCurrentIndex(shown.window.photos.index(3))
    before = grid.mapTo(shown.window, grid.tile_rect(3).topLeft())
    bottom = grid.verticalScrollBar().maximum()
    shown.client.tell(PhotosChanged(2, 0))
    shown.until(lambda: notices.line(Topic.NEWS).isVisible())
    line = notices.line(Topic.NEWS)
    assert grid.mapTo(shown.window, grid.tile_rect(3).topLeft()) == before
    covered = grid.verticalScrollBar().maximum() - bottom
    assert covered >= line.height() + 12, "the last photos can be brought above it"
    lower_end = line.mapTo(shown.window.gallery, line.rect().bottomLeft()).y()
    assert shown.window.gallery.height() - 20 < lower_end < shown.window.gallery.height()
    shown.window.resize(700, 500)
    lower_end = line.mapTo(shown.window.gallery, line.rect().bottomLeft()).y()
    assert shown.window.gallery.height() - 20 < lower_end < shown.window.gallery.height()
