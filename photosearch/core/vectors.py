"""Arithmetic on vectors that several layers need."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def unit_length(vectors: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Scales vectors to length one.

    Args:
        vectors: (n, dim) or (dim,), any float type.

    Returns:
        float32 of the same shape, unit length along the last axis.

    Raises:
        ValueError: A vector is zero or not finite, so it has no direction.
    """
    array = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(array, axis=-1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ValueError("a vector has no direction")
    scaled: npt.NDArray[np.float32] = array / lengths
    return scaled
