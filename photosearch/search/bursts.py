"""Finds photos of one scene, taken within seconds: shown as one where that is wanted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors

#: Two photos of a burst lie at most this far apart in time ...
GAP_US = 3_000_000
#: ... and are at least this alike. Photos of one motif on two days have less.
SAME_SCENE = 0.9


def collapse(
    times: npt.NDArray[np.int64], vectors: Vectors
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Finds who stands for each burst.

    Args:
        times: int64 (n,), microseconds, of photos in the order of an answer.
        vectors: float32 (n, dim), unit length; NaN for photos without one, which stand alone.

    Returns:
        Positions intp (m,) of the first photo of each burst, in the order of the answer, and
        int32 (m,), how many photos each stands for.
    """
    if len(times) == 0:
        return np.empty(0, np.intp), np.empty(0, np.int32)
    by_time = np.argsort(times, kind="stable")
    gaps = np.diff(times[by_time])
    # vecdot: a matrix of all pairs is not needed, only neighbours in time are compared.
    likeness = np.vecdot(vectors[by_time[1:]], vectors[by_time[:-1]])
    begins = np.concatenate([[True], ~((gaps <= GAP_US) & (likeness >= SAME_SCENE))])
    burst_of = np.empty(len(times), np.intp)
    burst_of[by_time] = np.cumsum(begins) - 1
    _, first, counts = np.unique(burst_of, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], counts[order].astype(np.int32)
