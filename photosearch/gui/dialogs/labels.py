"""The tags, or the albums, of some photos: a line to type in, and what there is. GUI thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from photosearch.core.chip import ChipKind
from photosearch.core.userdata import UserChange, UserData, Vocabulary
from photosearch.gui.edits import changed
from photosearch.gui.match_words import photo_count
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.flow_layout import FlowLayout
from photosearch.gui.widgets.word_chip import WordChip

_SIZE_PX = (420, 200)


class Labels(QDialog):
    """Adds and removes at once; closing it keeps everything, and "Undo" takes it back.

    Signals:
        changed(list[int], UserChange, str): These photos become different; what was done, in words.
    """

    changed = Signal(list, object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("labels")
        self._theme = theme
        self._is_tags = True
        self._ids: list[int] = []
        self._users: list[UserData] = []
        self._vocabulary = Vocabulary()
        self._chips: list[WordChip] = []
        self._head = QLabel(self)
        self._head.setObjectName("modelsHead")
        self.line = QLineEdit(self)
        self._words = QStringListModel(self)
        completer = QCompleter(self._words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)
        self._present = QWidget(self)
        self._row = FlowLayout(self._present)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(12)
        column.addWidget(self._head)
        column.addWidget(self.line)
        column.addWidget(self._present)
        column.addStretch(1)
        self.resize(*_SIZE_PX)
        self.line.installEventFilter(self)

    @property
    def chips(self) -> list[WordChip]:
        """What the photos have."""
        return list(self._chips)

    def open_for(self, ids: Sequence[int], users: Sequence[UserData], *, is_tags: bool) -> None:
        """Shows itself for some photos.

        Args:
            ids: Which.
            users: What is known to be said of them.
            is_tags: Their tags, else their albums.
        """
        self._ids, self._users, self._is_tags = list(ids), list(users), is_tags
        title = self.tr("Tags of %1") if is_tags else self.tr("Albums with %1")
        self._head.setText(title.replace("%1", photo_count(len(ids))))
        self.setWindowTitle(self.tr("Tags") if is_tags else self.tr("Albums"))
        hint = self.tr("Add a tag") if is_tags else self.tr("Put into an album")
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(hint)
        self.line.clear()
        self._show()
        self.show()
        self.raise_()
        self.activateWindow()
        self.line.setFocus()

    @Slot(object)
    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Completes with the library's own words."""
        self._vocabulary = vocabulary
        self._words.setStringList(list(vocabulary.tags if self._is_tags else vocabulary.albums))

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        """Enter adds; in an empty line it closes."""
        is_key = watched is self.line and event.type() is QEvent.Type.KeyPress
        if is_key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
            self._add()
            return True
        return super().eventFilter(watched, event)

    def _add(self) -> None:
        words = tuple(filter(None, (" ".join(it.split()) for it in self.line.text().split(","))))
        if not words:
            self.accept()
            return
        self.line.clear()
        named = ", ".join(f"“{word}”" for word in words)
        if self._is_tags:
            self._change(UserChange(add_tags=words), self.tr("%1: tagged %2"), named)
        else:
            self._change(UserChange(add_albums=words), self.tr("%1: put into %2"), named)

    def _remove(self, word: str) -> None:
        named = f"“{word}”"
        if self._is_tags:
            text = self.tr("%1: no longer tagged %2")
            self._change(UserChange(remove_tags=(word,)), text, named)
        else:
            self._change(UserChange(remove_albums=(word,)), self.tr("%1: taken out of %2"), named)
        self.line.setFocus()

    def _change(self, change: UserChange, text: str, named: str) -> None:
        self._users = [changed(user, change) for user in self._users]
        self._show()
        text = text.replace("%1", photo_count(len(self._ids))).replace("%2", named)
        self.changed.emit(list(self._ids), change, text)

    def _show(self) -> None:
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        counts = Counter(
            word for user in self._users for word in (user.tags if self._is_tags else user.albums)
        )
        for word, count in sorted(counts.items(), key=lambda pair: pair[0].casefold()):
            is_on_all = count == len(self._ids)
            label = word if is_on_all else f"{word} · {photo_count(count)}"
            chip = WordChip(
                label,
                self._theme,
                self._present,
                kind=ChipKind.CONCEPT if is_on_all else ChipKind.FILTER,
                told=word,
                remove_name=self.tr("Remove “%1”").replace("%1", word),
            )
            chip.removed.connect(partial(self._remove, word))
            self._row.addWidget(chip)
            chip.show()
            self._chips.append(chip)
        self._present.updateGeometry()
        self._words.setStringList(
            list(self._vocabulary.tags if self._is_tags else self._vocabulary.albums)
        )
