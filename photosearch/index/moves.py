"""Finds out which files are known ones at another place, without reading a byte. Index thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from photosearch.core.photo import FileId, FilePlace
from photosearch.core.store import Store
from photosearch.core.stored import MovedFile, PlacedFile
from photosearch.index.places import Places
from photosearch.index.scan import FileTask

#: No file system that numbers its files for good measures time in steps like these.
_COARSE_NS = 1_000_000
#: Files that the store is asked about at once.
_BLOCK = 1000


def split_moved(tasks: Sequence[FileTask], store: Store) -> tuple[list[MovedFile], list[FileTask]]:
    """Separates the files that merely lie elsewhere than before from those that must be read.

    A file is the same where the file system's number, its size and its time to the nanosecond are:
    a rename changes none of them, and whatever writes to a file changes its time. Numbers are given
    to other files once theirs is deleted, so a time that is not that fine says too little: such
    files, as cameras' cards and archives have them, are read again.

    Args:
        tasks: New and changed files.
        store: Asked where files of these numbers lie or lay.

    Returns:
        What moved, or was linked, and what is to be read, in its order: also what moved before it
        was read in whole.
    """
    moved: list[MovedFile] = []
    rest: list[FileTask] = []
    for start in range(0, len(tasks), _BLOCK):
        block = tasks[start : start + _BLOCK]
        known = store.places_of([task.file_id for task in block if task.file_id is not None])
        for task in block:
            former = _former(task, known)
            if former is None or task.stamp is None or task.file_id is None:
                rest.append(task)
            else:
                is_link = os.path.islink(task.path)  # noqa: PTH114 - bytes
                move = MovedFile(task.place, former.place, task.stamp, task.file_id, is_link)
                moved.append(move)
                if not former.is_read:
                    rest.append(replace(task, is_known=True, is_listed=True))
    return moved, rest


def linked(tasks: Sequence[FileTask], store: Store, places: Places) -> list[FileTask]:
    """Returns the tasks of reading changed files under their other names, if they have any.

    Whoever writes to a file with several names (hard links) is heard of under one of them.
    """
    numbers = {task.file_id: task for task in tasks if task.is_known and task.file_id is not None}
    known = store.places_of(list(numbers))
    asked = {task.place for task in tasks}
    others = [
        replace(places.task(other.place), is_known=True)
        for file_id, found in known.items()
        for other in found
        if other.place not in asked and other.stamp != numbers[file_id].stamp
    ]
    return [task for task in others if task.file_id in numbers]


def renamed_in_case(moved: Iterable[MovedFile], places: Places) -> list[FilePlace]:
    """Returns the former places of files whose names changed in upper and lower case only.

    Where the file system takes both names for one, the former one seems to be there still.
    """
    return [
        move.former
        for move in moved
        if move.former != move.place
        and _folded(move.former) == _folded(move.place)
        and not places.is_listed(move.former)
    ]


def _former(task: FileTask, known: dict[FileId, list[PlacedFile]]) -> PlacedFile | None:
    if task.file_id is None:
        return None
    for file in known.get(task.file_id, ()):
        is_fine = bool(file.stamp.mtime_ns % _COARSE_NS)
        if file.stamp == task.stamp and is_fine and file.place != task.place:
            return file
    return None


def _folded(place: FilePlace) -> tuple[int, str]:
    return place.folder_id, os.fsdecode(place.rel_path).casefold()
