"""An encoder without a model, for tests: colours mean something, words are colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photosearch.core.ports import Crops, Vectors
from photosearch.core.query import Reading
from photosearch.core.space import EmbeddingSpace, ImageInput, space_key
from photosearch.core.vectors import unit_length
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE
from photosearch.errors import ModelError

_COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
}
#: Pixels of the 4 x 4 picture that a crop is averaged to.
_GRID = 4
_DIM = _GRID * _GRID * 3 + 1


class FakeEncoder:
    """A deterministic `Encoder`: a vector is a tiny, centred version of the picture.

    Args:
        revision: Two revisions are two spaces.
        refuse_over_mean: A picture brighter than this (0..255) makes its whole batch fail.
    """

    def __init__(self, revision: str = "1", refuse_over_mean: float = 256.0) -> None:
        self._space = EmbeddingSpace(space_key(f"fake@{revision}"), _DIM, "fake", ("fake",))
        self._refuse_over_mean = refuse_over_mean
        #: How many pictures went through, so that a test can prove that none did.
        self.image_count = 0

    @property
    def model_id(self) -> str:
        """What commands call the model."""
        return "fake"

    @property
    def space(self) -> EmbeddingSpace:
        """The space of the vectors."""
        return self._space

    @property
    def image_input(self) -> ImageInput:
        """The crop that `encode_images` expects."""
        return ImageInput(32)

    @property
    def device_label(self) -> str:
        """Where it computes, for people."""
        return "fake"

    @property
    def batch_size(self) -> int:
        """How many pictures it takes best at once."""
        return DEFAULT_BATCH_SIZE

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, 32, 32, 3); returns float32 (n, 49), unit length.

        Raises:
            ModelError: One of the pictures is too bright for this fake.
        """
        pixels = crops.astype(np.float32)
        if np.any(pixels.mean(axis=(1, 2, 3)) > self._refuse_over_mean):
            raise ModelError("The fake model does not like bright pictures.")
        self.image_count += len(crops)
        step = self.image_input.size_px // _GRID
        tiny = (
            pixels.reshape(-1, _GRID, step, _GRID, step, 3).mean(axis=(2, 4)).reshape(-1, _DIM - 1)
        )
        return _unit(tiny)

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        """Embeds the colours that a text names; returns float32 (n, 49), unit length."""
        rows = []
        for text in texts:
            named = [rgb for word, rgb in _COLOURS.items() if word in text.lower()]
            rgb = np.mean(named, axis=0) if named else np.full(3, 127.0)
            rows.append(np.tile(rgb, _GRID * _GRID))
        return _unit(np.asarray(rows, dtype=np.float32))

    def reading_of(self, text: str) -> Reading:
        """There is one way to read a text."""
        return Reading.AUTO

    def release_images(self) -> None:
        """Nothing to free."""

    def release_texts(self) -> None:
        """Nothing to free."""

    def close(self) -> None:
        """Nothing to free."""


def _unit(tiny: Vectors) -> Vectors:
    # The constant keeps a mid-grey picture from having no direction at all.
    return unit_length(np.hstack([tiny - 127.5, np.full((len(tiny), 1), 8.0)]))
