"""What the pool's children run in tests, in place of `decode`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from photosearch.core.decoded import DecodedPhoto, ListedPhoto
from photosearch.core.photo import NO_TRAITS, FileStamp, PhotoFacts
from photosearch.core.space import ImageInput


def photo(format_name: str = "TEST") -> DecodedPhoto:
    crop = np.zeros((2, 2, 3), np.uint8)
    return DecodedPhoto(FileStamp(1, 1), b"\0" * 16, crop, b"", PhotoFacts(format_name, 2, 2))


class UnpicklableError(Exception):
    """Pickles, but cannot be unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("only one argument is kept")


def misbehave(source: Path | bytes, image_input: ImageInput) -> DecodedPhoto:
    """Does what the file's name says."""
    name = source.stem if isinstance(source, Path) else "bytes"
    if name == "sleep":
        Path(source.with_suffix(".pid")).write_text(str(os.getpid()))
        time.sleep(600)
    if name == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "raise":
        raise UnpicklableError(1, 2)
    if name == "gorge":
        bytearray(64_000_000_000)
    if name == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    return photo(f"{name} {os.getpid()}")


def misbehave_in_listing(path: Path) -> ListedPhoto:
    """Likewise."""
    read = misbehave(path, ImageInput(64))
    return ListedPhoto(read.stamp, read.facts, None, NO_TRAITS)


def list_modules(source: Path | bytes, image_input: ImageInput) -> DecodedPhoto:
    return photo(" ".join(sorted({name.split(".")[0] for name in sys.modules})))


def complain(source: Path | bytes, image_input: ImageInput) -> DecodedPhoto:
    """Says things as codecs do, and as we do."""
    os.write(2, b"codec: by the descriptor\n")
    warnings.warn("codec: by a warning", stacklevel=1)
    logging.getLogger("PIL.TiffImagePlugin").error("codec: by a log")
    logging.getLogger("photosearch.images").warning("ours: caf\u00e9")
    return photo()


def read_niceness(source: Path | bytes, image_input: ImageInput) -> DecodedPhoto:
    return photo(str(os.nice(0)))
