"""Finds out whether a text is English, where a model has a text tower of its own for English.

A few words are too few to be sure of: then both towers read them, and the mean of their vectors
counts. They speak into one space, so the mean is as good a direction as either.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from photosearch.core.query import Reading

_ENGLISH = "en"
#: Shares of belief (0..1) from which a text is taken for English, or for another language.
_SURE = 0.6
#: Where English has less than this, and another language is sure, the text is not English.
_HARDLY = 0.1

_lock = threading.Lock()


def reading_of(text: str, languages: tuple[str, ...]) -> Reading:
    """Says which towers shall read a text.

    Args:
        text: What was typed.
        languages: Codes of those that the model knows, English among them.

    Returns:
        ENGLISH, MULTILINGUAL, or BOTH where the text does not tell.
    """
    if not _is_latin(text):
        return Reading.MULTILINGUAL
    with _lock:  # the library keeps its state in one object
        ranked = _identifier(languages).rank(text)
    best_code, best = ranked[0]
    english = next(share for code, share in ranked if code == _ENGLISH)
    if best_code == _ENGLISH and english >= _SURE:
        return Reading.ENGLISH
    if best >= _SURE and english < _HARDLY:
        return Reading.MULTILINGUAL
    return Reading.BOTH


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages([code for code in (*languages, _ENGLISH) if code in known])
    return identifier


def _is_latin(text: str) -> bool:
    """Whether the letters could be English: all below the end of the Latin blocks."""
    return all(ord(char) < 0x250 or not char.isalpha() for char in text)
