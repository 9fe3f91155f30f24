"""What the user's own library adds to a calibration, and how it stands in for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photosearch.core.ports import Vectors

SAMPLE_COUNT = 512
#: With fewer photos the library says too little of itself.
_SAMPLE_MIN = 100
#: A library of one kind of photo is narrower than the reference set; it must not be stretched far.
_SCALE_MIN, _SCALE_MAX = 0.8, 1.25
#: Without a calibration: so many spreads above the middle are as likely a find as not, and each
#: more adds so much to the log odds.
_ROUGH_MIDDLE, _ROUGH_SLOPE = 4.5, 1.5
_SPREAD_MIN = 0.01


@dataclass(frozen=True, slots=True)
class Shift:
    """How scores in a library become scores as the reference set would have given them.

    Attributes:
        scale: Factor.
        offset: What is added.
    """

    scale: float = 1.0
    offset: float = 0.0


def shift_of(asked: Vectors, reference: Vectors, sample: Vectors) -> Shift:
    """Compares a library with the reference set, by queries that have nothing to do with either.

    Medians over many queries: that one thing is in most of the photos moves few of them, and the
    query at hand takes no part.

    Args:
        asked: float32 (m, dim), the queries.
        reference: float32 (n, dim), the reference set's pictures.
        sample: float32 (k, dim), photos of the library.
    """
    if len(sample) < _SAMPLE_MIN:
        return Shift()
    theirs, ours = asked @ reference.T, asked @ sample.T
    ratio = np.median(theirs.std(axis=1)) / max(float(np.median(ours.std(axis=1))), 1e-6)
    scale = float(np.clip(ratio, _SCALE_MIN, _SCALE_MAX))
    return Shift(scale, float(np.median(theirs.mean(axis=1) - scale * ours.mean(axis=1))))


def rough_judgement(scores: Vectors) -> tuple[float, float]:
    """Returns slope and offset of the log odds by the library's own photos.

    The middle and the lower side count, which a thing in less than half of the photos leaves alone.

    Args:
        scores: float32 (n,), of photos picked at random.
    """
    if not len(scores):
        scores = np.zeros(1, np.float32)
    low, middle = np.quantile(scores, [0.16, 0.5])
    slope = _ROUGH_SLOPE / max(float(middle - low), _SPREAD_MIN)
    return slope, -slope * float(middle) - _ROUGH_SLOPE * _ROUGH_MIDDLE
