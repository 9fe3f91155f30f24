"""Photos that lie in no file any more, as rows of a table. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from photosearch.core.photo import GonePhoto
from photosearch.gui.fact_words import day_text
from photosearch.gui.file_words import visible, visible_path

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    FOLDER = 1
    SINCE = 2
    UNTIL = 3


class GoneModel(QAbstractTableModel):
    """Photos, one to a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos: Sequence[GonePhoto] = ()

    def set_photos(self, photos: Sequence[GonePhoto]) -> None:
        """Shows other photos."""
        self.beginResetModel()
        self._photos = photos
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many are gone."""
        return 0 if parent is not None and parent.isValid() else len(self._photos)

    def columnCount(self, parent: Index | None = None) -> int:
        """As many as there are of `Column`."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What stands in a cell."""
        photo = self._photos[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return visible_path(photo.path)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        match index.column():
            case Column.NAME:
                return visible(photo.path.name)
            case Column.FOLDER:
                return visible_path(photo.path.parent)
            case Column.SINCE:
                return _day(photo.gone_ns)
            case _:
                return _day(photo.kept_until_ns)

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
            Column.FOLDER: self.tr("Last seen in"),
            Column.SINCE: self.tr("Gone since"),
            Column.UNTIL: self.tr("Kept until"),
        }[Column(section)]


def _day(time_ns: int) -> str:
    return day_text(datetime.fromtimestamp(time_ns / 1e9))
