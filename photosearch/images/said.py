"""What somebody said of a photo in its file or beside it: stars, keywords, people.

Called by `metadata` in a decoder process. Digikam, Lightroom, Picasa, Windows, darktable and others
each have places of their own for the same. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from photosearch.images.exposure import stars_of_percent
from photosearch.images.header import Properties
from photosearch.images.tags import Tags, text_of, windows_text

#: More than anybody gives; files that hold thousands were filled by a program.
_MAX_KEYWORDS = 200
_MAX_PEOPLE = 100
_NAME_CHARS = 100
_RATING_MAX = 5
_XP_KEYWORDS = 0x9C9E

#: Keywords as paths, from the root, and what stands between their steps: the leaf is the keyword.
_PATHS = (
    ("Xmp.lr.hierarchicalSubject", "|"),
    ("Xmp.digiKam.TagsList", "/"),
    ("Xmp.MicrosoftPhoto.LastKeywordXMP", "/"),
    ("Xmp.MicrosoftPhoto_1_.LastKeywordXMP", "/"),
    ("Xmp.mediapro.CatalogSets", "|"),
)
#: What darktable says of its own work: darktable|format|jpg.
_MACHINE_ROOTS = frozenset({"darktable"})

_REGION = re.compile(
    r"Xmp\.(?:mwg-rs|acdsee-rs)\.Regions/(?:mwg-rs|acdsee-rs):RegionList\[(\d+)\]"
    r"/(?:mwg-rs|acdsee-rs):(Name|Type)"
)
_MICROSOFT_REGION = re.compile(r"Xmp\.MP\.RegionInfo/MPRI:Regions\[\d+\]/MPReg:PersonDisplayName")
_PERSON_DETAILS = re.compile(
    r"Xmp\.iptcExt\.(?:PersonInImageWDetails\[\d+\]/iptcExt:PersonName(?:\[\d+\])?|PersonInImage)"
)
_NOBODY = frozenset({"unknown", "unknown person", "unbekannt", "face", "none", "null"})


def read_xmp_rating(properties: Properties) -> int | None:
    """Reads the stars; "rejected" (-1) is none of them. None where nothing is said."""
    for text in properties.get("Xmp.xmp.Rating", ())[:1]:
        stars = _number(text)
        if stars is not None and -1 <= stars <= _RATING_MAX:
            return max(0, int(stars))
    for key in ("Xmp.MicrosoftPhoto.Rating", "Xmp.MicrosoftPhoto_1_.Rating"):
        for text in properties.get(key, ())[:1]:
            percent = _number(text)
            if percent is not None and 0 <= percent <= 100:
                return stars_of_percent(percent)
    return None


def read_keywords(sidecar: Properties, xmp: Properties, main: Tags, iptc: Properties) -> list[str]:
    """Returns all keywords, in the order of their sources, none twice."""
    return _unlike(
        [
            *_xmp_keywords(sidecar),
            *_xmp_keywords(xmp),
            *windows_text(main.get(_XP_KEYWORDS), _MAX_KEYWORDS * _NAME_CHARS).split(";"),
            *iptc.get("Iptc.Application2.Keywords", ()),
        ],
        _MAX_KEYWORDS,
    )


def read_people(properties: Properties) -> list[str]:
    """Returns who is named in regions of the picture, or said to be in it."""
    return _unlike(_people(properties), _MAX_PEOPLE, _NOBODY)


def _xmp_keywords(properties: Properties) -> Iterator[str]:
    for word in properties.get("Xmp.dc.subject", ()):
        if word.casefold() not in _MACHINE_ROOTS:
            yield word
    for key, between in _PATHS:
        for path in properties.get(key, ()):
            steps = [step for step in path.split(between) if step.strip()]
            if steps and steps[0].casefold() not in _MACHINE_ROOTS:
                yield steps[-1]


def _people(properties: Properties) -> Iterator[str]:
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for key, texts in properties.items():
        region = _REGION.fullmatch(key)
        if region is not None and texts:
            (names if region[2] == "Name" else kinds)[region[1]] = texts[0]
        elif _MICROSOFT_REGION.fullmatch(key) or _PERSON_DETAILS.fullmatch(key):
            yield from texts
    for number, name in names.items():
        if kinds.get(number, "Face").casefold() in {"face", ""}:  # not a pet, a focus, a bar code
            yield name


def _unlike(texts: Iterable[str], max_count: int, but: frozenset[str] = frozenset()) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        plain = text_of(text, _NAME_CHARS)
        key = plain.casefold()
        if plain and key not in but:
            found.setdefault(key, plain)
        if len(found) == max_count:
            break
    return list(found.values())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
