"""Finds formats in plain words: "PNG", "heic files", "RAW"."""

from __future__ import annotations

import re
from functools import cache

from photosearch.core.filters import TextField, TextIs
from photosearch.search.understanding import words
from photosearch.search.understanding.stretch import Found, Stretch

#: As a pattern.
NAMES = (
    "heic|heif|png|jpeg|jpg|gif|webp|tiff|tif|avif|jxl|bmp|psd|dng|cr2|cr3|crw|nef|nrw|arw|srf|sr2"
    "|orf|raf|rw2|pef|srw"
)
#: A word as well: it needs capitals, or a word for files beside it.
RAW = "raw"
#: Between "PNG files" and what they show.
_OF = "(?:of|von|vom|de|du|des|di|da|do)"


def find(stretch: Stretch) -> None:
    """Takes the formats out of a stretch, with words for files beside them."""
    for start, end in list(stretch.free()):
        for match in _pattern().finditer(stretch.flat, start, end):
            name = match["name"]
            is_clear = match["before"] or match["after"]
            is_capital = stretch.text[slice(*match.span("name"))].isupper()
            if name != RAW or is_capital or is_clear:
                stretch.add(Found(*match.span(), TextIs(TextField.TYPE, name)))


@cache
def _pattern() -> re.Pattern[str]:
    files = words.one_of(
        sorted({name for language in words.LANGUAGES for name in words.of(language).files})
    )
    return re.compile(
        rf"(?P<before>(?<!\w)(?:{files})\s+)?(?<![a-z0-9_.*])(?P<name>{NAMES}|{RAW})(?![a-z0-9_])"
        rf"(?P<after>[\s-]*(?:{files})(?![a-z0-9])(?:\s+{_OF}(?!\w))?)?"
    )
