"""What a query was taken for, part by part, for people to see, change and remove."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChipKind(StrEnum):
    """What a part of a query does."""

    CONCEPT = "concept"  #: is to be seen
    EXCLUDED = "excluded"  #: is not to be seen
    FILTER = "filter"  #: must be so


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of what was typed, as it was understood.

    Attributes:
        kind: What it does.
        label: For people: "2021", "without people", "Canon EOS 5D".
        source: The same in the query language: `date:2021`, `-"people"`, `camera:"Canon EOS 5D"`.
        start: Where the part begins in what was typed, in characters; removing the chip removes
            the part.
        end: Where it ends.
        is_guess: Found in plain words, not written as a filter.
    """

    kind: ChipKind
    label: str
    source: str
    start: int
    end: int
    is_guess: bool = False
