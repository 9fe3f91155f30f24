"""What a query was understood as: what is to be seen, and which photos are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from photosearch.core.chip import Chip
from photosearch.core.filters import EVERY_PHOTO, Filter
from photosearch.core.query import Term


class Combine(Enum):
    """How several terms become one answer."""

    AND = "and"  #: everything is to be seen, and nothing that is excluded
    SUM = "sum"  #: weights were given: the weighted sum of the terms is one direction


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, understood.

    Attributes:
        terms: What is to be seen, and with a negative weight what is not; none where only filters
            were given, and only excluded ones where filters say which photos are asked about.
        where: Which photos are asked about.
        combine: How the terms go together.
        words: Words and phrases to look up in names, folders, tags and captions: all must be there;
            none where there are alternatives.
        chips: The same for people, in the order of the text.
        alternatives: Groups of positions in `terms`, of which one is enough: `dog OR cat`. A term
            is in one group at most, is not excluded, and `combine` is AND.
    """

    terms: tuple[Term, ...] = ()
    where: Filter = EVERY_PHOTO
    combine: Combine = Combine.AND
    words: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    alternatives: tuple[tuple[int, ...], ...] = ()
