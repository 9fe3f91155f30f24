"""`photosearch` and `python -m photosearch`: the window without arguments, else the command line.

Also how a frozen program starts its own parts: `photosearch --run-engine ...`.
"""

from __future__ import annotations

import multiprocessing
import sys

from photosearch import paths


def main() -> int:
    """Runs what the arguments ask for; returns the exit status."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    match arguments:
        case [paths.RUN_ENGINE, *rest]:
            from photosearch.engine.__main__ import main as run_engine

            return run_engine(rest)
        case [] | [paths.RUN_GUI, *_] | ["--library", _]:
            from photosearch.gui.main import main as run_gui

            return run_gui([argument for argument in arguments if argument != paths.RUN_GUI])
        case _:
            from photosearch.cli.main import main as run_command

            return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())
