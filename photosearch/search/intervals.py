"""Reads `>800`, `100..400`, `2021-07..` and the like. Pure; any thread.

Everything is read into two ends that are both included, None where an end is open. What is wrong
is said by a `ValueError` with a sentence; the caller knows the place.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from photosearch.search.one_line import one_line

Value = TypeVar("Value", date, float)
#: Beyond this nothing of a photo is counted; figures stay exact as floats.
NUMBER_MAX = 10**12
_COMPARISON = re.compile(r"(>=|<=|>|<|=|≥|≤)\s*(.+)", re.DOTALL)
_NUMBER = re.compile(r"([0-9]{1,13})(?:[.,]([0-9]{1,400}))?")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
DATES = "a year, a month or a day, such as 2021, 2021-07 or 2021-07-14"


@dataclass(frozen=True, slots=True)
class Scale(Generic[Value]):
    """How values of a kind are read, and what comes next to one.

    Attributes:
        read: Makes the first and the last value of what is written; raises ValueError.
        after: The next value.
        before: The one before.
        alone: Reads what stands neither in a range nor in a comparison; None: as `read`.
    """

    read: Callable[[str], tuple[Value, Value]]
    after: Callable[[Value], Value]
    before: Callable[[Value], Value]
    alone: Callable[[str], tuple[Value, Value]] | None = None


def interval(text: str, scale: Scale[Value]) -> tuple[Value | None, Value | None]:
    """Reads a value, a comparison or a range.

    Raises:
        ValueError: It is none, with the reason.
    """
    text = text.strip()
    if ".." in text:
        first, last = (part.strip() for part in text.split("..", 1))
        if not first and not last:
            raise ValueError("both ends are open")
        return (
            scale.read(first)[0] if first else None,
            scale.read(last)[1] if last else None,
        )
    if found := _COMPARISON.fullmatch(text):
        low, high = scale.read(found[2].strip())
        match found[1]:
            case ">":
                return scale.after(high), None
            case ">=" | "≥":
                return low, None
            case "<":
                return None, scale.before(low)
            case "<=" | "≤":
                return None, high
        return low, high
    return (scale.alone or scale.read)(text)


def read_number(text: str) -> float:
    """Reads a number that is not negative.

    Raises:
        ValueError: It is none.
    """
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError(f"“{one_line(text)}” is no number")
    return float(f"{found[1]}.{found[2] or '0'}")


def read_whole(text: str) -> float:
    """Reads a whole number.

    Raises:
        ValueError: It is none.
    """
    number = read_number(text)
    if not number.is_integer():
        raise ValueError(f"{one_line(text)} is no whole number")
    return number


def rounding_to(text: str) -> tuple[float, float]:
    """Returns what is written so when rounded: 2.75 to 2.85 for "2.8".

    Raises:
        ValueError: It is no number.
    """
    number = read_number(text)
    found = _NUMBER.fullmatch(text)
    half = Decimal(5).scaleb(-len((found and found[2]) or "") - 1)
    middle = Decimal(repr(number))
    return float(max(middle - half, Decimal(0))), float(middle + half)


def number_text(number: float) -> str:
    """Writes a number so that reading it gives the same, without an exponent."""
    if float(number).is_integer():
        return str(int(number))
    return format(Decimal(repr(float(number))), "f")


def read_date(text: str) -> tuple[date, date]:
    """Reads a year, a month or a day.

    Returns:
        Its first and last day.

    Raises:
        ValueError: It is none.
    """
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f"“{one_line(text)}” is no date")
    year, month, day = (int(part) if part else None for part in found.groups())
    if not year:
        raise ValueError("there is no year 0")
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    days = monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1), date(year, month, days)
    if not 1 <= day <= days:
        raise ValueError(f"{year}-{month:02} has {days} days")
    return date(year, month, day), date(year, month, day)


def _days(count: int) -> Callable[[date], date]:
    def moved(day: date) -> date:
        try:
            return day + timedelta(days=count)
        except OverflowError as error:
            raise ValueError("the calendar ends there") from error

    return moved


WHOLE: Scale[float] = Scale(
    lambda text: (read_whole(text),) * 2, lambda number: number + 1, lambda number: number - 1
)
REAL: Scale[float] = Scale(
    lambda text: (read_number(text),) * 2,
    lambda number: math.nextafter(number, math.inf),
    lambda number: math.nextafter(number, -math.inf),
    rounding_to,
)
DAYS: Scale[date] = Scale(read_date, _days(1), _days(-1))
