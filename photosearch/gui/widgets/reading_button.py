"""Says who read the query, where a model reads English apart, and has the other one read it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QToolButton, QWidget

from photosearch.core.query import Reading
from photosearch.core.result import SearchResult


class ReadingButton(QToolButton):
    """A flat button, hidden where there is no choice.

    Signals:
        reading_chosen(Reading): Ask again, read in this way.
    """

    reading_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._other = Reading.AUTO
        self.clicked.connect(self._choose)
        self.hide()

    @Slot(object)
    def set_result(self, result: SearchResult | None) -> None:
        """Shows who read the query of a result; None where nothing was asked."""
        reading = Reading.AUTO if result is None else result.reading
        self.setVisible(reading is not Reading.AUTO)
        if reading is Reading.ENGLISH:
            self._other = Reading.MULTILINGUAL
            self.setText(self.tr("Read as English"))
            self.setToolTip(self.tr("It is no English? Have it read as any language"))
        else:
            self._other = Reading.ENGLISH
            self.setText(self.tr("Read as any language"))
            self.setToolTip(self.tr("It is English? Have it read by the part that knows it best"))

    @Slot()
    def _choose(self) -> None:
        self.reading_chosen.emit(self._other)
