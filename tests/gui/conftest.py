"""Windows over a fake client, and a watch on what a test leaves behind."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.desktop import release_clipboard
from photosearch.gui.theme import Theme
from photosearch.gui.window import Window
from tests.gui.fake_client import FakeClient

WAIT_MS = 10_000

#: Said by the offscreen platform of every window, and no news.
_HARMLESS = ("This plugin does not support", "propagateSizeHints")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/gui/" in item.path.as_posix():
            item.add_marker(pytest.mark.gui)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication, qtlog: object) -> Iterator[None]:
    """Fails a test that leaves a thread, a running timer or a window, or makes Qt complain."""
    threads = set(threading.enumerate())
    gc.freeze()  # so that only what the test makes is looked through below
    yield
    release_clipboard()
    for widget in QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    left = {thread.name for thread in threading.enumerate() if thread not in threads}
    timers = [
        timer
        for timer in gc.get_objects()
        if isinstance(timer, QTimer) and shiboken6.isValid(timer) and timer.isActive()
    ]
    gc.unfreeze()
    assert not left, f"threads left: {left}"
    assert not timers, f"timers left: {timers}"
    said = [record.message for record in qtlog.records]  # type: ignore[attr-defined]
    told = [text for text in said if not any(known in text for known in _HARMLESS)]
    assert not told, f"Qt said: {told}"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, is_dark=False)
    yield theme
    qapp.setStyleSheet("")
    theme.deleteLater()


@dataclass
class Shown:
    """A window with its client and a way to wait."""

    window: Window
    client: FakeClient
    qtbot: QtBot

    def until(self, holds: Callable[[], object]) -> None:
        """Waits until something holds; fails after ten seconds."""

        def check() -> None:
            assert holds()

        self.qtbot.waitUntil(check, timeout=WAIT_MS)

    def settle(self) -> None:
        """Waits until everything asked for is on the screen."""
        self.until(lambda: self.window.is_settled)

    @property
    def ids(self) -> list[int]:
        return [int(photo_id) for photo_id in self.window.photos.ids]

    def type(self, text: str) -> None:
        self.qtbot.keyClicks(self.window.search_box.words, text)

    def search(self, text: str) -> None:
        """Types and presses Enter, and waits for the answer."""
        before = len(self.client.searches)
        self.window.search_box.words.setText(text)
        self.window.search_box.words.returnPressed.emit()
        self.until(lambda: len(self.client.searches) > before)
        self.settle()


OpenWindow = Callable[..., Shown]


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme) -> Iterator[OpenWindow]:
    """Returns a function that shows a window over a fake client."""
    windows: list[Window] = []

    def show(
        client: FakeClient,
        connect: Callable[[], FakeClient] | None = None,
        *,
        is_settled: bool = True,
        size_px: tuple[int, int] = (900, 600),
    ) -> Shown:
        window = Window(connect or (lambda: client), theme)  # type: ignore[arg-type, return-value]
        windows.append(window)
        window.resize(*size_px)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        window.start()
        shown = Shown(window, client, qtbot)
        if is_settled:
            shown.settle()
        return shown

    yield show
    for window in windows:
        window.close()
        window.deleteLater()
