"""Which drive a folder lies on, in the user's words. Any thread; asks no disk."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

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
