"""A small window below a button: where words may be found, how sure, bursts as one. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.query import Scope
from photosearch.gui.amounts import share_text
from photosearch.gui.options import Options

_WIDTH_PX = 280
_STEP_PERCENT = 5
#: A search starts when the slider has rested for so long.
_REST_MS = 250


class RefinePopup(QFrame):
    """Changes options at once; closes by Escape or a click beside it.

    Signals:
        options_changed(Options): They are others.
    """

    options_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("refine")
        self._options = Options()
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._on_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(6)
        column.addWidget(self._group_head(self.tr("Look in")))
        self.scopes = QButtonGroup(self)
        for number, (scope, text) in enumerate(self._scopes().items()):
            button = QRadioButton(text, self)
            self.scopes.addButton(button, number)
            button.setProperty("scope", scope)
            column.addWidget(button)
        column.addSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self._group_head(self.tr("How sure")))
        self._sure = QLabel(self)
        self._sure.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._sure.setObjectName("headingCount")
        head.addWidget(self._sure, 1)
        column.addLayout(head)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, 100 // _STEP_PERCENT - 1)
        self.slider.setPageStep(4)
        self.slider.setAccessibleName(self.tr("How sure a match must be"))
        self.slider.setToolTip(self.tr("Photos that are less sure are left out"))
        column.addWidget(self.slider)
        column.addSpacing(4)
        self.bursts = QCheckBox(self.tr("Show bursts as one photo"), self)
        self.bursts.setToolTip(self.tr("Photos of one scene within seconds"))
        column.addWidget(self.bursts)
        self.setFixedWidth(_WIDTH_PX)
        self.set_options(self._options)
        self.scopes.idClicked.connect(self._on_changed)
        self.bursts.clicked.connect(self._on_changed)
        self.slider.valueChanged.connect(self._on_slid)

    def open_below(self, widget: QWidget) -> None:
        """Shows itself below a widget, flush with its right edge."""
        corner = widget.mapToGlobal(QPoint(widget.width() - _WIDTH_PX, widget.height() + 4))
        self.move(corner)
        self.show()
        self._scope_button().setFocus(Qt.FocusReason.PopupFocusReason)

    def set_options(self, options: Options) -> None:
        """Shows options."""
        self._options = options
        for button in self.scopes.buttons():
            button.setChecked(button.property("scope") == options.scope)
        self.slider.blockSignals(True)
        self.slider.setValue(round(options.min_confidence * 100 / _STEP_PERCENT))
        self.slider.blockSignals(False)
        self.bursts.setChecked(options.collapses_bursts)
        self._show_sure()

    def _scopes(self) -> dict[Scope, str]:
        return {
            Scope.ALL: self.tr("Everything"),
            Scope.MEANING: self.tr("What is to be seen"),
            Scope.NAMES: self.tr("Names, folders, tags and captions"),
        }

    def _group_head(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setObjectName("groupHead")
        return label

    def _scope_button(self) -> QAbstractButton:
        return next(button for button in self.scopes.buttons() if button.isChecked())

    def _show_sure(self) -> None:
        share = self.slider.value() * _STEP_PERCENT / 100
        at_least = self.tr("at least %1").replace("%1", share_text(share))
        self._sure.setText(at_least if share else self.tr("all photos"))

    @Slot()
    def _on_slid(self) -> None:
        self._show_sure()
        self._rest.start()

    @Slot()
    def _on_changed(self) -> None:
        self._rest.stop()
        options = replace(
            self._options,
            scope=Scope(self._scope_button().property("scope")),
            min_confidence=self.slider.value() * _STEP_PERCENT / 100,
            collapses_bursts=self.bursts.isChecked(),
        )
        if options != self._options:
            self._options = options
            self.options_changed.emit(options)
