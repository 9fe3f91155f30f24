"""Dot products of eight-bit vectors, as fast as the processor allows.

Called by `search` on any thread. Both ways release the interpreter's lock while they compute.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors

try:
    import simsimd

    HAS_SIMSIMD = True
except ImportError:  # no wheel for this system
    HAS_SIMSIMD = False

Int8Rows = npt.NDArray[np.int8]

#: Rows that NumPy widens at a time: 4 MB of float32 at 512 dimensions, which stays in the cache.
_WIDENED_ROWS = 2048


def dots(rows: Int8Rows, directions: Int8Rows) -> Vectors:
    """Dot product of each row with each direction.

    Args:
        rows: int8 (n, dim), contiguous.
        directions: int8 (m, dim), contiguous.

    Returns:
        float32 (n, m). Whole numbers, exact up to 2^24.
    """
    if not len(rows) or not len(directions):
        return np.empty((len(rows), len(directions)), np.float32)
    if not HAS_SIMSIMD:
        return by_numpy(rows, directions)
    # WORKAROUND SimSIMD 6.5.16: with `out=` each call loses a reference to None, and Python 3.11
    # ends after some thousand calls. Into an array of its own it computes as fast.
    found: Vectors = np.asarray(simsimd.cdist(directions, rows, "dot", out_dtype="float32"))
    return found.T


def by_numpy(rows: Int8Rows, directions: Int8Rows) -> Vectors:
    """The same without SimSIMD; takes some four times as long."""
    out = np.empty((len(rows), len(directions)), np.float32)
    wide = directions.astype(np.float32).T
    for start in range(0, len(rows), _WIDENED_ROWS):
        part = rows[start : start + _WIDENED_ROWS].astype(np.float32)
        np.matmul(part, wide, out=out[start : start + _WIDENED_ROWS])
    return out
