"""The fields of the query language and what their values mean. Pure; any thread.

A value that cannot be read is told by a `ValueError` with the reason; `search/parse` adds the place
and what is valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from photosearch.core.filters import (
    AnyOf,
    Filter,
    Has,
    Near,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.core.userdata import RATING_MAX
from photosearch.search.amounts import APERTURE, BYTES, EXPOSURE, FOCAL, MEGAPIXELS
from photosearch.search.intervals import (
    DATES,
    DAYS,
    NUMBER_MAX,
    WHOLE,
    Scale,
    interval,
    read_whole,
)
from photosearch.search.one_line import one_line
from photosearch.search.understanding import places, words

#: Around coordinates, where nothing else is said.
NEAR_KM = 10.0
_PLACE = re.compile(r"\s*(-?[0-9.]+)\s*[,;]\s*(-?[0-9.]+)(?:\s+(\S.*))?", re.DOTALL)
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_CALLED = {"months": "month", "weekdays": "day of the week"}
_TYPE = re.compile(r"[\w+-]{1,16}")


@dataclass(frozen=True, slots=True)
class Field:
    """A field.

    Attributes:
        read: Makes the filter of a value; raises ValueError.
        valid: What values are valid, for messages: "a number, such as ...".
    """

    read: Callable[[str], Filter]
    valid: str


def _text(field: TextField) -> Callable[[str], Filter]:
    def read(text: str) -> Filter:
        said = " ".join(text.split())
        if field in {TextField.FOLDER, TextField.ONLY_ON}:
            said = "/".join(part for part in re.split(r"[/\\]+", said) if part.strip())
        if not said:
            raise ValueError("it is empty")
        return places.taken_in(said) if field is TextField.PLACE else TextIs(field, said)

    return read


def _type(text: str) -> Filter:
    said = text.strip().lstrip("*.").lower()
    if not _TYPE.fullmatch(said):
        raise ValueError(f"“{one_line(text)}” is no format")
    return TextIs(TextField.TYPE, said)


def _number(
    field: NumberField, scale: Scale[float], low: float = 0, high: float = NUMBER_MAX
) -> Callable[[str], Filter]:
    def read(text: str) -> Filter:
        first, last = interval(text, scale)
        for end in (first, last):
            if end is not None and not low <= end <= high:
                raise ValueError(f"it goes from {low:.0f} to {high:.0f}")
        if first is not None and last is not None and first > last:
            raise ValueError("the range ends before it begins")
        return NumberIn(field, first, last)

    return read


def _cycle(field: NumberField, low: int, high: int, names: str = "") -> Callable[[str], Filter]:
    """Of a field that begins again after its end: a range may go over it."""

    def value(text: str) -> tuple[float, float]:
        known = words.numbers_of(names).get(words.flat(text)) if names else None
        if names and known is None and not text.isdecimal():
            raise ValueError(f"“{one_line(text)}” is no {_CALLED[names]}")
        number = float(known) if known is not None else read_whole(text)
        if not low <= number <= high:
            raise ValueError(f"{one_line(text)} does not lie between {low} and {high}")
        return number, number

    scale: Scale[float] = Scale(value, WHOLE.after, WHOLE.before)

    def read(text: str) -> Filter:
        first, last = interval(text, scale)
        if first is not None and last is not None and first > last:
            return AnyOf((NumberIn(field, first, high), NumberIn(field, low, last)))
        for end in (first, last):
            if end is not None and not low <= end <= high:
                raise ValueError(f"it goes from {low} to {high}")
        return NumberIn(field, first, last)

    return read


def _size(text: str) -> Filter:
    if re.search(r"\dmp\b", text, re.IGNORECASE):
        return _number(NumberField.MEGAPIXELS, MEGAPIXELS)(text)
    return _number(NumberField.SIZE, BYTES)(text)


def _taken(text: str) -> Filter:
    first, last = interval(text, DAYS)
    if first is not None and last is not None and first > last:
        raise ValueError("the range ends before it begins")
    return TakenIn(first, last)


def _after(text: str) -> Filter:
    first: date = DAYS.read(text.strip())[0]
    return TakenIn(first, None)


def _before(text: str) -> Filter:
    return TakenIn(None, DAYS.before(DAYS.read(text.strip())[0]))


def _near(text: str) -> Filter:
    found = _PLACE.fullmatch(text)
    if not found and (city := places.near(text)):
        return city
    if not found or not (_DEGREES.fullmatch(found[1]) and _DEGREES.fullmatch(found[2])):
        raise ValueError(f"the place “{one_line(text)}” is not known")
    latitude_deg, longitude_deg = round(float(found[1]), 6), round(float(found[2]), 6)
    if abs(latitude_deg) > 90 or abs(longitude_deg) > 180:
        raise ValueError("latitudes go from -90 to 90, longitudes from -180 to 180")
    return Near(latitude_deg, longitude_deg, NEAR_KM, " ".join((found[3] or "").split()))


def _trait(valid: dict[str, Trait]) -> Callable[[str], Filter]:
    def read(text: str) -> Filter:
        trait = valid.get(text.strip().lower())
        if trait is None:
            raise ValueError(f"“{one_line(text)}” is not among them")
        return Has(trait)

    return read


_ORIENTATIONS = {trait.value: trait for trait in (Trait.PORTRAIT, Trait.LANDSCAPE, Trait.SQUARE)}
#: What a photo is; whatever else is a trait, it has.
IS = {
    "favourite": Trait.FAVOURITE,
    "favorite": Trait.FAVOURITE,
    "offline": Trait.OFFLINE,
    **_ORIENTATIONS,
}
_HAS = {trait.value: trait for trait in Trait if trait not in IS.values()}
_AMOUNT = "a number, a comparison or a range, such as {}"


def _listed(values: dict[str, Trait]) -> str:
    return "one of " + ", ".join(dict.fromkeys(trait.value for trait in values.values()))


def _plain(field: TextField, valid: str) -> Field:
    return Field(_text(field), valid)


#: Every field, by its name.
FIELDS: dict[str, Field] = {
    "date": Field(_taken, f"{DATES}, or a range, such as 2019..2021 or ..2020"),
    "after": Field(_after, DATES),
    "before": Field(_before, DATES),
    "month": Field(
        _cycle(NumberField.MONTH, 1, 12, "months"), "a month or a range: 7, july, nov..feb"
    ),
    "weekday": Field(
        _cycle(NumberField.WEEKDAY, 1, 7, "weekdays"),
        "mon, tue, wed, thu, fri, sat, sun (in any language), 1 to 7 or a range: sat..sun",
    ),
    "hour": Field(_cycle(NumberField.HOUR, 0, 23), "an hour from 0 to 23 or a range: 22..4"),
    "in": _plain(TextField.FOLDER, 'a folder, such as "2021/Rome"'),
    "only-on": _plain(TextField.ONLY_ON, 'a disk or a folder, such as "Disk A"'),
    "name": _plain(TextField.NAME, 'a file name or a part of it, such as "IMG_*.jpg"'),
    "type": Field(_type, "a format, such as heic, jpg or raw"),
    "camera": _plain(TextField.CAMERA, "make or model, such as canon"),
    "lens": _plain(TextField.LENS, 'a lens or a part of its name, such as "50mm"'),
    "tag": _plain(TextField.TAG, "a tag"),
    "album": _plain(TextField.ALBUM, "an album"),
    "caption": _plain(TextField.CAPTION, "a part of the caption"),
    "person": _plain(TextField.PERSON, 'somebody who is named in pictures, such as "Oma"'),
    "place": _plain(TextField.PLACE, 'a town or a country, such as "Rome"'),
    "iso": Field(_number(NumberField.ISO, WHOLE), _AMOUNT.format("400, >800 or 100..400")),
    "aperture": Field(
        _number(NumberField.APERTURE, APERTURE),
        _AMOUNT.format("2.8, f/2.8, <4 or 1.4..2.8"),
    ),
    "exposure": Field(
        _number(NumberField.EXPOSURE, EXPOSURE),
        "seconds, a comparison or a range, such as 1/200, >1 or 1/60..1/30",
    ),
    "focal": Field(
        _number(
            NumberField.FOCAL,
            FOCAL,
        ),
        "millimetres, a comparison or a range, such as 50, >=200 or 24..70",
    ),
    "rating": Field(
        _number(NumberField.RATING, WHOLE, 0, RATING_MAX), "stars from 0 to 5, such as 4 or >=3"
    ),
    "width": Field(_number(NumberField.WIDTH, WHOLE), _AMOUNT.format(">=4000")),
    "height": Field(_number(NumberField.HEIGHT, WHOLE), _AMOUNT.format(">=3000")),
    "megapixels": Field(
        _number(NumberField.MEGAPIXELS, MEGAPIXELS), _AMOUNT.format("12, >=20 or 12..24")
    ),
    "size": Field(_size, "an amount, such as >5MB, 500kB..2MB or >=12mp"),
    "copies": Field(_number(NumberField.COPIES, WHOLE), _AMOUNT.format(">1")),
    "near": Field(_near, 'a city or latitude and longitude, such as "Rome" or "48.85,2.35"'),
    "orientation": Field(_trait(_ORIENTATIONS), _listed(_ORIENTATIONS)),
    "has": Field(_trait(_HAS), _listed(_HAS)),
    "is": Field(_trait(IS), _listed(IS)),
}
#: Other names of fields.
ALIASES = {
    "folder": "in",
    "format": "type",
    "since": "after",
    "stars": "rating",
    "taken": "date",
    "people": "person",
    "city": "place",
    "country": "place",
}
