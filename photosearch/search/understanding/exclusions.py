"""Finds what is not to be seen: "without people", "ohne Autos und Menschen", "人のいない"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from photosearch.core.filters import Not
from photosearch.search.understanding import words
from photosearch.search.understanding.stretch import Found, Stretch

#: "without red cars" means both words; what stands behind them is something else.
_WORDS_MAX = 2
_WORD = re.compile(r"[^\s,;]+")
_ASIAN_WHAT = r"(?P<what>(?:(?!だ?けど)[^\s、，。のはがをにでとも的]){1,8}?)"  # noqa: RUF001 - the comma there


def find(stretch: Stretch) -> None:
    """Takes the exclusions out of a stretch in which filters have been found already."""
    for language in words.LANGUAGES:
        told = words.of(language)
        if told.is_spaced:
            _find_spaced(stretch, told)
        else:
            for pattern in _asian(language):
                for start, end in list(stretch.free()):
                    for match in pattern.finditer(stretch.flat, start, end):
                        what = stretch.text[slice(*match.span("what"))]
                        if stretch.is_free(*match.span()):
                            stretch.add(Found(*match.span(), excluded=(what,)))


def _find_spaced(stretch: Stretch, told: words.Words) -> None:
    without, no = _openers(told.code)
    for start, end in list(stretch.free()):
        for match in without.finditer(stretch.flat, start, end):
            if not stretch.is_free(*match.span()):
                continue
            if match.end() == end and _negate_next(stretch, match.start(), end):
                continue
            _take(stretch, told, match.start(), match.end(), end)
        for match in no.finditer(stretch.flat, start, end):
            if stretch.is_free(*match.span()):
                what = stretch.text[slice(*match.span("what"))]
                stretch.add(Found(*match.span(), excluded=(what,)))


def _take(stretch: Stretch, told: words.Words, start: int, at: int, end: int) -> None:
    """Takes what is named from some place on, "cars and old people"."""
    excluded: list[str] = []
    stop = at
    while thing := _thing(stretch, told, stop, end):
        excluded.append(stretch.text[thing[0] : thing[1]])
        stop = thing[1]
        join = re.compile(rf"\s+(?:{words.one_of(told.joins)})(?!\w)").match(
            stretch.flat, stop, end
        )
        if not join:
            break
        stop = join.end()
    if excluded:
        stretch.add(Found(start, thing[1] if thing else stop, excluded=tuple(excluded)))


def _thing(stretch: Stretch, told: words.Words, at: int, end: int) -> tuple[int, int] | None:
    found: list[re.Match[str]] = []
    previous = at
    for match in _WORD.finditer(stretch.flat, at, end):
        has_comma = stretch.flat[previous : match.start()].strip() != ""
        if has_comma or (not found and match[0] in told.joins):
            break
        previous = match.end()
        if not found and match[0] in told.articles:
            continue
        if match[0] in told.stop or match[0] in told.joins or match[0] in told.before_place:
            break
        found.append(match)
        if len(found) == _WORDS_MAX or match[0] in told.people:
            break
    return (found[0].start(), found[-1].end()) if found else None


def _negate_next(stretch: Stretch, start: int, end: int) -> bool:
    """Makes "without Canon" of a filter that stands right behind."""
    for index, found in enumerate(stretch.found):
        if found.where and not stretch.text[end : found.start].strip() and found.start >= end:
            stretch.found[index] = replace(found, start=start, where=Not(found.where))
            return True
    return False


@cache
def _openers(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    told = words.of(language)
    # "pas d'arbres": no blank behind an apostrophe.
    without = re.compile(rf"(?<!\w)(?:{words.one_of(told.without)})(?:(?<=')|(?!\w))")
    no = re.compile(
        rf"(?<!\w)(?:{words.one_of(told.no)})\s+(?P<what>{words.one_of(told.people)})(?!\w)"
    )
    return without, no


@cache
def _asian(language: str) -> list[re.Pattern[str]]:
    return [
        re.compile(template.replace("{what}", _ASIAN_WHAT))
        for template in words.of(language).exclusions
    ]
