"""Hands files to the user's other programs, and reads file addresses they hand over. GUI thread."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication


def open_file(path: Path) -> bool:
    """Opens a file with the program the user has chosen for it; False where none took it."""
    return QDesktopServices.openUrl(file_url(path))


def show_in_folder(path: Path) -> bool:
    """Shows a file in the file manager, selected where the platform has a way to say so."""
    if sys.platform == "win32":
        return bool(QProcess.startDetached("explorer.exe", [f"/select,{path}"])[0])
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-R", str(path)])[0])
    return QDesktopServices.openUrl(file_url(path.parent))


def file_url(path: Path) -> QUrl:
    """The address of an absolute path; names that are no UTF-8 survive."""
    return QUrl.fromEncoded(path.as_uri().encode("ascii"))


def local_path(url: QUrl) -> Path:
    """The path of a local address; names that are no UTF-8 survive where bytes are names."""
    if sys.platform == "win32" or url.host():
        return Path(url.toLocalFile())
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return Path(os.fsdecode(unquote_to_bytes(encoded)))


def release_clipboard() -> None:
    """Takes what we have copied off the clipboard; called last, before the application ends.

    WORKAROUND PySide6 6.11: Qt lets the clipboard's data go after
    Python has ended, and data made by Python crashes it then. Remove when a copy survives an exit.
    """
    clipboard = QGuiApplication.clipboard()
    # The offscreen platform's clipboard is this process's own, and it does not know that.
    if clipboard.ownsClipboard() or QGuiApplication.platformName() == "offscreen":
        clipboard.clear()
