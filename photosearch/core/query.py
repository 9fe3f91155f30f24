"""What is being looked for, as the user gave it."""

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


class Order(StrEnum):
    """In which order photos are wanted."""

    RELEVANCE = "relevance"
    NEWEST = "newest"  #: of what stands out, the newest first
    OLDEST = "oldest"


class Scope(StrEnum):
    """Where words may be found."""

    ALL = "all"
    MEANING = "meaning"  #: in what the picture shows, only
    NAMES = "names"  #: in names, folders, tags and captions, only


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, as shares of its upright width and height from the top left, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class TextTerm:
    """Words, in any language.

    Attributes:
        text: The words.
        weight: Share in the sum; negative excludes what they say.
        reading: Who reads them.
    """

    text: str
    weight: float = 1.0
    reading: Reading = Reading.AUTO


@dataclass(frozen=True, slots=True)
class ImageTerm:
    """A picture from a file, inside or outside the library.

    Attributes:
        path: The file.
        weight: Share in the sum; negative excludes what is in it.
        box: The part of it that is meant, None for the whole.
    """

    path: Path
    weight: float = 1.0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PixelsTerm:
    """A picture that has no file: pasted or dropped.

    Attributes:
        encoded: The picture's bytes in any readable format (PNG, JPEG, ...).
        weight: Share in the sum; negative excludes what is in it.
        box: The part of it that is meant, None for the whole.
    """

    encoded: bytes
    weight: float = 1.0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class PhotoTerm:
    """A photo of the library, by its id: where the whole is meant, its stored vector is used.

    Attributes:
        photo_id: Its id.
        weight: Share in the sum; negative excludes what is in it.
        box: The part of it that is meant, None for the whole.
    """

    photo_id: int
    weight: float = 1.0
    box: Box | None = None


Term = TextTerm | ImageTerm | PixelsTerm | PhotoTerm


@dataclass(frozen=True, slots=True)
class Query:
    """A question to a library.

    What was typed travels as it is; the engine makes terms and filters of it (`search/parse`) and
    says in the answer what it understood.

    Attributes:
        terms: Pictures to go by, and words that are taken literally.
        limit: Most hits wanted.
        text: What was typed, in the query language.
        reading: Who reads the words of `text`.
        order: In which order.
        scope: Where words may be found.
        understands: Dates, places, cameras and exclusions that stand in plain words count as such.
        min_confidence: Photos below are left out, 0..1; those found by their names stay.
        collapses_bursts: Photos of one scene within seconds are shown as one.
        relative_to: The directory that paths in `text` are below of; the client's own, since the
            engine runs in another.
    """

    terms: tuple[Term, ...] = ()
    limit: int = DEFAULT_LIMIT
    text: str = ""
    reading: Reading = Reading.AUTO
    order: Order = Order.RELEVANCE
    scope: Scope = Scope.ALL
    understands: bool = True
    min_confidence: float = 0.0
    collapses_bursts: bool = False
    relative_to: Path | None = None

    def read_as(self, reading: Reading) -> Query:
        """Returns the same query, its words read in this way."""
        terms = (
            replace(term, reading=reading) if isinstance(term, TextTerm) else term
            for term in self.terms
        )
        return replace(self, terms=tuple(terms), reading=reading)
