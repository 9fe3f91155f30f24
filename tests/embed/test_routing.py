"""Who reads a text where a model reads English apart: a table of what people type."""

from __future__ import annotations

import time

import pytest

from photosearch.core.query import Reading
from photosearch.embed import catalogue
from photosearch.embed.routing import reading_of

LANGUAGES = catalogue.find("clip-ViT-B-32-multilingual-v1").languages

ENGLISH = (
    *("dog", "snow", "sunset", "red car", "birthday cake", "children playing", "mountain lake"),
    *("a red boat", "black cat", "Beach", "two dogs on the beach", "grandma's garden"),
    *("old man with a hat", "kids in the snow", "people waiting for the bus at night"),
    *("sailing boats, harbour", "house", "cat -dog"),
)
OTHERS = {
    "de": ("Hund", "Haus", "Strand", "Schnee", "Kinder am See", "Kind", "Boot", "rotes Auto"),
    "fr": ("chat", "neige", "plage", "voiture rouge", "pain", "Chien", "main", "coucher de soleil"),
    "es": ("gato", "perro", "amor", "playa con palmeras", "red", "niños jugando", "coche", "sol"),
    "it": ("cane", "gatto nero", "spiaggia", "montagna", "mare", "neve"),
    "pt": ("cachorro", "praia", "menina", "crianças", "pôr do sol"),
    "nl": ("hond", "kat", "boom", "fiets", "strand"),
    "pl": ("kot", "pies", "śnieg", "dom"),
    "sv": ("hus", "snö", "hund", "båt"),
    "ru": ("собака", "море"),
}


@pytest.mark.parametrize("spoken", [["en"], ["de"], ["es", "fr"]])
@pytest.mark.parametrize("text", ENGLISH)
def test_common_english_is_read_as_english_whoever_types_it(text: str, spoken: list[str]) -> None:
    assert reading_of(text, LANGUAGES, spoken) is Reading.ENGLISH


@pytest.mark.parametrize(
    ("text", "code"), [(text, code) for code, texts in OTHERS.items() for text in texts]
)
def test_other_languages_are_not_taken_for_english(text: str, code: str) -> None:
    assert reading_of(text, LANGUAGES, [code]) is Reading.MULTILINGUAL
    assert reading_of(text, LANGUAGES, ["en"]) is Reading.MULTILINGUAL


def test_a_decision_takes_less_than_a_millisecond() -> None:
    texts = [*ENGLISH, *(text for texts in OTHERS.values() for text in texts)]
    for text in texts:
        reading_of(text, LANGUAGES)  # loads what it needs
    started_s = time.perf_counter()
    for text in texts:
        reading_of(text, LANGUAGES)
    assert (time.perf_counter() - started_s) / len(texts) < 1e-3
