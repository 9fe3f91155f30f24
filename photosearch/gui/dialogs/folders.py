"""The window that lists the watched folders, and how each is doing. Blocks nothing. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.events import IndexProgress
from photosearch.core.photo import Folder
from photosearch.core.status import LibraryStatus
from photosearch.core.visible import visible_path
from photosearch.gui.dialogs.confirm import confirmation
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.folder_row import FolderRow
from photosearch.gui.work_words import has_listed, progress_text

_SIZE_PX = (640, 460)


class Folders(QWidget):
    """A window of its own beside the main one.

    Signals:
        add_folder_clicked(): A folder is to be added.
        remove_requested(Path): A folder is not to be watched any more.
        gone_clicked(): The list of photos that lie in no file any more is wanted.
    """

    add_folder_clicked = Signal()
    remove_requested = Signal(object)
    gone_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("folders")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Folders"))
        self.resize(*_SIZE_PX)
        self._theme = theme
        self._rows: dict[int, FolderRow] = {}
        self._has_listed = False
        self._head = QLabel(self)
        self._head.setObjectName("foldersHead")
        self._gone = QLabel(self)
        self._gone.setObjectName("headingCount")
        self._gone.setWordWrap(True)
        self.gone_button = QPushButton(self.tr("Show them…"), self)
        self._list = QWidget(self)
        self._list.setObjectName("folderRows")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("folderScroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        self.add_button = QPushButton(self.tr("Add folder…"), self)
        close_button = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addStretch(1)
        buttons.addWidget(close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._head)
        layout.addWidget(scroll, 1)
        gone = QHBoxLayout()
        gone.setSpacing(12)
        gone.addWidget(self._gone, 1)
        gone.addWidget(self.gone_button)
        layout.addLayout(gone)
        layout.addLayout(buttons)
        self.gone_button.clicked.connect(self.gone_clicked)
        self.add_button.clicked.connect(self.add_folder_clicked)
        close_button.clicked.connect(self.close)
        close_key = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        close_key.activated.connect(self.close)
        self.set_progress(None)

    @property
    def rows(self) -> list[FolderRow]:
        """The folders, in the order they were added."""
        return list(self._rows.values())

    @property
    def gone_text(self) -> str:
        """What is said of photos whose files went away."""
        return self._gone.text()

    @Slot(object)
    def set_status(self, status: LibraryStatus) -> None:
        """Lists the folders of a library."""
        watches = {watch.folder_id: watch for watch in status.watching}
        known = {folder.id for folder in status.folders}
        for folder_id in [each for each in self._rows if each not in known]:
            self._rows.pop(folder_id).deleteLater()
        for folder in status.folders:
            if folder.id not in self._rows:
                row = self._rows[folder.id] = FolderRow(self._theme, self._list)
                row.show_progress(None)
                row.remove_clicked.connect(partial(self._ask_to_remove, folder))
                self._column.insertWidget(len(self._rows) - 1, row)
            self._rows[folder.id].show_folder(
                folder,
                watches.get(folder.id),
                is_paused=status.is_paused,
                can_change=not status.is_read_only,
            )
        count = status.gone_count
        text = (
            self.tr("1 photo lies in no file any more. It is kept for 30 days, should it return.")
            if count == 1
            else self.tr(
                "%Ln photos lie in no file any more. They are kept for 30 days, "
                "should they return.",
                "",
                count,
            )
        )
        self._gone.setText(text if count else "")
        self._gone.setVisible(count > 0)
        self.gone_button.setVisible(count > 0)

    @Slot(object)
    def set_progress(self, progress: IndexProgress | None) -> None:
        """Shows how far indexing is in each folder; None where nothing is being indexed."""
        self._has_listed = has_listed(progress, before=self._has_listed)
        head = self.windowTitle()
        if progress is not None:
            head = progress_text(progress, has_listed=self._has_listed)
        self._head.setText(head)
        by_folder = {each.folder_id: each for each in progress.folders} if progress else {}
        for folder_id, row in self._rows.items():
            row.show_progress(by_folder.get(folder_id))

    def _ask_to_remove(self, folder: Folder) -> None:
        question = confirmation(
            self,
            self.tr("Remove “%1” from your photos?").replace("%1", visible_path(folder.path)),
            self.tr(
                "Nothing on the disk is touched. What is known of its photos is kept for "
                "30 days, should you add the folder again."
            ),
            self.tr("Remove"),
        )
        question.accepted.connect(partial(self.remove_requested.emit, folder.path))
        question.open()

    def open_up(self) -> None:
        """Shows itself in front."""
        self.show()
        self.raise_()
        self.activateWindow()
