"""A decoder without processes: the real reading, in the caller's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from photosearch.core.decoded import DecodedPhoto, ListedPhoto, SamePhoto
from photosearch.core.ports import DecodeError
from photosearch.core.preview import Previews
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images.decode import decode, decode_again
from photosearch.images.formats import register
from photosearch.images.listing import list_photo

Result = TypeVar("Result")


class InlineDecoder:
    """Implements `core.ports.Decoder`; counts what it reads whole, what of that it decodes, and
    of what it reads the header only."""

    def __init__(self) -> None:
        register()
        self.read_count = 0
        self.decoded_count = 0
        self.listed_count = 0

    def submit(
        self,
        source: Path | bytes,
        image_input: ImageInput,
        part: Box | None = None,
        *,
        is_urgent: bool = False,
        previews: Previews | None = None,
    ) -> Future[DecodedPhoto]:
        self.read_count += 1
        self.decoded_count += 1
        return _outcome(lambda: decode(source, image_input, part=part, previews=previews))

    def submit_again(
        self, path: Path, image_input: ImageInput, expected: bytes, *, is_urgent: bool = False
    ) -> Future[DecodedPhoto | SamePhoto]:
        self.read_count += 1
        future = _outcome(lambda: decode_again(path, image_input, expected))
        self.decoded_count += not future.exception() and isinstance(future.result(), DecodedPhoto)
        return future

    def submit_listing(self, path: Path) -> Future[ListedPhoto]:
        self.listed_count += 1
        return _outcome(lambda: list_photo(path))

    def limit(self, count: int) -> None:
        pass

    def release(self) -> bool:
        return True

    def close(self) -> None:
        pass


def _outcome(work: Callable[[], Result]) -> Future[Result]:
    future: Future[Result] = Future()
    try:
        future.set_result(work())
    except DecodeError as error:
        future.set_exception(error)
    return future
