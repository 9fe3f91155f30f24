"""What computes a tower: arrays in, vectors out, and two faults that are nobody's input's."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors

Inputs = npt.NDArray[np.uint8] | npt.NDArray[np.int64]


class OutOfDeviceMemoryError(Exception):
    """The batch did not fit; a smaller one may."""


class DeviceLostError(Exception):
    """The device answers no more; another one may."""


class Runner(Protocol):
    """A network on a device. May be used from several threads at once."""

    def run(self, *inputs: Inputs) -> Vectors:
        """Computes one batch.

        Args:
            inputs: uint8 (n, size_px, size_px, 3) crops, or int64 (n, tokens) token numbers and
                int64 (n, tokens) mask.

        Returns:
            float32 (n, dim), as the network gives them: of any length.

        Raises:
            OutOfDeviceMemoryError: The batch was too large.
            DeviceLostError: The device is gone.
            RuntimeError: The network failed.
        """
        ...


def as_fault(error: Exception) -> Exception:
    """Returns what a library's error means to us; the error itself where it is no such fault."""
    text = str(error).lower()
    if any(sign in text for sign in ("out of memory", "failed to allocate", "bad allocation")):
        return OutOfDeviceMemoryError(str(error))
    if any(sign in text for sign in ("device lost", "device-side", "device removed", "cuda error")):
        return DeviceLostError(str(error))
    return error


def as_float32(vectors: Any) -> Vectors:
    """Returns an array of a library as float32 of numpy's."""
    return np.asarray(vectors, dtype=np.float32)
