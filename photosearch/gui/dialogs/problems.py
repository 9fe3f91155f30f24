"""The window that lists what could not be taken in. Blocks nothing. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.failure import FailureCode, PhotoFailure, unread_sentence

_NAME, _REASON, _FOLDER = range(3)
_NAME_PX = 200
_FOLDER_PX = 220
_LEAST_COLUMN_PX = 80


class FailuresModel(QAbstractTableModel):
    """Failures as rows of name, reason and folder."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: Sequence[PhotoFailure] = ()

    def set_failures(self, failures: Sequence[PhotoFailure]) -> None:
        """Shows other failures."""
        self.beginResetModel()
        self._failures = failures
        self.endResetModel()

    def path(self, row: int) -> Path:
        """The file of a row."""
        failure = self._failures[row]
        if failure.path is not None:
            return failure.path
        return Path(failure.place.rel_path.decode("utf-8", "replace"))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """How many files and folders failed."""
        return 0 if parent is not None and parent.isValid() else len(self._failures)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Name, reason, folder."""
        return 0 if parent is not None and parent.isValid() else 3

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """What stands in a cell."""
        path = self.path(index.row())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() != _REASON:
            return str(path)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if index.column() == _NAME:
            return path.name
        if index.column() == _REASON:
            return self._failures[index.row()].reason.sentence()
        return str(path.parent)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("File"), self.tr("Reason"), self.tr("Folder"))[section]
        return None


class _Sentence(QStyledItemDelegate):
    """Draws sentences: they are cut at their end, not in the middle as paths are."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Cuts on the right."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class Problems(QWidget):
    """A window of its own beside the main one.

    Signals:
        show_in_folder_requested(Path): A file is to be shown in the file manager.
    """

    show_in_folder_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("problems")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Problems"))
        self.resize(880, 440)
        self.model = FailuresModel(self)
        self._count = QLabel(self)
        self._count.setObjectName("problemsCount")
        self.list = QTreeView(self)
        self.list.setModel(self.model)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        self.list.setAccessibleName(self.tr("Files and folders that could not be read"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_LEAST_COLUMN_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_REASON, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(_NAME, _NAME_PX)
        header.resizeSection(_FOLDER, _FOLDER_PX)
        self.list.setItemDelegateForColumn(_REASON, _Sentence(self.list))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._show_action = QAction(self.tr("Show in folder"), self)
        self._show_action.triggered.connect(self._show_current)
        self.list.addAction(self._show_action)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.show_button = QPushButton(self.tr("Show in folder"), self)
        close_button = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.show_button)
        buttons.addStretch(1)
        buttons.addWidget(close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._count)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        self.show_button.clicked.connect(self._show_current)
        self.list.doubleClicked.connect(self._show_current)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        close_button.clicked.connect(self.close)
        close_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        close_key.activated.connect(self.close)
        self._on_current_changed()

    @Slot(object)
    def set_failures(self, failures: Sequence[PhotoFailure]) -> None:
        """Lists files and folders, newest failure first."""
        self.model.set_failures(failures)
        folder_count = sum(
            failure.reason.code is FailureCode.FOLDER_UNREADABLE for failure in failures
        )
        self._count.setText(unread_sentence(len(failures) - folder_count, folder_count))
        self._on_current_changed()

    @Slot()
    def _on_current_changed(self) -> None:
        has_current = self.list.currentIndex().isValid()
        self.show_button.setEnabled(has_current)
        self._show_action.setEnabled(has_current)
        self.show_button.setToolTip("" if has_current else self.tr("Select a file first"))

    @Slot()
    def _show_current(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.show_in_folder_requested.emit(self.model.path(index.row()))
