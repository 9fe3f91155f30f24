"""Lists of things in columns, as the windows beside the main one show them. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

_LEAST_COLUMN_PX = 48


def make_list(
    model: QAbstractItemModel,
    name: str,
    stretched: int,
    widths_px: Mapping[int, int],
    parent: QWidget,
) -> QTreeView:
    """Makes a list.

    Args:
        model: What it shows; a table.
        name: What it is called where it is read aloud.
        stretched: The column that takes the room that is left.
        widths_px: How wide the others are at first.
        parent: Owns it.
    """
    view = QTreeView(parent)
    view.setModel(model)
    view.setRootIsDecorated(False)
    view.setUniformRowHeights(True)
    view.setAlternatingRowColors(True)
    view.setAccessibleName(name)
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    header = view.header()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(_LEAST_COLUMN_PX)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    for column, width_px in widths_px.items():
        header.resizeSection(column, width_px)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return view
