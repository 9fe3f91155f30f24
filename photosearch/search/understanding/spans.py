"""Which days are meant by "last week", "three months ago", "winter 2020". Pure; any thread.

Every function returns the first and the last day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

WINTER = 4
_DAYS_BACK = {"today": 0, "yesterday": 1, "day-before-yesterday": 2}
_YEARS_BACK = {"this-year": 0, "last-year": 1, "year-before-last": 2}
_MONTHS_BACK = {"this-month": 0, "last-month": 1}


def named(meaning: str, today: date) -> tuple[date, date] | None:
    """Returns what a word says by itself: "yesterday", "last-year"; None for another meaning."""
    if meaning in _DAYS_BACK:
        day = today - timedelta(days=_DAYS_BACK[meaning])
        return day, day
    if meaning in _YEARS_BACK:
        return year(today.year - _YEARS_BACK[meaning])
    if meaning in _MONTHS_BACK:
        return _months_back(today, _MONTHS_BACK[meaning])
    monday, sunday = _week(today)
    match meaning:
        case "this-week":
            return monday, sunday
        case "last-week":
            return _week(today - timedelta(weeks=1))
        case "last-weekend":
            return monday - timedelta(days=2), monday - timedelta(days=1)
    return None


def ago(meaning: str, count: int, today: date) -> tuple[date, date]:
    """What lies back some days is a day, some weeks a week, some months a month."""
    match meaning:
        case "days-ago":
            day = today - timedelta(days=count)
            return day, day
        case "weeks-ago":
            return _week(today - timedelta(weeks=count))
        case "months-ago":
            return _months_back(today, count)
    return year(today.year - count)


def year(number: int) -> tuple[date, date]:
    """Returns a year."""
    return date(number, 1, 1), date(number, 12, 31)


def month(of_year: int, number: int) -> tuple[date, date]:
    """Returns a month."""
    return date(of_year, number, 1), date(of_year, number, monthrange(of_year, number)[1])


def season(of_year: int, number: int) -> tuple[date, date]:
    """Returns a season, 1 for spring; the winter of a year begins in its December."""
    last = (of_year + 1, 2) if number == WINTER else (of_year, number * 3 + 2)
    return date(of_year, number * 3, 1), month(*last)[1]


def decade(digits: str) -> tuple[date, date]:
    """Returns ten years: "1990" or "90"."""
    start = int(digits)
    if start < 100:
        start += 1900 if start >= 30 else 2000
    return date(start, 1, 1), date(start + 9, 12, 31)


def last_weekday(number: int, today: date) -> tuple[date, date]:
    """Returns the latest Monday (1) and so on before today."""
    day = today - timedelta(days=(today.isoweekday() - number) % 7 or 7)
    return day, day


def last_month(number: int, today: date) -> tuple[date, date]:
    """Returns the latest January (1) and so on that is over."""
    return month(today.year if number < today.month else today.year - 1, number)


def last_season(number: int, today: date) -> tuple[date, date]:
    """Returns the latest spring (1) and so on that is over."""
    return next(days for back in range(3) if (days := season(today.year - back, number))[1] < today)


def this_season(number: int, today: date) -> tuple[date, date]:
    """Returns the season of this year; in January, winter is the one that began in December."""
    is_running = number == WINTER and today.month < 3
    return season(today.year - is_running, number)


def _months_back(today: date, count: int) -> tuple[date, date]:
    index = today.year * 12 + today.month - 1 - count
    return month(index // 12, index % 12 + 1)


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
