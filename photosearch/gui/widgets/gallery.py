"""The middle of the window: what was understood, heading and grid, or a page in their place.

GUI thread.
"""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from photosearch.errors import PhotoSearchError
from photosearch.gui.hints import words
from photosearch.gui.models.answer import Answer, Section
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.stage import Stage
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.grid import Grid
from photosearch.gui.widgets.message import MessagePage
from photosearch.gui.widgets.result_bar import ResultBar
from photosearch.gui.widgets.understood import Understood
from photosearch.gui.widgets.welcome import Welcome


class Gallery(QStackedWidget):
    """Photos, or why there are none.

    Signals:
        add_folder_clicked(): A folder is to be added.
        retry_clicked(): The library is to be opened once more.
        options_changed(Options): The answer is wanted in another way.
    """

    add_folder_clicked = Signal()
    retry_clicked = Signal()
    options_changed = Signal(object)

    def __init__(self, model: PhotosModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self._model = model
        self._stage = Stage.CONNECTING
        self.understood = Understood(theme, self)
        self.result_bar = ResultBar(self)
        self.grid = Grid(model, theme, self)
        self.welcome = Welcome(theme, self)
        self.message = MessagePage(self)
        self.no_match = MessagePage(self)
        self._middle = QStackedWidget(self)
        self._middle.addWidget(self.grid)
        self._middle.addWidget(self.no_match)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.understood)
        column.addWidget(self.result_bar)
        column.addWidget(self._middle, 1)
        for widget in (page, self.welcome, self.message):
            self.addWidget(widget)
        self._photos_page = page
        self.grid.visible_rows_changed.connect(self._show_heading)
        self.result_bar.options_changed.connect(self.options_changed)
        self.understood.understands_changed.connect(self.result_bar.set_understands)
        self.welcome.add_folder_clicked.connect(self.add_folder_clicked)
        self.message.acted.connect(self._on_message_acted)
        self.set_stage(Stage.CONNECTING, None)

    @property
    def heading(self) -> str:
        """What stands above the grid."""
        return self.result_bar.heading

    @Slot(object)
    def show_photos(self, answer: Answer) -> None:
        """Shows other photos."""
        self.understood.set_result(answer.result)
        self._model.set_answer(answer)
        self._show_heading()

    @Slot(object)
    def extend_photos(self, answer: Answer) -> None:
        """Shows the same photos and more of them."""
        self._model.extend(answer)
        self._show_heading()

    @Slot(object)
    def thin_photos(self, answer: Answer) -> None:
        """Shows the same photos but for some."""
        self._model.thin(answer)
        self._show_heading()

    @Slot(bool)
    def set_searching(self, is_searching: bool) -> None:
        """Says that an answer takes a moment; the old photos stay meanwhile."""
        self.result_bar.set_searching(is_searching)

    def set_stage(self, stage: Stage, failure: PhotoSearchError | None) -> None:
        """Shows the page that fits.

        Args:
            stage: Where things stand.
            failure: Why the library cannot be opened, for that stage.
        """
        self._stage = stage
        self.grid.set_loading(stage is Stage.CONNECTING)
        if stage is Stage.NO_MATCH:
            self.no_match.set_message(*self._no_match_words())
            self._middle.setCurrentWidget(self.no_match)
            self.setCurrentWidget(self._photos_page)
        elif stage in (Stage.PHOTOS, Stage.CONNECTING, Stage.NO_ANSWER):
            self._middle.setCurrentWidget(self.grid)
            self.setCurrentWidget(self._photos_page)
        elif stage is Stage.EMPTY_LIBRARY:
            self.setCurrentWidget(self.welcome)
        else:
            self.message.set_message(*self._message(stage, failure))
            self.setCurrentWidget(self.message)

    @Slot()
    def _show_heading(self) -> None:
        self.result_bar.set_answer(self._model.answer, self._section_at_top())

    def _section_at_top(self) -> Section | None:
        sections, rows = self._model.sections, self.grid.visible_rows()
        if not sections:
            return None
        number = bisect_right(sections, rows.start, key=lambda section: section.start) - 1
        return sections[max(0, number)]

    def _no_match_words(self) -> tuple[str, str]:
        result = self._model.answer.result
        if result is not None and result.waiting_count == 0 and result.chips:
            return (
                self.tr("No photo fits all of this"),
                self.tr("Remove a part of it, or ask for less certainty under “Refine”."),
            )
        return (
            self.tr("Nothing to compare yet"),
            self.tr("No photo could be compared with this. New ones come by themselves."),
        )

    def _message(self, stage: Stage, failure: PhotoSearchError | None) -> tuple[str, str, str]:
        if stage is Stage.FAILED and failure is not None:
            return self.tr("The library cannot be opened"), words(failure), self.tr("Try again")
        if stage is Stage.READING:
            return (
                self.tr("Reading your photos"),
                self.tr("They appear here, and can be searched for, as they are read."),
                "",
            )
        return (
            self.tr("No photos in your folders"),
            self.tr("There is nothing in them that can be shown."),
            self.tr("Add a photo folder…"),
        )

    @Slot()
    def _on_message_acted(self) -> None:
        if self._stage is Stage.FAILED:
            self.retry_clicked.emit()
        else:
            self.add_folder_clicked.emit()
