"""Painters of open country: snow, beach, sea, forest, meadow, mountain, sky, desert, night."""

from __future__ import annotations

import numpy as np
from brush import Brush, Colour, mixed
from scenery import Scenery, paint_day_sky

WHITE: Colour = (255, 255, 255)


def paint_snow(b: Brush) -> Scenery:
    """Paint snowy hills with pines."""
    moods = [
        ((136, 178, 220), (226, 236, 246)),
        ((150, 164, 200), (250, 222, 218)),
        ((172, 186, 202), (226, 230, 236)),
    ]
    top, low = moods[int(b.rng.integers(len(moods)))]
    horizon = b.rng.uniform(0.34, 0.48)
    b.gradient(b.jitter(top, 0.03), low, 0, horizon + 0.1)
    b.land(b.ridge(horizon - 0.05, 0.06, 4, 0.3), (196, 212, 234), (226, 234, 246))
    far = b.ridge(horizon + 0.02, 0.035, 3)
    b.land(far, (222, 232, 245), (240, 245, 252))
    for _ in range(int(b.rng.integers(4, 13))):
        x = b.rng.uniform(0, 1)
        y = far[min(b.width - 1, int(x * b.width))] + b.rng.uniform(0.01, 0.06)
        b.pine(x, y, b.rng.uniform(0.1, 0.24), b.jitter((52, 96, 84)), snowy=True)
    b.land(b.ridge(horizon + 0.13, 0.03, 3), (236, 242, 251), (250, 252, 255))
    b.land(b.ridge(0.86, 0.04, 2), (243, 247, 253), (255, 255, 255))
    if b.rng.random() < 0.6:
        for _ in range(110):
            size = b.rng.uniform(0.002, 0.006)
            b.blob(b.rng.uniform(0, 1), b.rng.uniform(0, 1), size, size, WHITE)
    return Scenery(b.finished(), "snow", (horizon + 0.2, 0.93), (0.08, horizon))


def _sea_band(b: Brush, top: float, bottom: float) -> None:
    tone = b.jitter((32, 122, 172), 0.07)
    b.gradient(mixed(tone, WHITE, 0.15), mixed(tone, (120, 220, 214), 0.45), top, bottom)
    light = mixed(tone, WHITE, 0.55)
    for _ in range(46):
        y = top + (bottom - top) * b.rng.uniform(0.02, 1) ** 1.3
        x, size = b.rng.uniform(-0.05, 1), 0.02 + 0.1 * (y - top) / max(0.05, bottom - top)
        crest = [(x + size * t, y - 0.008 * np.sin(3.14 * t)) for t in np.linspace(0, 1, 7)]
        b.line(crest, light, 0.004)


def paint_beach(b: Brush) -> Scenery:
    """Paint sand, surf and sea."""
    horizon = b.rng.uniform(0.36, 0.46)
    shore = b.rng.uniform(0.56, 0.64)
    paint_day_sky(b, horizon)
    _sea_band(b, horizon, shore + 0.08)
    sand = b.jitter((240, 214, 158), 0.04)
    edge = b.ridge(shore, 0.025, 3)
    b.land(edge - 0.012, (238, 250, 250))
    b.land(edge + 0.004, mixed(sand, (150, 120, 80), 0.25), sand)
    b.land(edge + 0.035, sand, mixed(sand, (226, 178, 110), 0.35))
    for _ in range(60):
        size = b.rng.uniform(0.001, 0.004)
        b.blob(
            b.rng.uniform(0, 1),
            b.rng.uniform(shore + 0.07, 1),
            size,
            size,
            mixed(sand, (150, 110, 60), 0.4),
        )
    return Scenery(b.finished(), "beach", (shore + 0.1, 0.94), (0.06, horizon))


def paint_sea(b: Brush) -> Scenery:
    """Paint open water."""
    horizon = b.rng.uniform(0.3, 0.46)
    paint_day_sky(b, horizon)
    _sea_band(b, horizon, 1.0)
    for _ in range(16):
        y = b.rng.uniform(horizon + 0.08, 0.98)
        x, size = b.rng.uniform(-0.05, 0.95), 0.05 + 0.13 * (y - horizon)
        wave = [(x + size * t, y - 0.02 * np.sin(3.14 * t)) for t in np.linspace(0, 1, 9)]
        b.line(wave, (224, 243, 247), 0.006)
    return Scenery(b.finished(), "sea", (horizon + 0.1, 0.86), (0.06, horizon))


def paint_forest(b: Brush) -> Scenery:
    """Paint a wood with a path."""
    light = b.jitter((196, 224, 158), 0.05)
    b.gradient(mixed(light, WHITE, 0.35), light, 0, 0.7)
    floor = b.rng.uniform(0.54, 0.62)
    pines = b.rng.random() < 0.5
    for depth in range(3):
        green = mixed(b.jitter((44, 104, 52)), light, 0.55 - 0.25 * depth)
        for _ in range(13 - 2 * depth):
            x, y = b.rng.uniform(-0.03, 1.03), floor + 0.03 * depth
            if pines:
                b.pine(x, y, b.rng.uniform(0.45, 0.75), b.jitter(green, 0.03), snowy=False)
            else:
                wide = (0.008 + 0.006 * depth) * b.unit / b.width
                b.box(x - wide, 0, x + wide, y, mixed((92, 70, 52), light, 0.45 - 0.2 * depth))
    if not pines:
        for _ in range(70):
            size = b.rng.uniform(0.05, 0.1)
            b.blob(
                b.rng.uniform(0, 1),
                b.rng.uniform(-0.02, 0.2),
                size,
                size * 0.7,
                b.jitter((62, 128, 62), 0.07),
            )
    b.land(b.ridge(floor, 0.02, 4), b.jitter((96, 136, 62)), (74, 104, 46))
    b.shape([(0.47, floor + 0.02), (0.53, floor + 0.02), (0.78, 1), (0.3, 1)], (170, 146, 100))
    for _ in range(50):
        x, y = b.rng.uniform(0, 1), b.rng.uniform(floor + 0.05, 1)
        b.line([(x, y), (x + b.rng.normal(0, 0.006), y - 0.025)], b.jitter((70, 126, 50)), 0.004)
    return Scenery(b.finished(), "forest", (floor + 0.12, 0.94), (0.1, 0.45))


def paint_meadow(b: Brush) -> Scenery:
    """Paint green hills with flowers."""
    horizon = b.rng.uniform(0.4, 0.5)
    paint_day_sky(b, horizon)
    b.land(b.ridge(horizon - 0.03, 0.05, 3), b.jitter((132, 180, 116)), (120, 172, 92))
    near = b.ridge(horizon + 0.04, 0.03, 3)
    b.land(near, b.jitter((124, 190, 84)), b.jitter((82, 154, 60)))
    for _ in range(int(b.rng.integers(0, 4))):
        x = b.rng.uniform(0, 1)
        b.tree(
            x,
            near[min(b.width - 1, int(x * b.width))] + 0.01,
            b.rng.uniform(0.14, 0.26),
            b.jitter((72, 140, 66)),
        )
    petals = [(255, 255, 255), (250, 220, 80), (240, 120, 150), (170, 130, 220)]
    for _ in range(150):
        y = horizon + 0.1 + (0.9 - horizon) * b.rng.uniform(0, 1)
        x, size = b.rng.uniform(0, 1), 0.002 + 0.008 * (y - horizon)
        if b.rng.random() < 0.6:
            b.line(
                [(x, y), (x + b.rng.normal(0, 0.005), y - 4 * size)], b.jitter((70, 136, 52)), 0.003
            )
        else:
            b.blob(x, y, size, size, petals[int(b.rng.integers(4))])
    return Scenery(b.finished(), "meadow", (horizon + 0.16, 0.94), (0.06, horizon - 0.04))


def paint_mountain(b: Brush) -> Scenery:
    """Paint peaks over pastures."""
    horizon = b.rng.uniform(0.5, 0.58)
    paint_day_sky(b, horizon)
    rock = b.jitter((112, 122, 146), 0.05)
    for _ in range(4):
        x, peak = b.rng.uniform(0.05, 0.95), b.rng.uniform(0.12, 0.3)
        wide = (horizon - peak) * b.rng.uniform(0.8, 1.1)
        b.shape([(x - wide, horizon + 0.06), (x, peak), (x + wide, horizon + 0.06)], rock)
        b.shape(
            [(x, peak), (x + wide, horizon + 0.06), (x + 0.15 * wide, horizon + 0.06)],
            mixed(rock, (40, 50, 80), 0.25),
        )
        cap = 0.34
        jag = [
            (x - cap * wide, peak + cap * (horizon - peak)),
            (x - 0.15 * wide, peak + 0.27 * (horizon - peak)),
            (x, peak + 0.4 * (horizon - peak)),
            (x + 0.15 * wide, peak + 0.26 * (horizon - peak)),
            (x + cap * wide, peak + cap * (horizon - peak)),
            (x, peak),
        ]
        b.shape(jag, (246, 249, 254))
    line = b.ridge(horizon + 0.02, 0.025, 4)
    b.land(line, b.jitter((104, 150, 98)), (122, 172, 88))
    for _ in range(int(b.rng.integers(5, 16))):
        x = b.rng.uniform(0, 1)
        b.pine(
            x,
            line[min(b.width - 1, int(x * b.width))] + 0.02,
            b.rng.uniform(0.07, 0.15),
            b.jitter((54, 106, 70)),
            snowy=False,
        )
    b.land(b.ridge(0.76, 0.04, 2), b.jitter((140, 186, 96)), (110, 160, 76))
    return Scenery(b.finished(), "mountain", (0.78, 0.95), (0.05, 0.3))


def paint_sky(b: Brush) -> Scenery:
    """Paint nothing but sky and clouds."""
    moods = [
        ((64, 134, 214), (190, 224, 246)),
        ((250, 170, 120), (252, 224, 190)),
        ((120, 150, 210), (250, 206, 196)),
    ]
    top, low = moods[int(b.rng.integers(len(moods)))]
    b.gradient(b.jitter(top, 0.04), low)
    if b.rng.random() < 0.5:
        b.sun(b.rng.uniform(0.1, 0.9), b.rng.uniform(0.1, 0.3), 0.045, (255, 226, 130))
    b.clouds(int(b.rng.integers(3, 8)), 0.1, 0.95, (252, 252, 254))
    return Scenery(b.finished(), "sky", (0.6, 0.9), (0.1, 0.8))


def paint_desert(b: Brush) -> Scenery:
    """Paint dunes, mesas and a hot sky."""
    horizon = b.rng.uniform(0.42, 0.52)
    b.gradient(b.jitter((104, 170, 220), 0.05), (252, 226, 176), 0, horizon + 0.05)
    b.sun(b.rng.uniform(0.1, 0.9), b.rng.uniform(0.08, 0.22), 0.05, (255, 214, 110))
    rock = b.jitter((190, 110, 76))
    for _ in range(int(b.rng.integers(1, 4))):
        x, wide, tall = b.rng.uniform(0, 1), b.rng.uniform(0.05, 0.12), b.rng.uniform(0.07, 0.2)
        b.shape(
            [
                (x - wide, horizon + 0.03),
                (x - 0.7 * wide, horizon - tall),
                (x + 0.6 * wide, horizon - tall),
                (x + wide, horizon + 0.03),
            ],
            rock,
        )
        b.shape(
            [
                (x + 0.2 * wide, horizon + 0.03),
                (x + 0.3 * wide, horizon - tall),
                (x + 0.6 * wide, horizon - tall),
                (x + wide, horizon + 0.03),
            ],
            mixed(rock, (90, 40, 40), 0.25),
        )
    sand = b.jitter((232, 178, 104), 0.04)
    for depth in range(4):
        level = horizon + 0.02 + 0.13 * depth
        tone = mixed(sand, (160, 96, 50), 0.24 - 0.06 * depth)
        b.land(b.ridge(level, 0.03, 2), mixed(tone, WHITE, 0.12), tone)
    return Scenery(b.finished(), "desert", (horizon + 0.18, 0.94), (0.06, horizon))


def paint_night(b: Brush) -> Scenery:
    """Paint a starry night over dark hills."""
    horizon = b.rng.uniform(0.5, 0.62)
    b.gradient((8, 12, 40), b.jitter((44, 56, 112), 0.05), 0, horizon + 0.1)
    b.stars(220, horizon)
    if b.rng.random() < 0.8:
        b.moon(b.rng.uniform(0.1, 0.9), b.rng.uniform(0.08, 0.26), b.rng.uniform(0.035, 0.06))
    b.land(b.ridge(horizon, 0.05, 3), (30, 40, 82), (24, 34, 66))
    line = b.ridge(horizon + 0.1, 0.03, 3)
    b.land(line, b.jitter((30, 52, 66)), (20, 36, 48))
    for _ in range(int(b.rng.integers(2, 9))):
        x = b.rng.uniform(0, 1)
        b.pine(
            x,
            line[min(b.width - 1, int(x * b.width))] + 0.02,
            b.rng.uniform(0.08, 0.2),
            (18, 36, 46),
            snowy=False,
        )
    return Scenery(b.finished(), "night", (horizon + 0.2, 0.94), (0.06, horizon))
