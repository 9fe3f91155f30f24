"""Examples of photos that show what was asked for and photos that do not, from the reference set.

`calibrate` learns from them what a score is worth. Texts, pictures and sums of both apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from photosearch.core.ports import Vectors
from photosearch.core.vectors import unit_length
from photosearch.search.background import Background
from photosearch.search.logistic import Logistic, fitted
from photosearch.search.reference import Reference


class QueryKind(StrEnum):
    """What a direction was made of: their cosines have little in common."""

    TEXT = "text"
    PICTURE = "picture"
    MIXED = "mixed"  #: weighted sums of both


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query to the reference set.

    Attributes:
        direction: float32 (dim,), unit length.
        right: Numbers of pictures that show it.
        wrong: Numbers of pictures that do not.
        itself: Number of the picture that the query was made of, if it was.
    """

    direction: Vectors
    right: list[int]
    wrong: list[int]
    itself: int | None = None


def numbers_of(background: Background, kind: QueryKind, direction: Vectors) -> list[float]:
    """Returns what is known of a query beside its scores."""
    crowd = background.crowd(background.pictures @ direction)
    return [crowd, *_of_text(background, kind, direction)]


def fit(
    background: Background, reference: Reference, names: dict[str, Vectors], kind: QueryKind
) -> Logistic:
    """Fits what a score and the query's numbers say together, in this order.

    The crowd is that of one half of the pictures, finds and strangers are of the other one: in a
    library, too, strangers are others than those that the crowd is made of.

    Args:
        background: The reference set in the space.
        reference: What the pictures show.
        names: Of each thing float32 (n, dim), its names in the space.
        kind: Of the queries.

    Raises:
        ValueError: No thing has both pictures and strangers.
    """
    rows: list[list[float]] = []
    truths: list[bool] = []
    shares: list[float] = []
    for asked in _asked(background, reference, names, kind):
        scores = background.pictures @ asked.direction
        beside = _of_text(background, kind, asked.direction)
        for half in (0, 1):
            crowding = [n for n in range(1 - half, len(scores), 2) if n != asked.itself]
            numbers = [background.crowd(scores[crowding]), *beside]
            finds = [float(scores[n]) for n in asked.right if n % 2 == half]
            strangers = [float(scores[n]) for n in asked.wrong if n % 2 == half]
            # A library's best stranger is what a find is mistaken for: the others say nothing.
            best = [max(strangers)] if strangers else []
            for found, is_right, share in (
                (finds, True, 1 / len(asked.right)),
                (best, False, 1 / 2),
            ):
                rows += [[score, *numbers] for score in found]
                truths += [is_right] * len(found)
                shares += [share] * len(found)
    return fitted(np.array(rows), np.array(truths), np.array(shares))


def _of_text(background: Background, kind: QueryKind, direction: Vectors) -> list[float]:
    if kind is not QueryKind.TEXT:
        return []
    return [background.nearness(direction), background.generality(direction)]


def _asked(
    background: Background, reference: Reference, names: dict[str, Vectors], kind: QueryKind
) -> Iterator[_Asked]:
    shown = [picture.things for picture in reference.pictures]
    for thing, own_names in names.items():
        kin = reference.relatives[thing] | {thing}
        # Beside other things a thing is small: what a find looks like is said by pictures of it.
        right = [n for n, things in enumerate(shown) if things == {thing}]
        wrong = [n for n, things in enumerate(shown) if not things & kin]
        if not right or not wrong:
            continue
        if kind is QueryKind.TEXT:
            yield from (_Asked(name, right, wrong) for name in own_names)
            continue
        for example in right:
            others = [n for n in right if n != example]
            if not others:
                continue
            direction = background.pictures[example]
            if kind is QueryKind.MIXED:
                direction = unit_length(direction + own_names[0])
            yield _Asked(direction, others, wrong, example)
