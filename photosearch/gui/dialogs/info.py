"""The window that tells all that is known of one photo. Blocks nothing. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.photo import Photo
from photosearch.core.visible import visible
from photosearch.gui.fact_words import also_in_text, fact_lines

_SIZE_PX = (480, 560)
_PICTURE_PX = QSize(440, 200)


class Info(QWidget):
    """A window of its own beside the main one; its values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("info")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Photo"))
        self.resize(*_SIZE_PX)
        self.photo: Photo | None = None
        self._picture = QLabel(self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = _value(self)
        self._name.setObjectName("infoHead")
        self._away = _value(self)
        self._away.setObjectName("infoAway")
        self._values: list[tuple[str, QLabel]] = []
        page = QWidget(self)
        page.setObjectName("folderRows")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(self._grid)
        rows.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("folderScroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        close_button = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._picture)
        column.addWidget(self._name)
        column.addWidget(self._away)
        column.addWidget(scroll, 1)
        column.addLayout(buttons)
        close_button.clicked.connect(self.close)
        close_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        close_key.activated.connect(self.close)

    @property
    def lines(self) -> dict[str, str]:
        """What it says, by name."""
        return {name: label.text() for name, label in self._values}

    @property
    def away(self) -> str:
        """What has to be done before the photo can be opened, "" where it can be."""
        return self._away.text()

    def set_away(self, text: str) -> None:
        """Says what has to be done before the photo can be opened; "" takes it back."""
        self._away.setText(text)
        self._away.setVisible(bool(text))

    def open_for(self, photo: Photo, thumbnail: QPixmap, away: str = "") -> None:
        """Shows itself for a photo.

        Args:
            photo: Which.
            thumbnail: What it looks like; may be null.
            away: What has to be done before it can be opened.
        """
        self.photo = photo
        self.set_away(away)
        self._picture.setVisible(not thumbnail.isNull())
        if not thumbnail.isNull():
            self._picture.setPixmap(
                thumbnail.scaled(
                    _PICTURE_PX,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        self._name.setText(visible(photo.path.name))
        self._set_lines(fact_lines(photo))
        self.show()
        self.raise_()
        self.activateWindow()

    def set_paths(self, photo_id: int, paths: Sequence[Path]) -> None:
        """Says where a photo's copies lie, unless another photo is shown by now."""
        if self.photo is None or self.photo.id != photo_id:
            return
        others = also_in_text(self.photo, paths)
        also = [(self.tr("Also in"), others)] if others else []
        self._set_lines([*fact_lines(self.photo), *also])

    def _set_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._values = []
        for row, (name, text) in enumerate(lines):
            label, value = QLabel(name, self), _value(self)
            label.setObjectName("infoLabel")
            value.setText(text)
            value.setAccessibleName(f"{name}: {text}")
            corner = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(label, row, 0, corner)
            self._grid.addWidget(value, row, 1)
            self._values.append((name, value))


def _value(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName("infoValue")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
