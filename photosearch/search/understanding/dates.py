"""Finds dates in plain words: "last summer", "im Juli 2021", "去年夏天", "14 juillet 2021".

Seasons are those of the northern half of the Earth, by whole months: summer is June to August, and
the winter of a year begins in its December. "Last summer" is the latest one that is over.
A month without a year counts only behind a clear word ("in July"): "may" and "march" are words.

Why not dateparser: its search takes "may flowers" for May, it knows no seasons ("letzten Sommer",
"去年夏天"), loading it takes 0.3 s and 10 MB, and these rules answer in 0.3 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

from photosearch.core.filters import Filter, NumberField, NumberIn, TakenIn
from photosearch.search.understanding import spans, words
from photosearch.search.understanding.stretch import Found, Stretch

#: Before this, no photo has a date of its own.
FIRST_YEAR = 1900
_YEAR = r"(?<![A-Za-z0-9_.,:/#€$£])(?P<{}>(?:19|20)[0-9]{{2}})(?![0-9])"
#: A year alone is no part of anything else: "2019-07", "1920x1080", "IMG-2019".
_YEAR_ALONE = f"(?<!-){_YEAR}(?![a-z_]|[.,:/-][0-9])"
#: A number that is followed by one of these, or follows one of those, is no year.
_UNIT = re.compile(
    r"\s*(?:m|km|cm|mm|mi|ft|px|mp|kg|g|x|€|\$|£|¥|%|eur|euros?|usd|dollars?|met(?:er|re)s?|metros?"
    r"|metri|pixels?|iso|people|personen|personnes|personas|mal|times|円|元|米|メートル|人)(?!\w)"
)
_NOT_YEARS = re.compile(r"(?:iso|nr\.?|no\.?|№|number|room|route|img|dsc|[€$£¥])\s*$")
#: Abbreviations that are words elsewhere: "mar" is the sea, "set" a set, "mai" never.
_SHORTEST_MONTH = 4
_SAFE_MONTHS = frozenset("jan feb apr jun jul aug sep oct nov dec may mai".split())  # noqa: SIM905
_NUMERIC = (
    re.compile(
        r"(?<![\w./-])(?P<y>[12][0-9]{3})[-/.](?P<m>[0-9]{1,2})(?:[-/.](?P<d>[0-9]{1,2}))?(?![\w/-])"
    ),
    re.compile(
        r"(?<![\w./-])(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})\.\s?(?P<y>[12][0-9]{3})(?![\w/-])"
    ),
    re.compile(r"(?<![\w./-])(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})/(?P<y>[12][0-9]{3})(?![\w/-])"),
)


#: Wide patterns: whether a word is a month is looked up, which is quicker than a longer pattern.
_SLOTS = {
    "season": r"[^\W\d_]{3,}",
    "month": r"[^\W\d_]{3,}",
    "weekday": r"[^\W\d_][\w-]{4,}",
    "n": r"[0-9]{1,3}|[^\W\d_]{2,}",
    "day": "[0-3]?[0-9]",
    "decade": "(?:19|20)?[0-9]0",
}
_ASIAN_SLOTS = _SLOTS | {
    "season": "[春夏秋冬][天季]?",
    "month": "(?:[01]?[0-9]|十[一二]?|[一二三四五六七八九])月",
    "weekday": "[^\\s]曜日?|[星周週][^\\s]{1,2}",
    "n": "[0-9]{1,3}|[一二三四五六七八九十两兩]つ?",
}


@dataclass(frozen=True, slots=True)
class _Rule:
    meaning: str
    pattern: re.Pattern[str]
    language: str


def find(stretch: Stretch, today: date) -> None:
    """Takes the dates out of a stretch; where two readings overlap, the longer one counts.

    Args:
        stretch: The words.
        today: What "last summer" is counted from.
    """
    candidates = [
        (match.end() - match.start(), match.start(), match.end(), where)
        for match, where in _candidates(stretch.flat, today)
    ]
    for _, start, end, where in sorted(candidates, key=lambda one: (-one[0], one[1])):
        if stretch.is_free(start, end):
            stretch.add(Found(start, end, where))


def _candidates(text: str, today: date) -> Iterator[tuple[re.Match[str], Filter]]:
    for rule in _rules():
        for match in rule.pattern.finditer(text):
            try:
                where = _meant(rule, match, today)
            except (ValueError, OverflowError):  # the 31st of February, the year 0
                continue
            if where is not None:
                yield match, where


@cache
def _rules() -> list[_Rule]:
    rules = [_Rule("numeric", pattern, "") for pattern in _NUMERIC]
    rules.append(_Rule("year", re.compile(_YEAR_ALONE.format("year")), ""))
    for language in words.LANGUAGES:
        told = words.of(language)
        for meaning, templates in told.dates.items():
            for template in templates:
                pattern = _pattern(template, told)
                rules.append(_Rule(meaning, re.compile(pattern), language))
    return rules


def _pattern(template: str, told: words.Words) -> str:
    slots = _SLOTS if told.is_spaced else _ASIAN_SLOTS
    pattern = template if not told.is_spaced else template.replace(" ", r"\s+")
    pattern = pattern.replace(r"\s+?", r"\s*")
    for name, slot in slots.items():
        pattern = pattern.replace("{" + name + "}", f"(?P<{name}>{slot})", 1)
    for name in ("year2", "year"):
        pattern = pattern.replace("{" + name + "}", _YEAR.format(name))
    return rf"(?<!\w)(?:{pattern})(?!\w)" if told.is_spaced else f"(?:{pattern})"


def _meant(rule: _Rule, match: re.Match[str], today: date) -> Filter | None:
    """Returns the filter of a match, None where it is none after all."""
    groups = match.groupdict()
    if rule.meaning == "numeric":
        return _numeric(groups, today)
    years = [int(groups[name]) for name in ("year", "year2") if groups.get(name)]
    if any(not FIRST_YEAR <= year <= today.year for year in years):
        return None
    if rule.meaning == "year" and not rule.language and _is_no_year(match):
        return None
    if rule.meaning == "named-month":
        month = _number(groups, rule.language, "month")
        return NumberIn(NumberField.MONTH, month, month)
    first, last = _days(rule, groups, years, today)
    if first and last and first > last:
        return None
    if first and first > today:
        return None
    return TakenIn(first, last)


def _is_no_year(match: re.Match[str]) -> bool:
    text = match.string
    return bool(_UNIT.match(text, match.end()) or _NOT_YEARS.search(text[: match.start()]))


def _days(
    rule: _Rule, groups: dict[str, str | None], years: list[int], today: date
) -> tuple[date | None, date | None]:
    if days := spans.named(rule.meaning, today):
        return days
    number = partial(_number, groups, rule.language)
    match rule.meaning:
        case "year":
            return spans.year(years[0])
        case "years":
            return date(years[0], 1, 1), date(years[1], 12, 31)
        case "since-year":
            return date(years[0], 1, 1), None
        case "before-year":
            return None, date(years[0] - 1, 12, 31)
        case "decade":
            return spans.decade(groups["decade"] or "")
        case "season-of-year":
            return spans.season(years[0], number("season"))
        case "season-of-last-year":
            return spans.season(today.year - 1, number("season"))
        case "this-season":
            return spans.this_season(number("season"), today)
        case "last-season":
            return spans.last_season(number("season"), today)
        case "month-of-year":
            return spans.month(years[0], number("month"))
        case "month-of-last-year":
            return spans.month(today.year - 1, number("month"))
        case "last-named-month":
            return spans.last_month(number("month"), today)
        case "last-weekday":
            return spans.last_weekday(number("weekday"), today)
        case "day":
            day = date(years[0], number("month"), int(groups["day"] or ""))
            return day, day
        case "days-ago" | "weeks-ago" | "months-ago" | "years-ago":
            return spans.ago(rule.meaning, number("n") if groups.get("n") else 1, today)
    raise ValueError(f"no rule means {rule.meaning}")


def _number(groups: dict[str, str | None], language: str, kind: str) -> int:
    """Returns which month, weekday or season a name is, or the count that it says.

    Raises:
        ValueError: It is none.
    """
    name = groups[kind] or ""
    told = words.of(language)
    if (digits := name.removesuffix("月")).isdecimal():
        return int(digits)
    lists = {
        "month": told.months,
        "weekday": told.weekdays,
        "season": told.seasons,
        "n": told.numbers,
    }
    for number, names in enumerate(lists[kind], 1):
        if name in names and (kind != "month" or _is_safe(name, told)):
            return number
    raise ValueError(f"{name} is no {kind}")


def _is_safe(month: str, told: words.Words) -> bool:
    is_safe = month in _SAFE_MONTHS or not month.isascii()
    return is_safe or not told.is_spaced or len(month) >= _SHORTEST_MONTH


def _numeric(groups: dict[str, str | None], today: date) -> Filter | None:
    """Reads 2021-07-14, 14.7.2021 and, where it is clear which is the day, 14/7/2021."""
    year = int(groups["y"] or "")
    if not FIRST_YEAR <= year <= today.year:
        return None
    if "a" in groups:
        first, second = int(groups["a"] or ""), int(groups["b"] or "")
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        month = int(groups["m"] or "")
        if not groups.get("d"):
            return TakenIn(*spans.month(year, month))
        day = int(groups["d"] or "")
    taken = date(year, month, day)
    return TakenIn(taken, taken)
