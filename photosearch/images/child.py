"""What runs in a decoder process beside the decoding: how it starts, and how it ends.

pebble calls `start_child` once in every child and `run_decode` for every picture.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from photosearch.children import end_with_parent
from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import DecodedPhoto
from photosearch.core.ports import DecodeError
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images import formats

_NICENESS = 10
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


def start_child() -> None:
    """Prepares a fresh child: low priority, formats, and an end with its parent's."""
    # Ctrl-C reaches the whole group; the parent decides when its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # pebble's own handler waits for the codec to return; a child has nothing to tidy up.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICENESS)
    end_with_parent()
    formats.register()


def run_decode(
    decode: Callable[..., DecodedPhoto],
    source: Path | bytes,
    image_input: ImageInput,
    part: Box | None,
) -> DecodedPhoto:
    """Decodes; whatever goes wrong leaves the child as a `DecodeError`.

    Raises:
        DecodeError: It could not be decoded.
    """
    try:
        # A part is asked for by a search only: what indexing runs need not know of it.
        return (
            decode(source, image_input) if part is None else decode(source, image_input, part=part)
        )
    except DecodeError:
        raise
    except Exception as error:  # noqa: BLE001 - an exception that cannot be unpickled breaks the pool
        detail = f"{type(error).__name__}: {error}"[:200]
        reason = FailureReason(FailureCode.DAMAGED, {"detail": detail})
        raise DecodeError(Stage.DECODE, reason, None) from None
