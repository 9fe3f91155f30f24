"""Starts the window. Called by `photosearch-gui` and by the command line. GUI thread.

The window is on the screen before anything is asked of the engine.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLocale, QLoggingCategory, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from photosearch import logs, paths, resources
from photosearch.engine.client import connect
from photosearch.errors import LibraryError
from photosearch.gui.desktop import release_clipboard
from photosearch.gui.screenshot import Screenshot
from photosearch.gui.theme import Theme
from photosearch.gui.window import Window

_log = logging.getLogger(__name__)

_SCREENSHOT_PX = (1440, 900)


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the window on a library.

    Args:
        argv: Arguments without the program's name; None takes the process's.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="photosearch-gui", description="Find any photo by what is in it."
    )
    parser.add_argument("--library", type=Path, metavar="DIR", help="the library's directory")
    parser.add_argument("--query", metavar="TEXT", help="search for these words at once")
    parser.add_argument("--like", type=Path, metavar="FILE", help="search by this picture at once")
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="save a picture of the window and close it"
    )
    options = parser.parse_args(argv)
    library = (options.library or paths.default_library()).absolute()
    # A directory that cannot be written is the engine's to tell.
    with contextlib.suppress(OSError):
        logs.set_up(library, name="gui", to_stderr=True)
    return run(library, screenshot=options.screenshot, query=options.query, like=options.like)


def run(
    library: Path,
    *,
    screenshot: Path | None = None,
    query: str | None = None,
    like: Path | None = None,
) -> int:
    """Shows the window until it is closed, or until its picture is taken.

    Args:
        library: The library's directory.
        screenshot: Where to save a picture of the window; then it closes by itself.
        query: Words to search for at once.
        like: A picture to search by at once.

    Returns:
        The exit code: 0; 1 where the picture could not be taken; 3 where there is no screen.
    """
    if not _has_screen():
        sys.stderr.write(
            "There is no screen to open the window on.\n"
            "Use the command line (photosearch --help), or set DISPLAY or WAYLAND_DISPLAY.\n"
        )
        return LibraryError.exit_code
    sys.excepthook = _log_bug
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal; Qt would not notice
    app = _application()
    theme = Theme(app)
    window = Window(partial(connect, library, warm=True), theme)
    if query:
        window.search_box.set_words(query)
    if like is not None:
        window.search_by_file(like)
    outcome: list[bool] = []
    if screenshot is not None:
        window.resize(*_SCREENSHOT_PX)
        shot = Screenshot(window, screenshot)
        shot.taken.connect(outcome.append)
        shot.taken.connect(window.close)
    window.show()
    QTimer.singleShot(0, _log_painted)
    QTimer.singleShot(0, window.start)
    code = app.exec()
    release_clipboard()
    return code if screenshot is None or outcome == [True] else 1


def _log_painted() -> None:
    """Says when the window was first on the screen: `make package-smoke` measures up to here."""
    _log.info("the window is painted")


def _has_screen() -> bool:
    """Whether Qt will find a screen; where there is none, it aborts the process."""
    if not sys.platform.startswith("linux"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def _application() -> QApplication:
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QApplication.setApplicationName("photosearch")
    QApplication.setApplicationDisplayName("Photosearch")
    QApplication.setDesktopFileName("photosearch")
    app = QApplication(sys.argv[:1])
    app.setWindowIcon(QIcon(str(resources.icon("photosearch"))))
    # Odd colour profiles in previews are no news to anybody.
    QLoggingCategory.setFilterRules("qt.gui.icc=false")
    if QLocale().language() is QLocale.Language.C:
        # No language set: numbers still get their separators.
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    return app


def _log_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The window's broad catch: whatever reaches this is a bug and is told once."""
    _log.critical("Unexpected error in the window", exc_info=(kind, error, trace))


if __name__ == "__main__":
    sys.exit(main())
