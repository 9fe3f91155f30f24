"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.core.query import Query, Reading


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Photos in order of likeness.

    Attributes:
        query: What was asked.
        space_key: In which space it was answered.
        ids: int64 (n,), photo ids, best first.
        scores: float32 (n,), cosine similarity -1..1, descending.
        searched_count: How many photos were compared.
        elapsed_ms: From the query to the ordered ids, encoding included.
        reading: Who read the text; AUTO where there was no choice, or no text.
    """

    query: Query
    space_key: str
    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    searched_count: int
    elapsed_ms: float
    reading: Reading = Reading.AUTO
