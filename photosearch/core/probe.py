"""The built-in picture that a model is tried on: what fails at it fails at every photo."""

from __future__ import annotations

import numpy as np

from photosearch.core.ports import Crops
from photosearch.core.space import ImageInput

#: What a text tower is tried on.
PROBE_TEXT = "a photo"


def probe_crop(image_input: ImageInput) -> Crops:
    """Draws a plain picture that is not of one colour: uint8 (1, size_px, size_px, 3)."""
    shades = np.linspace(0, 255, image_input.size_px).astype(np.uint8)
    across, down = np.meshgrid(shades, shades)
    return np.stack([across, down, across[:, ::-1]], axis=-1)[None]
