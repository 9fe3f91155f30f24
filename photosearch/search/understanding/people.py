"""Finds the library's own people in plain words, by their full names: "Marie Curie".

A first name alone stays in the concept, as tags do: "Rose" and "Oma" are words before they are
somebody, the search in names puts her photos first, and a filter would hide all others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from photosearch.core.filters import Filter, TextField, TextIs
from photosearch.core.userdata import Vocabulary
from photosearch.search.understanding import words
from photosearch.search.understanding.called import called
from photosearch.search.understanding.stretch import Found, Stretch
from photosearch.search.wheres import any_of

_WORD = re.compile(r"\w[\w.'’-]*")  # noqa: RUF001 - what keyboards put for an apostrophe
#: "Johann Sebastian Bach the younger"; of a name with more, nobody types all.
_WORDS_MAX = 6
_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{3,}")


def find(stretch: Stretch, vocabulary: Vocabulary) -> None:
    """Takes the people out of a stretch.

    Args:
        stretch: The words.
        vocabulary: Who is named in photos; nobody else is found. Captions, folders, tags and
            albums that are called after somebody are of them, too.
    """
    names = _names(vocabulary.people)
    if not names:
        return
    for start, end in list(stretch.free()):
        found = list(_WORD.finditer(stretch.flat, start, end))
        for index in range(len(found)):
            for count in range(min(_WORDS_MAX, len(found) - index), 1, -1):
                first, last = found[index].start(), found[index + count - 1].end()
                name = names.get(" ".join(stretch.flat[first:last].split()))
                if name and stretch.is_free(first, last):
                    stretch.add(Found(first, last, _where(name, vocabulary)))
                    break
        for flat, name in names.items():
            at = stretch.flat.find(flat, start, end) if _ASIAN.fullmatch(flat) else -1
            if at >= 0 and stretch.is_free(at, at + len(flat)):
                stretch.add(Found(at, at + len(flat), _where(name, vocabulary)))


@lru_cache(maxsize=4)
def _names(people: tuple[str, ...]) -> dict[str, str]:
    """Returns the names that mean nobody and nothing else, by their flat forms."""
    flat = {words.flat(" ".join(name.split())): name for name in people}
    return {key: name for key, name in flat.items() if " " in key or _ASIAN.fullmatch(key)}


def _where(name: str, vocabulary: Vocabulary) -> Filter:
    said = (TextIs(TextField.PERSON, name), TextIs(TextField.CAPTION, name))
    return any_of((*said, *called(name, vocabulary)))
