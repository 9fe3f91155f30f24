"""Painters of indoor places: a table and a room."""

from __future__ import annotations

from typing import cast

import numpy as np
from brush import Brush, Colour, mixed
from scenery import Scenery

WHITE: Colour = (255, 255, 255)
WALLS: tuple[Colour, ...] = (
    (238, 222, 196),
    (198, 216, 210),
    (226, 206, 206),
    (206, 214, 232),
    (222, 226, 198),
)


def _wall(b: Brush, bottom: float) -> Colour:
    wall = b.jitter(WALLS[int(b.rng.integers(len(WALLS)))], 0.03)
    b.gradient(wall, mixed(wall, (90, 80, 80), 0.12), 0, bottom)
    pattern = b.rng.integers(3)
    if pattern == 0:
        for x in np.arange(0, 1, 0.07):
            b.box(x, 0, x + 0.03, bottom, mixed(wall, WHITE, 0.14))
    elif pattern == 1:
        for row, y in enumerate(np.arange(0.04, bottom, 0.075)):
            for x in np.arange(0.035 * (row % 2), 1, 0.07):
                b.blob(x, y, 0.007, 0.007, mixed(wall, (150, 90, 80), 0.22))
    return wall


def _window(b: Brush, x: float, y: float, wide: float, tall: float) -> None:
    b.box(x - 0.012, y - 0.012, x + wide + 0.012, y + tall + 0.012, (250, 248, 242))
    b.box(x, y, x + wide, y + tall, b.jitter((156, 206, 238), 0.04))
    b.blob(x + 0.5 * wide, y + tall, 0.36 * wide, 0.12, (140, 192, 112))
    b.box(x - 0.02, y + tall, x + wide + 0.02, y + tall + 0.14, _under(b, y + tall + 0.05))
    b.box(x - 0.02, y + tall, x + wide + 0.02, y + tall + 0.022, (244, 240, 230))
    b.box(x + wide / 2 - 0.005, y, x + wide / 2 + 0.005, y + tall, (250, 248, 242))
    b.box(x, y + tall / 2 - 0.005, x + wide, y + tall / 2 + 0.005, (250, 248, 242))
    curtain = b.jitter((214, 120, 110), 0.15)
    for side, start in ((-1, x - 0.05), (1, x + wide - 0.02)):
        for fold in range(3):
            at = start + 0.023 * fold
            tone = mixed(curtain, WHITE, 0.1 * ((fold + side) % 2))
            b.box(at, y - 0.03, at + 0.024, y + tall + 0.06, tone)


def _under(b: Brush, y: float) -> Colour:
    pixel = b.image.getpixel((2, min(b.height - 1, round(y * b.height))))
    red, green, blue = cast(Colour, pixel)
    return red, green, blue


def _planks(b: Brush, top: float, wood: Colour) -> None:
    b.gradient(mixed(wood, WHITE, 0.12), mixed(wood, (60, 30, 10), 0.2), top, 1)
    for x in np.linspace(-0.9, 1.9, 15):
        far = 0.5 + (x - 0.5) * 0.55
        b.line([(far, top), (x, 1)], mixed(wood, (70, 40, 20), 0.4), 0.004)
    for _ in range(70):
        y, x = b.rng.uniform(top + 0.01, 0.99), b.rng.uniform(-0.05, 1)
        wave = [(x + 0.12 * t, y + 0.004 * np.sin(9 * t + x)) for t in np.linspace(0, 1, 6)]
        b.line(wave, mixed(wood, (80, 45, 20), b.rng.uniform(0.1, 0.32)), 0.003)


def paint_table(b: Brush) -> Scenery:
    """Paint a wooden table before a wall, often with a cloth or a window."""
    top = b.rng.uniform(0.5, 0.6)
    _wall(b, top)
    if b.rng.random() < 0.6:
        _window(b, b.rng.uniform(0.08, 0.6), 0.08, b.rng.uniform(0.22, 0.32), top - 0.22)
    wood = b.jitter((178, 120, 70), 0.06)
    _planks(b, top, wood)
    b.box(0, top - 0.006, 1, top + 0.008, mixed(wood, WHITE, 0.35))
    b.box(0, 0.955, 1, 1, mixed(wood, (50, 25, 10), 0.5))
    if b.rng.random() < 0.45:
        cloth = b.jitter((222, 96, 92), 0.2)
        y0, y1 = top + 0.06, 0.93
        b.shape([(0.16, y0), (0.84, y0), (0.98, y1), (0.02, y1)], (250, 246, 238))
        for column in np.linspace(0, 1, 12)[:-1:2]:
            b.shape(
                [
                    (0.16 + 0.68 * column, y0),
                    (0.16 + 0.68 * (column + 0.06), y0),
                    (0.02 + 0.96 * (column + 0.06), y1),
                    (0.02 + 0.96 * column, y1),
                ],
                mixed(cloth, WHITE, 0.45),
            )
    return Scenery(b.finished(), "table", (top + 0.16, 0.9), (0.1, 0.3))


def paint_room(b: Brush) -> Scenery:
    """Paint a living room: wall, window or picture, floor and rug."""
    floor = b.rng.uniform(0.6, 0.68)
    wall = _wall(b, floor)
    b.box(0, floor - 0.03, 1, floor, mixed(wall, WHITE, 0.6))
    x = b.rng.uniform(0.08, 0.62)
    if b.rng.random() < 0.6:
        _window(b, x, 0.08, b.rng.uniform(0.22, 0.3), 0.3)
    else:
        b.box(x - 0.015, 0.1, x + 0.255, 0.35, (122, 84, 54))
        b.box(x, 0.115, x + 0.24, 0.335, b.jitter((190, 214, 226), 0.05))
        b.shape(
            [(x, 0.335), (x + 0.08, 0.2), (x + 0.15, 0.28), (x + 0.2, 0.23), (x + 0.24, 0.335)],
            b.jitter((112, 150, 122), 0.1),
        )
    _planks(b, floor, b.jitter((196, 148, 98), 0.05))
    rug = b.jitter((172, 84, 84), 0.2)
    b.blob(0.5, 0.87, 0.46, 0.1, rug)
    b.blob(0.5, 0.87, 0.40, 0.08, mixed(rug, WHITE, 0.3))
    b.blob(0.5, 0.87, 0.34, 0.062, rug)
    return Scenery(b.finished(), "room", (floor + 0.12, 0.95), (0.1, 0.35))
