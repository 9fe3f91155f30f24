"""`photosearch` and `python -m photosearch`: the window without a command, else the command line.

Also how a frozen program starts its own parts: `photosearch --run-engine ...`.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

#: As a shell has it for a command that Ctrl-C ended.
_INTERRUPTED = 130


def main() -> int:
    """Runs what the arguments ask for; returns the exit status."""
    run = _while_loading(_entry)
    try:
        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED


def _while_loading(load: Callable[[], Callable[[], int]]) -> Callable[[], int]:
    """Loads what is to run; Ctrl-C ends the process meanwhile, without a word.

    An exception would not do: imports swallow some, and turn others into errors of their own.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # ignored, or another's to deal with
        return load()
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    try:
        return load()
    finally:
        signal.signal(signal.SIGINT, before)


def _entry() -> Callable[[], int]:
    """Returns what the arguments ask for, ready to run."""
    from photosearch import paths

    if getattr(sys, "frozen", False):
        import multiprocessing  # slow to load, and here only of use to a frozen program

        multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == [paths.RUN_ENGINE]:
        from photosearch.engine.__main__ import main as run_engine

        return partial(run_engine, arguments[1:])
    if arguments[:1] == [paths.RUN_PROBE]:
        from photosearch.cli.probes import main as run_probe

        return partial(run_probe, arguments[1:])
    if _is_for_window(arguments):
        from photosearch.gui.main import main as run_gui

        return partial(run_gui, [argument for argument in arguments if argument != paths.RUN_GUI])
    # What is loaded stays: to look for garbage in it takes a tenth of the time until an answer.
    gc.disable()
    try:
        from photosearch.cli.main import main as run_command
    finally:
        gc.enable()
    run = partial(run_command, arguments)
    return partial(_leaving, run) if _is_search(arguments) else run


def _is_search(arguments: list[str]) -> bool:
    """True where somebody waits for an answer; what a word is that could be one is no matter."""
    return "search" in arguments[:3]


def _leaving(run: Callable[[], int]) -> int:
    """Runs a command that leaves nothing to be done, and ends the process with it.

    Taking an interpreter with all its modules apart takes longer than the answer took.
    """
    status = run()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return status  # the interpreter says at its end what became of the output
    os._exit(status)


def _is_for_window(arguments: list[str]) -> bool:
    """True where no command is named, or the window is."""
    from photosearch import paths

    match arguments:
        case [] | [paths.RUN_GUI, *_] | ["--library", _]:
            return True
        case [option]:
            return option.startswith("--library=")
        case _:
            return False


if __name__ == "__main__":
    sys.exit(main())
