"""A decoder without processes: the real reading, in the caller's thread."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from photosearch.core.photo import DecodedPhoto
from photosearch.core.ports import DecodeError
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images.decode import decode
from photosearch.images.formats import register


class InlineDecoder:
    """Implements `core.ports.Decoder`; counts what it reads."""

    def __init__(self) -> None:
        register()
        self.read_count = 0

    def submit(
        self, source: Path | bytes, image_input: ImageInput, part: Box | None = None
    ) -> Future[DecodedPhoto]:
        self.read_count += 1
        future: Future[DecodedPhoto] = Future()
        try:
            future.set_result(decode(source, image_input, part=part))
        except DecodeError as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        pass
