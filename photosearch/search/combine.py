"""Several concepts in one query: all that are wanted, none that is excluded. Search threads."""

from __future__ import annotations

import numpy as np

from photosearch.core.ports import Vectors

_LEAST = 1e-6
#: Strangers that look like all of several things at once are rarer than those that look like one:
#: the odds of a find count so many times as much for each further thing.
_RARER = 2.5
#: Odds at which the excluded halves what is left, and how steeply it does. Low, since beside what
#: is wanted a thing is small: who says "without people" would rather miss one photo than see one.
_VETO_ODDS, _VETO_POWER = 0.001, 3.0
#: What the excluded takes from the direction in which candidates are sought: enough that the
#: candidates are not full of it, too little to lead away from what is wanted.
EXCLUDED_SHARE = 0.25


def together(confidences: Vectors, weights: Vectors) -> Vectors:
    """Returns how sure it is that photos show all that is wanted and nothing that is excluded.

    Args:
        confidences: float32 (n, m), 0..1, of each photo and concept.
        weights: float32 (m,); concepts with a negative weight are excluded, the sizes do not
            count.

    Returns:
        float32 (n,), 0..1: the soft minimum of the wanted, times what each veto leaves of it.
        Where nothing is wanted, the vetoes alone.
    """
    confidences = np.clip(np.asarray(confidences, np.float64), 0.0, 1.0)
    is_wanted = np.asarray(weights) > 0
    excluded = confidences[:, ~is_wanted]
    odds = excluded / np.maximum(1.0 - excluded, _LEAST)
    left = np.prod(1.0 / (1.0 + (odds / _VETO_ODDS) ** _VETO_POWER), axis=1)
    if is_wanted.any():
        wanted = np.maximum(confidences[:, is_wanted], _LEAST)
        # On two-thing pictures the geometric mean found more than harder minima and than sums.
        both = np.exp(np.log(wanted).mean(axis=1))
        odds = both * _RARER ** (wanted.shape[1] - 1)
        left = left * odds / (1.0 - both + odds)
    combined: Vectors = left.astype(np.float32)
    return combined
