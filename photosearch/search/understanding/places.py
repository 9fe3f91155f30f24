"""Finds cities and countries in plain words, by their names in many languages.

A city is a circle on the map, by the gazetteer. A circle around a country would say something
wrong: a photo knows its country, and only those count where photos were taken.
"""

from __future__ import annotations

import re
from functools import cache

from photosearch import gazetteer
from photosearch.core.filters import Filter, Near, TextField, TextIs
from photosearch.core.userdata import Vocabulary
from photosearch.gazetteer import Place
from photosearch.search.understanding import words
from photosearch.search.understanding.called import called
from photosearch.search.understanding.stretch import Found, Stretch
from photosearch.search.wheres import any_of

#: "San Francisco", "Rio de Janeiro", "Frankfurt am Main".
_WORDS_MAX = 4
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")  # noqa: RUF001 - what keyboards put for an apostrophe
_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")
#: Behind a city's name in a script without blanks, or before it; else it may be part of a word.
_AFTER = re.compile(r"$|[\s、，]|の|で|に|的|旅行|旅游|拍|摄")  # noqa: RUF001 - the comma there
_BEFORE = re.compile(r"(?:^|[\s、，の的在去到于])$")  # noqa: RUF001 - the comma there


def _at(name: str) -> Place | None:
    """Returns the city of a name in any language and any case, the largest; None: unknown."""
    return gazetteer.places().at(words.flat(" ".join(name.split())))


def taken_in(typed: str) -> Filter:
    """Returns what asks for a town or a country, as it is called here and as photos call it.

    Args:
        typed: Its name or a part of it, in any language.
    """
    asked = TextIs(TextField.PLACE, typed)
    city = _at(typed)
    called = (_countries().get(words.flat(typed)), city and city.name)
    others = [
        TextIs(TextField.PLACE, name)
        for name in called
        # Where the other name is contained in this one, it is asked for already.
        if name and words.flat(typed) not in words.flat(name)
    ]
    return any_of((asked, *others[:1]))


@cache
def _countries() -> dict[str, str]:
    """The English name of each country by the flat forms of its names."""
    return {words.flat(name): called[0] for called in gazetteer.countries() for name in called}


def near(typed: str) -> Near | None:
    """Returns what lies near a city; None where it is not known.

    Args:
        typed: Its name, in any language.
    """
    place = _at(typed)
    return None if place is None else _near(place, " ".join(typed.split()))


def find(stretch: Stretch, vocabulary: Vocabulary) -> None:
    """Takes the cities out of a stretch.

    Args:
        stretch: The words.
        vocabulary: Folders, tags and albums that are called after a city are of it, too: their
            photos need not say where they were taken.
    """
    for start, end in list(stretch.free()):
        for match in _ASIAN.finditer(stretch.text, start, end):
            _find_asian(stretch, match.start(), match.end(), vocabulary)
        found = list(_WORD.finditer(stretch.text, start, end))
        index = 0
        while index < len(found):
            index += _take(stretch, found[index : index + _WORDS_MAX], vocabulary) or 1


def _take(stretch: Stretch, some: list[re.Match[str]], vocabulary: Vocabulary) -> int:
    """Takes the longest city that begins with the first of some words; returns its words' count."""
    for count in range(len(some), 0, -1):
        start, end = some[0].start(), some[count - 1].end()
        name = stretch.text[start:end].rstrip(".")
        where = _country(name, vocabulary)
        if where is None and (place := _place(name, stretch.text, start)):
            where = _where(place, name, vocabulary)
        if where and stretch.is_free(start, start + len(name)):
            stretch.add(Found(start, start + len(name), where))
            return count
    return 0


def _where(place: Place, typed: str, vocabulary: Vocabulary) -> Filter:
    """Returns what is near a city or in a folder, tag or album called after it."""
    return any_of((_near(place, typed), *called(typed, vocabulary)))


def _country(name: str, vocabulary: Vocabulary) -> Filter | None:
    """Returns what was taken in a country where photos were taken, or is called after it."""
    if not name or name[0].islower():
        return None  # turkey, china
    if _countries().get(words.flat(" ".join(name.split()))) not in vocabulary.places:
        return None
    return any_of((taken_in(name), *called(name, vocabulary)))


def _place(name: str, text: str, start: int) -> Place | None:
    if not name or any(sign in ",;" for sign in name):
        return None
    place = _at(name)
    before = words.flat(text[:start]).rstrip()
    if place is None:
        place = _inflected(words.flat(name), before)
    if place is None or (place.doubt and not name[0].isupper()):
        return None
    if place.doubt == 2 and not _is_behind_place_word(before, words.LANGUAGES):
        return None
    return place


def _inflected(name: str, before: str) -> Place | None:
    """Returns the city of which a name is another case, behind a word that takes it."""
    for told in map(words.of, words.LANGUAGES):
        if told.city_endings and _is_behind_place_word(before, (told.code,)):
            for ending, plain in told.city_endings:
                place = _at(name.removesuffix(ending) + plain)
                if name.endswith(ending) and place:
                    return place
    return None


def _is_behind_place_word(before: str, languages: tuple[str, ...]) -> bool:
    return _place_words(languages).search(before) is not None


@cache
def _place_words(languages: tuple[str, ...]) -> re.Pattern[str]:
    said = {word for code in languages for word in words.of(code).before_place}
    return re.compile(rf"(?<!\w)(?:{words.one_of(sorted(said))})$")


def _find_asian(stretch: Stretch, start: int, end: int, vocabulary: Vocabulary) -> None:
    text = stretch.text
    at = start
    while at < end:
        for stop in range(min(end, at + 8), at + 1, -1):
            if (_BEFORE.search(text[:at]) or not stretch.is_free(at - 1, at)) and (
                _AFTER.match(text, stop) or not stretch.is_free(stop, stop + 1)
            ):
                where = _country(text[at:stop], vocabulary)
                if where is None and (place := _at(text[at:stop])):
                    where = _where(place, text[at:stop], vocabulary)
                if where and stretch.is_free(at, stop):
                    stretch.add(Found(at, stop, where))
                    at = stop - 1
                    break
        at += 1


def _near(place: Place, typed: str) -> Near:
    # In small letters it is not how anybody writes it.
    name = place.name if typed[0].islower() else typed
    return Near(place.latitude_deg, place.longitude_deg, place.radius_km, name)
