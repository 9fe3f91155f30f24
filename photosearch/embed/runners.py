"""What computes a tower: arrays in, vectors out, and what its library's errors mean."""

from __future__ import annotations

import textwrap
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors
from photosearch.errors import ModelError, ModelMemoryError

Inputs = npt.NDArray[np.uint8] | npt.NDArray[np.int64]

#: How libraries say that memory ran out: torch on CUDA, MPS and the CPU, cuBLAS, ONNX Runtime's
#: arena, its CUDA and its DirectML. None of them has an error class for it that the others share.
_MEMORY_SIGNS = (
    "out of memory",
    "outofmemory",
    "not enough memory",
    "insufficient memory",
    "can't allocate memory",
    "failed to allocate memory",
    "bad allocation",
    "bad_alloc",
    "_alloc_failed",
    "8007000e",  # E_OUTOFMEMORY; the words beside it are in the user's language
)
#: How they say that the device is gone or refuses to work: torch ("CUDA error: ...", "cuDNN
#: error: ..."), ONNX Runtime ("CUDA failure 700: ...", "CUBLAS failure 13: ...") and DirectML
#: (HRESULTs 887A0005, 06, 07 and 20: removed, hung, reset, error within the driver).
_LOST_SIGNS = (
    "cuda error",
    "cuda driver error",
    "cudnn error",
    "cuda failure",
    "cublas failure",
    "cudnn failure",
    "cufft failure",
    "no cuda-capable device",
    "found no nvidia driver",
    "device-side",
    "device lost",
    "device removed",
    "device instance has been suspended",
    "887a0005",
    "887a0006",
    "887a0007",
    "887a0020",
    "command buffer",  # Metal's
)
#: Of what a library says, for people: ONNX Runtime names source files and template arguments.
_MOST_CHARACTERS = 160


class DeviceLostError(ModelError):
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
            ModelMemoryError: The batch was too large.
            DeviceLostError: The device is gone.
            ModelError: The network failed.
        """
        ...


def as_model_error(error: Exception) -> ModelError:
    """Returns what a library's error means to us, in a sentence."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(sign in text for sign in _MEMORY_SIGNS):
        return ModelMemoryError(f"There is not enough memory: {brief(error)}.")
    if any(sign in text for sign in _LOST_SIGNS):
        return DeviceLostError(f"The device is gone: {brief(error)}.")
    return ModelError(f"The model failed: {brief(error)}.")


def brief(error: Exception) -> str:
    """Returns the beginning of an error's first line, without its full stop.

    What torch adds below is advice to programmers.
    """
    first = str(error).strip().partition("\n")[0].rstrip(" .")
    return textwrap.shorten(first or type(error).__name__, _MOST_CHARACTERS, placeholder="...")


def as_float32(vectors: Any) -> Vectors:
    """Returns an array of a library as float32 of numpy's."""
    return np.asarray(vectors, dtype=np.float32)
