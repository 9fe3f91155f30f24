"""`photosearch` and `python -m photosearch`: the window without a command, else the command line.

Also how a frozen program starts its own parts: `photosearch --run-engine ...`.
"""

from __future__ import annotations

import sys

from photosearch import paths


def main() -> int:
    """Runs what the arguments ask for; returns the exit status."""
    if getattr(sys, "frozen", False):
        import multiprocessing  # slow to load, and here only of use to a frozen program

        multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == [paths.RUN_ENGINE]:
        from photosearch.engine.__main__ import main as run_engine

        return run_engine(arguments[1:])
    if arguments[:1] == [paths.RUN_PROBE]:
        from photosearch.cli.probes import main as run_probe

        return run_probe(arguments[1:])
    if _is_for_window(arguments):
        from photosearch.gui.main import main as run_gui

        return run_gui([argument for argument in arguments if argument != paths.RUN_GUI])
    from photosearch.cli.main import main as run_command

    return run_command(arguments)


def _is_for_window(arguments: list[str]) -> bool:
    """True where no command is named, or the window is."""
    match arguments:
        case [] | [paths.RUN_GUI, *_] | ["--library", _]:
            return True
        case [option]:
            return option.startswith("--library=")
        case _:
            return False


if __name__ == "__main__":
    sys.exit(main())
