"""What could not be taken in, as rows of a table. GUI thread."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from photosearch.core.failure import PhotoFailure, Stage
from photosearch.core.visible import visible, visible_path
from photosearch.gui.models.rows import RowsModel, day_of


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    REASON = 1
    FOLDER = 2
    STAGE = 3
    SEEN = 4
    TRIES = 5


class FailuresModel(RowsModel[PhotoFailure]):
    """Failures, one to a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = {
            Column.NAME: _tr("File"),
            Column.REASON: _tr("Reason"),
            Column.FOLDER: _tr("Folder"),
            Column.STAGE: _tr("Failed at"),
            Column.SEEN: _tr("First seen"),
            Column.TRIES: _tr("Tries"),
        }
        super().__init__([titles[column] for column in Column], parent)

    def path(self, row: int) -> Path:
        """The file of a row."""
        return _path(self.rows[row])

    def rows_of(self, paths: set[Path]) -> list[int]:
        """The rows of files that are listed."""
        return [row for row in range(len(self.rows)) if self.path(row) in paths]

    def text(self, row: PhotoFailure, column: int) -> str:
        """What failed, why, where, when and how often."""
        match column:
            case Column.NAME:
                return visible(_path(row).name)
            case Column.REASON:
                return visible(row.reason.sentence())
            case Column.FOLDER:
                return visible_path(_path(row).parent)
            case Column.STAGE:
                return _stage(row.stage)
            case Column.SEEN:
                return day_of(row.first_seen_ns)
            case _:
                return QLocale().toString(row.tries)

    def hint(self, row: PhotoFailure, column: int) -> str:
        """Where the file is, else what stands there: it may be cut."""
        if column in (Column.NAME, Column.FOLDER):
            return visible_path(_path(row))
        return self.text(row, column)


def _path(failure: PhotoFailure) -> Path:
    if failure.path is not None:
        return failure.path
    return Path(failure.place.rel_path.decode("utf-8", "replace"))


def _stage(stage: Stage) -> str:
    return {
        Stage.READ: _tr("Reading"),
        Stage.DECODE: _tr("Decoding"),
        Stage.ENCODE: _tr("Understanding"),
        Stage.WRITE: _tr("Storing"),
    }[stage]


def _tr(text: str) -> str:
    return QCoreApplication.translate("FailuresModel", text)
