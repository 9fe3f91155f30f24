"""Makes concepts of a plan's terms: what each of them means, and how sure a score makes one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photosearch.core.ports import Vectors
from photosearch.core.query import Term, TextTerm
from photosearch.core.vectors import unit_length
from photosearch.errors import QueryError
from photosearch.search.calibrate import Calibrator, Judge
from photosearch.search.combine import EXCLUDED_SHARE, together
from photosearch.search.examples import QueryKind
from photosearch.search.plan import Combine, Plan
from photosearch.search.vectors import QueryVectors

#: The weight of what is excluded without a weight of its own.
_EXCLUDED = -1.0
#: Each way in which a photo may fit costs a scan; beyond so many, all are aimed at together.
_AIMS_MAX = 6


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One thing as the model sees it.

    Attributes:
        direction: float32 (dim,), unit length.
        judge: Makes confidences of cosines to the direction.
    """

    direction: Vectors
    judge: Judge


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """Something that is to be seen, or is not.

    Attributes:
        looks: Alternatives: one of them is enough. Mostly there is but one.
        is_wanted: False where it is not to be seen.
    """

    looks: tuple[Look, ...]
    is_wanted: bool = True


def concepts_of(plan: Plan, vectors: QueryVectors, calibrator: Calibrator) -> list[Concept]:
    """Encodes a plan's terms.

    Where weights were given, everything but what is excluded is one concept: the weighted sum.

    Raises:
        QueryError: A picture cannot be read, or the terms cancel out.
        ModelError: The model failed.
    """
    excluded = [term for term in plan.terms if term.weight == _EXCLUDED]
    wanted = [at for at, term in enumerate(plan.terms) if term.weight != _EXCLUDED]
    found: list[Concept] = []
    if plan.combine is Combine.SUM and wanted:
        found.append(Concept((_look([plan.terms[at] for at in wanted], vectors, calibrator),)))
    elif wanted:
        grouped = set(itertools.chain.from_iterable(plan.alternatives))
        groups = [*plan.alternatives, *((at,) for at in wanted if at not in grouped)]
        found += [
            Concept(tuple(_look([plan.terms[at]], vectors, calibrator) for at in group))
            for group in groups
        ]
    found += [Concept((_look([term], vectors, calibrator),), is_wanted=False) for term in excluded]
    return found


def aims(concepts: Sequence[Concept]) -> Vectors:
    """Returns where photos that may fit lie: float32 (m, dim), unit length.

    Args:
        concepts: At least one is wanted.

    Returns:
        One direction for each choice among alternatives; mostly one in all.

    Raises:
        QueryError: The concepts cancel each other out.
    """
    wanted = [concept.looks for concept in concepts if concept.is_wanted]
    excluded = [concept.looks[0].direction for concept in concepts if not concept.is_wanted]
    choices = list(itertools.islice(itertools.product(*wanted), _AIMS_MAX + 1))
    if len(choices) > _AIMS_MAX:
        choices = [tuple(itertools.chain.from_iterable(wanted))]
    return np.stack([_aim([look.direction for look in choice], excluded) for choice in choices])


def judged(cosines: Vectors, concepts: Sequence[Concept]) -> Vectors:
    """Makes confidences of cosines.

    Args:
        cosines: float32 (n, m), to the directions of `looks_of(concepts)`; NaN stays.
        concepts: What is to be seen, and what is not.

    Returns:
        float32 (n,), how surely all of it is so.
    """
    each = []
    column = 0
    for concept in concepts:
        sure = [
            look.judge.confidence(cosines[:, column + n]) for n, look in enumerate(concept.looks)
        ]
        column += len(concept.looks)
        each.append(sure[0] if len(sure) == 1 else np.maximum.reduce(sure))
    if len(each) == 1 and concepts[0].is_wanted:
        return each[0]
    signs = np.array([1 if concept.is_wanted else -1 for concept in concepts], np.float32)
    return together(np.stack(each, axis=1), signs)


def looks_of(concepts: Sequence[Concept]) -> list[Look]:
    """All that is looked at, in the order of the concepts."""
    return [look for concept in concepts for look in concept.looks]


def _look(terms: Sequence[Term], vectors: QueryVectors, calibrator: Calibrator) -> Look:
    if len(terms) == 1:
        direction = vectors.of(terms[0])
    else:
        weights = np.array([term.weight for term in terms], np.float32)
        direction = _unit(weights @ np.stack([vectors.of(term) for term in terms]))
    text = " ".join(term.text for term in terms if isinstance(term, TextTerm))
    return Look(direction, calibrator.judge(direction, _kind(terms), text))


def _kind(terms: Sequence[Term]) -> QueryKind:
    are_texts = {isinstance(term, TextTerm) for term in terms}
    if are_texts == {True}:
        return QueryKind.TEXT
    return QueryKind.PICTURE if are_texts == {False} else QueryKind.MIXED


def _aim(wanted: Sequence[Vectors], excluded: Sequence[Vectors]) -> Vectors:
    total = np.sum(wanted, axis=0)
    if excluded:
        total = total - EXCLUDED_SHARE * np.sum(excluded, axis=0)
    return _unit(total)


def _unit(total: Vectors) -> Vectors:
    try:
        return unit_length(total)
    except ValueError as error:
        raise QueryError(
            "The parts of the search cancel each other out.", "Change a weight or drop a part."
        ) from error
