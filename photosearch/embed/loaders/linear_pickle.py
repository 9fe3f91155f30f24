"""Reads a pickled pair of numpy arrays, and nothing else that a pickle can hold.

Multilingual-CLIP published the last layer of its older models so (`M-BERT-Base-69 Linear
Weights.pkl`). A pickle may name any function to call; here only stand-ins answer, which make no
object of numpy's before they have looked at what it is to be.
"""

from __future__ import annotations

import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: The largest that was published has 768 x 640 numbers of eight bytes at most.
_LARGEST_BYTES = 16 << 20
_FLOATS = {"f2", "f4", "f8"}


def read_linear_pickle(path: Path) -> tuple[Floats, Floats]:
    """Reads the kernel and bias of a linear layer.

    Args:
        path: A pickled list or tuple of two arrays.

    Returns:
        float32 (width, dim) and (dim,).

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds something else.
    """
    if path.stat().st_size > _LARGEST_BYTES:
        raise ValueError(f"{path.name} is too large for a layer's weights")
    try:
        arrays = _Unpickler(io.BytesIO(path.read_bytes())).load()
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    if not isinstance(arrays, (list, tuple)) or len(arrays) != 2:
        raise ValueError(f"{path.name} holds no pair of arrays")
    kernel, bias = (_as_floats(array) for array in arrays)
    if kernel.ndim != 2 or bias.shape != kernel.shape[1:]:
        raise ValueError(f"{path.name} holds arrays of the shapes {kernel.shape}, {bias.shape}")
    return kernel, bias


class _Dtype:
    """Stands in for `numpy.dtype`."""

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or code.lstrip("<>=|") not in _FLOATS:
            raise ValueError(f"the pickle holds an array of {code!r}, no floats")
        self.code = code.lstrip("<>=|")
        self.order = "<"

    def __setstate__(self, state: tuple[object, ...]) -> None:
        if state[1] not in ("<", ">", "=", "|"):
            raise ValueError("the pickle holds an array of an unknown byte order")
        self.order = "<" if state[1] in "=|" else str(state[1])


class _Array:
    """Stands in for `numpy.ndarray`, once `_reconstruct` has made it."""

    value: Floats

    def __setstate__(self, state: tuple[object, ...]) -> None:
        _, shape, dtype, is_fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
            raise ValueError(  # noqa: TRY004 - the file's fault, not a caller's
                "the pickle holds an array of something else than floats"
            )
        if not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
            raise ValueError("the pickle holds an array of an unknown shape")
        flat = np.frombuffer(data, dtype=f"{dtype.order}{dtype.code}")
        if math.prod(shape) != len(flat):
            raise ValueError("the pickle holds an array that is cut off")
        # What lies column by column is the transposed array row by row.
        array = flat.reshape(shape[::-1]).T if is_fortran else flat.reshape(shape)
        self.value = array.astype(np.float32, order="C")


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _as_bytes(text: str, encoding: str) -> bytes:
    """Stands in for `_codecs.encode`: how the older protocols write bytes."""
    if encoding != "latin1":
        raise ValueError(f"the pickle asks for the encoding {encoding!r}")
    return text.encode("latin-1")


_STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _as_bytes,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise ValueError(f"the pickle asks for {module}.{name}, which is refused") from None

    def persistent_load(self, pid: object) -> Any:
        raise ValueError("the pickle asks for an object from elsewhere, which is refused")


def _as_floats(array: object) -> Floats:
    value = getattr(array, "value", None)
    if not isinstance(array, _Array) or value is None:
        raise ValueError("the pickle holds no pair of arrays")
    return array.value
