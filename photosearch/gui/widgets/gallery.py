"""The middle of the window: heading and grid, or a page in their place. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from photosearch.core.result import SearchResult
from photosearch.errors import PhotoSearchError
from photosearch.gui.models.photos import Ids, PhotosModel
from photosearch.gui.stage import Stage
from photosearch.gui.stylesheet import MARGIN_PX
from photosearch.gui.theme import Theme, tabular
from photosearch.gui.widgets.grid import SKELETON_DELAY_MS, Grid
from photosearch.gui.widgets.message import MessagePage
from photosearch.gui.widgets.welcome import Welcome


class Gallery(QStackedWidget):
    """Photos, or why there are none.

    Signals:
        add_folder_clicked(): A folder is to be added.
        retry_clicked(): The library is to be opened once more.
    """

    add_folder_clicked = Signal()
    retry_clicked = Signal()

    def __init__(self, model: PhotosModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self._model = model
        self._stage = Stage.CONNECTING
        self._searching_timer = QTimer(self, singleShot=True, interval=SKELETON_DELAY_MS)
        self._searching_timer.timeout.connect(self._say_searching)
        self._heading = QLabel(self)
        self._heading.setObjectName("heading")
        self._count = QLabel(self)
        self._count.setObjectName("headingCount")
        self._count.setFont(tabular(self._count.font()))
        self._searching = QLabel(self)
        self._searching.setObjectName("headingCount")
        self.grid = Grid(model, theme, self)
        self.welcome = Welcome(theme, self)
        self.message = MessagePage(self)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 14, MARGIN_PX, 4)
        head.setSpacing(8)
        head.addWidget(self._heading)
        head.addWidget(self._count)
        head.addWidget(self._searching)
        head.addStretch(1)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.grid)
        for widget in (page, self.welcome, self.message):
            self.addWidget(widget)
        self._photos_page = page
        self.welcome.add_folder_clicked.connect(self.add_folder_clicked)
        self.message.acted.connect(self._on_message_acted)
        self.set_stage(Stage.CONNECTING, None)

    @property
    def heading(self) -> str:
        """What stands above the grid."""
        return f"{self._heading.text()}  {self._count.text()}".strip()

    @Slot(object, object)
    def show_photos(self, ids: Ids, result: SearchResult | None) -> None:
        """Shows other photos.

        Args:
            ids: int64 (n,), in order.
            result: What they answer; None for all photos.
        """
        self._heading.setText(self.tr("All photos") if result is None else self.tr("Best matches"))
        count = len(ids)
        if result is None:
            self._count.setText(self.tr("%Ln", "", count))
        else:
            self._count.setText(
                self.tr("1 photo") if count == 1 else self.tr("%Ln photos", "", count)
            )
        self._model.set_ids(ids)

    @Slot(bool)
    def set_searching(self, is_searching: bool) -> None:
        """Says that an answer takes a moment; the old photos stay meanwhile."""
        if is_searching:
            self._searching_timer.start()
        else:
            self._searching_timer.stop()
            self._searching.setText("")

    def set_stage(self, stage: Stage, failure: PhotoSearchError | None) -> None:
        """Shows the page that fits.

        Args:
            stage: Where things stand.
            failure: Why the library cannot be opened, for that stage.
        """
        self._stage = stage
        self.grid.set_loading(stage is Stage.CONNECTING)
        if stage in (Stage.PHOTOS, Stage.CONNECTING, Stage.NO_ANSWER):
            self.setCurrentWidget(self._photos_page)
        elif stage is Stage.EMPTY_LIBRARY:
            self.setCurrentWidget(self.welcome)
        else:
            self.message.set_message(*self._message(stage, failure))
            self.setCurrentWidget(self.message)

    def _message(self, stage: Stage, failure: PhotoSearchError | None) -> tuple[str, str, str]:
        if stage is Stage.FAILED and failure is not None:
            text = " ".join(filter(None, (failure.message, failure.hint)))
            return self.tr("The library cannot be opened"), text, self.tr("Try again")
        if stage is Stage.READING:
            return (
                self.tr("Reading your photos"),
                self.tr("They appear here, and can be searched for, as they are read."),
                "",
            )
        if stage is Stage.NO_MATCH:
            return (
                self.tr("Nothing to compare yet"),
                self.tr("No photo could be compared with this. New ones come by themselves."),
                "",
            )
        return (
            self.tr("No photos in your folders"),
            self.tr("There is nothing in them that can be shown."),
            self.tr("Add a photo folder…"),
        )

    @Slot()
    def _say_searching(self) -> None:
        self._searching.setText(self.tr("Searching…"))

    @Slot()
    def _on_message_acted(self) -> None:
        if self._stage is Stage.FAILED:
            self.retry_clicked.emit()
        else:
            self.add_folder_clicked.emit()
