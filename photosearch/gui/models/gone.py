"""Photos that lie in no file any more, as rows of a table. GUI thread."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QCoreApplication, QObject

from photosearch.core.photo import GonePhoto
from photosearch.core.visible import visible, visible_path
from photosearch.gui.models.rows import RowsModel, day_of


class Column(IntEnum):
    """What stands beside each other."""

    NAME = 0
    FOLDER = 1
    SINCE = 2
    UNTIL = 3


class GoneModel(RowsModel[GonePhoto]):
    """Photos, one to a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = {
            Column.NAME: _tr("File"),
            Column.FOLDER: _tr("Last seen in"),
            Column.SINCE: _tr("Gone since"),
            Column.UNTIL: _tr("Kept until"),
        }
        super().__init__([titles[column] for column in Column], parent)

    def text(self, row: GonePhoto, column: int) -> str:
        """Its name, its folder, and the two days."""
        match column:
            case Column.NAME:
                return visible(row.path.name)
            case Column.FOLDER:
                return visible_path(row.path.parent)
            case Column.SINCE:
                return day_of(row.gone_ns)
            case _:
                return day_of(row.kept_until_ns)

    def hint(self, row: GonePhoto, column: int) -> str:
        """Where the file was."""
        return visible_path(row.path)


def _tr(text: str) -> str:
    return QCoreApplication.translate("GoneModel", text)
