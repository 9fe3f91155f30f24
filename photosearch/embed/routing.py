"""Finds out whether a text is English, where a model has a text tower of its own for English.

A few words are too few to be sure of: then the tower that knows all languages reads them.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from photosearch.core.query import Reading

_ENGLISH = "en"
#: Share of belief (0..1) from which a text is taken for English.
_SURE = 0.6

_lock = threading.Lock()


def reading_of(text: str, languages: tuple[str, ...]) -> Reading:
    """Says which tower shall read a text: ENGLISH or MULTILINGUAL.

    Args:
        text: What was typed.
        languages: Codes of those that the model knows, English among them.
    """
    if not _is_latin(text):
        return Reading.MULTILINGUAL
    with _lock:  # the library keeps its state in one object
        code, share = _identifier(languages).classify(text)
    is_english = code == _ENGLISH and share >= _SURE
    return Reading.ENGLISH if is_english else Reading.MULTILINGUAL


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
