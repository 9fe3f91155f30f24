"""How much two forms of a model agree: which photos they put next to each other, and how near.

Called by `photosearch models check`, with vectors of the user's own photos.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors
from photosearch.embed.probes import centred_cosines

#: How many neighbours are compared: what a glance at the results takes in, and the first rows.
FEW, MANY = 5, 10
#: Among fewer photos, the ten nearest are a fifth of all by chance alone, and more.
LEAST_PHOTOS = 50


class Verdict(Enum):
    """What an overlap of the ten nearest neighbours means to who searches.

    The value is the least overlap that earns it.
    """

    NEARLY_THE_SAME = 0.95  #: half a photo in ten is another one
    MOSTLY_THE_SAME = 0.85  #: one or two photos in ten are others
    OTHERS = 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near the vectors of one form of a model are to those of another.

    Attributes:
        photo_count: How many photos were compared.
        few_overlap: Mean share of a photo's 5 nearest neighbours that both forms agree on.
        many_overlap: The same of its 10 nearest.
        cosine_mean: Of both vectors of a photo.
        cosine_min: Of the photo that changed most.
        centred_mean: As `cosine_mean`, after the mean vector was taken away.
        centred_min: As `cosine_min`, after the mean vector was taken away.
    """

    photo_count: int
    few_overlap: float
    many_overlap: float
    cosine_mean: float
    cosine_min: float
    centred_mean: float
    centred_min: float

    @property
    def verdict(self) -> Verdict:
        """What the overlap means to who searches."""
        return next(verdict for verdict in Verdict if self.many_overlap >= verdict.value)


def agreement(ours: Vectors, theirs: Vectors) -> Agreement:
    """Compares the vectors of the same photos.

    Args:
        ours: float32 (n, dim), n > 10, unit length.
        theirs: The reference, the same.
    """
    raw = (ours * theirs).sum(axis=1)
    centred = centred_cosines(ours, theirs)
    near_ours, near_theirs = _nearest(ours), _nearest(theirs)
    return Agreement(
        photo_count=len(ours),
        few_overlap=_overlap(near_ours[:, :FEW], near_theirs[:, :FEW]),
        many_overlap=_overlap(near_ours, near_theirs),
        cosine_mean=float(raw.mean()),
        cosine_min=float(raw.min()),
        centred_mean=float(centred.mean()),
        centred_min=float(centred.min()),
    )


def _nearest(vectors: Vectors) -> npt.NDArray[np.int64]:
    """Returns the rows of each row's nearest others, best first: int64 (n, 10)."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    order: npt.NDArray[np.int64] = np.argsort(-cosines, axis=1, kind="stable")[:, :MANY]
    return order


def _overlap(ours: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64]) -> float:
    shared = (ours[:, :, None] == theirs[:, None, :]).any(axis=2)
    return float(shared.mean())
