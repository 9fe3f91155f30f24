"""What a painter of places hands back, and the day sky that many of them share."""

from __future__ import annotations

from dataclasses import dataclass

from brush import Brush
from PIL import Image


@dataclass(frozen=True, slots=True)
class Scenery:
    """A painted place and where things can be in it.

    Attributes:
        image: The picture.
        place: Which kind it is.
        ground: (far, near): heights at which things can stand, 0-1 from the top; things at `far`
            look small, things at `near` large.
        air: (top, bottom): heights between which things can fly.
    """

    image: Image.Image
    place: str
    ground: tuple[float, float]
    air: tuple[float, float]


def paint_day_sky(b: Brush, bottom: float) -> None:
    """Paint a sky with some clouds, and often a sun, down to `bottom`."""
    moods = [
        ((92, 160, 226), (205, 230, 246)),
        ((118, 178, 226), (238, 240, 232)),
        ((146, 170, 214), (252, 218, 196)),
        ((70, 140, 214), (176, 216, 242)),
    ]
    top, low = moods[int(b.rng.integers(len(moods)))]
    b.gradient(b.jitter(top, 0.04), b.jitter(low, 0.03), 0, min(1.0, bottom + 0.05))
    if b.rng.random() < 0.6:
        b.sun(b.rng.uniform(0.08, 0.92), b.rng.uniform(0.08, 0.25), 0.04, (255, 226, 130))
    b.clouds(int(b.rng.integers(0, 5)), 0.06, max(0.12, bottom * 0.7), (250, 251, 253))
