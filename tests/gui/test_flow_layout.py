"""Widgets that wrap like words."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosearch.gui.widgets.flow_layout import FlowLayout


def laid_out(qtbot: QtBot, width_px: int, sides: list[int]) -> tuple[FlowLayout, list[QWidget]]:
    host = QWidget()
    qtbot.addWidget(host)
    layout = FlowLayout(host)
    layout.host = host  # type: ignore[attr-defined] # lives as long
    layout.setContentsMargins(10, 5, 10, 5)
    layout.setSpacing(4)
    widgets = []
    for side in sides:
        widget = QWidget(host)
        widget.setFixedSize(side, 20)
        layout.addWidget(widget)
        widget.show()
        widgets.append(widget)
    layout.setGeometry(QRect(0, 0, width_px, 500))
    return layout, widgets


def test_what_does_not_fit_goes_to_the_next_line(qtbot: QtBot):
    layout, widgets = laid_out(qtbot, 144, [60, 60, 60])
    corners = [(widget.x(), widget.y()) for widget in widgets]
    assert corners == [(10, 5), (74, 5), (10, 29)]
    assert layout.heightForWidth(144) == 54
    assert layout.heightForWidth(143) == 78
    assert layout.heightForWidth(1_000) == 30


def test_hidden_widgets_take_no_room(qtbot: QtBot):
    layout, widgets = laid_out(qtbot, 144, [60, 60, 60])
    widgets[0].hide()
    layout.setGeometry(QRect(0, 0, 144, 500))
    assert (widgets[1].x(), widgets[2].x()) == (10, 74)
    assert layout.heightForWidth(144) == 30


def test_one_that_is_too_wide_stands_alone(qtbot: QtBot):
    layout, widgets = laid_out(qtbot, 100, [200, 30])
    assert [(widget.x(), widget.y()) for widget in widgets] == [(10, 5), (10, 29)]
    assert layout.minimumSize().width() == 220
