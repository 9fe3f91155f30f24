"""The photos that the grid shows: a list of ids; everything else comes when it is looked at.

Lives on the GUI thread. `data` reads caches only; it never waits and never asks the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QItemSelection,
    QLocale,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtGui import QPixmap

from photosearch.core.photo import Photo
from photosearch.gui.desktop import file_url
from photosearch.gui.models.lazy import LazyCache

Ids = npt.NDArray[np.int64]
Index = QModelIndex | QPersistentModelIndex

#: Most files that leave in one drag or copy; thousands of paths choke the receiving programs.
MAX_CARRIED_COUNT = 1_000


class Role(IntEnum):
    """What `data` can tell of a photo beside Qt's own roles."""

    ID = Qt.ItemDataRole.UserRole  #: int
    PHOTO = Qt.ItemDataRole.UserRole + 1  #: Photo, or None while unknown
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2  #: QPixmap, or None while unknown
    HAS_NO_THUMBNAIL = Qt.ItemDataRole.UserRole + 3  #: bool: there is none and will be none
    IS_OFFLINE = Qt.ItemDataRole.UserRole + 4  #: bool: its folder cannot be reached
    DATE = Qt.ItemDataRole.UserRole + 5  #: str: day of capture, "" where unknown


@dataclass(frozen=True, slots=True)
class Look:
    """All that a tile shows of a photo, read in one go: a frame draws dozens of tiles.

    Attributes:
        photo_id: Which photo.
        thumbnail: None while it has not come, or where there is none.
        photo: None while it has not come.
        has_no_thumbnail: There is none and will be none.
        is_offline: Its folder cannot be reached.
    """

    photo_id: int
    thumbnail: QPixmap | None
    photo: Photo | None
    has_no_thumbnail: bool
    is_offline: bool


class PhotosModel(QAbstractListModel):
    """Ids in the order they are shown.

    Args:
        thumbnails: `QPixmap` by id.
        facts: `Photo` by id.
        parent: Qt owner.
    """

    def __init__(
        self, thumbnails: LazyCache, facts: LazyCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails, self._facts = thumbnails, facts
        self._ids: Ids = np.empty(0, np.int64)
        self._visible = range(0)
        self._row_of: dict[int, int] = {}
        self._selected: tuple[int, ...] = ()
        self._offline: frozenset[int] = frozenset()
        thumbnails.arrived.connect(self._on_arrived)
        facts.arrived.connect(self._on_arrived)

    @property
    def ids(self) -> Ids:
        """int64 (n,), as shown."""
        return self._ids

    def set_ids(self, ids: Ids) -> None:
        """Shows other photos. Costs the same for ten as for a million."""
        self.beginResetModel()
        self._ids = ids
        self._visible, self._row_of, self._selected = range(0), {}, ()
        self.endResetModel()

    @Slot(int, int)
    def set_visible_rows(self, first: int, last: int) -> None:
        """Fetches what is in sight, then one page further down; forgets other wishes.

        Args:
            first: First row in sight.
            last: Last row in sight, itself included.
        """
        page = last - first + 1
        self._visible = range(first, min(last + 1, len(self._ids)))
        rows = range(first, min(last + 1 + page, len(self._ids)))
        self._row_of = {int(self._ids[row]): row for row in rows}
        self._thumbnails.want(self._row_of)
        self._want_facts()

    def set_selection(self, selection: QItemSelection) -> None:
        """Fetches the facts of the selected, so that a drag has their paths at hand."""
        self._selected = tuple(self.selected_ids(selection))
        self._want_facts()

    def set_offline_folders(self, folder_ids: Iterable[int]) -> None:
        """Dims the photos of folders that cannot be reached."""
        offline = frozenset(folder_ids)
        if offline != self._offline:
            self._offline = offline
            self._tell_changed(self._visible)

    def photo(self, photo_id: int) -> Photo | None:
        """What is known of a photo; None while it has not come."""
        return self._facts.get(photo_id)

    def look(self, row: int) -> Look:
        """What is at hand of a row, without the way through `data`."""
        photo_id = int(self._ids[row])
        thumbnail = self._thumbnails.get(photo_id)
        photo = self._facts.get(photo_id)
        return Look(
            photo_id,
            thumbnail,
            photo,
            thumbnail is None and self._thumbnails.has_nothing(photo_id),
            photo is not None and self.is_offline(photo),
        )

    def is_offline(self, photo: Photo) -> bool:
        """True where the photo's folder cannot be reached now."""
        return photo.folder_id in self._offline

    @property
    def is_settled(self) -> bool:
        """True where everything in sight has come."""
        return self._thumbnails.is_settled and self._facts.is_settled

    @property
    def is_waiting(self) -> bool:
        """True where a thumbnail in sight has not come yet."""
        return any(
            self._thumbnails.get(photo_id) is None and not self._thumbnails.has_nothing(photo_id)
            for photo_id in (int(self._ids[row]) for row in self._visible)
        )

    def selected_ids(
        self, selection: QItemSelection, limit: int = MAX_CARRIED_COUNT
    ) -> Iterator[int]:
        """The first ids of a selection, read from its ranges."""
        parts = (selection.at(number) for number in range(selection.count()))
        rows = (row for part in parts for row in range(part.top(), part.bottom() + 1))
        return (int(self._ids[row]) for row in islice(rows, limit))

    def carried(self, photo_ids: Iterable[int]) -> QMimeData:
        """Files of photos for a drag or the clipboard; those not known yet are left out."""
        photos = [self._facts.get(photo_id) for photo_id in islice(photo_ids, MAX_CARRIED_COUNT)]
        mime = QMimeData()
        mime.setUrls([file_url(photo.path) for photo in photos if photo is not None])
        return mime

    # QAbstractListModel

    def rowCount(self, parent: Index | None = None) -> int:
        """How many photos are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What is at hand of a photo, see `Role`."""
        if not index.isValid():
            return None
        photo_id = int(self._ids[index.row()])
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(photo_id)
        if role == Role.ID:
            return photo_id
        if role == Role.HAS_NO_THUMBNAIL:
            return self._thumbnails.has_nothing(photo_id)
        photo: Photo | None = self._facts.get(photo_id)
        if role == Role.PHOTO:
            return photo
        if role == Role.IS_OFFLINE:
            return photo is not None and self.is_offline(photo)
        if role == Role.DATE:
            return capture_day(photo) if photo is not None else ""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(photo) if photo is not None else self.tr("Photo")
        if role == Qt.ItemDataRole.ToolTipRole and photo is not None:
            return self._told(photo)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Photos can be selected and dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def supportedDragActions(self) -> Qt.DropAction:
        """Photos are copied out, never moved."""
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        """Photos leave as files."""
        return ["text/uri-list"]

    def _spoken(self, photo: Photo) -> str:
        day = capture_day(photo)
        return f"{photo.path.name}, {day}" if day else photo.path.name

    def _told(self, photo: Photo) -> str:
        where = str(photo.path)
        if self.is_offline(photo):
            return self.tr("%1\nIts folder cannot be reached now.").replace("%1", where)
        return where

    def _want_facts(self) -> None:
        self._facts.want([*self._row_of, *self._selected])

    @Slot(object)
    def _on_arrived(self, photo_ids: frozenset[int]) -> None:
        rows = [self._row_of[photo_id] for photo_id in photo_ids if photo_id in self._row_of]
        if rows:
            self._tell_changed(range(min(rows), max(rows) + 1))

    def _tell_changed(self, rows: range) -> None:
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))


def capture_day(photo: Photo) -> str:
    """The day a photo was taken, as the camera says; "" where only the file's time is known."""
    taken = photo.facts.taken
    if taken is None or taken.source == "file":
        return ""
    day = taken.local.date()
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")
