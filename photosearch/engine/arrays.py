"""How arrays travel: their bytes as an attachment, their shape in the JSON.

Apart from `codec`, which loads this at the first array only: NumPy takes longer to load than a
search takes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from photosearch.engine.scalars import (
    Attachments,
    Codec,
    Json,
    attach,
    attached,
    cannot_send,
    malformed,
)


def array_codec(scalar: Any) -> Codec:
    """Returns the codec of arrays of one type of numbers, of any shape.

    Args:
        scalar: The type, e.g. `np.int64`.
    """
    dtype = np.dtype(scalar)

    def encode(value: Any, attachments: list[bytes]) -> Json:
        if not isinstance(value, np.ndarray) or value.dtype != dtype:
            raise cannot_send(value, f"array of {dtype}")
        return [attach(value.tobytes(), attachments), *value.shape]

    def decode(tree: Json, attachments: Attachments) -> Any:
        if type(tree) is not list or not tree:
            raise malformed("array")
        shape = [n for n in tree[1:] if type(n) is int and n >= 0]
        data = attached(tree[0], attachments)
        if len(shape) != len(tree) - 1 or math.prod(shape) * dtype.itemsize != len(data):
            raise malformed("array")
        try:
            # A copy: aligned, writable, and free of the message it came in.
            return np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        except ValueError as error:  # too many dimensions
            raise malformed("array") from error

    return Codec(encode, decode)
