"""The seams between the layers: what indexing and searching need of a model and a decoder.

`index`, `search` and `annotate` see these protocols only; `library` puts the real things in. What
they need of a store is in `core.store`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.core.decoded import DecodedPhoto, ListedPhoto, SamePhoto
from photosearch.core.failure import FailureReason, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.preview import Previews
from photosearch.core.query import Box, Reading
from photosearch.core.space import EmbeddingSpace, ImageInput

Vectors = npt.NDArray[np.float32]
Crops = npt.NDArray[np.uint8]


class Encoder(Protocol):
    """A model: pictures and texts in, unit vectors of one space out.

    Methods may be called from any thread.
    """

    @property
    def model_id(self) -> str:
        """What commands call the model, for messages."""
        ...

    @property
    def space(self) -> EmbeddingSpace:
        """The space of the vectors."""
        ...

    @property
    def image_input(self) -> ImageInput:
        """The crop that `encode_images` expects."""
        ...

    @property
    def batch_size(self) -> int:
        """How many pictures `encode_images` takes best at once; may change with each batch."""
        ...

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds pictures.

        Args:
            crops: uint8 (n, size_px, size_px, 3), upright sRGB.

        Returns:
            float32 (n, dim), unit length.

        Raises:
            ModelMissingError: The model cannot be loaded.
            ModelMemoryError: There is not enough memory.
            ModelError: The model failed on these pictures.
        """
        ...

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        """Embeds texts in any language the model knows.

        Args:
            texts: What was typed.
            reading: Who reads them; AUTO decides for each by itself.

        Returns:
            float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
        """
        ...

    def reading_of(self, text: str) -> Reading:
        """Says who would read a text; AUTO where the model has no choice."""
        ...

    def release_images(self) -> None:
        """Frees the memory of the part that sees pictures; it is loaded again at its next use."""
        ...

    def release_texts(self) -> None:
        """Frees the memory of the part that reads texts; it is loaded again at its next use."""
        ...

    def close(self) -> None:
        """Frees the model's memory. Calling it twice is harmless."""
        ...


class Calibrations(Protocol):
    """Where it is kept how scores of a space become confidences: made once for each model."""

    def read(self, space: EmbeddingSpace) -> str | None:
        """What was kept of a space; None where there is nothing."""
        ...

    def keep(self, space: EmbeddingSpace, text: str) -> None:
        """Keeps a text in place of what was there."""
        ...


class DecodeError(Exception):
    """A file could not be read or decoded; it travels between processes, so it holds plain values.

    Attributes:
        stage: READ or DECODE.
        reason: Why.
        stamp: Size and time of the file, None where even that could not be read.
    """

    def __init__(self, stage: Stage, reason: FailureReason, stamp: FileStamp | None) -> None:
        super().__init__(stage, reason, stamp)
        self.stage = stage
        self.reason = reason
        self.stamp = stamp

    def __str__(self) -> str:
        return self.reason.sentence()


class Decoder(Protocol):
    """Reads files away from the caller's process, so that a hostile one costs itself only."""

    def submit(
        self,
        source: Path | bytes,
        image_input: ImageInput,
        part: Box | None = None,
        *,
        is_urgent: bool = False,
        previews: Previews | None = None,
    ) -> Future[DecodedPhoto]:
        """Starts reading a picture.

        Args:
            source: A file, or the bytes of one that lies nowhere (its stamp's time is then 0).
            image_input: The crop that is wanted.
            part: What the crop is of; the whole picture where None.
            is_urgent: It is read before all that waits.
            previews: Which previews stand for their pictures; none where None.

        Returns:
            A future that gives the photo, or raises `DecodeError`.
        """
        ...

    def submit_again(
        self, path: Path, image_input: ImageInput, expected: bytes, *, is_urgent: bool = False
    ) -> Future[DecodedPhoto | SamePhoto]:
        """Starts reading a file that is thought to hold a content of which all is known.

        Args:
            path: The file.
            image_input: The crop that is wanted of another content.
            expected: Hash of the content.
            is_urgent: It is read before all that waits.

        Returns:
            A future that gives a `SamePhoto` where nothing had to be decoded, else the photo, or
            raises `DecodeError`.
        """
        ...

    def submit_listing(self, path: Path) -> Future[ListedPhoto]:
        """Starts reading what a file's header says: no pixels, at most 256 KB.

        Returns:
            A future that gives what was found, or raises `DecodeError` where the file cannot be
            read. A header that says nothing is no error; whether it is a picture, only `submit`
            tells.
        """
        ...

    def limit(self, count: int) -> None:
        """Reads no more than so many files at once from now on."""
        ...

    def release(self) -> bool:
        """Gives memory back where nothing is being read; the next file takes a moment longer.

        Returns:
            Whether it could.
        """
        ...

    def close(self) -> None:
        """Ends the children. Calling it twice is harmless."""
        ...
