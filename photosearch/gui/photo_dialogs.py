"""The small windows about single photos: what is known, tags and albums, a part. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from photosearch.core.photo import Photo
from photosearch.gui.background import Background
from photosearch.gui.bridge import Bridge
from photosearch.gui.dialogs.info import Info
from photosearch.gui.dialogs.labels import Labels
from photosearch.gui.dialogs.part import PartDialog
from photosearch.gui.drives import connect_text
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.theme import Theme
from photosearch.gui.user_edits import UserEdits


class PhotoDialogs(QObject):
    """Opens them for photos and passes on what comes of it.

    Signals:
        example_ready(Example): A part of a photo to search by.
    """

    example_ready = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        photos: PhotosModel,
        edits: UserEdits,
        disk: Background,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        """Makes the dialogs, hidden.

        Args:
            bridge: Knows the library's tags and albums.
            photos: What is known of photos.
            edits: Makes changes.
            disk: Where photos are read.
            theme: Colours.
            parent: The window.
        """
        super().__init__(parent)
        self._bridge, self._photos = bridge, photos
        self.labels = Labels(theme, parent)
        self.part = PartDialog(theme, disk, parent)
        self.info = Info(parent)
        self.labels.changed.connect(edits.change)
        self.part.example_ready.connect(self.example_ready)
        bridge.vocabulary_told.connect(self.labels.set_vocabulary)

    @Slot(int)
    def pick_part(self, photo_id: int) -> None:
        """Asks which part of a photo is meant."""
        photo = self._photos.photo(photo_id)
        if photo is not None:
            thumbnail = self._photos.thumbnail(photo_id) or QPixmap()
            self.part.open_for(photo, thumbnail.toImage())

    @Slot(int)
    def show_info(self, photo_id: int) -> None:
        """Tells all that is known of a photo, and where its copies lie."""
        photo = self._photos.photo(photo_id)
        if photo is None:
            return
        thumbnail = self._photos.thumbnail(photo_id) or QPixmap()
        self.info.open_for(photo, thumbnail, self._away_text(photo))
        if photo.copy_count > 1:
            told = partial(self.info.set_paths, photo_id)
            self._bridge.act(lambda client: client.paths_of(photo_id), told)

    @Slot()
    def note_folders(self) -> None:
        """A folder went away, or is back."""
        if self.info.photo is not None:
            self.info.set_away(self._away_text(self.info.photo))

    def _away_text(self, photo: Photo) -> str:
        folder = self._photos.offline_folder(photo)
        if folder is None:
            return ""
        text = self.tr("In “%1”, which is away.").replace("%1", folder.name or str(folder))
        return f"{text} {connect_text(folder)}"

    @Slot(bool, list)
    def edit_labels(self, is_tags: bool, photo_ids: list[int]) -> None:
        """Edits the tags, or the albums, of photos."""
        known = (self._photos.photo(photo_id) for photo_id in photo_ids)
        users = [photo.user for photo in known if photo is not None]
        self.labels.open_for(photo_ids, users, is_tags=is_tags)
        self._bridge.ask_vocabulary()

    def close(self) -> None:
        """Closes them."""
        self.labels.close()
        self.part.close()
        self.info.close()
