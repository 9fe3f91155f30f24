"""Where files lie, which of them are copies, and which can be reached: masks by file.

Called by `filters` inside one read, from the columns in memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import apsw
import numpy as np

from photosearch.store.sqlite import broken
from photosearch.store.sqlite.columns import Columns
from photosearch.store.sqlite.folding import fold
from photosearch.store.sqlite.masks import Mask
from photosearch.store.sqlite.rows import display_path


def below(connection: apsw.Connection, columns: Columns, text: str) -> Mask:
    """Files in a directory, or below one, whose path holds these consecutive names.

    Args:
        connection: Inside one read transaction.
        columns: Of the same database.
        text: Names of directories, or of disks, between separators.
    """
    files = columns.files(connection)
    separators = r"[/\\]" if os.sep == "\\" else "/"
    wanted = [part for part in map(fold, re.split(separators, text)) if part]
    if not wanted:
        return np.zeros(files.size, np.bool_)
    roots = {
        key: _joined(Path(os.fsdecode(path)).parts)
        for key, path in connection.execute("SELECT id, path FROM folder")
    }
    sought = "/" + "".join(f"{part}/" for part in wanted)
    is_sought = np.zeros(len(files.texts("directory")), np.bool_)
    for number, directory in enumerate(files.texts("directory")):
        folder_id, _, rel_path = directory.partition("/")
        root = roots.get(int(folder_id or 0))
        is_sought[number] = root is not None and sought in root + _joined(rel_path.split("/"))[1:]
    chosen: Mask = is_sought[files.array("directory")]
    return chosen


def copies(connection: apsw.Connection, columns: Columns) -> Mask:
    """Files that somebody may rely on: links are none, nor what is broken."""
    files = columns.files(connection)
    is_copy: Mask = ~(files.array("is_link") | files.array("is_companion"))
    broken_files, _ = broken.files(connection)
    is_copy[broken_files[broken_files < files.size]] = False
    return is_copy


def reachable(connection: apsw.Connection, columns: Columns) -> Mask:
    """Files that can be reached; a broken one only where its photo has no other."""
    files = columns.files(connection)
    online = {key for (key,) in connection.execute("SELECT id FROM folder WHERE is_online")}
    away = tuple(
        f"{key}/{display_path(rel_path)}/"
        for key, rel_path in connection.execute(
            "SELECT folder_id, rel_path FROM folder_mount WHERE is_away"
        )
    )
    is_there = [
        int(text.partition("/")[0] or 0) in online and not f"{text}/".startswith(away)
        for text in files.texts("directory")
    ]
    is_met: Mask = np.array(is_there)[files.array("directory")]
    sound_counts = broken.copy_counts(connection)
    for file_id, photo_id in zip(*broken.files(connection), strict=True):
        if file_id < files.size and sound_counts.get(int(photo_id)):
            is_met[file_id] = False
    is_met &= ~files.array("is_companion")
    return is_met


def _joined(parts: Iterable[str]) -> str:
    """Names of directories, each folded, as "a/b/"; "/" in front of the first."""
    folded = "/".join(fold(part).strip("/\\") for part in parts)
    return "/" + folded.strip("/") + ("/" if folded.strip("/") else "")
