"""The one box for everything that is looked for: words and an example picture. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from photosearch.gui.example import Example, can_offer, looks_like_picture, offered
from photosearch.gui.glyphs import glyph_icon, glyph_pixmap
from photosearch.gui.stylesheet import SEARCH_BOX_PX
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.picture_chip import PictureChip

#: A search starts when nobody has typed for so long.
DEBOUNCE_MS = 250
_RADIUS_PX = 10
#: Room around the box for the ring that shows the focus.
_RING_PX = 3
#: What a line edit keeps free around its text.
_LINE_EDIT_PX = 12


class WordsEdit(QLineEdit):
    """The line for words; pictures that are pasted or dropped here pass it by.

    Signals:
        offer_pasted(Offer): A picture was pasted.
        left_downwards(): The arrow down was pressed.
    """

    offer_pasted = Signal(object)
    left_downwards = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pastes pictures as examples, and leaves the line downwards."""
        if event.matches(QKeySequence.StandardKey.Paste):
            mime = QGuiApplication.clipboard().mimeData()
            if self.takes_picture(mime):
                return
        if event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
            return
        super().keyPressEvent(event)

    def takes_picture(self, mime: QMimeData | None) -> bool:
        """Emits `offer_pasted` where the clipboard holds a picture; else returns False."""
        offer = offered(mime) if mime is not None else None
        if offer is None or not looks_like_picture(offer):
            return False
        self.offer_pasted.emit(offer)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Leaves files and pictures to the window."""
        if can_offer(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)


class SearchBox(QWidget):
    """Words and a picture, searched for when typing pauses or Enter is pressed.

    Signals:
        searched(str, Example | None, bool): Words, picture, and whether Enter was pressed.
        offer_pasted(Offer): A picture was pasted.
        left_downwards(): The arrow down was pressed.
    """

    searched = Signal(str, object, bool)
    offer_pasted = Signal(object)
    left_downwards = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchBox")
        self._theme = theme
        self._example: Example | None = None
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._search)
        self._glyph = QLabel(self)
        self.chip = PictureChip(theme, self)
        self.words = WordsEdit(self)
        self._hint = self.tr("Describe a photo in your words, or drop a picture")
        self._short_hint = self.tr("Describe a photo, or drop a picture")
        self.words.setPlaceholderText(self._hint)
        self.words.setAccessibleName(self.tr("Search"))
        self.words.setFrame(False)
        self._clear_button = QToolButton(self)
        self._clear_button.setToolTip(self.tr("Clear the search (Esc)"))
        self._clear_button.setAccessibleName(self.tr("Clear the search"))
        self._clear_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear_button.setIconSize(QSize(14, 14))
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(_RING_PX + 11, _RING_PX, _RING_PX + 6, _RING_PX)
        layout.setSpacing(8)
        for widget in (self._glyph, self.chip, self.words, self._clear_button):
            layout.addWidget(widget)
        self.setFixedHeight(SEARCH_BOX_PX + 2 * _RING_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.words)
        self.words.installEventFilter(self)
        self.words.textEdited.connect(self._on_edited)
        self.words.returnPressed.connect(self._on_return)
        self.words.offer_pasted.connect(self.offer_pasted)
        self.words.left_downwards.connect(self.left_downwards)
        self.chip.removed.connect(self._on_chip_removed)
        self._clear_button.clicked.connect(self.clear)
        theme.changed.connect(self._dress)
        self._dress()
        self._show_state()

    @property
    def example(self) -> Example | None:
        """The picture that is searched by."""
        return self._example

    @property
    def is_empty(self) -> bool:
        """True where nothing is looked for."""
        return self._example is None and not self.words.text()

    @property
    def roomy_px(self) -> int:
        """Width in which the empty box's whole hint stands uncut."""
        margins = self._row.contentsMargins()
        hint_px = self.words.fontMetrics().horizontalAdvance(self._hint)
        glyph_px = self._glyph.sizeHint().width() + self._row.spacing()
        return margins.left() + glyph_px + hint_px + _LINE_EDIT_PX + margins.right()

    def set_example(self, example: Example | None) -> None:
        """Searches by a picture, together with the words that are there."""
        self._example = example
        self.chip.set_example(example)
        self._show_state()
        self._search()

    def set_words(self, text: str) -> None:
        """Searches for words at once."""
        self.words.setText(text)
        self._show_state()
        self._search()

    @Slot()
    def clear(self) -> None:
        """Empties the box: all photos come back."""
        self._example = None
        self.chip.set_example(None)
        self.words.clear()
        self._show_state()
        self._search()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Redraws the frame when the line gains or loses the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hints in fewer words where there is less room."""
        super().resizeEvent(event)
        is_roomy = self.width() >= self.roomy_px
        self.words.setPlaceholderText(self._hint if is_roomy else self._short_hint)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the frame, and a ring around it while the line has the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = self.words.hasFocus()
        if has_focus:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent_ground"))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS_PX + 2, _RADIUS_PX + 2)
        frame = QRectF(self.rect()).adjusted(_RING_PX, _RING_PX, -_RING_PX, -_RING_PX)
        frame.adjust(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(self._theme.colour("card"))
        painter.setPen(QPen(self._theme.colour("accent" if has_focus else "line"), 1))
        painter.drawRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)

    @Slot(str)
    def _on_edited(self, _text: str) -> None:
        self._show_state()
        self._timer.start()

    @Slot()
    def _on_return(self) -> None:
        self._search(is_explicit=True)

    @Slot()
    def _on_chip_removed(self) -> None:
        self.set_example(None)
        self.words.setFocus()

    @Slot()
    def _search(self, *, is_explicit: bool = False) -> None:
        self._timer.stop()
        # The clipboard may hold halves of surrogate pairs, which no UTF-8 can carry.
        units = self.words.text().encode("utf-16-le", "surrogatepass")
        self.searched.emit(units.decode("utf-16-le", "replace"), self._example, is_explicit)

    def _show_state(self) -> None:
        self._clear_button.setVisible(not self.is_empty)

    @Slot()
    def _dress(self) -> None:
        mute, ratio = self._theme.colour("mute"), self.devicePixelRatioF()
        self._glyph.setPixmap(glyph_pixmap("search", mute, 16, ratio))
        self._clear_button.setIcon(glyph_icon("close", mute, 14))
        self.update()
