"""Finds out whether a text is English, where a model has a text tower of its own for English.

A few words are too few for statistics of letters: then common English words decide, and what is
none of them is left to the tower that knows all languages.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from photosearch import resources
from photosearch.core.query import Reading
from photosearch.embed import languages as user_languages

_ENGLISH = "en"
#: Share of belief (0..1) from which a text is taken for English.
_SURE = 0.6
#: So many times likelier are English and the user's own languages than any other. Low enough that
#: a foreign word in an English system stays foreign.
_FAVOUR = 3.0
_WORD = re.compile(r"[a-z]+")

_lock = threading.Lock()


def reading_of(
    text: str, languages: tuple[str, ...], spoken: Sequence[str] | None = None
) -> Reading:
    """Says which tower shall read a text: ENGLISH or MULTILINGUAL.

    Args:
        text: What was typed.
        languages: Codes of those that the model knows, English among them.
        spoken: Codes of the user's languages; None for the system's.
    """
    if not _is_latin(text):
        return Reading.MULTILINGUAL
    if _is_common_english(text):
        return Reading.ENGLISH
    favoured = {_ENGLISH, *(_users() if spoken is None else map(user_languages.primary, spoken))}
    with _lock:  # the library keeps its state in one object
        ranked = _identifier(languages).rank(text)
    beliefs = [(code, share * (_FAVOUR if code in favoured else 1.0)) for code, share in ranked]
    total = sum(belief for _, belief in beliefs)
    english = sum(belief for code, belief in beliefs if code == _ENGLISH)
    return Reading.ENGLISH if english >= _SURE * total else Reading.MULTILINGUAL


def _is_common_english(text: str) -> bool:
    """Whether every word is a common English one, and one of them is nothing else."""
    lowered = text.lower().replace("'s", " ").replace("’s", " ")  # noqa: RUF001 - is typed, too
    if any(char.isalpha() and not char.isascii() for char in lowered):
        return False
    words = set(_WORD.findall(lowered))
    telling, fitting = _english_words()
    return words <= (telling | fitting) and not words.isdisjoint(telling)


@lru_cache(maxsize=1)
def _english_words() -> tuple[frozenset[str], frozenset[str]]:
    read = tomllib.loads((resources.root() / "english.toml").read_text(encoding="utf-8"))
    return frozenset(read["telling"].split()), frozenset(read["fitting"].split())


@lru_cache(maxsize=1)
def _users() -> tuple[str, ...]:
    return tuple(user_languages.of_user())


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
