"""What is asked of the photos model. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

from photosearch.core.photo import Photo


class Role(IntEnum):
    """What `PhotosModel.data` can tell of a photo beside Qt's own roles."""

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
        photo_id: Which photo; None while even that has not come.
        thumbnail: None while it has not come, or where there is none.
        photo: None while it has not come.
        has_no_thumbnail: There is none and will be none.
        is_offline: Its folder cannot be reached.
        burst_count: How many photos it stands for.
    """

    photo_id: int | None = None
    thumbnail: QPixmap | None = None
    photo: Photo | None = None
    has_no_thumbnail: bool = False
    is_offline: bool = False
    burst_count: int = 1
