"""What a search found, photo by photo: to show a few without loading NumPy."""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.core.photo import Photo
from photosearch.core.query import Reading


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that was found.

    Attributes:
        photo: The photo.
        score: Cosine similarity, -1..1.
    """

    photo: Photo
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer that can be shown as it is.

    Attributes:
        hits: Best first; photos that went away meanwhile are left out.
        space_key: In which space it was answered.
        searched_count: How many photos were compared.
        elapsed_ms: From the query to the ordered photos, encoding included.
        model_note: What the user must know of the model, or "".
        reading: Who read the text; AUTO where there was no choice, or no text.
    """

    hits: tuple[Hit, ...]
    space_key: str
    searched_count: int
    elapsed_ms: float
    model_note: str = ""
    reading: Reading = Reading.AUTO
