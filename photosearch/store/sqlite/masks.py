"""Which of many photos, or files, are meant.

Used by `filters`. Pure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

#: bool, by photo id, or by file.
Mask = npt.NDArray[np.bool_]


def between(values: npt.NDArray[Any], low: float | None, high: float | None) -> Mask:
    """Known values between two, both included; NaN is none, None leaves an end open."""
    met: Mask = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), np.bool_)
    # Rounded like the values, so that 2.8 is 2.8; beyond what they hold lies infinity.
    with np.errstate(over="ignore"):
        kind = values.dtype.type if values.dtype.kind == "f" else np.float64
        if low is not None:
            met &= values >= kind(low)
        if high is not None:
            met &= values <= kind(high)
    return met
