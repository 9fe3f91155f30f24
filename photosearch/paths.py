"""Where Photosearch keeps its things.

`PHOTOSEARCH_HOME` puts everything below one directory, `PHOTOSEARCH_MODELS` the models elsewhere.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from photosearch.errors import LibraryError

HOME_VARIABLE = "PHOTOSEARCH_HOME"
#: Keeps the models elsewhere, e.g. on another disk or shared by several homes.
MODELS_VARIABLE = "PHOTOSEARCH_MODELS"
_APP = "photosearch"
#: First arguments by which the program starts its own parts.
RUN_ENGINE = "--run-engine"
RUN_GUI = "--run-gui"
RUN_PROBE = "--run-probe"


def _home() -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home).absolute() if home else None


def data_dir() -> Path:
    """Returns the directory of the user's libraries and models."""
    if home := _home():
        return home
    import platformdirs  # slow to load, and of no use to a command that names its library

    return Path(platformdirs.user_data_dir(_APP, appauthor=False))


def models_dir() -> Path:
    """Returns where fetched and converted models are kept: gigabytes, for some."""
    chosen = os.environ.get(MODELS_VARIABLE)
    return Path(chosen).absolute() if chosen else data_dir() / "models"


def default_library() -> Path:
    """Returns the library that is opened where none is named."""
    return data_dir() / "library"


def runtime_dir() -> Path:
    """Returns a private directory for sockets, made where it is missing.

    It does not lie in the library: a socket's path may have 107 bytes, and a library may lie on a
    disk that holds no sockets.

    Raises:
        LibraryError: The directory belongs to somebody else or cannot be made.
    """
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    directory = Path(base) / f"{_APP}-{user}"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        info = directory.lstat()
        if not stat.S_ISDIR(info.st_mode):
            raise LibraryError(f"{directory} is not a directory.", "Move it away.")
        if hasattr(os, "getuid"):
            if info.st_uid != os.getuid():
                raise LibraryError(
                    f"{directory} belongs to somebody else.",
                    "Set XDG_RUNTIME_DIR to a directory of your own.",
                )
            directory.chmod(0o700)
    except OSError as error:
        raise LibraryError(
            f"{directory} cannot be used: {error.strerror}.",
            "Set XDG_RUNTIME_DIR to a directory of your own.",
        ) from error
    return directory


def program(part: str) -> list[str]:
    """Returns the command that starts a part of Photosearch as a process of its own.

    Args:
        part: "engine", "gui", "probe", or "cli", which takes a command and its arguments.
    """
    switches = {"engine": [RUN_ENGINE], "gui": [RUN_GUI], "probe": [RUN_PROBE], "cli": []}[part]
    if getattr(sys, "frozen", False):
        # Never the windowed program beside it: on Windows that one has no standard error.
        own = Path(sys.executable)
        return [str(own.with_name(_APP + own.suffix)), *switches]
    return [sys.executable, "-m", "photosearch", *switches]
