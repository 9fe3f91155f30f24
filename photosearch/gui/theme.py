"""Colours and type of the window, light and dark, following the platform.

`Theme` sets palette and stylesheet of the application; painters take their colours from
`Theme.tokens`. GUI thread.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from photosearch.gui.stylesheet import stylesheet

#: Least contrast of text on its ground (WCAG 2.2, 1.4.3, level AA).
MIN_CONTRAST = 4.5


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme as #RRGGBB, named by what they are for."""

    bg: str
    panel: str
    card: str
    line: str
    text: str
    mute: str
    accent: str
    accent_ground: str
    on_accent: str
    negative: str
    negative_ground: str
    warning: str
    highlight: str = "#FFD54A"


LIGHT = Tokens(
    bg="#FAFAFA",
    panel="#F1F2F4",
    card="#FFFFFF",
    line="#E1E3E8",
    text="#1B1D21",
    mute="#636975",
    accent="#2460C8",
    accent_ground="#E4EDFC",
    on_accent="#FFFFFF",
    negative="#B3261E",
    negative_ground="#FBE6E4",
    warning="#9A5B00",
)
DARK = Tokens(
    bg="#17181B",
    panel="#1E2024",
    card="#26282D",
    line="#33363D",
    text="#ECEDEF",
    mute="#9CA2AE",
    accent="#7AA7FF",
    accent_ground="#22324F",
    on_accent="#10131A",
    negative="#FF9A92",
    negative_ground="#472524",
    warning="#E7B45C",
)

#: Every text colour with every ground it is drawn on.
TEXT_ON_GROUND: tuple[tuple[str, str], ...] = (
    *((ink, ground) for ink in ("text", "mute") for ground in ("bg", "panel", "card")),
    *(("accent", ground) for ground in ("bg", "panel", "card", "accent_ground")),
    ("text", "accent_ground"),
    ("on_accent", "accent"),
    *(("negative", ground) for ground in ("bg", "panel", "card", "negative_ground")),
    ("text", "negative_ground"),
    *(("warning", ground) for ground in ("bg", "panel", "card")),
)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #RRGGBB colours, 1 to 21.

    Source: WCAG 2.2, definitions of "contrast ratio" and "relative luminance".
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def high_contrast(tokens: Tokens) -> Tokens:
    """The same scheme for people who need more: pure grounds, lines as strong as text."""
    is_dark = _luminance(tokens.bg) < 0.5
    ground = "#000000" if is_dark else "#FFFFFF"
    ink = "#FFFFFF" if is_dark else "#000000"
    return replace(
        tokens,
        **dict.fromkeys(("bg", "panel", "card", "accent_ground", "negative_ground"), ground),
        **dict.fromkeys(("text", "mute", "line"), ink),
    )


def palette(tokens: Tokens) -> QPalette:
    """The tokens as Qt's roles, for whatever the stylesheet does not name."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, tokens.panel),
        (roles.WindowText, tokens.text),
        (roles.Base, tokens.bg),
        (roles.AlternateBase, tokens.panel),
        (roles.Text, tokens.text),
        (roles.PlaceholderText, tokens.mute),
        (roles.Button, tokens.card),
        (roles.ButtonText, tokens.text),
        (roles.ToolTipBase, tokens.card),
        (roles.ToolTipText, tokens.text),
        (roles.Highlight, tokens.accent),
        (roles.HighlightedText, tokens.on_accent),
        (roles.Accent, tokens.accent),
        (roles.Link, tokens.accent),
        (roles.Light, tokens.card),
        (roles.Midlight, tokens.line),
        (roles.Mid, tokens.line),
        (roles.Dark, tokens.line),
    ):
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.mute))
    return made


class Theme(QObject):
    """The look of the application.

    Signals:
        changed(): The platform went from light to dark, or back; `tokens` are new.
    """

    changed = Signal()

    def __init__(
        self, app: QApplication, *, is_dark: bool | None = None, parent: QObject | None = None
    ) -> None:
        """Dresses the application.

        Args:
            app: The application.
            is_dark: Forces a scheme; None follows the platform.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._app = app
        self._is_dark = is_dark
        self.tokens = LIGHT
        if sys.platform not in ("win32", "darwin"):
            app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(self.apply)
        self.apply()

    @Slot()
    def apply(self) -> None:
        """Takes the platform's scheme over."""
        hints = self._app.styleHints()
        is_dark = self._is_dark
        if is_dark is None:
            is_dark = hints.colorScheme() is Qt.ColorScheme.Dark
        tokens = DARK if is_dark else LIGHT
        if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            tokens = high_contrast(tokens)
        self.tokens = tokens
        self._app.setPalette(palette(tokens))
        colours = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
        self._app.setStyleSheet(stylesheet(colours, base_px(self._app.font())))
        self.changed.emit()

    def colour(self, token: str) -> QColor:
        """A token by its name."""
        return QColor(getattr(self.tokens, token))


def base_px(font: QFont) -> int:
    """Size of the platform's UI font in pixels; all other sizes follow from it."""
    return QFontInfo(font).pixelSize()


def tabular(font: QFont) -> QFont:
    """The font with figures of one width, so that running numbers do not tremble."""
    steady = QFont(font)
    steady.setFeature(QFont.Tag("tnum"), 1)
    return steady
