"""`python -m photosearch.engine --library DIR`: the process that `client` starts.

Kept light: children that the engine spawns import this module again.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import logging
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs an engine until its clients are gone, then ends the process.

    Args:
        argv: Arguments without the program's name; None takes the process's.
    """
    multiprocessing.freeze_support()
    exit_code = _run(argv)
    logging.shutdown()
    sys.stderr.flush()
    # The library is closed. A thread that hangs in a native call, or is slow to end, must not keep
    # the process: the next engine of this library waits for it.
    os._exit(exit_code)


def _run(argv: Sequence[str] | None) -> int:
    from photosearch import logs
    from photosearch.engine.serve import serve
    from photosearch.errors import PhotoSearchError

    parser = argparse.ArgumentParser(prog="photosearch.engine", description="Owns one library.")
    parser.add_argument("--library", type=Path, required=True, help="directory of the library")
    directory = parser.parse_args(argv).library.resolve()
    faulthandler.enable()
    # A directory that cannot be written is the host's to tell.
    with contextlib.suppress(OSError):
        logs.set_up(directory, name="engine")
    try:
        return serve(directory)
    except PhotoSearchError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code


if __name__ == "__main__":
    main()
