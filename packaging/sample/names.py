"""Names and keywords of the concepts in many languages, from the npm package cldr-annotations-full.

A *name* is CLDR's text-to-speech label, the other words are keywords.  Where a locale inherits, its
parent's words are merged in.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from concepts import Concepts

#: sentence-transformers' 50+ languages (the default model's), to CLDR locales, the child first.
DEFAULT_LANGUAGES: dict[str, tuple[str, ...]] = {
    code: (code,)
    for code in [
        "ar",
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fa",
        "fi",
        "fr",
        "gl",
        "gu",
        "he",
        "hi",
        "hr",
        "hu",
        "hy",
        "id",
        "it",
        "ja",
        "ka",
        "ko",
        "ku",
        "lt",
        "lv",
        "mk",
        "mn",
        "mr",
        "ms",
        "my",
        "nl",
        "pl",
        "ro",
        "ru",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "th",
        "tr",
        "uk",
        "ur",
        "vi",
    ]
} | {
    "fr-ca": ("fr-CA", "fr"),
    "nb": ("no",),
    "pt": ("pt-PT", "pt"),
    "pt-br": ("pt",),
    "zh-cn": ("zh",),
    "zh-tw": ("zh-Hant", "zh"),
}
FURTHER_LANGUAGES: dict[str, tuple[str, ...]] = {
    "am": ("am",),
    "az": ("az",),
    "bn": ("bn",),
    "is": ("is",),
    "kk": ("kk",),
    "ps": ("ps",),
    "fil": ("fil",),
}
#: Below this share of concepts with a name, a language's names count as incomplete.
COMPLETE_SHARE = 0.9
#: Joins code points into one emoji; CLDR leaves the variation selector out of its keys.
VARIATION_SELECTOR = "\ufe0f"

#: Tinted concepts have no CLDR entry of their own.
EXTRA_WORDS: dict[str, dict[str, str]] = {
    "purple apple": {
        "en": "purple apple",
        "de": "lila Apfel",
        "fr": "pomme violette",
        "es": "manzana morada",
        "it": "mela viola",
        "pt": "maçã roxa",
        "pt-br": "maçã roxa",
        "nl": "paarse appel",
        "sv": "lila äpple",
        "da": "lilla æble",
        "nb": "lilla eple",
        "fi": "violetti omena",
        "pl": "fioletowe jabłko",
        "cs": "fialové jablko",
        "ru": "фиолетовое яблоко",
        "uk": "фіолетове яблуко",
        "bg": "лилава ябълка",
        "el": "μωβ μήλο",
        "tr": "mor elma",
        "hu": "lila alma",
        "ro": "măr mov",
        "ja": "紫のりんご",
        "zh-cn": "紫苹果",
        "zh-tw": "紫蘋果",
        "ko": "보라색 사과",
        "ar": "تفاحة بنفسجية",
        "he": "תפוח סגול",
        "hi": "बैंगनी सेब",
        "id": "apel ungu",
        "vi": "táo tím",
    }
}


def folded(text: str) -> str:
    """Return text as it is compared and learnt: NFC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class Words:
    """What one language calls the concepts.

    Attributes:
        language: The code of the default model's list.
        names: Concept number to name.
        keywords: Concept number to further words.
        own: Whether the name is the locale's own and not inherited, for each concept with one.
    """

    language: str
    names: dict[int, str]
    keywords: dict[int, tuple[str, ...]]
    own: frozenset[int]

    def complete(self, concepts: int) -> bool:
        """Whether enough concepts have a name for the language to be judged."""
        return len(self.names) >= COMPLETE_SHARE * concepts


def _annotations(folder: Path, locale: str) -> dict[str, dict[str, list[str]]]:
    path = folder / "annotations" / locale / "annotations.json"
    table = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
    return {key.replace(VARIATION_SELECTOR, ""): value for key, value in table.items()}


def load_words(folder: Path, concepts: Concepts) -> dict[str, Words]:
    """Read every language's words.

    Args:
        folder: The unpacked npm package.
        concepts: The concept list.

    Returns:
        Words by language code, the default list first.
    """
    loaded = {}
    for language, locales in (DEFAULT_LANGUAGES | FURTHER_LANGUAGES).items():
        tables = [_annotations(folder, locale) for locale in locales]
        names: dict[int, str] = {}
        keywords: dict[int, tuple[str, ...]] = {}
        own = set()
        for number, concept in enumerate(concepts.things):
            if concept.key in EXTRA_WORDS:
                word = EXTRA_WORDS[concept.key].get(language)
                if word:
                    names[number] = word
                continue
            found: list[str] = []
            for depth, table in enumerate(tables):
                entry = table.get(concept.key.replace(VARIATION_SELECTOR, ""), {})
                for name in entry.get("tts", []):
                    if number not in names:
                        names[number] = name
                        own |= {number} if depth == 0 else set()
                    found.append(name)
                found += entry.get("default", [])
            if found:
                keywords[number] = tuple(dict.fromkeys(found))
        loaded[language] = Words(language, names, keywords, frozenset(own))
    return loaded
