"""Colours: readable in both schemes, and nothing is forgotten."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtWidgets import QApplication

from photosearch.gui.theme import (
    DARK,
    LIGHT,
    MIN_CONTRAST,
    TEXT_ON_GROUND,
    Theme,
    Tokens,
    contrast,
    high_contrast,
)


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("pair", TEXT_ON_GROUND, ids=" on ".join)
@pytest.mark.parametrize(
    "tokens",
    [LIGHT, DARK, high_contrast(LIGHT), high_contrast(DARK)],
    ids=["light", "dark", "light high", "dark high"],
)
def test_text_can_be_read(tokens: Tokens, pair: tuple[str, str]):
    ink, ground = (getattr(tokens, name) for name in pair)
    assert contrast(ink, ground) >= MIN_CONTRAST


def test_every_colour_that_is_text_or_ground_is_checked():
    checked = {name for pair in TEXT_ON_GROUND for name in pair}
    assert {field.name for field in fields(Tokens)} - checked == {"line", "highlight"}


def test_a_scheme_changes_palette_and_sheet(qapp: QApplication):
    light, dark = Theme(qapp, is_dark=False), Theme(qapp, is_dark=True)
    assert qapp.palette().window().color().name().upper() == DARK.panel
    assert DARK.accent in qapp.styleSheet()
    light.apply()
    assert qapp.palette().window().color().name().upper() == LIGHT.panel
    assert light.colour("accent").name().upper() == LIGHT.accent
    for theme in (light, dark):
        theme.deleteLater()
    qapp.setStyleSheet("")
