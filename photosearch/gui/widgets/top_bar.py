"""The bar at the top: name, search box with its error line, "Add folder", tile size. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from photosearch.gui.glyphs import glyph_icon, glyph_pixmap
from photosearch.gui.stylesheet import TOP_BAR_PX
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.grid_geometry import MAX_TILE_PX, MIN_TILE_PX
from photosearch.gui.widgets.search_box import SearchBox
from photosearch.gui.widgets.tile_view import DEFAULT_TILE_PX

_MARGIN_PX = 16
_GAP_PX = 24
_SLIDER_PX = 96
_SLIDER_STEP_PX = 16
#: The box is no wider than a line that can be read at a glance.
_MAX_BOX_PX = 880


class TopBar(QFrame):
    """What one searches with.

    Signals:
        add_folder_clicked(): A folder is to be added.
        tile_px_changed(int): The slider was moved: side of a tile in pixels.
    """

    add_folder_clicked = Signal()
    tile_px_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self._theme = theme
        self.search_box = SearchBox(theme, self)
        self.search_box.setMaximumWidth(_MAX_BOX_PX)
        self._mark = QLabel(self)
        self._name = QLabel("Photosearch", self)
        self._name.setObjectName("brand")
        self.add_button = QPushButton(self.tr(" Add folder…"), self)
        self.add_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.add_button.setIconSize(QSize(16, 16))
        self.add_button.setToolTip(self.tr("Search the photos of another folder, too"))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(MIN_TILE_PX, MAX_TILE_PX)
        self.slider.setSingleStep(_SLIDER_STEP_PX)
        self.slider.setPageStep(2 * _SLIDER_STEP_PX)
        self.slider.setValue(DEFAULT_TILE_PX)
        self.slider.setFixedWidth(_SLIDER_PX)
        self.slider.setToolTip(self.tr("Size of the photos"))
        self.slider.setAccessibleName(self.tr("Size of the photos"))
        self._error = QLabel(self)
        self._error.setObjectName("queryError")
        self._error.setWordWrap(True)
        self._error.setVisible(False)

        self._brand = brand = QHBoxLayout()
        brand.setSpacing(6)
        brand.addWidget(self._mark)
        brand.addWidget(self._name)
        self._right = right = QHBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.add_button)
        right.addWidget(self.slider)
        layout = QGridLayout(self)
        layout.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        layout.setHorizontalSpacing(_GAP_PX)
        layout.setVerticalSpacing(0)
        layout.addLayout(brand, 0, 0)
        layout.addWidget(self.search_box, 0, 1)
        layout.addLayout(right, 0, 3)
        layout.addWidget(self._error, 1, 1)
        layout.setColumnStretch(1, 1000)  # as wide as it may be; the rest goes beside it
        layout.setColumnStretch(2, 1)
        layout.setRowMinimumHeight(0, TOP_BAR_PX - 1)
        self.slider.valueChanged.connect(self.tile_px_changed)
        self.add_button.clicked.connect(self.add_folder_clicked)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def error(self) -> str:
        """What stands under the box."""
        return self._error.text()

    @Slot(str)
    def show_error(self, text: str) -> None:
        """Says under the box why the question cannot be answered; "" takes it back."""
        self._error.setText(text)
        self._error.setContentsMargins(14, 0, 14, 10)
        self._error.setVisible(bool(text))
        self.search_box.words.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drops the name where it would cost the box's own words."""
        super().resizeEvent(event)
        self._fit_name()

    def _fit_name(self) -> None:
        margins = self.contentsMargins().left() + self.contentsMargins().right()
        taken_px = (
            2 * _MARGIN_PX
            + margins
            + self._mark.sizeHint().width()
            + self._brand.spacing()
            + self._name.sizeHint().width()
            + 3 * _GAP_PX
            + self._right.sizeHint().width()
        )
        self._name.setVisible(self.width() >= taken_px + self.search_box.roomy_px)

    @Slot()
    def _dress(self) -> None:
        text, ratio = self._theme.colour("text"), self.devicePixelRatioF()
        self._mark.setPixmap(glyph_pixmap("brand", text, 18, ratio))
        self.add_button.setIcon(glyph_icon("folder-add", text))
        self._fit_name()
