"""One-line notices: said once, never in the way. GUI thread.

What holds as long as a model answers stands above the photos. What comes and goes lies over their
lower end, so that nothing jumps; the grid can be scrolled past it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui.glyphs import glyph_icon, glyph_pixmap
from photosearch.gui.stylesheet import MARGIN_PX
from photosearch.gui.theme import Theme


class Tone(StrEnum):
    """How a notice is meant: decides its colour and glyph."""

    QUIET = "quiet"
    ACCENT = "accent"
    WARNING = "warning"
    NEGATIVE = "negative"


class Topic(StrEnum):
    """What a notice is about; there is one for each, in this order."""

    CONNECTION = "connection"
    TROUBLE = "trouble"
    EDIT = "edit"
    WORK = "work"
    FOLDER = "folder"
    OFFLINE = "offline"
    NEWS = "news"
    MODEL = "model"
    SAMPLE = "sample"


#: What is known with the first status and stays.
_STANDING = frozenset({Topic.MODEL, Topic.SAMPLE})


@dataclass(frozen=True, slots=True)
class Notice:
    """What a line says.

    Attributes:
        text: One sentence or two.
        tone: How it is meant.
        action: Text of its one button, "" for none.
        can_close: It may be put away.
    """

    text: str
    tone: Tone = Tone.QUIET
    action: str = ""
    can_close: bool = False


_GAP_PX = 6
_GLYPHS = {Tone.WARNING: "warning", Tone.NEGATIVE: "warning"}
_INKS = {Tone.WARNING: "warning", Tone.NEGATIVE: "negative", Tone.ACCENT: "accent"}


class NoticeLine(QFrame):
    """One notice.

    Signals:
        acted(): Its button was pressed.
        closed(): It was put away.
    """

    acted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._theme = theme
        self.notice: Notice | None = None
        self._glyph = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action_button = QToolButton(self)
        self.action_button.setProperty("tone", "accent")
        self.close_button = QToolButton(self)
        self.close_button.setIconSize(QSize(12, 12))
        self.close_button.setAccessibleName(self.tr("Put this notice away"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 6, 5)
        layout.setSpacing(8)
        for widget in (self._glyph, self._text, self.action_button, self.close_button):
            layout.addWidget(widget)
        self.action_button.clicked.connect(self.acted)
        self.close_button.clicked.connect(self.closed)
        theme.changed.connect(self._dress)
        self.set_notice(None)

    def set_notice(self, notice: Notice | None) -> None:
        """Says something; None takes it back."""
        self.notice = notice
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._text.setText(notice.text)
        self.action_button.setText(notice.action)
        self.action_button.setVisible(bool(notice.action))
        self.close_button.setVisible(notice.can_close)
        self.setAccessibleName(notice.text)
        if self.property("tone") != notice.tone.value:
            self.setProperty("tone", notice.tone.value)
            self.style().unpolish(self)
            self.style().polish(self)
        self._dress()

    @Slot()
    def _dress(self) -> None:
        if self.notice is None:
            return
        tone, ratio = self.notice.tone, self.devicePixelRatioF()
        ink = self._theme.colour(_INKS.get(tone, "mute"))
        self._glyph.setPixmap(glyph_pixmap(_GLYPHS.get(tone, "info"), ink, 16, ratio))
        self.close_button.setIcon(glyph_icon("close", self._theme.colour("mute"), 12))


class Notices(QWidget):
    """The stack of notices, one line to a topic.

    Signals:
        acted(Topic): A notice's button was pressed.
        closed(Topic): A notice was put away by the user.
        covered_changed(int): So many pixels of the lower end of what lies below are covered.
    """

    acted = Signal(object)
    closed = Signal(object)
    covered_changed = Signal(int)

    def __init__(self, theme: Theme, over: QWidget, parent: QWidget | None = None) -> None:
        """Makes the lines, all empty.

        Args:
            theme: Colours.
            over: What those lie over that come and go.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._over = over
        self._floating = QWidget(over)
        self._covered_px = 0
        standing, floating = QVBoxLayout(self), QVBoxLayout(self._floating)
        self._stack = floating
        standing.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 0)
        floating.setContentsMargins(MARGIN_PX, _GAP_PX, MARGIN_PX, 12)
        self._lines: dict[Topic, NoticeLine] = {}
        for layout in (standing, floating):
            layout.setSpacing(_GAP_PX)
        for topic in Topic:
            is_standing = topic in _STANDING
            line = NoticeLine(theme, self if is_standing else self._floating)
            line.acted.connect(self._on_acted)
            line.closed.connect(self._on_closed)
            (standing if is_standing else floating).addWidget(line)
            self._lines[topic] = line
        self.setVisible(False)
        self._floating.setVisible(False)
        over.installEventFilter(self)

    @property
    def is_empty(self) -> bool:
        """True where nothing is said."""
        return all(line.notice is None for line in self._lines.values())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays at the lower end of what lies below."""
        if watched is self._over and event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def line(self, topic: Topic) -> NoticeLine:
        """The line of a topic."""
        return self._lines[topic]

    def text(self, topic: Topic) -> str:
        """What is said about a topic, "" for nothing."""
        notice = self._lines[topic].notice
        return notice.text if notice is not None else ""

    def show_notice(self, topic: Topic, notice: Notice | None) -> None:
        """Says something about a topic instead of what was said before; None takes it back."""
        self._lines[topic].set_notice(notice)
        said = {topic for topic, line in self._lines.items() if line.notice is not None}
        self.setVisible(bool(said & _STANDING))
        self._floating.setVisible(bool(said - _STANDING))
        self._place()

    def _place(self) -> None:
        width, height = self._over.width(), 0
        if not self._floating.isHidden():
            self._stack.activate()
            height = max(self._stack.heightForWidth(width), self._stack.minimumSize().height())
            self._floating.setGeometry(0, self._over.height() - height, width, height)
            self._floating.raise_()
        if height != self._covered_px:
            self._covered_px = height
            self.covered_changed.emit(height)

    def _topic_of_sender(self) -> Topic:
        return next(topic for topic, line in self._lines.items() if line is self.sender())

    @Slot()
    def _on_acted(self) -> None:
        self.acted.emit(self._topic_of_sender())

    @Slot()
    def _on_closed(self) -> None:
        topic = self._topic_of_sender()
        self.show_notice(topic, None)
        self.closed.emit(topic)
