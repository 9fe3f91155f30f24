"""The window that lists what could not be taken in. Blocks nothing. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.failure import FOLDER_CODES, PhotoFailure, unread_sentence
from photosearch.gui.dialogs.lists import make_list
from photosearch.gui.models.failures import Column, FailuresModel

_SIZE_PX = (1040, 460)
_WIDTHS_PX: dict[int, int] = {
    Column.NAME: 180,
    Column.FOLDER: 190,
    Column.STAGE: 100,
    Column.SEEN: 96,
    Column.TRIES: 56,
}


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
        retry_requested(list[Path] | None): These files are to be tried again, or all.
    """

    show_in_folder_requested = Signal(object)
    retry_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("problems")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Problems"))
        self.resize(*_SIZE_PX)
        self.model = FailuresModel(self)
        self._count = QLabel(self)
        self._count.setObjectName("problemsCount")
        hint = QLabel(self.tr("A file is tried again by itself when it changes."), self)
        hint.setObjectName("headingCount")
        self.list = make_list(
            self.model,
            self.tr("Files and folders that could not be read"),
            Column.REASON,
            _WIDTHS_PX,
            self,
        )
        self.list.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.list.setItemDelegateForColumn(Column.REASON, _Sentence(self.list))
        self._show_action = QAction(self.tr("Show in folder"), self)
        self._show_action.triggered.connect(self._show_current)
        self._retry_action = QAction(self.tr("Try again"), self)
        self._retry_action.triggered.connect(self._retry_selected)
        self.list.addActions([self._show_action, self._retry_action])
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.show_button = QPushButton(self.tr("Show in folder"), self)
        self.retry_button = QPushButton(self.tr("Try again"), self)
        self.retry_all_button = QPushButton(self.tr("Try all again"), self)
        close_button = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        for button in (self.show_button, self.retry_button, self.retry_all_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._count)
        layout.addWidget(self.list)
        layout.addWidget(hint)
        layout.addLayout(buttons)
        self.show_button.clicked.connect(self._show_current)
        self.retry_button.clicked.connect(self._retry_selected)
        self.retry_all_button.clicked.connect(self._retry_all)
        self.list.doubleClicked.connect(self._show_current)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list.selectionModel().selectionChanged.connect(self._on_current_changed)
        close_button.clicked.connect(self.close)
        close_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        close_key.activated.connect(self.close)
        self._on_current_changed()

    @Slot(object)
    def set_failures(self, failures: Sequence[PhotoFailure]) -> None:
        """Lists files and folders, newest failure first; those selected stay so."""
        selected = {self.model.path(index.row()) for index in self._selected()}
        current = self._current_row()
        current_path = None if current is None else self.model.path(current)
        self.model.set_rows(failures)
        for row in self.model.rows_of({current_path} if current_path is not None else set()):
            self.list.selectionModel().setCurrentIndex(
                self.model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        for row in self.model.rows_of(selected):
            self.list.selectionModel().select(
                self.model.index(row, 0),
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
            )
        folder_count = sum(failure.reason.code in FOLDER_CODES for failure in failures)
        self._count.setText(unread_sentence(len(failures) - folder_count, folder_count))
        self.retry_all_button.setEnabled(bool(failures))
        self._on_current_changed()

    def _selected(self) -> list[QModelIndex]:
        return self.list.selectionModel().selectedRows()

    def _current_row(self) -> int | None:
        """The row that the keyboard is at, else the first selected one."""
        index = self.list.currentIndex()
        if index.isValid():
            return index.row()
        return min((each.row() for each in self._selected()), default=None)

    @Slot()
    def _on_current_changed(self) -> None:
        has_current = self._current_row() is not None
        is_any_selected = bool(self._selected())
        self.show_button.setEnabled(has_current)
        self._show_action.setEnabled(has_current)
        self.retry_button.setEnabled(is_any_selected)
        self._retry_action.setEnabled(is_any_selected)
        for button, is_enabled in (
            (self.show_button, has_current),
            (self.retry_button, is_any_selected),
        ):
            button.setToolTip("" if is_enabled else self.tr("Select a file first"))

    @Slot()
    def _show_current(self) -> None:
        row = self._current_row()
        if row is not None:
            self.show_in_folder_requested.emit(self.model.path(row))

    @Slot()
    def _retry_selected(self) -> None:
        paths = [self.model.path(index.row()) for index in self._selected()]
        if paths:
            self.retry_requested.emit(paths)

    @Slot()
    def _retry_all(self) -> None:
        self.retry_requested.emit(None)
