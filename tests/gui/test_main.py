"""Starting the window: light imports, and the picture of itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from photosearch.errors import ModelError
from photosearch.gui import main
from tests.gui.fake_client import FakeClient, jpeg

_HEAVY = ("torch", "transformers", "sentence_transformers", "PIL", "apsw", "photosearch.library")


def test_the_window_loads_nothing_heavy():
    code = (
        "import sys, photosearch.gui.main;"
        f"print([name for name in {_HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> FakeClient:
    client = FakeClient(30)
    client.thumbnail = jpeg("#ff0000")
    client.results["palm beach"] = [5, 4, 3]
    monkeypatch.setattr(main, "connect", lambda _library, **_options: client)
    monkeypatch.setattr(main.signal, "signal", lambda *_args: None)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    return client


def test_a_screenshot_shows_the_results(fake_engine: FakeClient, tmp_path: Path, qapp):
    picture = tmp_path / "window.png"
    like = tmp_path / "like.jpg"
    like.write_bytes(jpeg())
    code = main.run(tmp_path / "library", screenshot=picture, query="palm beach", like=like)
    qapp.setStyleSheet("")

    assert code == 0
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1440, 900)
    reddish = sum(
        image.pixelColor(x, y).red() > 240 and image.pixelColor(x, y).green() < 20
        for x in range(0, 1440, 20)
        for y in range(60, 400, 20)
    )
    assert reddish > 100, "three red photos are in the picture"
    assert (len(fake_engine.searches[-1].terms), fake_engine.texts()[-1]) == (1, "palm beach")
    assert fake_engine.is_closed


def test_a_screenshot_is_taken_of_a_question_that_failed(
    fake_engine: FakeClient, tmp_path: Path, qapp
):
    fake_engine.errors["dog"] = ModelError("The model's texts are damaged.", "Fetch it again.")
    picture = tmp_path / "window.png"
    code = main.run(tmp_path / "library", screenshot=picture, query="dog")
    qapp.setStyleSheet("")
    assert code == 0
    assert QImage(str(picture)).width() == 1440


def test_a_screenshot_that_cannot_be_written_fails(fake_engine: FakeClient, tmp_path: Path, qapp):
    code = main.run(tmp_path / "library", screenshot=tmp_path / "no" / "folder.png")
    qapp.setStyleSheet("")
    assert code == 1


def test_the_command_line(fake_engine: FakeClient, tmp_path: Path, monkeypatch):
    asked = {}
    monkeypatch.setattr(main.logs, "set_up", lambda *_args, **_options: None)
    monkeypatch.setattr(
        main, "run", lambda library, **options: asked.update(options, at=library) or 0
    )
    assert main.main(["--library", str(tmp_path), "--query", "cat", "--screenshot", "x.png"]) == 0
    assert asked == {
        "at": tmp_path,
        "query": "cat",
        "like": None,
        "screenshot": Path("x.png"),
    }
