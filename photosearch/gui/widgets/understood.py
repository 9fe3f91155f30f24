"""What a query was understood as, part by part, above the photos. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from photosearch.core.chip import Chip, ChipKind
from photosearch.core.result import SearchResult
from photosearch.gui.stylesheet import CHIP_PX, MARGIN_PX
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.flow_layout import FlowLayout
from photosearch.gui.widgets.word_chip import WordChip


class Understood(QWidget):
    """Chips in a row, and a switch to take all words as they are.

    Hidden where the words say it all: one concept, and nothing else.

    Signals:
        text_changed(str): A chip was removed: what is asked from now on.
        understands_changed(bool): Whether dates, places and exclusions in plain words count.
    """

    text_changed = Signal(str)
    understands_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._chips: list[WordChip] = []
        self._lead = QLabel(self.tr("Understood as:"), self)
        self._lead.setObjectName("headingCount")
        self._lead.setFixedHeight(CHIP_PX)
        self.literal_button = QToolButton(self)
        self.literal_button.setObjectName("switch")
        self.literal_button.setCheckable(True)
        self.literal_button.setFixedHeight(CHIP_PX)
        self.literal_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.literal_button.setText(self.tr("Take words literally"))
        self.literal_button.setToolTip(
            self.tr("Dates, places, cameras and “without” in your words are then looked for in")
            + " "
            + self.tr("the pictures, like all other words")
        )
        self._row = FlowLayout(self)
        self._row.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._lead)
        self._row.addWidget(self.literal_button)
        self.literal_button.clicked.connect(self._on_literal)
        self.setVisible(False)

    @property
    def chips(self) -> list[WordChip]:
        """The chips, in the order of the text."""
        return list(self._chips)

    @Slot(object)
    def set_result(self, result: SearchResult | None) -> None:
        """Shows what a query was understood as; None where nothing was asked."""
        had_focus = any(chip.remove_button.hasFocus() for chip in self._chips)
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        if result is None:
            self.setVisible(False)
            return
        self._text = result.query.text
        is_literal = not result.query.understands
        has_guess = any(chip.is_guess for chip in result.chips)
        self._row.removeWidget(self.literal_button)
        for part in result.chips:
            chip = self._chip_of(part)
            self._row.addWidget(chip)
            chip.show()
            self._chips.append(chip)
        self._row.addWidget(self.literal_button)
        self.literal_button.setChecked(is_literal)
        self.literal_button.setVisible(has_guess or is_literal)
        self._lead.setVisible(bool(self._chips))
        is_plain = len(result.chips) <= 1 and all(
            chip.kind is ChipKind.CONCEPT for chip in result.chips
        )
        self.setVisible(is_literal or not is_plain)
        self.updateGeometry()
        if had_focus and self._chips and self.isVisible():
            self._chips[0].setFocus()

    def _chip_of(self, part: Chip) -> WordChip:
        told = part.source
        if part.is_guess:
            told = self.tr("Read from your words. As a filter: %1").replace("%1", part.source)
        name = self.tr("Remove “%1” from the search").replace("%1", part.label)
        chip = WordChip(part.label, self._theme, self, kind=part.kind, told=told, remove_name=name)
        chip.removed.connect(partial(self._remove, part))
        return chip

    def _remove(self, part: Chip) -> None:
        self.text_changed.emit(without_part(self._text, part))

    @Slot(bool)
    def _on_literal(self, is_literal: bool) -> None:
        self.understands_changed.emit(not is_literal)


def without_part(text: str, chip: Chip) -> str:
    """The text of a query without the part of a chip; what stood around it is joined."""
    parts = (text[: chip.start].rstrip(), text[chip.end :].lstrip())
    return " ".join(filter(None, parts)).strip()
