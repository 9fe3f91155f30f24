"""The photos that the grid shows: a list of ids; everything else comes when it is looked at.

Lives on the GUI thread. `data` reads caches only; it never waits and never asks the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPixmap

from photosearch.core.photo import Folder, Photo
from photosearch.gui import photo_words
from photosearch.gui.desktop import file_url
from photosearch.gui.models.answer import Answer, Ids, Section, all_photos
from photosearch.gui.models.lazy import LazyCache
from photosearch.gui.models.look import Look, Role

Index = QModelIndex | QPersistentModelIndex

#: Most files that leave in one drag or copy; thousands of paths choke the receiving programs.
MAX_CARRIED_COUNT = 1_000


class PhotosModel(QAbstractListModel):
    """Ids in the order they are shown.

    Args:
        thumbnails: `QPixmap` by id.
        facts: `Photo` by id.
        parent: Qt owner.

    Signals:
        more_wanted(int): Rows came into sight, or into the selection, whose ids have not come: how
            many photos are needed from the first one on.
        sections_changed(): The bands are others.
    """

    more_wanted = Signal(int)
    sections_changed = Signal()

    def __init__(
        self, thumbnails: LazyCache, facts: LazyCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails, self._facts = thumbnails, facts
        self._answer = Answer()
        self._sections: tuple[Section, ...] = ()
        self._visible = range(0)
        self._row_of: dict[int, int] = {}
        self._selected: tuple[int, ...] = ()
        self._away: dict[int, Folder] = {}
        thumbnails.arrived.connect(self._on_arrived)
        facts.arrived.connect(self._on_arrived)

    @property
    def ids(self) -> Ids:
        """int64 (n,), as shown; of a long answer, those that have come."""
        return self._answer.ids

    @property
    def answer(self) -> Answer:
        """What is shown."""
        return self._answer

    @property
    def sections(self) -> tuple[Section, ...]:
        """The bands of what is shown; none where there are none."""
        return self._sections

    def set_answer(self, answer: Answer) -> None:
        """Shows other photos. Costs the same for ten as for a million."""
        self.beginResetModel()
        self._answer, self._sections = answer, answer.sections
        self._visible, self._row_of, self._selected = range(0), {}, ()
        self.endResetModel()
        self.sections_changed.emit()

    def extend(self, answer: Answer) -> None:
        """Shows the same photos and more of them; rows that have come keep their photos."""
        before, after = self._answer.count, answer.count
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
        self._answer, self._sections = answer, answer.sections
        if after > before:
            self.endInsertRows()
        elif after < before:
            self.endRemoveRows()
        self.sections_changed.emit()
        if self._visible:
            self.set_visible_rows(self._visible[0], self._visible[-1])
            self._tell_changed(self._visible)

    def thin(self, answer: Answer) -> None:
        """Shows the same photos but for a few; the others stay selected."""
        for rows in reversed(self._answer.gone_rows(answer.ids)):
            self.beginRemoveRows(QModelIndex(), rows[0], rows[-1])
            self._answer = all_photos(np.delete(self._answer.ids, rows))
            self.endRemoveRows()
        self.sections_changed.emit()
        if self._visible:
            self.set_visible_rows(self._visible[0], self._visible[-1])
            self._tell_changed(self._visible)

    @Slot(int, int)
    def set_visible_rows(self, first: int, last: int) -> None:
        """Fetches what is in sight, then one page further down; forgets other wishes.

        Args:
            first: First row in sight.
            last: Last row in sight, itself included.
        """
        page = last - first + 1
        ids, end = self._answer.ids, min(last + 1 + page, self._answer.count)
        self._visible = range(first, min(last + 1, self._answer.count))
        self._row_of = {int(ids[row]): row for row in range(first, min(end, len(ids)))}
        self._thumbnails.want(self._row_of)
        self._want_facts()
        if end > len(ids):
            self.more_wanted.emit(end)

    def set_selection(self, selection: QItemSelection) -> None:
        """Fetches the facts of the selected, so that a drag has their paths at hand."""
        self._selected = tuple(self.selected_ids(selection))
        self._want_facts()
        parts = (selection.at(number) for number in range(selection.count()))
        end = max((part.bottom() + 1 for part in parts), default=0)
        if end > len(self._answer.ids):
            self.more_wanted.emit(end)

    def set_away(self, folders: Iterable[Folder]) -> None:
        """Dims the photos of folders that cannot be reached, or on disks inside that cannot."""
        away = {folder.id: folder for folder in folders if folder.away_paths}
        if away != self._away:
            self._away = away
            self._tell_changed(self._visible)

    def photo(self, photo_id: int) -> Photo | None:
        """What is known of a photo; None while it has not come."""
        return self._facts.get(photo_id)

    def thumbnail(self, photo_id: int) -> QPixmap | None:
        """A photo's thumbnail; None while it has not come."""
        return self._thumbnails.get(photo_id)

    def look(self, row: int) -> Look:
        """What is at hand of a row, without the way through `data`."""
        ids = self._answer.ids
        if row >= len(ids):
            return Look()
        photo_id = int(ids[row])
        thumbnail = self._thumbnails.get(photo_id)
        photo = self._facts.get(photo_id)
        result = self._answer.result
        has_bursts = result is not None and len(result.burst_counts) > row
        return Look(
            photo_id,
            thumbnail,
            photo,
            thumbnail is None and self._thumbnails.has_nothing(photo_id),
            photo is not None and self.is_offline(photo),
            int(result.burst_counts[row]) if result is not None and has_bursts else 1,
        )

    def is_offline(self, photo: Photo) -> bool:
        """True where the photo's folder, or its disk, cannot be reached now."""
        return self.offline_folder(photo) is not None

    def offline_folder(self, photo: Photo) -> Path | None:
        """The photo's folder, or where its disk is mounted, where that cannot be reached now."""
        folder = self._away.get(photo.folder_id)
        if folder is None or not folder.is_online:
            return folder.path if folder is not None else None
        return next((path for path in folder.away_paths if photo.path.is_relative_to(path)), None)

    @property
    def is_settled(self) -> bool:
        """True where everything in sight has come."""
        return self._thumbnails.is_settled and self._facts.is_settled

    @property
    def is_waiting(self) -> bool:
        """True where a thumbnail in sight has not come yet."""
        looks = (self.look(row) for row in self._visible)
        return any(look.thumbnail is None and not look.has_no_thumbnail for look in looks)

    def selected_ids(
        self, selection: QItemSelection, limit: int = MAX_CARRIED_COUNT
    ) -> Iterator[int]:
        """The first ids of a selection that have come, read from its ranges."""
        ids = self._answer.ids
        parts = (selection.at(number) for number in range(selection.count()))
        rows = (
            row for part in parts for row in range(part.top(), min(part.bottom() + 1, len(ids)))
        )
        return (int(ids[row]) for row in islice(rows, limit))

    def carried(self, photo_ids: Iterable[int]) -> QMimeData:
        """Files of photos for a drag or the clipboard; those not known yet are left out."""
        photos = [self._facts.get(photo_id) for photo_id in islice(photo_ids, MAX_CARRIED_COUNT)]
        mime = QMimeData()
        mime.setUrls([file_url(photo.path) for photo in photos if photo is not None])
        return mime

    # QAbstractListModel

    def rowCount(self, parent: Index | None = None) -> int:
        """How many photos are shown."""
        return 0 if parent is not None and parent.isValid() else self._answer.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What is at hand of a photo, see `Role`."""
        if not index.isValid():
            return None
        row = index.row()
        if row >= len(self._answer.ids):
            return self._of_unknown(role)
        photo_id = int(self._answer.ids[row])
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
            return photo_words.capture_day(photo) if photo is not None else ""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            match = self._answer.match(row)
            return photo_words.spoken(photo, match) if photo is not None else self.tr("Photo")
        if role == Qt.ItemDataRole.ToolTipRole and photo is not None:
            is_offline = self.is_offline(photo)
            return photo_words.told(photo, self._answer.match(row), is_offline=is_offline)
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

    def _of_unknown(self, role: int) -> object:
        """What can be told of a row whose photo has not come."""
        if role in (Role.HAS_NO_THUMBNAIL, Role.IS_OFFLINE):
            return False
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.tr("Photo")
        return "" if role == Role.DATE else None

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
