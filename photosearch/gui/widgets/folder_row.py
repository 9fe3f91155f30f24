"""One watched folder: where it is, how many photos, how it is watched, how far it is read.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.events import FolderProgress
from photosearch.core.photo import Folder
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.core.visible import visible_path
from photosearch.gui.glyphs import glyph_pixmap
from photosearch.gui.match_words import photo_count
from photosearch.gui.theme import Theme, tabular
from photosearch.gui.widgets.elided_label import ElidedLabel
from photosearch.gui.work_words import folder_text, watch_text

_BAR_PX = 6
_GLYPH_PX = 16


class FolderRow(QFrame):
    """A card; its texts can be selected, since a setting to change is among them.

    Signals:
        remove_clicked(): The folder is not to be watched any more.
    """

    remove_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folderRow")
        self._theme = theme
        self._is_warning = False
        self._glyph = QLabel(self)
        self._glyph.setFixedSize(QSize(_GLYPH_PX, _GLYPH_PX))
        self._path = ElidedLabel(self)
        self._path.setObjectName("folderPath")
        self._count = QLabel(self)
        self._count.setObjectName("folderFacts")
        self.remove_button = QToolButton(self)
        self.remove_button.setObjectName("folderRemove")
        self.remove_button.setText(self.tr("Remove…"))
        self._watch = QLabel(self)
        self._watch.setObjectName("folderFacts")
        self._hint = QLabel(self)
        self._hint.setObjectName("folderHint")
        self._bar = QProgressBar(self)
        self._bar.setFixedHeight(_BAR_PX)
        self._bar.setTextVisible(False)
        self._progress = QLabel(self)
        self._progress.setObjectName("folderFacts")
        for label in (self._watch, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._count, self._progress):
            label.setFont(tabular(label.font()))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._glyph)
        head.addWidget(self._path, 1)
        head.addWidget(self._count)
        head.addWidget(self.remove_button)
        run = QHBoxLayout()
        run.setSpacing(12)
        run.addWidget(self._bar, 1)
        run.addWidget(self._progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._watch)
        column.addWidget(self._hint)
        column.addLayout(run)
        self.remove_button.clicked.connect(self.remove_clicked)
        theme.changed.connect(self._dress)

    @property
    def text(self) -> str:
        """Everything it says, line by line."""
        labels = (self._path, self._count, self._watch, self._hint, self._progress)
        return "\n".join(label.text() for label in labels if label.text())

    def show_folder(
        self,
        folder: Folder,
        watch: FolderWatch | None,
        *,
        is_paused: bool = False,
        can_change: bool = True,
    ) -> None:
        """Says where it is and how changes in it are noticed.

        Args:
            folder: Which.
            watch: How it is watched, where that is known.
            is_paused: Nothing is read for now.
            can_change: It may be removed.
        """
        name = visible_path(folder.path)
        self.remove_button.setVisible(can_change)
        self.remove_button.setAccessibleName(self.tr("Remove %1").replace("%1", name))
        self._path.setText(name)
        self._count.setText(photo_count(folder.photo_count))
        if watch is None and not folder.is_online:
            watch = FolderWatch(folder.id, WatchMode.OFFLINE)
        self._watch.setText(watch_text(watch, is_paused=is_paused) if watch is not None else "")
        self._watch.setVisible(bool(self._watch.text()))
        self._hint.setText(watch.hint if watch is not None else "")
        self._hint.setVisible(bool(self._hint.text()))
        self._is_warning = not folder.is_online
        self.setAccessibleName(self.text)
        self._dress()

    def show_progress(self, progress: FolderProgress | None) -> None:
        """Says how far it is read; None where nothing is read there."""
        self._bar.setVisible(progress is not None)
        self._progress.setVisible(progress is not None)
        self._progress.setText(folder_text(progress) if progress is not None else "")
        if progress is not None:
            self._bar.setRange(0, max(1, progress.found))
            self._bar.setValue(progress.done)
            self._bar.setAccessibleName(self.tr("Read %1").replace("%1", self._progress.text()))
            self._bar.setToolTip(QLocale().toString(progress.found))

    @Slot()
    def _dress(self) -> None:
        name, ink = ("offline", "warning") if self._is_warning else ("picture", "mute")
        ratio, colour = self.devicePixelRatioF(), self._theme.colour(ink)
        self._glyph.setPixmap(glyph_pixmap(name, colour, _GLYPH_PX, ratio))
