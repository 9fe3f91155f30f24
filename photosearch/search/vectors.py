"""Turns a query's terms into directions of the space. Search threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError, Decoder, Encoder, Vectors
from photosearch.core.query import (
    Box,
    ImageTerm,
    PhotoTerm,
    PixelsTerm,
    Reading,
    Term,
    TextTerm,
)
from photosearch.core.store import Store
from photosearch.errors import Cancelled, QueryError

#: An example picture that takes longer than this to read is given up.
_READ_TIMEOUT_S = 60.0
_KEPT_TEXTS = 256
#: What is said of a photo differs from what is said of a file that somebody has just named.
_EXAMPLE_REASONS: Mapping[FailureCode, str] = {
    FailureCode.VANISHED: "It does not exist.",
    FailureCode.NOT_AN_IMAGE: "It is no picture.",
}
#: Of a photo of the library without a vector, or of which a part is asked for.
_KNOWN_REASONS = {**_EXAMPLE_REASONS, FailureCode.VANISHED: "Its file cannot be reached now."}


class QueryVectors:
    """Encodes queries.

    Args:
        encoder: The model.
        store: Where photos of the library have their vectors.
        decoder: Reads example pictures.
    """

    def __init__(self, encoder: Encoder, store: Store, decoder: Decoder) -> None:
        self._encoder = encoder
        self._store = store
        self._decoder = decoder
        # The same words come again with each page, filter and change of the library.
        self._of_text = lru_cache(_KEPT_TEXTS)(self._read)

    def reading_of(self, terms: Sequence[Term]) -> Reading:
        """Says who reads the first text; AUTO where there is no choice, or no text."""
        for term in terms:
            if isinstance(term, TextTerm):
                is_open = term.reading is Reading.AUTO
                return self._encoder.reading_of(term.text) if is_open else term.reading
        return Reading.AUTO

    def of(self, term: Term) -> Vectors:
        """Returns what a term means, whatever its weight: float32 (dim,), unit length.

        Raises:
            QueryError: A picture cannot be read, or its part is none.
            ModelError: The model failed.
        """
        match term:
            case TextTerm(text=text, reading=reading):
                return self._of_text(text, reading)
            case ImageTerm(path=path, box=box):
                known = self._store.photos_at([path]).get(path)
                if known is not None:
                    return self._of_photo(known, path, box)
                return self._of_picture(path, str(path), box)
            case PixelsTerm(encoded=encoded, box=box):
                return self._of_picture(encoded, "The pasted picture", box)
            case PhotoTerm(photo_id=photo_id, box=box):
                return self._of_photo(photo_id, None, box)

    def _read(self, text: str, reading: Reading) -> Vectors:
        return _only_row(self._encoder.encode_texts([text], reading))

    def _of_picture(
        self,
        source: Path | bytes,
        name: str,
        box: Box | None,
        reasons: Mapping[FailureCode, str] = _EXAMPLE_REASONS,
    ) -> Vectors:
        if box is not None and not (
            0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1
        ):
            raise QueryError(
                f"{name} has no such part.",
                "Give left, top, right and bottom as shares of the picture, from 0 to 1.",
            )
        future = self._decoder.submit(source, self._encoder.image_input, box, is_urgent=True)
        try:
            crop = future.result(timeout=_READ_TIMEOUT_S).crop
        except DecodeError as error:
            reason = reasons.get(error.reason.code, str(error))
            raise QueryError(
                f"{name} cannot be used as an example: {reason}", "Try another picture."
            ) from error
        except TimeoutError as error:
            future.cancel()
            raise Cancelled(f"{name} took too long to read.") from error
        return _only_row(self._encoder.encode_images(crop[None]))

    def _of_photo(self, photo_id: int, path: Path | None, box: Box | None) -> Vectors:
        """What a photo of the library means, by its vector, though its disk may be away."""
        if box is None:
            stored = self._store.vector(self._encoder.space, photo_id)
            if stored is not None:
                return stored
        photos = self._store.photos([photo_id])
        # The photo's own is one that can be reached, if there is any.
        places = [*(photo.path for photo in photos), *([path] if path else [])]
        if not places:
            raise QueryError("The example photo is no longer in the library.")
        return self._of_picture(places[0], str(places[0]), box, _KNOWN_REASONS)


def _only_row(vectors: Vectors) -> Vectors:
    row: Vectors = vectors[0]
    return row
