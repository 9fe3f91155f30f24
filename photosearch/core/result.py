"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

from photosearch.core.chip import Chip
from photosearch.core.query import Query, Reading


class Band(IntEnum):
    """How well a photo fits, the best first."""

    NAMED = 0  #: its name, folder, tag or caption says so
    STRONG = 1
    POSSIBLE = 2
    WEAK = 3  #: no nearer than what has nothing to do with the question


class Why(IntFlag):
    """What of a photo fits; several may."""

    IMAGE = 1
    NAME = 2
    FOLDER = 4
    TAG = 8
    CAPTION = 16
    ALBUM = 32
    PERSON = 64  #: who is named in the picture
    PLACE = 128  #: the town or the country where it was taken


def _no_bursts() -> npt.NDArray[np.int32]:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Photos in the order that was asked for.

    Attributes:
        query: What was asked.
        space_key: In which space it was answered.
        ids: int64 (n,), photo ids, best first. At most `query.limit` of `total_count`.
        scores: float32 (n,), cosine similarity -1..1; NaN for a photo without a vector.
        searched_count: How many photos were compared: those that pass the filters and have a
            vector.
        elapsed_ms: From the query to the ordered ids, encoding included.
        reading: Who read the text; AUTO where there was no choice, or no text.
        confidences: float32 (n,), how surely the photo shows what was asked for, 0..1.
        bands: uint8 (n,), a `Band` each; ascending where the order is relevance.
        whys: uint8 (n,), `Why` flags each.
        total_count: How many photos the answer holds without a limit, each one of a burst counted.
        waiting_count: Photos that pass the filters and have no vector yet: not compared so far.
        no_good_match: Nothing stands out for what was asked; what follows is merely the nearest.
        chips: What was understood, in the order of the text.
        burst_counts: int32 (n,), how many photos each one stands for; empty where bursts are not
            collapsed.
    """

    query: Query
    space_key: str
    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    searched_count: int
    elapsed_ms: float
    reading: Reading
    confidences: npt.NDArray[np.float32]
    bands: npt.NDArray[np.uint8]
    whys: npt.NDArray[np.uint8]
    total_count: int
    waiting_count: int = 0
    no_good_match: bool = False
    chips: tuple[Chip, ...] = ()
    burst_counts: npt.NDArray[np.int32] = field(default_factory=_no_bursts)
