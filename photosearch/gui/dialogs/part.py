"""Asks which part of a photo is to be searched for. GUI thread; the disk is read by a worker."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.core.photo import Photo
from photosearch.core.query import PhotoTerm
from photosearch.gui.background import Background
from photosearch.gui.example import Example
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.box_picker import BoxPicker

_SIZE_PX = (720, 600)
#: Larger than any screen shows it here.
_SIDE_PX = 1400


class PartDialog(QDialog):
    """A picture with a box on it.

    Signals:
        example_ready(Example): The part to search by.
    """

    example_ready = Signal(object)

    def __init__(self, theme: Theme, disk: Background, parent: QWidget | None = None) -> None:
        """Makes the dialog.

        Args:
            theme: Colours.
            disk: Where photos are read.
            parent: Qt owner.
        """
        super().__init__(parent)
        self.setObjectName("part")
        self.setWindowTitle(self.tr("Search for a part"))
        self._disk = disk
        self._photo: Photo | None = None
        self.picker = BoxPicker(theme, self)
        hint = QLabel(self.tr("Draw a box around what you are looking for."), self)
        hint.setObjectName("headingCount")
        self.search_button = QPushButton(self.tr("Search"), self)
        self.search_button.setProperty("primary", True)
        self.search_button.setDefault(True)
        row = QHBoxLayout()
        row.addWidget(hint)
        row.addStretch(1)
        row.addWidget(self.search_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.picker, 1)
        column.addLayout(row)
        self.resize(*_SIZE_PX)
        self.search_button.clicked.connect(self._search)
        self.picker.picked.connect(self._search)

    def open_for(self, photo: Photo, preview: QImage) -> None:
        """Shows itself for a photo.

        Args:
            photo: Which.
            preview: Stands in until the file is read, and where it cannot be.
        """
        self._photo = photo
        self.picker.set_image(preview)
        self.picker.reset()
        self.show()
        self.raise_()
        self.activateWindow()
        self.picker.setFocus()
        self._disk.run(partial(_read, photo.path), partial(self._on_read, photo.id))

    def _on_read(self, photo_id: int, image: QImage) -> None:
        if not image.isNull() and self._photo is not None and self._photo.id == photo_id:
            self.picker.set_image(image)

    @Slot()
    def _search(self) -> None:
        if self._photo is None:
            return
        term = PhotoTerm(self._photo.id, box=self.picker.box)
        label = self.tr("part of %1").replace("%1", self._photo.path.name)
        self.accept()
        self.example_ready.emit(Example(term, label, self.picker.cropped()))


def _read(path: Path) -> QImage:
    """A photo as large as it is shown; null where Qt cannot read it. Runs on a worker."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _SIDE_PX:
        reader.setScaledSize(
            size.scaled(QSize(_SIDE_PX, _SIDE_PX), Qt.AspectRatioMode.KeepAspectRatio)
        )
    return reader.read()
