"""What the parts of a query are called, for people: the one place with these words. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from photosearch.core.filters import (
    AllOf,
    AnyOf,
    Filter,
    Has,
    Near,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.core.query import ImageTerm, Term, TextTerm
from photosearch.search.intervals import number_text
from photosearch.search.one_line import one_line
from photosearch.search.printed import span_text
from photosearch.search.understanding import formats, places

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TEXTS = {
    TextField.NAME: "named {}",
    TextField.FOLDER: "in {}",
    TextField.TAG: "tag {}",
    TextField.ALBUM: "album {}",
    TextField.CAPTION: "caption “{}”",
    TextField.LENS: "lens {}",
    TextField.ONLY_ON: "only on {}",
    TextField.PERSON: "with {}",
    TextField.PLACE: "taken in {}",
}
#: Formats that people know by sight; of another it is said that it is one.
_FORMAT = re.compile(rf"{formats.NAMES}|{formats.RAW}|svg")
#: A make or a model that says what it is, unlike "5d".
_CLEAR_CAMERA = re.compile(r"[^\W\d_]{3}|[^\W\d_][0-9]{2}")
_NUMBERS = {
    NumberField.ISO: "ISO {}",
    NumberField.APERTURE: "f/{}",
    NumberField.EXPOSURE: "{} s",
    NumberField.FOCAL: "{} mm",
    NumberField.RATING: "{} stars",
    NumberField.WIDTH: "{} px wide",
    NumberField.HEIGHT: "{} px high",
    NumberField.MEGAPIXELS: "{} megapixels",
    NumberField.COPIES: "{} copies",
    NumberField.MONTH: "{}",
    NumberField.WEEKDAY: "{}",
    NumberField.HOUR: "{}",
    NumberField.SIZE: "{}",
}
_ONE = {NumberField.COPIES: "1 copy", NumberField.RATING: "1 star"}
_TRAITS = {
    Trait.GPS: "with a place",
    Trait.DATE: "with a date",
    Trait.CAMERA: "with a camera",
    Trait.LENS: "with a lens",
    Trait.TAG: "with tags",
    Trait.ALBUM: "in an album",
    Trait.PERSON: "with named people",
    Trait.CAPTION: "with a caption",
    Trait.RATING: "with stars",
    Trait.FAVOURITE: "favourites",
    Trait.OFFLINE: "offline",
}


def of_term(term: Term) -> str:
    """Names what is to be seen, or not to be seen."""
    weight = abs(term.weight)
    start = "without " if term.weight < 0 else ""
    if weight != 1:
        start += f"{number_text(weight)} × "  # noqa: RUF001 - the sign for times
    if isinstance(term, TextTerm):
        return start + one_line(term.text)
    if isinstance(term, ImageTerm):
        part = "part of " if term.box else ""
        return f"{start}like {part}{one_line(term.path.name)}"
    return f"{start}like a picture"


def of_alternatives(terms: Sequence[Term]) -> str:
    """Names things of which one is enough."""
    return " or ".join(map(of_term, terms))


def of_filter(where: Filter) -> str:
    """Names which photos are asked about."""
    if isinstance(where, AllOf):
        return " and ".join(map(of_filter, where.parts))
    if isinstance(where, AnyOf):
        return _called_so(where) or " or ".join(map(of_filter, where.parts))
    if isinstance(where, Not):
        return f"not {of_filter(where.part)}"
    if isinstance(where, TextIs):
        return _text(where)
    if isinstance(where, NumberIn):
        if where.low == where.high == 1 and where.field in _ONE:
            return _ONE[where.field]
        return _NUMBERS[where.field].format(_range(where))
    if isinstance(where, TakenIn):
        return _days(where.first, where.last)
    if isinstance(where, Near):
        return _near(where)
    assert isinstance(where, Has)
    return _TRAITS.get(where.trait, where.trait.value)


def _called_so(where: AnyOf) -> str:
    """Names what is of a place or of somebody, or called so; "" for other alternatives."""
    first, others = (where.parts[0], where.parts[1:]) if where.parts else (None, ())
    if isinstance(first, TextIs) and first.field is TextField.PLACE:
        asked = places.taken_in(first.text)
        called = asked.parts if isinstance(asked, AnyOf) else (asked,)
        if where.parts[: len(called)] != called:
            return ""
        others = where.parts[len(called) :]
    elif not (isinstance(first, Near) and first.name) and not (
        isinstance(first, TextIs) and first.field is TextField.PERSON
    ):
        return ""
    own = {TextField.PLACE, TextField.PERSON}
    if not all(isinstance(part, TextIs) and part.field not in own for part in others):
        return ""
    return f"{of_filter(first)}, or called so" if others else of_filter(first)


def _text(where: TextIs) -> str:
    text = one_line(where.text)
    if where.field is TextField.TYPE:
        return text.upper() if _FORMAT.fullmatch(text) else f"type {text.upper()}"
    if where.field is TextField.CAMERA:
        return text if _CLEAR_CAMERA.search(text) else f"camera {text}"
    return _TEXTS[where.field].format(text)


def _near(where: Near) -> str:
    if where.name:
        return f"near {one_line(where.name)}"
    place = f"{number_text(abs(where.latitude_deg))}°{'N' if where.latitude_deg >= 0 else 'S'}"
    place += f" {number_text(abs(where.longitude_deg))}°{'E' if where.longitude_deg >= 0 else 'W'}"
    return f"within {number_text(where.within_km)} km of {place}"


def _range(where: NumberIn) -> str:
    low, high = (
        None if end is None else _value(where.field, end) for end in (where.low, where.high)
    )
    if low == high and low is not None:
        return low
    if low is None:
        return f"up to {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"


def _value(field: NumberField, number: float) -> str:
    if field is NumberField.MONTH and 1 <= number <= 12:
        return _MONTHS[int(number) - 1]
    if field is NumberField.WEEKDAY and 1 <= number <= 7:
        return _WEEKDAYS[int(number) - 1]
    if field is NumberField.HOUR:
        return f"{number:02.0f} h"
    if field is NumberField.SIZE:
        return _bytes(number)
    if field is NumberField.EXPOSURE and 0 < number < 0.5:
        return f"1/{1 / number:.0f}"
    return f"{number:.10g}"


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.4g} TB"


def _days(first: date | None, last: date | None) -> str:
    if first and last:
        if span_text(first, last):
            return _span(first, last)
        if (first.day, last.day) == (1, _end_of_month(last)):
            if (first.month, last.month) == (1, 12):
                return f"{first.year} to {last.year}"
            year = "" if first.year == last.year else f" {first.year}"
            return f"{_MONTHS[first.month - 1]}{year} to {_month(last)}"
        return f"{_day(first)} to {_day(last)}"
    if first:
        return f"since {first.year if (first.month, first.day) == (1, 1) else _day(first)}"
    if last:
        return f"until {last.year if (last.month, last.day) == (12, 31) else _day(last)}"
    return "any day"


def _span(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    return _month(first) if first.month == last.month else f"{first.year}"


def _end_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _month(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
