"""How people word and mistype things: the tables of `phrases.toml`, typos, case and punctuation."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PHRASES_TOML = Path(__file__).with_name("phrases.toml")


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """How one language words things (a section of `phrases.toml`)."""

    single: tuple[str, ...]
    pair: tuple[str, ...]
    inside: tuple[str, ...]
    endings: tuple[str, ...]
    nouns: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[str, ...]]


def load_phrases(places: Sequence[str], path: Path = PHRASES_TOML) -> dict[str, PhraseTable]:
    """Read the phrase tables by language."""
    tables = {}
    for language, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        halves = {p: entry[p].split("|") for p in places}
        split = {p: [tuple(w.strip() for w in h.split(",")) for h in v] for p, v in halves.items()}
        tables[language] = PhraseTable(
            tuple(entry["photo"] + entry["alone"]),
            tuple(entry["pair"]),
            tuple(entry["inside"]),
            tuple(entry["endings"]),
            {p: v[0] for p, v in split.items()},
            {p: v[1] for p, v in split.items()},
        )
    return tables


def any_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def misspelt(text: str, rng: np.random.Generator) -> str:
    """Return the text with one letter dropped, doubled, swapped or replaced by another of its own.

    Args:
        text: At least four letters, or it comes back unchanged.
        rng: Source of chance.
    """
    if len(text) < 4:
        return text
    at = int(rng.integers(1, len(text) - 1))
    kind = int(rng.integers(4))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[int(rng.integers(len(text)))] + text[at + 1 :]


def as_typed(text: str, rng: np.random.Generator) -> str:
    """Vary case and closing punctuation."""
    kind = rng.random()
    if kind < 0.25:
        text = text[:1].upper() + text[1:]
    elif kind < 0.3:
        text = text.upper()
    return text + any_of((".", "!", "?", "。"), rng) if rng.random() < 0.1 else text
