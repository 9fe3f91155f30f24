"""A stretch of plain words, and what has been found in it. Used by one thread at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from photosearch.core.filters import Filter
from photosearch.search.understanding.words import flat


@dataclass(frozen=True, slots=True)
class Found:
    """Something that stands in plain words.

    Attributes:
        start: Where it begins in the stretch.
        end: Where it ends.
        where: The filter that it is, None for an exclusion.
        excluded: What is not to be seen; none for a filter.
    """

    start: int
    end: int
    where: Filter | None = None
    excluded: tuple[str, ...] = ()


#: What stands between things and says nothing.
_EDGES = " \t\n,;:、，：；"  # noqa: RUF001 - those of Asian scripts


def is_mark(sign: str) -> bool:
    """Tells whether a sign says nothing alone, unlike a picture of a dog."""
    return sign.isspace() or unicodedata.category(sign).startswith("P")


class Stretch:
    """Plain words that are looked through for one kind of thing after the other.

    Args:
        text: The words as typed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.flat = flat(text)
        self.found: list[Found] = []

    def add(self, found: Found) -> None:
        """Takes something out, for what is looked for next."""
        self.found.append(found)
        self.found.sort(key=lambda one: one.start)

    def is_free(self, start: int, end: int) -> bool:
        """Tells whether nothing was found there yet."""
        return all(end <= one.start or one.end <= start for one in self.found)

    def free(self) -> Iterator[tuple[int, int]]:
        """Yields where nothing was found yet, as start and end, no marks around it."""
        at = 0
        for start, end in [*((one.start, one.end) for one in self.found), (len(self.text),) * 2]:
            piece = self.text[at:start]
            if not all(is_mark(sign) for sign in piece):
                yield (
                    at + len(piece) - len(piece.lstrip(_EDGES)),
                    at + len(piece.rstrip(_EDGES)),
                )
            at = end
