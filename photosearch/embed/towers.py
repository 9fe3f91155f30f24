"""A tower that is ready: one half of a model, from inputs to unit vectors, whatever computes it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np
from tokenizers import Tokenizer

from photosearch.core.ports import Crops, Vectors
from photosearch.core.vectors import unit_length
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE, BatchSize
from photosearch.embed.runners import Inputs, Runner
from photosearch.embed.tokens import tokens_of
from photosearch.errors import ModelError, ModelMemoryError

log = logging.getLogger(__name__)


class Tower:
    """Inputs to vectors. May be used from several threads at once.

    Args:
        runner: Computes the network.
        tokenizer: Cuts texts; None for an image tower.
        largest_batch: The most inputs at once that are worth trying on this device.
    """

    def __init__(
        self,
        runner: Runner,
        tokenizer: Tokenizer | None = None,
        largest_batch: int = DEFAULT_BATCH_SIZE,
    ) -> None:
        self._runner = runner
        self._tokenizer = tokenizer
        self._batch_size = BatchSize(largest_batch)

    @property
    def batch_size(self) -> int:
        """How many inputs it takes best at once, as far as is known."""
        return self._batch_size.now

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            ModelMemoryError: There is not enough memory for a single one.
            DeviceLostError: The device is gone.
            ModelError: The model failed.
        """
        return self._in_batches(len(crops), lambda part: (crops[part],))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embeds texts; returns float32 (n, dim), unit length.

        Raises:
            ModelMemoryError: There is not enough memory for a single one.
            DeviceLostError: The device is gone.
            ModelError: The model failed.
        """
        tokenizer = self._tokenizer
        if tokenizer is None:
            raise ModelError("This part of the model reads no texts.")
        return self._in_batches(len(texts), lambda part: tokens_of(tokenizer, texts[part]))

    def _in_batches(self, count: int, inputs_of: Callable[[slice], tuple[Inputs, ...]]) -> Vectors:
        done: list[Vectors] = []
        start = 0
        while start < count:
            part = slice(start, min(start + self.batch_size, count))
            size = part.stop - part.start
            started_s = time.monotonic()
            try:
                done.append(self._runner.run(*inputs_of(part)))
            except ModelMemoryError:
                if size == 1:
                    raise
                self._batch_size.failed(size)
                log.warning("out of memory: batches of %d from now on", self.batch_size)
            else:
                self._batch_size.succeeded(size, time.monotonic() - started_s)
                start = part.stop
        try:
            return unit_length(np.concatenate(done))
        except ValueError as error:
            raise ModelError("The model gave a vector without direction.") from error
