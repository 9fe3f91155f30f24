"""What a search found, photo by photo: to show a few without loading NumPy."""

from __future__ import annotations

from dataclasses import dataclass

from photosearch.core.chip import Chip
from photosearch.core.photo import Photo
from photosearch.core.query import Reading


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that was found.

    Attributes:
        photo: The photo.
        score: Cosine similarity, -1..1; None for a photo without a vector.
        confidence: How surely it shows what was asked for, 0..1; None where nothing was to be seen
            (filters only).
        band: "named", "strong", "possible" or "weak"; None where only filters were given.
        why: What of it fits: "image", "name", "folder", "tag", "caption", "album", "person",
            "place".
        burst_count: How many photos it stands for.
    """

    photo: Photo
    score: float | None
    confidence: float | None
    band: str | None
    why: tuple[str, ...]
    burst_count: int = 1


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer that can be shown as it is.

    Attributes:
        hits: In the order that was asked for; photos that went away meanwhile are left out.
        space_key: In which space it was answered.
        searched_count: How many photos were compared.
        elapsed_ms: From the query to the ordered photos, encoding included.
        total_count: How many photos the answer holds without a limit.
        waiting_count: Photos that pass the filters and could not be compared yet.
        no_good_match: Nothing stands out for what was asked.
        chips: What was understood, in the order of the text.
        model_note: What the user must know of the model, or "".
        reading: Who read the text; AUTO where there was no choice, or no text.
    """

    hits: tuple[Hit, ...]
    space_key: str
    searched_count: int
    elapsed_ms: float
    total_count: int = 0
    waiting_count: int = 0
    no_good_match: bool = False
    chips: tuple[Chip, ...] = ()
    model_note: str = ""
    reading: Reading = Reading.AUTO
