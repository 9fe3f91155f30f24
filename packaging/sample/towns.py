"""Painters of towns: streets by day and by night, and London."""

from __future__ import annotations

import numpy as np
from brush import Brush, Colour, mixed
from scenery import Scenery, paint_day_sky

WHITE: Colour = (255, 255, 255)


def _houses(b: Brush, base: float, low: float, high: float, tone: Colour, lit: float) -> None:
    x = b.rng.uniform(-0.08, 0.0)
    while x < 1:
        wide = b.rng.uniform(0.07, 0.16) * b.unit / b.width
        top = base - b.rng.uniform(low, high)
        wall = b.jitter(tone, 0.07)
        b.box(x, top, x + wide, base, wall)
        rows, columns = (
            max(2, int((base - top) / 0.042)),
            max(2, int(wide * b.width / b.unit / 0.03)),
        )
        for row in range(rows):
            for column in range(columns):
                if lit and b.rng.random() > lit:
                    pane = mixed(wall, (0, 0, 0), 0.3)
                else:
                    pane = (
                        b.jitter((255, 222, 130), 0.05)
                        if lit
                        else mixed(wall, (225, 240, 250), 0.5)
                    )
                cx, cy = (
                    x + wide * (column + 0.5) / columns,
                    top + (base - top) * (row + 0.6) / rows,
                )
                b.box(
                    cx - 0.22 * wide / columns,
                    cy - 0.012,
                    cx + 0.22 * wide / columns,
                    cy + 0.008,
                    pane,
                )
        x += wide + b.rng.uniform(0, 0.015)


def _street(b: Brush, top: float, asphalt: Colour, kerb: Colour, mark: Colour) -> None:
    b.gradient(kerb, mixed(kerb, (0, 0, 0), 0.1), top, top + 0.08)
    b.gradient(asphalt, mixed(asphalt, (0, 0, 0), 0.25), top + 0.08, 1)
    for x in np.arange(-0.05, 1.1, 0.16):
        b.box(x, (top + 1.08) / 2, x + 0.08, (top + 1.08) / 2 + 0.012, mark)


def paint_city(b: Brush) -> Scenery:
    """Paint a street by day."""
    base = b.rng.uniform(0.58, 0.66)
    paint_day_sky(b, base - 0.1)
    _houses(b, base, 0.22, 0.46, (178, 196, 214), 0)
    _houses(b, base, 0.08, 0.28, b.jitter((206, 158, 128), 0.12), 0)
    _street(b, base, (112, 116, 124), (198, 194, 186), (236, 236, 226))
    return Scenery(b.finished(), "city", (base + 0.1, 0.95), (0.05, 0.3))


def paint_city_night(b: Brush) -> Scenery:
    """Paint a street with lit windows."""
    base = b.rng.uniform(0.58, 0.66)
    b.gradient((10, 14, 44), b.jitter((62, 50, 104), 0.05), 0, base)
    b.stars(60, 0.35)
    if b.rng.random() < 0.6:
        b.moon(b.rng.uniform(0.1, 0.9), b.rng.uniform(0.08, 0.2), 0.035)
    _houses(b, base, 0.22, 0.46, (40, 44, 82), 0.4)
    _houses(b, base, 0.08, 0.28, (28, 28, 58), 0.6)
    _street(b, base, (40, 42, 58), (74, 72, 92), (214, 196, 130))
    for x in np.arange(b.rng.uniform(0.02, 0.2), 1, 0.25):
        b.line([(x, base + 0.06), (x, base - 0.14)], (30, 30, 46), 0.008)
        b.glow(x, base - 0.14, 0.05, (255, 214, 130), 0.8)
    return Scenery(b.finished(), "city_night", (base + 0.1, 0.95), (0.05, 0.3))


def paint_london(b: Brush) -> Scenery:
    """Paint the clock tower by the river, at night or dusk."""
    dusk = b.rng.random() < 0.3
    base = b.rng.uniform(0.6, 0.66)
    low: Colour = (214, 128, 110) if dusk else (58, 56, 112)
    b.gradient((20, 26, 66) if not dusk else (70, 72, 128), low, 0, base)
    b.stars(40 if not dusk else 10, 0.4)
    b.moon(b.rng.uniform(0.08, 0.92), b.rng.uniform(0.08, 0.18), 0.035)
    _houses(b, base, 0.05, 0.15, (36, 36, 70), 0.55)
    stone, gold = b.jitter((120, 92, 58), 0.03), (250, 212, 122)
    x, wide = b.rng.uniform(0.3, 0.7), 0.05 * b.unit / b.width
    side = -1 if x > 0.5 else 1
    b.box(min(x, x + side * 0.34), base - 0.15, max(x, x + side * 0.34), base, stone)
    for step in np.arange(0.02, 0.34, 0.028):
        b.box(x + side * step - 0.005, base - 0.12, x + side * step + 0.005, base - 0.03, gold)
        b.shape(
            [
                (x + side * step - 0.008, base - 0.15),
                (x + side * step, base - 0.19),
                (x + side * step + 0.008, base - 0.15),
            ],
            stone,
        )
    top = base - 0.44
    b.glow(x, top + 0.06, 0.16, (255, 214, 130), 0.45)
    b.box(x - wide, top, x + wide, base, stone)
    for column in (-0.5, 0.0, 0.5):
        b.box(x + wide * (column - 0.12), top + 0.15, x + wide * (column + 0.12), base - 0.02, gold)
    b.box(x - 1.2 * wide, top - 0.01, x + 1.2 * wide, top + 0.125, mixed(stone, WHITE, 0.12))
    b.blob(x, top + 0.058, 0.046, 0.046, (255, 246, 214))
    b.line([(x, top + 0.058), (x, top + 0.025)], (40, 34, 30), 0.008)
    b.line([(x, top + 0.058), (x + 0.6 * wide, top + 0.075)], (40, 34, 30), 0.008)
    b.shape(
        [(x - 1.1 * wide, top - 0.01), (x + 1.1 * wide, top - 0.01), (x, top - 0.16)], (52, 62, 74)
    )
    b.line([(x, top - 0.14), (x, top - 0.2)], gold, 0.006)
    b.gradient((34, 40, 84), (14, 18, 48), base, 1)
    for _ in range(90):
        rx, ry = b.rng.uniform(0, 1), b.rng.uniform(base + 0.01, 0.99)
        b.line(
            [(rx, ry), (rx + 0.03, ry)], mixed((34, 40, 84), gold, b.rng.uniform(0.1, 0.6)), 0.004
        )
    b.gradient((70, 70, 92), (52, 52, 74), 0.84, 1)
    for rail in np.arange(0.02, 1, 0.05):
        b.box(rail, 0.8, rail + 0.006, 0.85, (30, 32, 52))
    b.box(0, 0.795, 1, 0.805, (30, 32, 52))
    return Scenery(b.finished(), "london", (0.88, 0.96), (0.05, 0.25))
