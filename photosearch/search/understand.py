"""Finds dates, places, people, cameras, formats and exclusions in plain words. Pure; any thread.

By rules and tables only, no model: `resources/words` has the words of each language,
`resources/places` the cities. What is left over is the concept. Whatever is doubtful stays in it:
"nice", "may" and "reading" are words before they are anything else. Tags, albums and folders stay
in it, too, unless they are called after a city that is asked for: the search in names finds them,
and a filter would hide all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from photosearch.core.userdata import Vocabulary
from photosearch.search.understanding import (
    cameras,
    dates,
    exclusions,
    formats,
    people,
    places,
    words,
)
from photosearch.search.understanding.stretch import Found, Stretch, is_mark


@dataclass(frozen=True, slots=True)
class Understood:
    """What plain words say.

    Attributes:
        found: Filters and exclusions, in the order of the text.
        rest: Where the words of the concept stand, as start and end.
    """

    found: tuple[Found, ...]
    rest: tuple[tuple[int, int], ...]


def understand(text: str, vocabulary: Vocabulary, today: date) -> Understood:
    """Understands words without quotes.

    Args:
        text: The words.
        vocabulary: The library's own; without positions in it, no word is a place.
        today: What "last summer" is counted from.
    """
    stretch = Stretch(text)
    formats.find(stretch)
    people.find(stretch, vocabulary)
    cameras.find(stretch, vocabulary)
    dates.find(stretch, today)
    if vocabulary.has_positions:
        places.find(stretch, vocabulary)
    exclusions.find(stretch)
    if not stretch.found:
        return Understood((), ((0, len(text)),))
    found = tuple(_with_small_words(stretch))
    stretch.found = list(found)
    rest = tuple(stretch.free())
    if all(_says_nothing(stretch.flat[start:end]) for start, end in rest):
        rest = ()
    return Understood(found, rest)


def prepare() -> None:
    """Reads the tables and makes the rules ready, 0.15 s of work, before somebody waits for it."""
    understand("in 2019", Vocabulary(has_positions=True), date(2020, 1, 1))


def _with_small_words(stretch: Stretch) -> Iterator[Found]:
    """Widens what was found by the small words that would be stranded: "in", "mit der", "の"."""
    at = 0
    for found in stretch.found:
        before = _before().search(stretch.flat, at, found.start)
        start = before.start() if before else found.start
        end = found.end
        after = _after().match(stretch.flat, end)
        if after and found.where and stretch.is_free(end, after.end()):
            end = after.end()
        yield replace(found, start=start, end=end)
        at = end


def _says_nothing(piece: str) -> bool:
    """Tells whether only small words and words for photos are left: "fotos von"."""
    signs = re.sub(r"[\w']+", "", piece)
    return all(map(is_mark, signs)) and all(
        word in _small() for word in re.findall(r"[\w']+", piece)
    )


@cache
def _before() -> re.Pattern[str]:
    spaced = [words.of(code) for code in words.LANGUAGES if words.of(code).is_spaced]
    small = words.one_of(sorted({word for told in spaced for word in told.stop}))
    return re.compile(
        rf"(?:(?:(?<!\w)(?:{small})\s+|(?<!\w)(?:d|l|dell|nell|all|dall)')+|[在于用の])$"
    )


@cache
def _after() -> re.Pattern[str]:
    asian = [words.of(code) for code in words.LANGUAGES if not words.of(code).is_spaced]
    return re.compile(words.one_of(sorted({word for told in asian for word in told.stop})))


@cache
def _small() -> frozenset[str]:
    told = map(words.of, words.LANGUAGES)
    return frozenset(word for one in told for word in (*one.stop, *one.files))
