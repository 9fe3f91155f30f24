"""What is being looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

#: As many hits as a caller gets who does not say how many.
DEFAULT_LIMIT = 100


class Reading(StrEnum):
    """Who reads a text, where a model has a text tower for English and one for all languages."""

    AUTO = "auto"  #: as the text's language suggests; also where a model has one tower only
    ENGLISH = "english"
    MULTILINGUAL = "multilingual"
    BOTH = "both"  #: the mean of what the two make of it; only where it is asked for


@dataclass(frozen=True, slots=True)
class TextTerm:
    """Words, in any language.

    Attributes:
        text: The words.
        weight: Share in the sum; negative steers away.
        reading: Who reads them.
    """

    text: str
    weight: float = 1.0
    reading: Reading = Reading.AUTO


@dataclass(frozen=True, slots=True)
class ImageTerm:
    """A picture from a file, inside or outside the library."""

    path: Path
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PixelsTerm:
    """A picture that has no file: pasted or dropped.

    Attributes:
        encoded: The picture's bytes in any readable format (PNG, JPEG, ...).
        weight: Share in the sum; negative steers away.
    """

    encoded: bytes
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PhotoTerm:
    """A photo of the library, by its id: its stored vector is used."""

    photo_id: int
    weight: float = 1.0


Term = TextTerm | ImageTerm | PixelsTerm | PhotoTerm


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that are summed by weight into one direction.

    Attributes:
        terms: At least one.
        limit: Most hits wanted.
    """

    terms: tuple[Term, ...]
    limit: int = DEFAULT_LIMIT

    def read_as(self, reading: Reading) -> Query:
        """Returns the same query, its words read in this way."""
        terms = (
            replace(term, reading=reading) if isinstance(term, TextTerm) else term
            for term in self.terms
        )
        return replace(self, terms=tuple(terms))
