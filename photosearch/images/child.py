"""What runs in a decoder process beside the decoding: how it starts, and how it ends.

pebble calls `start_child` once in every child and one of the others for every task.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from photosearch.children import end_with_parent
from photosearch.core.decoded import DecodedPhoto, ListedPhoto, SamePhoto
from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.ports import DecodeError
from photosearch.core.preview import Previews
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images import formats
from photosearch.images.decode import decode_again
from photosearch.images.memory import limit_memory

Result = TypeVar("Result")

_NICENESS = 10
_STDERR = 2
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
    # One child for each core is enough: LibRaw would start a thread for each, in every child.
    os.environ["OMP_NUM_THREADS"] = "1"
    limit_memory()
    end_with_parent()
    formats.register()
    _silence_codecs()


def _silence_codecs() -> None:
    """Keeps what codecs say of broken files off the engine's standard error; ours still gets there.

    Pillow warns and logs by Python's means; libtiff and others write to the descriptor itself.
    """
    warnings.simplefilter("ignore")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    with suppress(OSError, ValueError):  # started without a standard error
        own = os.dup(_STDERR)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDERR)
        os.close(nowhere)
        sys.stderr = os.fdopen(own, "w", buffering=1, errors="backslashreplace")


def run_decode(
    decode: Callable[..., DecodedPhoto],
    source: Path | bytes,
    image_input: ImageInput,
    part: Box | None,
    previews: Previews | None = None,
) -> DecodedPhoto:
    """Decodes; whatever goes wrong leaves the child as a `DecodeError`.

    Raises:
        DecodeError: It could not be decoded.
    """
    # Parts are asked for by searches only, and previews used by indexing only: what runs need not
    # know of either.
    if part is not None:
        return _guarded(lambda: decode(source, image_input, part=part))
    if previews is not None:
        return _guarded(lambda: decode(source, image_input, previews=previews))
    return _guarded(lambda: decode(source, image_input))


def run_again(path: Path, image_input: ImageInput, expected: bytes) -> DecodedPhoto | SamePhoto:
    """Reads a file of which it is thought to be known what it holds.

    Raises:
        DecodeError: It could not be read, or not be decoded.
    """
    return _guarded(lambda: decode_again(path, image_input, expected))


def run_listings(
    list_photo: Callable[[Path], ListedPhoto], paths: Sequence[Path]
) -> list[ListedPhoto | DecodeError]:
    """Reads the headers of files; what goes wrong with one is its own outcome."""
    outcomes: list[ListedPhoto | DecodeError] = []
    for path in paths:
        try:
            outcomes.append(_guarded(partial(list_photo, path)))
        except DecodeError as error:
            # Without the errors behind it, which not all can leave the process.
            outcomes.append(DecodeError(error.stage, error.reason, error.stamp))
    return outcomes


def _guarded(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except DecodeError:
        raise
    except MemoryError:
        reason = FailureReason(FailureCode.OUT_OF_MEMORY)
        raise DecodeError(Stage.DECODE, reason, None) from None
    except Exception as error:  # noqa: BLE001 - an exception that cannot be unpickled breaks the pool
        detail = f"{type(error).__name__}: {error}"[:200]
        reason = FailureReason(FailureCode.DAMAGED, {"detail": detail})
        raise DecodeError(Stage.DECODE, reason, None) from None
