"""Thousands of small painted places for training, squared as CLIP's crop squares a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from places import PAINTERS, paint

#: A little larger than a frame, so that a crop can move.
SIDE_PX = 110
COUNT = 3360
SHAPES = ((147, 110), (110, 147), (110, 110))


def write_backgrounds(path: Path, place_class: dict[str, int], count: int = COUNT) -> None:
    """Paint the backgrounds and write them to one .npz.

    Args:
        path: The file to write.
        place_class: Class number of each place.
        count: How many, spread evenly over the places; the position is the seed.
    """
    names = list(PAINTERS)
    pixels, places = [], []
    for number in range(count):
        name = names[number % len(names)]
        width, height = SHAPES[number // len(names) % len(SHAPES)]
        picture = np.asarray(paint(name, width, height, number).image)
        top, left = (height - SIDE_PX) // 2, (width - SIDE_PX) // 2
        pixels.append(picture[top : top + SIDE_PX, left : left + SIDE_PX])
        places.append(place_class[name])
    np.savez(path, pixels=np.stack(pixels), place=np.array(places))
