"""Which drive a folder lies on, in the user's words. Any thread; asks no disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from photosearch.core.photo import Folder
from photosearch.gui.match_words import photo_count

#: Below these, each directory is a drive: /media/USER/NAME, /run/media/USER/NAME, /Volumes/NAME.
_MOUNTS = ((Path("/run/media"), 2), (Path("/media"), 2), (Path("/Volumes"), 1), (Path("/mnt"), 1))


def drive_of(folder: Path) -> str:
    """Returns what has to be connected for a folder to be there: "the drive “Disk A”".

    Args:
        folder: Absolute path of a watched folder that is away.
    """
    name = drive_name(folder)
    if not name:
        return str(folder)
    return QCoreApplication.translate("Drives", "the drive “%1”").replace("%1", name)


def drive_name(folder: Path) -> str:
    """The name under which a folder's drive is mounted; "" where the path does not tell."""
    for mount, depth in _MOUNTS:
        if folder.is_relative_to(mount):
            below = folder.relative_to(mount).parts
            return below[min(depth, len(below)) - 1] if below else ""
    anchor = folder.drive  # C: on Windows, the share of a UNC path
    return anchor if anchor else ""


def away_text(folders: Sequence[Folder]) -> str:
    """Returns what is to be known of folders that are away; "" for none."""
    if not folders:
        return ""
    translate, first = QCoreApplication.translate, folders[0].path
    count = sum(folder.photo_count for folder in folders)
    names = list(dict.fromkeys(drive_name(folder.path) or folder.path.name for folder in folders))
    if len(names) == 1:
        text = translate("Drives", "“%1” is away: its %2 can be searched, not opened.")
        text = text.replace("%1", names[0] or str(first))
    else:
        text = translate("Drives", "%1 are away: their %2 can be searched, not opened.")
        quoted = translate("Drives", ", ").join(f"“{name}”" for name in names)
        text = text.replace("%1", quoted)
    return text.replace("%2", photo_count(count))


def connect_text(folder: Path) -> str:
    """Returns what has to be done to open photos of a folder that is away."""
    text = QCoreApplication.translate("Drives", "Connect %1 to open it.")
    return text.replace("%1", drive_of(folder))
