"""An engine of a real library, store and decoders and all, with a model of colours: quick to start.

A white picture kills it: `python -m tests.engine.colour_engine --library DIR [--linger S]`.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from photosearch import logs
from photosearch.core.ports import Crops, Vectors
from photosearch.embed.fake import FakeEncoder
from photosearch.engine.serve import serve
from photosearch.images.decoders import DecoderPool
from photosearch.library import Library
from photosearch.store.open import open_store

#: So that a test can strike amid the work.
PICTURE_S = 0.004
WHITE_FROM = 250
STARTED = "started.txt"
#: While there is such a file in the library's directory, no picture is understood.
HELD = "held"


def command(library: Path, linger_s: float = 0.0) -> list[str]:
    """What starts such an engine."""
    program = [sys.executable, "-m", "tests.engine.colour_engine", "--library", str(library)]
    return [*program, "--linger", str(linger_s)]


class DeadlyEncoder(FakeEncoder):
    """Dies of white pictures, with the whole process; waits while a file is there."""

    def __init__(self, held: Path) -> None:
        super().__init__()
        self._held = held

    def encode_images(self, crops: Crops) -> Vectors:
        while self._held.exists():
            time.sleep(0.02)
        if np.any(crops.mean(axis=(1, 2, 3)) > WHITE_FROM):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(PICTURE_S * len(crops))
        return super().encode_images(crops)


def open_library(directory: Path) -> Library:
    directory.mkdir(exist_ok=True)
    with (directory / STARTED).open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    store = open_store(directory)
    return Library(
        directory, store, DecoderPool(), lambda _spec, _on_lost: DeadlyEncoder(directory / HELD)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path)
    parser.add_argument("--linger", type=float, default=0.0)
    args = parser.parse_args()
    logs.set_up(args.library, name="engine")
    code = serve(args.library, open_library=open_library, linger_s=args.linger)
    logging.shutdown()
    os._exit(code)
