"""Sets up logging. Only entry points call it; everybody else just has a module logger."""

from __future__ import annotations

import logging
import logging.handlers
import os
from pathlib import Path

#: One file and one predecessor: enough to see the last start and the one before.
_MAX_BYTES = 1_000_000
_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)-12s %(name)s: %(message)s"


def set_up(directory: Path, *, name: str, to_stderr: bool = False) -> None:
    """Sends this process's log to a file.

    Args:
        directory: Where the log files lie; made where missing.
        name: Which process this is, e.g. "engine": the file is `NAME.log`.
        to_stderr: Also show warnings and errors on the terminal.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file_handler = logging.handlers.RotatingFileHandler(
        directory / f"{name}.log", maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    file_handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    # Where nothing may be written, each record would become a complaint on the terminal.
    root.addHandler(file_handler if os.access(directory, os.W_OK) else logging.NullHandler())
    if to_stderr:
        terminal = logging.StreamHandler()
        terminal.setLevel(logging.WARNING)
        terminal.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        root.addHandler(terminal)
