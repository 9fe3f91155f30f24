"""A tower that is ready: one half of a model, from inputs to unit vectors, whatever computes it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
from tokenizers import Tokenizer

from photosearch.core.ports import Crops, Vectors
from photosearch.core.vectors import unit_length
from photosearch.embed.runners import Inputs, OutOfDeviceMemoryError, Runner
from photosearch.embed.tokens import tokens_of
from photosearch.errors import ModelError

log = logging.getLogger(__name__)

#: What is tried first; a batch of a CLIP fits any device that is worth using.
_LARGEST_BATCH = 64


class Tower:
    """Inputs to vectors. May be used from several threads at once.

    Args:
        runner: Computes the network.
        tokenizer: Cuts texts; None for an image tower.
    """

    def __init__(self, runner: Runner, tokenizer: Tokenizer | None = None) -> None:
        self._runner = runner
        self._tokenizer = tokenizer
        #: What fits, as far as is known: halved when memory runs out, and remembered.
        self.largest_batch = _LARGEST_BATCH

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
            DeviceLostError: The device is gone.
        """
        return self._in_batches(len(crops), lambda part: (crops[part],))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embeds texts; returns float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
            DeviceLostError: The device is gone.
        """
        tokenizer = self._tokenizer
        if tokenizer is None:
            raise ModelError("This part of the model reads no texts.")
        return self._in_batches(len(texts), lambda part: tokens_of(tokenizer, texts[part]))

    def _in_batches(self, count: int, inputs_of: Callable[[slice], tuple[Inputs, ...]]) -> Vectors:
        done: list[Vectors] = []
        start = 0
        while start < count:
            part = slice(start, min(start + self.largest_batch, count))
            try:
                done.append(self._runner.run(*inputs_of(part)))
            except OutOfDeviceMemoryError as error:
                size = part.stop - part.start
                if size == 1:
                    raise ModelError("There is not enough memory for a single input.") from error
                self.largest_batch = size // 2
                log.warning("out of memory: batches of %d from now on", self.largest_batch)
            except (RuntimeError, ValueError) as error:
                raise ModelError(f"The model failed: {error}.") from error
            else:
                start = part.stop
        try:
            return unit_length(np.concatenate(done))
        except ValueError as error:
            raise ModelError("The model gave a vector without direction.") from error
