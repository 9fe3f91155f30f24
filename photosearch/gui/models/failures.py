"""What could not be taken in, as rows of a table. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QDate,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from photosearch.core.failure import PhotoFailure, Stage
from photosearch.gui.file_words import visible, visible_path

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    REASON = 1
    FOLDER = 2
    STAGE = 3
    SEEN = 4
    TRIES = 5


class FailuresModel(QAbstractTableModel):
    """Failures, one to a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: Sequence[PhotoFailure] = ()

    def set_failures(self, failures: Sequence[PhotoFailure]) -> None:
        """Shows other failures."""
        self.beginResetModel()
        self._failures = failures
        self.endResetModel()

    def path(self, row: int) -> Path:
        """The file of a row."""
        failure = self._failures[row]
        if failure.path is not None:
            return failure.path
        return Path(failure.place.rel_path.decode("utf-8", "replace"))

    def rows_of(self, paths: set[Path]) -> list[int]:
        """The rows of files that are listed."""
        return [row for row in range(len(self._failures)) if self.path(row) in paths]

    def rowCount(self, parent: Index | None = None) -> int:
        """How many files and folders failed."""
        return 0 if parent is not None and parent.isValid() else len(self._failures)

    def columnCount(self, parent: Index | None = None) -> int:
        """As many as there are of `Column`."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell."""
        failure, path = self._failures[index.row()], self.path(index.row())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in (Column.NAME, Column.FOLDER):
            return visible_path(path)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        match index.column():
            case Column.NAME:
                return visible(path.name)
            case Column.REASON:
                return visible(failure.reason.sentence())
            case Column.FOLDER:
                return visible_path(path.parent)
            case Column.STAGE:
                return self._stage(failure.stage)
            case Column.SEEN:
                return _day(failure.first_seen_ns)
            case _:
                return QLocale().toString(failure.tries)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.NAME: self.tr("File"),
            Column.REASON: self.tr("Reason"),
            Column.FOLDER: self.tr("Folder"),
            Column.STAGE: self.tr("Failed at"),
            Column.SEEN: self.tr("First seen"),
            Column.TRIES: self.tr("Tries"),
        }[Column(section)]

    def _stage(self, stage: Stage) -> str:
        return {
            Stage.READ: self.tr("Reading"),
            Stage.DECODE: self.tr("Decoding"),
            Stage.ENCODE: self.tr("Understanding"),
            Stage.WRITE: self.tr("Storing"),
        }[stage]


def _day(time_ns: int) -> str:
    """A day in the user's way; "" where it is not known."""
    if not time_ns:
        return ""
    day = datetime.fromtimestamp(time_ns / 1e9).date()
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")
