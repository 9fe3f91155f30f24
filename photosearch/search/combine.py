"""Several concepts in one query: all that are wanted, none that is excluded. Search threads."""

from __future__ import annotations

import numpy as np

from photosearch.core.ports import Vectors

#: Power of the mean that stands for "all of them": at -4 the least of three counts for most, and
#: among photos with equal leasts the others decide.
_POWER = -4.0
_LEAST = 1e-6
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
    confidences = np.clip(np.asarray(confidences, np.float32), 0.0, 1.0)
    is_wanted = np.asarray(weights) > 0
    left = np.prod(1.0 - confidences[:, ~is_wanted], axis=1, dtype=np.float32)
    if is_wanted.any():
        wanted = np.maximum(confidences[:, is_wanted], _LEAST)
        left = left * np.mean(wanted**_POWER, axis=1) ** (1.0 / _POWER)
    combined: Vectors = left.astype(np.float32)
    return combined
