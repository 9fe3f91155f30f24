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
from photosearch.search.intervals import (
    DATES,
    DAYS,
    NUMBER_MAX,
    REAL,
    WHOLE,
    Scale,
    interval,
    read_number,
    read_whole,
    rounding_to,
)
from photosearch.search.understanding import words

#: Around coordinates, where nothing else is said.
NEAR_KM = 10.0
#: Half of the equator: nothing on Earth is farther.
FARTHEST_KM = 20_040.0
_KM = {"km": 1.0, "m": 0.001, "mi": 1.609344, "": 1.0}
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{sign}{unit}": 1000**power for power, sign in enumerate("kmgt", 1) for unit in ("", "b")},
    **{f"{sign}ib": 1024**power for power, sign in enumerate("kmgt", 1)},
}
_WITH_UNIT = re.compile(r"([0-9.,]+)\s*([a-zA-Z]*)")
_PLACE = re.compile(r"\s*(-?[0-9.]+)\s*[,;]\s*(-?[0-9.]+)(?:\s+(\S.*))?", re.DOTALL)
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
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


def read_distance_km(text: str) -> float:
    """Reads a distance with its unit.

    Raises:
        ValueError: It is none.
    """
    number, unit = _with_unit(text, _KM)
    distance_km = round(number * _KM[unit], 6)
    if not 0 < distance_km <= FARTHEST_KM:
        raise ValueError(f"{text} is no distance on Earth")
    return distance_km


def _text(field: TextField) -> Callable[[str], Filter]:
    def read(text: str) -> Filter:
        said = " ".join(text.split())
        if field is TextField.FOLDER:
            said = "/".join(part for part in re.split(r"[/\\]+", said) if part.strip())
        if not said:
            raise ValueError("it is empty")
        return TextIs(field, said)

    return read


def _type(text: str) -> Filter:
    said = text.strip().lstrip("*.").lower()
    if not _TYPE.fullmatch(said):
        raise ValueError(f"“{text}” is no format")
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
        known = words.numbers_of(names).get(words.folded(text)) if names else None
        number = float(known) if known is not None else read_whole(text)
        if not low <= number <= high:
            raise ValueError(f"{text} does not lie between {low} and {high}")
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


def _exposure(text: str) -> tuple[float, float]:
    number = text.removesuffix("s").strip()
    if "/" not in number:
        return (read_number(number),) * 2
    above, below = (read_number(part.strip()) for part in number.split("/", 1))
    if not below:
        raise ValueError("it is divided by 0")
    return (above / below,) * 2


def _exposure_alone(text: str) -> tuple[float, float]:
    # Cameras say 1/60 and mean 1/64, 0.3 and mean 10/31.
    middle = _exposure(text)[0]
    return middle * 0.95, middle * 1.05


def _aperture(text: str) -> str:
    return re.sub(r"^f\s*/?\s*", "", text.strip(), flags=re.IGNORECASE)


def _stripped(scale: Scale[float], strip: Callable[[str], str]) -> Scale[float]:
    alone = scale.alone or scale.read
    return Scale(
        lambda text: scale.read(strip(text)),
        scale.after,
        scale.before,
        lambda text: alone(strip(text)),
    )


def _with_unit(text: str, units: dict[str, int] | dict[str, float]) -> tuple[float, str]:
    found = _WITH_UNIT.fullmatch(text.strip())
    if not found or found[2].lower() not in units:
        raise ValueError(f"“{text}” is no number with a known unit")
    return read_number(found[1]), found[2].lower()


def _bytes(text: str) -> tuple[float, float]:
    number, unit = _with_unit(text, _BYTES)
    return (float(round(number * _BYTES[unit])),) * 2


def _bytes_alone(text: str) -> tuple[float, float]:
    _, unit = _with_unit(text, _BYTES)
    if unit in ("", "b"):
        return _bytes(text)
    low, high = rounding_to(text.strip()[: -len(unit)].strip())
    return float(round(low * _BYTES[unit])), float(round(high * _BYTES[unit]))


_SIZE: Scale[float] = Scale(_bytes, WHOLE.after, WHOLE.before, _bytes_alone)
_MEGAPIXELS = _stripped(REAL, lambda text: re.sub(r"\s*mp$", "", text, flags=re.IGNORECASE))


def _size(text: str) -> Filter:
    if re.search(r"\dmp\b", text, re.IGNORECASE):
        return _number(NumberField.MEGAPIXELS, _MEGAPIXELS)(text)
    return _number(NumberField.SIZE, _SIZE)(text)


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
    if not found or not (_DEGREES.fullmatch(found[1]) and _DEGREES.fullmatch(found[2])):
        raise ValueError(f"the place “{text.strip()}” is not known")
    latitude_deg, longitude_deg = round(float(found[1]), 6), round(float(found[2]), 6)
    if abs(latitude_deg) > 90 or abs(longitude_deg) > 180:
        raise ValueError("latitudes go from -90 to 90, longitudes from -180 to 180")
    return Near(latitude_deg, longitude_deg, NEAR_KM, " ".join((found[3] or "").split()))


def _trait(valid: dict[str, Trait]) -> Callable[[str], Filter]:
    def read(text: str) -> Filter:
        trait = valid.get(text.strip().lower())
        if trait is None:
            raise ValueError(f"“{text}” is not among them")
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
    "date": Field(_taken, f"{DATES}, or a range, such as 2019..2021 or 2021-07.."),
    "after": Field(_after, DATES),
    "before": Field(_before, DATES),
    "month": Field(_cycle(NumberField.MONTH, 1, 12, "months"), "a month or a range: 7, july, 6..8"),
    "weekday": Field(
        _cycle(NumberField.WEEKDAY, 1, 7, "weekdays"),
        "a day of the week or a range: sat, 6 (1 is Monday), sat..sun",
    ),
    "hour": Field(_cycle(NumberField.HOUR, 0, 23), "an hour from 0 to 23 or a range: 22..4"),
    "in": _plain(TextField.FOLDER, 'a folder, such as "2021/Rome"'),
    "name": _plain(TextField.NAME, 'a file name or a part of it, such as "IMG_*.jpg"'),
    "type": Field(_type, "a format, such as heic, jpg or raw"),
    "camera": _plain(TextField.CAMERA, "make or model, such as canon"),
    "lens": _plain(TextField.LENS, 'a lens or a part of its name, such as "50mm"'),
    "tag": _plain(TextField.TAG, "a tag"),
    "album": _plain(TextField.ALBUM, "an album"),
    "caption": _plain(TextField.CAPTION, "a part of the caption"),
    "iso": Field(_number(NumberField.ISO, WHOLE), _AMOUNT.format("400, >800 or 100..400")),
    "aperture": Field(
        _number(NumberField.APERTURE, _stripped(REAL, _aperture)),
        _AMOUNT.format("2.8, f/2.8, <4 or 1.4..2.8"),
    ),
    "exposure": Field(
        _number(NumberField.EXPOSURE, Scale(_exposure, REAL.after, REAL.before, _exposure_alone)),
        "seconds, a comparison or a range, such as 1/200, >1 or 1/60..1/30",
    ),
    "focal": Field(
        _number(
            NumberField.FOCAL,
            _stripped(REAL, lambda text: re.sub(r"\s*mm$", "", text, flags=re.IGNORECASE)),
        ),
        "millimetres, a comparison or a range, such as 50, >=200 or 24..70",
    ),
    "rating": Field(
        _number(NumberField.RATING, WHOLE, 0, RATING_MAX), "stars from 0 to 5, such as 4 or >=3"
    ),
    "width": Field(_number(NumberField.WIDTH, WHOLE), _AMOUNT.format(">=4000")),
    "height": Field(_number(NumberField.HEIGHT, WHOLE), _AMOUNT.format(">=3000")),
    "megapixels": Field(
        _number(NumberField.MEGAPIXELS, _MEGAPIXELS), _AMOUNT.format("12, >=20 or 12..24")
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
    "place": "near",
    "taken": "date",
}
DISTANCES = "a distance, such as 500m, 10km or 5mi"
