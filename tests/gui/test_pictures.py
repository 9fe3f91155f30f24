"""Searching by a picture that is dropped or pasted."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage

from photosearch.core.query import ImageTerm, PixelsTerm
from photosearch.gui.widgets.notice import Topic
from photosearch.gui.window import Window
from tests.gui.conftest import OpenWindow, Shown
from tests.gui.fake_client import FakeClient, jpeg


def pixels(width_px: int = 1600, height_px: int = 900) -> QImage:
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    return image


def mime_of(*urls: QUrl | Path, image: QImage | None = None, text: str = "") -> QMimeData:
    mime = QMimeData()
    if urls:
        mime.setUrls([QUrl.fromLocalFile(str(u)) if isinstance(u, Path) else u for u in urls])
    if image is not None:
        mime.setImageData(image)
    if text:
        mime.setText(text)
    return mime


def drop(window: Window, mime: QMimeData) -> bool:
    keys, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPointF(200, 200).toPoint(), copy, mime, keys, modifiers)
    enter.ignore()
    window.dragEnterEvent(enter)
    if enter.isAccepted():
        assert window._drop_hint.isVisible()
        window.dropEvent(QDropEvent(QPointF(200, 200), copy, mime, keys, modifiers))
        assert not window._drop_hint.isVisible()
    return enter.isAccepted()


def paste(shown: Shown, mime: QMimeData, widget: object = None) -> None:
    QGuiApplication.clipboard().setMimeData(mime)
    target = widget or shown.window.search_box.words
    shown.qtbot.keyClick(target, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def searched(shown: Shown) -> tuple[object, ...]:
    shown.until(lambda: shown.client.searches)
    shown.settle()
    return shown.client.searches[-1].terms


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "Bild ä 100%.jpg"
    path.write_bytes(jpeg("#ff0000"))
    return path


def test_a_dropped_file_is_searched_by(open_window: OpenWindow, picture: Path, tmp_path: Path):
    shown = open_window(FakeClient(20))
    other = tmp_path / "other.jpg"
    assert drop(shown.window, mime_of(picture, other))
    assert searched(shown) == (ImageTerm(picture),)
    assert shown.window.search_box.chip.isVisible()
    assert shown.window.search_box.chip.text == picture.name
    assert shown.window.gallery.heading == "Strong matches  10 photos"


def test_words_and_picture_are_searched_for_together(open_window: OpenWindow, picture: Path):
    shown = open_window(FakeClient(20))
    shown.search("in the snow")
    drop(shown.window, mime_of(picture))
    shown.until(lambda: len(shown.client.searches) == 2)
    assert searched(shown) == (ImageTerm(picture),)
    assert shown.client.texts()[-1] == "in the snow"

    shown.window.search_box.chip.removed.emit()
    shown.until(lambda: len(shown.client.searches) == 3)
    assert searched(shown) == ()
    assert shown.client.texts()[-1] == "in the snow"
    assert not shown.window.search_box.chip.isVisible()


def test_a_picture_from_a_browser_is_searched_by(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    address = QUrl("https://example.org/cat.jpg")
    assert drop(shown.window, mime_of(address, image=pixels()))
    (term,) = searched(shown)
    assert isinstance(term, PixelsTerm)
    sent = QImage.fromData(term.encoded)
    assert (sent.width(), sent.height()) == (768, 432), "no larger than a model can use"


def test_a_picture_inside_its_address_is_searched_by(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    data = base64.b64encode(jpeg()).decode()
    drop(shown.window, mime_of(QUrl(f"data:image/jpeg;base64,{data}")))
    (term,) = searched(shown)
    assert isinstance(term, PixelsTerm)


@pytest.mark.parametrize("address", ["https://example.org/cat.jpg", "data:image/png;base64,%%%"])
def test_a_mere_link_is_refused_under_the_box(open_window: OpenWindow, address: str):
    shown = open_window(FakeClient(20))
    drop(shown.window, mime_of(QUrl(address)))
    shown.until(lambda: shown.window.top_bar.error)
    assert "link, not a picture" in shown.window.top_bar.error
    assert shown.client.searches == []


def test_a_dropped_folder_is_offered_and_added_on_demand(open_window: OpenWindow, tmp_path: Path):
    shown = open_window(FakeClient(20))
    folder = tmp_path / "Holiday"
    folder.mkdir()
    drop(shown.window, mime_of(folder))
    shown.until(lambda: shown.window.notices.text(Topic.FOLDER))
    assert "Holiday" in shown.window.notices.text(Topic.FOLDER)
    assert shown.client.added == []

    shown.window.notices.line(Topic.FOLDER).action_button.click()
    shown.until(lambda: shown.client.added == [folder])
    assert shown.window.notices.text(Topic.FOLDER) == ""


def test_our_own_drag_and_plain_text_are_not_taken(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    assert not drop(shown.window, mime_of(text="hello"))


def test_a_pasted_picture_is_searched_by(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    paste(shown, mime_of(image=pixels(300, 200)))
    (term,) = searched(shown)
    assert isinstance(term, PixelsTerm)
    assert shown.window.search_box.chip.text == "pasted picture"
    assert shown.window.search_box.words.text() == ""


def test_a_pasted_file_is_searched_by_from_the_grid_too(open_window: OpenWindow, picture: Path):
    shown = open_window(FakeClient(20))
    shown.window.grid.setFocus()
    paste(shown, mime_of(picture, text=str(picture)), shown.window.grid)
    assert searched(shown) == (ImageTerm(picture),)


def test_pasted_text_is_text(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    paste(shown, mime_of(text="two dogs"))
    assert shown.window.search_box.words.text() == "two dogs"
    shown.window.search_box.clear()
    shown.window.grid.setFocus()
    paste(shown, mime_of(text="two cats"), shown.window.grid)
    assert shown.window.search_box.words.text() == "two cats"
    shown.until(lambda: shown.client.texts() == ["two cats"])
    shown.settle()


def test_a_file_that_is_no_picture_still_goes_to_the_engine(
    open_window: OpenWindow, tmp_path: Path
):
    """The engine reads formats that Qt does not; it alone may refuse."""
    path = tmp_path / "photo.heic"
    path.write_bytes(b"not really")
    shown = open_window(FakeClient(20))
    drop(shown.window, mime_of(path))
    assert searched(shown) == (ImageTerm(path),)
    assert shown.window.search_box.example.preview.isNull()


def test_a_name_that_is_no_utf8_survives(open_window: OpenWindow):
    shown = open_window(FakeClient(20))
    drop(shown.window, mime_of(QUrl.fromEncoded(b"file:///nowhere/caf%E9.jpg")))
    assert searched(shown) == (ImageTerm(Path("/nowhere/caf\udce9.jpg")),)
