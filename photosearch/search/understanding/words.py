"""The words of each language, from `resources/words`. Read once; any thread.

A file holds:

- `months`, `weekdays`: every name and form, from January and from Monday; `[seasons]` likewise.
- `stop`: words that go with a date, place or camera behind them ("in", "taken", "with").
- `before_place`: those after which a doubtful word is a place.
- `without`, `joins`, `no`, `articles`, `people`: "without a hat and shoes", "no people". Scripts
  without blanks have `exclusions` instead, with `{what}` for what is excluded.
- `city_endings`: endings of cities behind such a word, and what stands for them in the table.
- `files`: words for a picture file, at which "raw" is a format.
- `numbers`: one to ten, forms apart by `|`.
- `[dates]`: for each meaning of `dates.py`, how it is said. `{season}`, `{month}`, `{weekday}`,
  `{year}`, `{year2}`, `{day}`, `{n}` and `{decade}` stand for such; the rest is a regular
  expression. Accents of Latin letters may be missing in what is typed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from photosearch import resources

#: In this order they are asked; the first that knows a word wins.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ru", "ja", "zh")
SEASONS = ("spring", "summer", "autumn", "winter")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a language, all of them `flat`; see the module.

    Attributes:
        code: The language.
        is_spaced: Blanks stand between words.
    """

    code: str
    is_spaced: bool
    months: Sequence[Sequence[str]]
    weekdays: Sequence[Sequence[str]]
    seasons: Sequence[Sequence[str]]
    numbers: Sequence[Sequence[str]]
    stop: Sequence[str]
    before_place: Sequence[str]
    without: Sequence[str]
    joins: Sequence[str]
    no: Sequence[str]
    articles: Sequence[str]
    people: Sequence[str]
    files: Sequence[str]
    exclusions: Sequence[str]
    city_endings: Sequence[tuple[str, str]]
    dates: Mapping[str, Sequence[str]]


@cache
def of(language: str) -> Words:
    """Reads the file of a language."""
    file = resources.root() / "words" / f"{language}.toml"
    read = tomllib.loads(file.read_text(encoding="utf-8"))

    def listed(key: str) -> tuple[str, ...]:
        return tuple(flat(word) for word in read.get(key, ()))

    return Words(
        language,
        read.get("is_spaced", True),
        [tuple(map(flat, names)) for names in read["months"]],
        [tuple(map(flat, names)) for names in read["weekdays"]],
        [tuple(map(flat, read["seasons"][season])) for season in SEASONS],
        [tuple(flat(names).split("|")) for names in read["numbers"]],
        listed("stop"),
        listed("before_place"),
        listed("without"),
        listed("joins"),
        listed("no"),
        listed("articles"),
        listed("people"),
        listed("files"),
        listed("exclusions"),
        [(ending, plain) for ending, plain in read.get("city_endings", ())],
        {meaning: tuple(map(flat, said)) for meaning, said in read["dates"].items()},
    )


def flat(text: str) -> str:
    """Returns a text without case, and without accents on Latin letters, sign for sign.

    It is as long as the text, so that places in it are places in the text.
    """
    return "".join(map(_flat_sign, text))


@cache
def numbers_of(kind: str) -> dict[str, int]:
    """Returns the number from 1 of every name in every language, by its flat form.

    Args:
        kind: "months" or "weekdays". What two languages use for two of them is left out, unless
            it is English.
    """
    numbers: dict[str, set[int]] = {}
    english: set[str] = set()
    for language in LANGUAGES:
        words = of(language)
        for number, names in enumerate(words.months if kind == "months" else words.weekdays, 1):
            for name in names:
                if language == "en":
                    english.add(name)
                if language == "en" or name not in english:
                    numbers.setdefault(name, set()).add(number)
    return {name: min(values) for name, values in numbers.items() if len(values) == 1}


def one_of(names: Sequence[str]) -> str:
    """Returns the pattern of any of some words, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@cache
def _flat_sign(sign: str) -> str:
    if sign in "’ʼ`´":  # noqa: RUF001 - what keyboards put for an apostrophe
        return "'"
    lower = sign.lower()
    if len(lower) != 1:
        return sign
    base = unicodedata.normalize("NFD", lower)[0]
    return base if base.isascii() else lower
