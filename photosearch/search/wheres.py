"""Puts filters together in one form only, so that equal questions are equal filters. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from photosearch.core.filters import AllOf, AnyOf, Filter, Not


def all_of(parts: Iterable[Filter]) -> Filter:
    """Returns what asks for every part."""
    flat: list[Filter] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, AllOf) else (part,))
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def any_of(parts: Iterable[Filter]) -> Filter:
    """Returns what asks for some part."""
    flat: list[Filter] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, AnyOf) else (part,))
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def negated(part: Filter) -> Filter:
    """Returns what asks for the contrary."""
    return part.part if isinstance(part, Not) else Not(part)
