"""Whether a word that training never saw resembles one that it did; a fair test has both kinds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

STEM_LETTERS = 4
#: Scripts written without spaces, where two characters in a row make a stem.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "MYANMAR", "HANGUL")


def stems(text: str) -> set[str]:
    """Return the beginnings of a text's words, or its character pairs where words have no spaces.

    Args:
        text: Folded text.
    """
    found = set()
    for word in text.replace("-", " ").split():
        if unicodedata.name(word[0], "").startswith(UNSPACED):
            pairs = {word[n : n + 2] for n in range(max(1, len(word) - 1))}
            found |= pairs
        else:
            found.add(word[:STEM_LETTERS])
    return {stem for stem in found if len(stem) >= 2}


def known_stems(texts: Iterable[tuple[str, Iterable[int]]]) -> dict[int, set[str]]:
    """Return, for each concept, the stems of every training string about it."""
    known: dict[int, set[str]] = {}
    for text, concepts in texts:
        for concept in concepts:
            known.setdefault(concept, set()).update(stems(text))
    return known
