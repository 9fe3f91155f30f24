"""The training text: every name and keyword, bent and wrapped as people would type them.

`text_tower.py` draws batches from here.  A part of the strings never appears, so that the
measuring kit (`kit.py`) can ask for words that the model never saw.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from concepts import Concepts
from names import Words, folded
from phrases import any_of, as_typed, load_phrases, misspelt

UNSEEN_TOML = Path(__file__).with_name("unseen.toml")
SETS_TOML = Path(__file__).with_name("sets.toml")
#: One string in so many is held out.
HELD_NAME, HELD_KEYWORD, HELD_PHRASE = 50, 20, 7
NAME_WEIGHT = 4.0
#: In the target of a name, what its other owners (as a keyword) count beside it.
KEYWORD_SHARE = 0.12
PLACE_SHARE = 0.6
#: Which phrase table a language without one of its own uses.
PHRASE_LANGUAGE = {"pt-br": "pt", "fr-ca": "fr", "zh-cn": "zh", "zh-tw": "zh"}
#: Emoji whose words also speak of a painted place.
PLACE_EMOJI = {
    "❄": "snow",
    "☃": "snow",
    "🏔": "mountain",
    "⛰": "mountain",
    "🌊": "sea",
    "🏖": "beach",
    "🏜": "desert",
    "🌃": "city_night",
    "🌲": "forest",
    "🌳": "forest",
    "☁": "sky",
    "🌌": "night",
}
PLACE_EMOJI_SHARE = 0.25


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:4], "big")


@dataclass(frozen=True, slots=True)
class Target:
    """What a string is about.

    Attributes:
        classes: Class numbers.
        weights: Their shares.
    """

    classes: tuple[int, ...]
    weights: tuple[float, ...]


def phrase_is_held(template: str, key: str) -> bool:
    """Whether a thing never stands in a template during training."""
    return _hash(f"{template}|{key}") % HELD_PHRASE == 0


class Corpus:
    """Strings with their targets, and endless variations of them."""

    def __init__(self, words: dict[str, Words], concepts: Concepts) -> None:
        """Gather every string, and hold some out.

        Args:
            words: What each language calls the concepts.
            concepts: The concept list.
        """
        self.concepts = concepts
        self.keys = concepts.keys
        self.index = concepts.index()
        self.words = words
        self.phrases = load_phrases(concepts.places)
        self._unseen: dict[str, Any] = tomllib.loads(UNSEEN_TOML.read_text(encoding="utf-8"))
        self.name_owners: dict[str, set[int]] = {}
        self.keyword_owners: dict[str, set[int]] = {}
        self._gather()
        never = {folded(text) for _, text, _ in self._unseen["inflections"]["list"]}
        self.held_names = {t for t in self.name_owners if _hash(t) % HELD_NAME == 0}
        self.held_keywords = {
            t
            for t in self.keyword_owners
            if t not in self.name_owners and _hash(t) % HELD_KEYWORD == 0
        }
        self.held = self.held_names | self.held_keywords | never
        everything = sorted(set(self.name_owners) | set(self.keyword_owners))
        self.strings = [t for t in everything if t not in self.held]
        self.targets = [self._target(t) for t in self.strings]
        self._add_sets()
        weight = np.array([NAME_WEIGHT if t in self.name_owners else 1.0 for t in self.strings])
        self._edges = np.cumsum(weight / weight.sum())
        self._in_language = {lang: self._trainable(w) for lang, w in words.items()}
        self._never_together = self._pairs_to_skip()

    def _gather(self) -> None:
        for words in self.words.values():
            for number, name in words.names.items():
                self.name_owners.setdefault(folded(name), set()).add(number)
            for number, keywords in words.keywords.items():
                for keyword in keywords:
                    self.keyword_owners.setdefault(folded(keyword), set()).add(number)

    def _add_sets(self) -> None:
        """Add the words of `sets.toml`, as heavy as names."""
        self.set_texts: set[str] = set()
        for entry in tomllib.loads(SETS_TOML.read_text(encoding="utf-8"))["set"]:
            classes = tuple(self.index[key] for key in entry["concepts"])
            weights = tuple(
                PLACE_SHARE if key in self.concepts.places else 1.0 for key in entry["concepts"]
            )
            for text in entry["texts"]:
                self.set_texts.add(folded(text))
                self.strings.append(folded(text))
                self.targets.append(Target(classes, weights))

    def _target(self, text: str) -> Target:
        named, tagged = self.name_owners.get(text, set()), self.keyword_owners.get(text, set())
        shares = dict.fromkeys(named, 1.0 / max(1, len(named)))
        others = tagged - named
        for number in others:
            shares[number] = (KEYWORD_SHARE if named else 1.0) / len(others)
        for number in list(shares):
            place = PLACE_EMOJI.get(self.keys[number].rstrip("\ufe0f"))
            if place is not None:
                where = self.index[place]
                shares[where] = shares.get(where, 0) + PLACE_EMOJI_SHARE * shares[number]
        return Target(tuple(shares), tuple(shares.values()))

    def _trainable(self, words: Words) -> list[tuple[str, int]]:
        """Names (four times) and one-word keywords that may be used, with their concept."""
        found = [(n, c) for c, n in words.names.items() if folded(n) not in self.held]
        short = [
            (k, c)
            for c, ks in words.keywords.items()
            for k in ks
            if folded(k) not in self.held and len(self.keyword_owners[folded(k)]) <= 3
        ]
        return found * 4 + short

    def _pairs_to_skip(self) -> set[frozenset[int]]:
        pairs = self._unseen["pairs"]
        skip = [(t, p) for t in pairs["things"] for p in pairs["places"]] + pairs["two"]
        skip += [tuple(row[2:]) for row in self._unseen["sentences"]["list"]]
        return {frozenset(self.index[key] for key in pair) for pair in skip}

    def all_training_text(self) -> list[str]:
        """Return what the tokenizer learns from: the strings, names repeated, and the phrases."""
        lines = list(self.strings) + [t for t in self.strings if t in self.name_owners] * 3
        for table in self.phrases.values():
            parts = [*table.single, *table.pair, *table.inside]
            words = [w for group in (table.nouns, table.phrases) for v in group.values() for w in v]
            lines += 40 * [
                folded(p.replace("{a}", "").replace("{b}", "").replace("{p}", "").replace("{}", ""))
                for p in parts
            ]
            lines += 40 * [folded(w) for w in words]
        return lines

    def clean(self, rng: np.random.Generator) -> tuple[list[str], list[Target]]:
        """Return every training string once, and every name `NAME_WEIGHT` times, as typed."""
        texts, targets = [], []
        for text, target in zip(self.strings, self.targets, strict=True):
            heavy = text in self.name_owners or text in self.set_texts
            for _ in range(int(NAME_WEIGHT) if heavy else 1):
                texts.append(as_typed(text, rng))
                targets.append(target)
        return texts, targets

    def sample(self, count: int, rng: np.random.Generator) -> tuple[list[str], list[Target]]:
        """Draw misspelt, bent and wrapped training strings.

        Args:
            count: How many.
            rng: Source of chance.

        Returns:
            Strings as typed (any case), and what each is about.
        """
        texts, targets = [], []
        languages = list(self.phrases)
        every = [code for code in self.words if self._in_language[code]]
        for _ in range(count):
            kind = rng.random()
            if kind < 0.34:
                number = int(np.searchsorted(self._edges, rng.random()))
                number = min(number, len(self.strings) - 1)
                text, target = misspelt(self.strings[number], rng), self.targets[number]
            elif kind < 0.48:
                text, target = self._bent(every[int(rng.integers(len(every)))], rng)
            else:
                language = languages[int(rng.integers(len(languages)))]
                text, target = self._phrase(language, kind, rng)
            texts.append(as_typed(text, rng))
            targets.append(target)
        return texts, targets

    def noisy(
        self, count: int, rng: np.random.Generator, never: frozenset[str]
    ) -> tuple[list[str], list[Target]]:
        """Draw misspelt and bent words, each language as often as any other.

        Args:
            count: How many.
            rng: Source of chance.
            never: Folded strings that the kit asks for: they stay unseen.
        """
        texts: list[str] = []
        targets: list[Target] = []
        every = [code for code in self.words if self._in_language[code]]
        while len(texts) < count:
            pool = self._in_language[every[int(rng.integers(len(every)))]]
            if rng.random() < 0.6:
                word, concept = pool[int(rng.integers(len(pool)))]
                text, target = misspelt(folded(word), rng), self._plain(concept)
                if text == folded(word):
                    continue
            else:
                text, target = self._bent(every[int(rng.integers(len(every)))], rng)
            if folded(text) not in never:
                texts.append(as_typed(text, rng))
                targets.append(target)
        return texts, targets

    def english(self, count: int, rng: np.random.Generator) -> list[str]:
        """Draw English training strings: words, bent words and phrases."""
        texts = []
        pool = self._in_language["en"]
        for _ in range(count):
            kind = rng.random()
            if kind < 0.3:
                text = pool[int(rng.integers(len(pool)))][0]
            elif kind < 0.4:
                text, _ = self._bent("en", rng)
            else:
                text, _ = self._phrase("en", kind + 0.2 * rng.random(), rng)
            texts.append(as_typed(text, rng))
        return texts

    def _bent(self, language: str, rng: np.random.Generator) -> tuple[str, Target]:
        """A word with an ending put on, or its last letter gone."""
        pool = self._in_language[language]
        word, concept = pool[int(rng.integers(len(pool)))]
        table = self.phrases.get(PHRASE_LANGUAGE.get(language, language))
        endings = table.endings if table and table.endings else ("s", "a", "i", "e", "u")
        stem = word[:-1] if len(word) > 3 and rng.random() < 0.45 else word
        if len(word) > 5 and rng.random() < 0.12:
            stem = word[:-2]
        bent = stem + (endings[int(rng.integers(len(endings)))] if rng.random() < 0.85 else "")
        if folded(bent) in self.held:
            bent = word
        return bent, self._plain(concept)

    def _plain(self, concept: int) -> Target:
        place = PLACE_EMOJI.get(self.keys[concept].rstrip("\ufe0f"))
        if place is None:
            return Target((concept,), (1.0,))
        return Target((concept, self.index[place]), (1.0, PLACE_EMOJI_SHARE))

    def _phrase(self, language: str, kind: float, rng: np.random.Generator) -> tuple[str, Target]:
        table = self.phrases[language]
        codes = [
            c
            for c in (language, *(k for k, v in PHRASE_LANGUAGE.items() if v == language))
            if self._in_language.get(c)
        ]
        pool = self._in_language[codes[int(rng.integers(len(codes)))]]
        word, concept = pool[int(rng.integers(len(pool)))]
        if rng.random() < 0.2:
            word = misspelt(word, rng)
        if kind < 0.72:
            template = table.single[int(rng.integers(len(table.single)))]
            if phrase_is_held(template, self.keys[concept]):
                return word, self._plain(concept)
            return template.format(word), self._plain(concept)
        if kind < 0.82:
            other, second = pool[int(rng.integers(len(pool)))]
            if second == concept or frozenset((concept, second)) in self._never_together:
                return word, self._plain(concept)
            template = table.pair[int(rng.integers(len(table.pair)))]
            return template.format(a=word, b=other), Target((concept, second), (1.0, 1.0))
        place = self.concepts.places[int(rng.integers(len(self.concepts.places)))]
        where = self.index[place]
        if kind > 0.96:
            return any_of(table.nouns[place], rng), Target((where,), (1.0,))
        if frozenset((concept, where)) in self._never_together:
            return word, self._plain(concept)
        if rng.random() < 0.2:
            template = any_of(table.pair, rng)
            swapped = rng.random() < 0.5
            noun = any_of(table.nouns[place], rng)
            text = template.format(a=noun if swapped else word, b=word if swapped else noun)
        else:
            text = any_of(table.inside, rng).format(a=word, p=any_of(table.phrases[place], rng))
        return text, Target((concept, where), (1.0, PLACE_SHARE))
