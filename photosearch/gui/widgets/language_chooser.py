"""Which languages the user searches in: chips, and a list to add one from. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QLocale, QSettings, QSize, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStyledItemDelegate,
    QToolButton,
    QWidget,
)

from photosearch import paths
from photosearch.embed.languages import of_user, primary
from photosearch.gui.glyphs import glyph_icon
from photosearch.gui.stylesheet import CHIP_PX
from photosearch.gui.theme import Theme

#: More would not fit into a line, and say less of what somebody needs.
_MAX_COUNT = 5
_LIST_ROWS = 14
#: Where the window keeps what it remembers.
_FILE, _KEY = "window.ini", "models/languages"


def system_languages() -> list[str]:
    """Returns the user's languages as the platform tells them, the preferred one first."""
    codes = [primary(code) for code in QLocale.system().uiLanguages()]
    return list(dict.fromkeys(code for code in codes if code not in ("", "c"))) or of_user()


class LanguageChooser(QWidget):
    """A line of languages.

    Signals:
        changed(list[str]): Other codes, the most important first.
    """

    changed = Signal(object)

    def __init__(
        self, theme: Theme, names: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        """Makes the line with the languages chosen the last time, or those of the platform.

        Args:
            theme: Colours.
            names: Names of languages by code.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._names = names
        self._offered: Sequence[str] = ()
        self._settings = QSettings(str(paths.data_dir() / _FILE), QSettings.Format.IniFormat)
        self.codes = (self._kept() or system_languages())[:_MAX_COUNT]
        self.chips: dict[str, _Chip] = {}
        label = QLabel(self.tr("I search in"), self)
        label.setObjectName("modelFacts")
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(6)
        self.list = QComboBox(self)
        self.list.setPlaceholderText(self.tr("+ Add a language"))
        self.list.setAccessibleName(self.tr("Add a language that you search in"))
        self.list.setMaxVisibleItems(_LIST_ROWS)
        self.list.setItemDelegate(QStyledItemDelegate(self.list))  # follows the stylesheet
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label)
        layout.addLayout(self._chip_row)
        layout.addWidget(self.list)
        layout.addStretch(1)
        self.list.activated.connect(self._on_activated)
        self._show()

    def offer(self, codes: Iterable[str]) -> None:
        """Sets the languages that can be added: those that some model knows."""
        offered = sorted(set(map(primary, codes)), key=self._name)
        if offered != self._offered:
            self._offered = offered
            self._show()

    def _name(self, code: str) -> str:
        return self._names.get(code, code)

    def _show(self) -> None:
        for chip in self.chips.values():
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        for code in self.codes:
            chip = _Chip(self._theme, self._name(code), can_remove=len(self.codes) > 1, parent=self)
            chip.remove_button.clicked.connect(self._on_removed)
            self._chip_row.addWidget(chip)
            self.chips[code] = chip
        self.list.clear()
        for code in self._offered:
            if code not in self.codes:
                self.list.addItem(self._name(code), code)
        self.list.setCurrentIndex(-1)
        is_full = len(self.codes) >= _MAX_COUNT
        self.list.setEnabled(self.list.count() > 0 and not is_full)
        self.list.setToolTip(self.tr("Remove one first") if is_full else "")

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._change([*self.codes, self.list.itemData(index)])

    @Slot()
    def _on_removed(self) -> None:
        removed = next(
            code for code, chip in self.chips.items() if chip.remove_button is self.sender()
        )
        self._change([code for code in self.codes if code != removed])

    def _kept(self) -> list[str]:
        """The languages that were chosen the last time."""
        kept = str(self._settings.value(_KEY, "")).split(" ")
        return [code for code in kept if code in self._names]

    def _change(self, codes: list[str]) -> None:
        self.codes = codes
        self._settings.setValue(_KEY, " ".join(codes))
        self._settings.sync()
        self._show()
        self.changed.emit(codes)


class _Chip(QFrame):
    """One language."""

    def __init__(self, theme: Theme, name: str, *, can_remove: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setFixedHeight(CHIP_PX)
        self._theme = theme
        self.remove_button = QToolButton(self)
        self.remove_button.setIconSize(QSize(12, 12))
        self.remove_button.setFixedSize(16, 16)
        self.remove_button.setAccessibleName(self.tr("Remove %1").replace("%1", name))
        self.remove_button.setVisible(can_remove)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 5 if can_remove else 8, 0)
        layout.setSpacing(4)
        layout.addWidget(QLabel(name, self))
        layout.addWidget(self.remove_button)
        theme.changed.connect(self._dress)
        self._dress()

    @Slot()
    def _dress(self) -> None:
        self.remove_button.setIcon(glyph_icon("close", self._theme.colour("accent"), 12))
