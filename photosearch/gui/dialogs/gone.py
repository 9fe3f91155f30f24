"""The window that lists photos that lie in no file any more. Blocks nothing. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from photosearch.core.photo import GonePhoto
from photosearch.gui.dialogs.confirm import confirmation
from photosearch.gui.dialogs.lists import make_list
from photosearch.gui.match_words import photo_count
from photosearch.gui.models.gone import Column, GoneModel

_SIZE_PX = (760, 420)
_WIDTHS_PX: dict[int, int] = {Column.NAME: 200, Column.SINCE: 110, Column.UNTIL: 110}


class Gone(QWidget):
    """A window of its own beside the main one.

    Signals:
        forget_requested(): All of them are to be forgotten for good.
    """

    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("gone")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Photos without a file"))
        self.resize(*_SIZE_PX)
        self.model = GoneModel(self)
        self._count = QLabel(self)
        self._count.setObjectName("foldersHead")
        hint = QLabel(
            self.tr(
                "Should such a file or a copy of it come back, stars, tags and albums are there "
                "again, and nothing has to be read anew."
            ),
            self,
        )
        hint.setObjectName("headingCount")
        hint.setWordWrap(True)
        self.forget_button = QPushButton(self.tr("Forget them now…"), self)
        close_button = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.forget_button)
        buttons.addStretch(1)
        buttons.addWidget(close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._count)
        layout.addWidget(
            make_list(self.model, self.windowTitle(), Column.FOLDER, _WIDTHS_PX, self), 1
        )
        layout.addWidget(hint)
        layout.addLayout(buttons)
        self.forget_button.clicked.connect(self._ask_to_forget)
        close_button.clicked.connect(self.close)
        close_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        close_key.activated.connect(self.close)
        self.set_photos(())

    @Slot(object)
    def set_photos(self, photos: Sequence[GonePhoto]) -> None:
        """Lists photos, the last gone first."""
        self.model.set_rows(photos)
        text = self.tr("%1 in no file any more").replace("%1", photo_count(len(photos)))
        self._count.setText(text if photos else self.tr("Every photo lies in a file"))
        self.forget_button.setEnabled(bool(photos))

    @Slot()
    def _ask_to_forget(self) -> None:
        question = confirmation(
            self,
            self.tr("Forget %1 now?").replace("%1", photo_count(self.model.rowCount())),
            self.tr(
                "Your stars, tags and albums of these photos are gone for good. No file is touched."
            ),
            self.tr("Forget them"),
        )
        question.accepted.connect(self.forget_requested)
        question.open()
