"""The stylesheet, as a template over the colour tokens.

Widgets are named by object name; measures are those of the design (8-px rhythm).
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

TOP_BAR_PX = 56
STATUS_LINE_PX = 30
CONTROL_PX = 32
SEARCH_BOX_PX = 36
CHIP_PX = 24
#: Left and right of the grid and of everything above it.
MARGIN_PX = 20

_SHEET = Template("""
QToolTip { background: $card; color: $text; border: 1px solid $line; padding: 4px 6px; }
QMenu { background: $card; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: $accent_ground; color: $text; }
QMenu::item:disabled { color: $mute; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

#topBar { background: $panel; border: none; border-bottom: 1px solid $line; }
#brand { color: $text; font-size: ${head_px}px; font-weight: 600; }
#statusLine { background: $panel; border: none; border-top: 1px solid $line; }
#statusLine QLabel { color: $mute; font-size: ${small_px}px; }
#statusLine QToolButton { font-size: ${small_px}px; }
#gallery, #grid { background: $bg; border: none; }
#heading { color: $text; font-size: ${head_px}px; font-weight: 600; }
#headingCount { color: $mute; font-size: ${base_px}px; }
#queryError { color: $negative; font-size: ${base_px}px; }

QPushButton {
    background: $card; color: $text; border: 1px solid $line; border-radius: 8px;
    padding: 0 12px; min-height: ${control_px}px; max-height: ${control_px}px;
}
QPushButton:hover { border-color: $mute; }
QPushButton:focus { border-color: $accent; }
QPushButton:pressed { background: $accent_ground; }
QPushButton:disabled { color: $mute; background: $panel; }
QPushButton[primary="true"] {
    background: $accent; color: $on_accent; border-color: $accent;
}
QPushButton[primary="true"]:focus { border: 2px solid $text; }
QToolButton {
    background: transparent; color: $mute; border: none; border-radius: 6px; padding: 2px 6px;
}
QToolButton:hover { color: $text; background: $line; }
QToolButton:focus { color: $text; border: 1px solid $accent; }
QToolButton[tone="warning"] { color: $warning; }
QToolButton[tone="accent"] { color: $accent; font-weight: 600; }
QToolButton[tone="accent"]:disabled { color: $mute; }

#searchBox QLineEdit {
    background: transparent; border: none; color: $text; padding: 0; font-size: ${input_px}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
#chip { background: $accent_ground; border-radius: 6px; }
#chip QLabel { color: $accent; font-weight: 500; }
#chip QToolButton { padding: 0; border-radius: 4px; }

#wordChip { background: $accent_ground; border-radius: 6px; }
#wordChip QLabel { color: $accent; font-weight: 500; }
#wordChip[kind="excluded"] { background: $negative_ground; }
#wordChip[kind="excluded"] QLabel { color: $negative; }
#wordChip[kind="filter"] { background: $card; border: 1px solid $line; }
#wordChip[kind="filter"] QLabel { color: $text; }
#wordChip QToolButton { padding: 0; border-radius: 4px; }
QToolButton#switch { border: 1px solid $line; padding: 0 8px; }
QToolButton#switch:checked { color: $accent; background: $accent_ground; border-color: $accent; }
QToolButton#switch:focus { border-color: $accent; }
QToolButton#quiet { padding: 4px 6px; }
#refine { background: $card; border: 1px solid $line; }
#groupHead { color: $mute; font-size: ${group_px}px; font-weight: 600; }
#refine QRadioButton, #refine QCheckBox { color: $text; spacing: 8px; padding: 3px 0; }

#notice { background: $card; border: 1px solid $line; border-radius: 8px; }
#notice QLabel { color: $text; }
#notice[tone="accent"] { background: $accent_ground; border-color: $accent_ground; }
#notice[tone="negative"] { background: $negative_ground; border-color: $negative_ground; }

#welcomeHeadline { color: $text; font-size: ${first_px}px; font-weight: 700; }
#welcomeSubtitle { color: $mute; font-size: ${input_px}px; }
#messageHeadline { color: $text; font-size: ${empty_px}px; font-weight: 600; }
#messageText { color: $mute; font-size: ${base_px}px; }

QProgressBar { background: $line; border: none; border-radius: 3px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSlider { min-height: ${control_px}px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $accent;
}
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 12px; height: 12px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical {
    background: $line; min-height: 32px; border-radius: 4px; margin: 2px;
}
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar::handle:vertical:hover { background: $mute; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }

#labels, #part { background: $bg; }
#labels QLineEdit {
    background: $card; color: $text; border: 1px solid $line; border-radius: 8px;
    padding: 0 10px; min-height: ${control_px}px;
}
#labels QLineEdit:focus { border-color: $accent; }
#problems, #gone, #confirm, #folders, #folderRows, #folderScroll, #info {
    background: $bg; border: none;
}
#problems QTreeView, #gone QTreeView {
    background: $card; alternate-background-color: $panel; color: $text;
    border: 1px solid $line; border-radius: 8px; outline: none;
}
#problems QTreeView::item, #gone QTreeView::item { min-height: 28px; padding: 0 6px; }
#problems QTreeView::item:selected, #gone QTreeView::item:selected {
    background: $accent_ground; color: $text;
}
#problems QHeaderView::section, #gone QHeaderView::section {
    background: $panel; color: $mute; border: none; border-bottom: 1px solid $line;
    padding: 6px; font-size: ${group_px}px; font-weight: 600;
}
#folderRow { background: $card; border: 1px solid $line; border-radius: 10px; }
#folderPath, #infoValue { color: $text; font-size: ${base_px}px; }
#folderFacts, #infoLabel { color: $mute; font-size: ${small_px}px; }
#infoLabel { padding-top: 1px; }
#folderRemove { font-size: ${small_px}px; }
#folderHint, #infoAway { color: $warning; font-size: ${small_px}px; }
#models, #modelRows, #modelScroll { background: $bg; border: none; }
#modelsHead { color: $text; font-size: ${head_px}px; font-weight: 600; }
#modelRow { background: $card; border: 1px solid $line; border-radius: 10px; }
#modelTitle { color: $text; font-size: ${base_px}px; font-weight: 600; }
#modelTag { color: $accent; font-size: ${small_px}px; font-weight: 600; }
#modelLanguages { color: $text; font-size: ${small_px}px; }
#modelFacts, #modelState { color: $mute; font-size: ${small_px}px; }
#modelState[tone="accent"] { color: $accent; font-weight: 600; }
#modelState[tone="warning"] { color: $warning; font-weight: 600; }
#modelMore { font-size: ${empty_px}px; padding: 0; }
#modelLack { color: $warning; font-size: ${small_px}px; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QComboBox {
    background: $card; color: $text; border: 1px solid $line; border-radius: 8px;
    padding: 0 10px; min-height: ${chip_px}px; combobox-popup: 0;
}
QComboBox::drop-down { border: none; width: 0; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 8px; }
QComboBox:focus { border-color: $accent; }
QComboBox:disabled { color: $mute; background: $panel; }
QComboBox QAbstractItemView {
    background: $card; color: $text; border: 1px solid $line; outline: none;
    selection-background-color: $accent_ground; selection-color: $text;
}
#problemsCount, #foldersHead, #infoHead { color: $text; font-size: ${head_px}px; font-weight: 600; }
""")


def stylesheet(colours: Mapping[str, str], base_px: int) -> str:
    """Fills the template.

    Args:
        colours: #RRGGBB by token.
        base_px: Size of the platform's UI font; the others keep their distance from it.
    """
    return _SHEET.substitute(
        colours,
        base_px=base_px,
        control_px=CONTROL_PX - 2,  # without its border
        chip_px=CHIP_PX,
        group_px=base_px - 2,
        small_px=base_px - 1,
        input_px=base_px + 1,
        head_px=base_px + 2,
        empty_px=base_px + 7,
        first_px=base_px * 2,
    )
