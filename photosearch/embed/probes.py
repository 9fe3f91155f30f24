"""Built-in pictures and texts: what one form of a tower is compared with another by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Crops, Vectors

#: Of many languages and lengths, so that padding, cutting and rare letters take part.
TEXTS = (
    "a dog in the snow",
    "dog",
    "Two dogs are playing in the snow, and a third one watches them from under a wooden bench.",
    "Eine Katze auf einem Tisch",
    "Una playa con palmeras.",
    "Älgen är skogens konung!",
    "London la nuit",
    "собака на снегу",
    "犬の写真",
    "海滩上的日落",
    "눈 속의 강아지",
    "قطة على الطاولة",
    "बर्फ में एक कुत्ता",
    "ένα ποδήλατο δίπλα στη θάλασσα",
    "karda bir köpek",
    "con chó trong tuyết",
)
_PICTURES = 16


def crops(size_px: int) -> Crops:
    """Draws pictures that have little in common: uint8 (16, size_px, size_px, 3)."""
    rng = np.random.default_rng(20)
    across = np.linspace(0, 1, size_px, dtype=np.float32)
    x, y = np.meshgrid(across, across)
    drawn = np.empty((_PICTURES, size_px, size_px, 3), dtype=np.float32)
    for number in range(_PICTURES):
        ground, top, thing = rng.uniform(0, 255, (3, 3)).astype(np.float32)
        slope = (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1) + 1)[..., None] / 2
        drawn[number] = ground * slope + top * (1 - slope)
        waves = np.sin(x * rng.uniform(2, 40) + y * rng.uniform(2, 40))[..., None]
        drawn[number] += waves * rng.uniform(0, 60)
        reach = (x - rng.uniform(0.2, 0.8)) ** 2 + (y - rng.uniform(0.2, 0.8)) ** 2
        drawn[number][reach < rng.uniform(0.01, 0.1)] = thing
        drawn[number] += rng.normal(0, rng.uniform(0, 25), drawn[number].shape)
    return np.clip(drawn, 0, 255).astype(np.uint8)


def centred_cosines(ours: Vectors, theirs: Vectors) -> npt.NDArray[np.float32]:
    """Returns the cosine of each pair of rows after the mean of `theirs` was taken away.

    Towers put everything into one narrow cone, where even strangers have a cosine near 1; around
    its middle a difference shows.

    Args:
        ours: float32 (n, dim), n > 1, unit length.
        theirs: float32 (n, dim), unit length.

    Returns:
        float32 (n,).
    """
    mean = theirs.mean(axis=0)
    ours, theirs = ours - mean, theirs - mean
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines: npt.NDArray[np.float32] = (ours * theirs).sum(axis=1) / np.maximum(lengths, 1e-12)
    return cosines
