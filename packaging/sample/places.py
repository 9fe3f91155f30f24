"""The painted places: fourteen kinds of scenery, never twice the same.

Training, the album and the measuring kit all paint with these, each with seeds of its own: below
`ALBUM_SEED` for training, then the album's, then the kit's.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import interiors
import nature
import numpy as np
import towns
from brush import Brush
from scenery import Scenery

ALBUM_SEED = 2_000_000
KIT_SEED = 3_000_000

PAINTERS: MappingProxyType[str, Callable[[Brush], Scenery]] = MappingProxyType(
    {
        "snow": nature.paint_snow,
        "beach": nature.paint_beach,
        "sea": nature.paint_sea,
        "forest": nature.paint_forest,
        "city": towns.paint_city,
        "city_night": towns.paint_city_night,
        "london": towns.paint_london,
        "meadow": nature.paint_meadow,
        "mountain": nature.paint_mountain,
        "table": interiors.paint_table,
        "room": interiors.paint_room,
        "sky": nature.paint_sky,
        "desert": nature.paint_desert,
        "night": nature.paint_night,
    }
)


def paint(place: str, width: int, height: int, seed: int) -> Scenery:
    """Paint a place.

    Args:
        place: One of `PAINTERS`.
        width: Width in px.
        height: Height in px.
        seed: Decides everything that varies.
    """
    return PAINTERS[place](Brush(width, height, np.random.default_rng(seed)))
