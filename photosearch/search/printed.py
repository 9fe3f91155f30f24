"""Writes a plan, or a part of one, in the query language. Pure; any thread.

What is written so is read as the same plan where plain words are left alone (`understands` off).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TypeGuard

from photosearch.core.filters import (
    AllOf,
    AnyOf,
    Filter,
    Near,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextIs,
)
from photosearch.core.query import Box, ImageTerm, Term, TextTerm
from photosearch.search.fields import IS
from photosearch.search.intervals import number_text
from photosearch.search.plan import Combine, Plan

#: What needs no quotes as a field's value.
_BARE = re.compile(r"[\w][\w.*?/+-]*")
#: Fields whose single values would be read as what rounds to them.
_REAL = {
    NumberField.APERTURE,
    NumberField.EXPOSURE,
    NumberField.FOCAL,
    NumberField.MEGAPIXELS,
}


def printed(plan: Plan) -> str:
    """Writes a plan that was made of text; pictures without a file are left out."""
    is_weighted = plan.combine is Combine.SUM
    grouped = {index: group for group in plan.alternatives for index in group}
    words = list(plan.words)
    parts: list[str] = []
    for index, term in enumerate(plan.terms):
        if index in grouped:
            if index == grouped[index][0]:
                group = [term_text(plan.terms[at]) for at in grouped[index]]
                parts.append(f"({' OR '.join(group)})")
        elif _takes_run(term, words):
            # Without the plus it would grow together with other words.
            parts.append(f"+ {term.text}" if parts else term.text)
        else:
            parts.append(term_text(term, is_weighted=is_weighted))
    parts.extend(_parts(plan.where))
    return " ".join(filter(None, parts))


def term_text(term: Term, *, is_weighted: bool = False) -> str:
    """Writes a term; "" for a picture that has no file.

    Args:
        term: The term.
        is_weighted: Its weight is written even where it is one.
    """
    weight = abs(term.weight)
    sign = "-" if term.weight < 0 else ""
    if is_weighted or weight != 1:
        sign += f"{number_text(weight)}:"
    if isinstance(term, TextTerm):
        return f"{sign}{quoted(term.text)}"
    if isinstance(term, ImageTerm):
        return f"{sign}like:{quoted(str(term.path))}{_box_text(term.box)}"
    return ""


def quoted(text: str) -> str:
    """Puts a text in quotes."""
    return '"' + text.replace('"', '""') + '"'


def filter_text(where: Filter) -> str:
    """Writes a filter."""
    if isinstance(where, AllOf):
        return f"({' '.join(map(filter_text, where.parts))})"
    if isinstance(where, AnyOf):
        return f"({' OR '.join(map(filter_text, where.parts))})"
    if isinstance(where, Not):
        return f"-{filter_text(where.part)}"
    if isinstance(where, TextIs):
        text = where.text
        return f"{where.field}:{text if _BARE.fullmatch(text) else quoted(text)}"
    if isinstance(where, NumberIn):
        return f"{where.field}:{_range_text(where)}"
    if isinstance(where, TakenIn):
        return f"date:{_days_text(where.first, where.last)}"
    if isinstance(where, Near):
        return _near_text(where)
    return f"{'is' if where.trait in IS.values() else 'has'}:{where.trait}"


def _takes_run(term: Term, words: list[str]) -> TypeGuard[TextTerm]:
    """Tells whether a term is a run of plain words, and strikes its words out."""
    if not isinstance(term, TextTerm) or term.weight < 0 or not words:
        return False
    run = term.text.split()
    is_run = len(run) > 1 and words[0] != term.text and words[: len(run)] == run
    del words[: len(run) if is_run else 1]
    return is_run and term.weight == 1


def _parts(where: Filter) -> list[str]:
    """Writes a filter without parentheses around it."""
    return [filter_text(part) for part in (where.parts if isinstance(where, AllOf) else (where,))]


def _range_text(where: NumberIn) -> str:
    low, high = where.low, where.high
    if low is not None and low == high and where.field not in _REAL:
        return number_text(low)
    return f"{_end_text(low)}..{_end_text(high)}"


def _end_text(end: float | None) -> str:
    return "" if end is None else number_text(end)


def _days_text(first: date | None, last: date | None) -> str:
    if first and last and (whole := span_text(first, last)):
        return whole
    return f"{_first_text(first) if first else ''}..{_last_text(last) if last else ''}"


def _first_text(day: date) -> str:
    if day.day > 1:
        return day.isoformat()
    return f"{day.year:04}" if day.month == 1 else f"{day.year:04}-{day.month:02}"


def _last_text(day: date) -> str:
    if day.day < monthrange(day.year, day.month)[1]:
        return day.isoformat()
    return f"{day.year:04}" if day.month == 12 else f"{day.year:04}-{day.month:02}"


def span_text(first: date, last: date) -> str:
    """Writes days that are a year, a month or one day, as such; "" where they are none."""
    if first == last:
        return first.isoformat()
    if (first.year, first.month, first.day) == (last.year, 1, 1) and last == date(
        last.year, 12, 31
    ):
        return f"{first.year:04}"
    is_month = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if is_month and (first.year, first.month) == (last.year, last.month):
        return f"{first.year:04}-{first.month:02}"
    return ""


def _near_text(where: Near) -> str:
    place = f"{_degrees(where.latitude_deg)},{_degrees(where.longitude_deg)} {where.name}".strip()
    return f"near:{quoted(place)} within:{number_text(where.within_km)}km"


def _degrees(degrees: float) -> str:
    return f"{'-' if degrees < 0 else ''}{number_text(abs(degrees))}"


def _box_text(box: Box | None) -> str:
    if box is None:
        return ""
    return f"[{','.join(map(number_text, (box.left, box.top, box.right, box.bottom)))}]"
