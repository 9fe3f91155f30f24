"""What leads to a question besides typing: keys, a picture, the chips of an answer. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QWidget

from photosearch.core.query import PhotoTerm
from photosearch.gui.example import Example
from photosearch.gui.models.lazy import LazyCache
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.widgets.grid import Grid
from photosearch.gui.widgets.search_box import SearchBox


class Asking(QObject):
    """Fills the search box, which asks."""

    def __init__(
        self,
        box: SearchBox,
        grid: Grid,
        photos: PhotosModel,
        thumbnails: LazyCache,
        window: QWidget,
    ) -> None:
        """Adds the keys to a window.

        Args:
            box: Where the question stands.
            grid: Where the photos are.
            photos: Those that are shown.
            thumbnails: Pictures of them.
            window: Whose keys they are; Qt owner, too.
        """
        super().__init__(window)
        self._box, self._grid = box, grid
        self._photos, self._thumbnails = photos, thumbnails
        for key, act in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.go_to_box),
            (QKeySequence(QKeySequence.StandardKey.Paste), self._paste),
            (QKeySequence(Qt.Key.Key_Escape), self._clear),
        ):
            QShortcut(key, window).activated.connect(act)

    @Slot()
    def go_to_box(self) -> None:
        """The next key goes into the box, in place of what is there."""
        self._box.setFocus()
        self._box.words.selectAll()

    @Slot()
    def go_to_photos(self) -> None:
        """The next key moves among the photos."""
        self._grid.setFocus()
        if not self._grid.currentIndex().isValid() and self._photos.rowCount():
            self._grid.setCurrentIndex(self._photos.index(0))

    @Slot(str)
    def set_words(self, text: str) -> None:
        """Asks for other words: a chip was removed, or put back."""
        self._box.set_words(text)
        self._box.setFocus()

    @Slot(object)
    def search_by(self, example: Example) -> None:
        """Searches by a picture, together with the words in the box."""
        self._box.set_example(example)

    @Slot(object)
    def search_by_alone(self, example: Example) -> None:
        """Searches by a picture and nothing else."""
        self._box.words.clear()
        self.search_by(example)

    @Slot(int)
    def find_similar(self, photo_id: int) -> None:
        """Searches by a photo of the library."""
        thumbnail = self._thumbnails.get(photo_id) or QPixmap()
        term = PhotoTerm(photo_id)
        self.search_by_alone(Example(term, self.tr("like this"), thumbnail.toImage()))

    @Slot()
    def _paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and not self._box.words.takes_picture(mime) and mime.hasText():
            self.go_to_box()
            self._box.words.paste()

    @Slot()
    def _clear(self) -> None:
        self._box.clear()
        self._box.setFocus()
