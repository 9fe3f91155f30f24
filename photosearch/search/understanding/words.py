"""The words of each language, from `resources/words`. Read once; any thread."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from typing import Any

from photosearch import resources

#: In this order they are asked; the first that knows a word wins.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru", "ja", "zh")


@cache
def of(language: str) -> dict[str, Any]:
    """Reads the file of a language."""
    file = resources.root() / "words" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def folded(text: str) -> str:
    """Returns a text without case and accents, for comparing words of Latin script."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize(
        "NFC", "".join(char for char in parts if not 0x300 <= ord(char) <= 0x36F)
    )


@cache
def numbers_of(kind: str) -> dict[str, int]:
    """Returns the number from 1 of every name in every language.

    Args:
        kind: "months" or "weekdays". What two languages use for two of them is left out, unless
            it is English.
    """
    numbers: dict[str, set[int]] = {}
    english = set()
    for language in LANGUAGES:
        for number, names in enumerate(of(language)[kind], 1):
            for name in map(folded, names):
                if language == "en":
                    english.add(name)
                if language == "en" or name not in english:
                    numbers.setdefault(name, set()).add(number)
    return {name: min(values) for name, values in numbers.items() if len(values) == 1}
