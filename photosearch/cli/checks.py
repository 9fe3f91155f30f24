"""What works on this machine and what does not, with what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from photosearch import paths, settings
from photosearch.cli import output
from photosearch.embed import catalogue, inventory
from photosearch.errors import PhotoSearchError
from photosearch.images import formats
from photosearch.index.probes import is_full_screen
from photosearch.store.open import open_store

#: Under this many watches, a library of some thousand folders cannot be watched whole.
_FEW_WATCHES = 65_536
_PROBE_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    is_ok: bool
    detail: str
    hint: str = ""


def run_checks(library: Path) -> list[Check]:
    """Looks at everything that the program needs here.

    Args:
        library: Directory of the library in use.
    """
    return [
        _python(),
        _qt(),
        _torch(),
        _settings(library),
        _model(library),
        _formats(),
        _database(),
        _library(library),
        *_watches(),
        _full_screen(),
    ]


def _python() -> Check:
    version = importlib.metadata.version("photosearch")
    return Check("Program", True, f"Photosearch {version}, Python {platform.python_version()}")


def _qt() -> Check:
    return _probe("Window", "window", _qt_hint(), offscreen=True)


def _qt_hint() -> str:
    if not getattr(sys, "frozen", False):
        return "Qt's system libraries are missing: make setup"
    if sys.platform != "linux":
        return "Install Photosearch again."
    return (
        "Install your system's graphics libraries, on Debian and Ubuntu: "
        "sudo apt install libegl1 libgl1 libxcb-cursor0"
    )


def _torch() -> Check:
    return _probe("Compute", "compute", "Install Photosearch again.")


def _settings(library: Path) -> Check:
    path = library / settings.LIBRARY_FILE
    try:
        settings.LibrarySettings.load(path)
        slips = settings.LibrarySettings.unknown_keys(path)
    except PhotoSearchError as error:
        return Check("Settings", False, error.message, error.hint)
    if slips:
        return Check("Settings", False, "; ".join(slips), "Mend or remove what means nothing.")
    return Check("Settings", True, "understood" if path.exists() else "as they come")


def _model(library: Path) -> Check:
    def look() -> str:
        spec = catalogue.find(settings.LibrarySettings.load(library / settings.LIBRARY_FILE).model)
        inventory.require_usable(spec, paths.models_dir())
        return f"{spec.name}, {spec.space.dim} numbers a picture"

    return _guarded("Model", look)


def _formats() -> Check:
    formats.register()
    return Check("Formats", True, ", ".join((*formats.openable(), "raw files")))


def _database() -> Check:
    def look() -> str:
        with tempfile.TemporaryDirectory() as directory:
            open_store(Path(directory)).close()
        return f"SQLite with vectors ({importlib.metadata.version('sqlite-vec')})"

    return _guarded("Database", look)


def _library(library: Path) -> Check:
    where = library if library.exists() else library.parent
    while not where.exists():
        where = where.parent
    free_gb = shutil.disk_usage(where).free / 1e9
    is_ok = os.access(where, os.W_OK)
    detail = f"{output.path_text(library)}, {free_gb:.0f} GB free"
    return Check("Library", is_ok, detail, "" if is_ok else f"You may not write to {where}.")


def _watches() -> list[Check]:
    limit_file = Path("/proc/sys/fs/inotify/max_user_watches")
    if not limit_file.exists():
        return []
    limit = int(limit_file.read_text(encoding="ascii"))
    hint = "sudo sysctl fs.inotify.max_user_watches=524288"
    return [Check("Watching", limit >= _FEW_WATCHES, f"up to {limit:,} folders", hint)]


def _full_screen() -> Check:
    """Whether index work can wait while a film or a game fills the screen."""
    if is_full_screen() is None:
        detail = "films and games are not noticed here; hold index work by hand: photosearch pause"
    elif os.environ.get("WAYLAND_DISPLAY"):
        detail = "index work waits for full-screen programs, on Wayland only for those of X11"
    else:
        detail = "index work waits for full-screen programs"
    return Check("Manners", True, detail)


def _probe(name: str, probe: str, hint: str, *, offscreen: bool = False) -> Check:
    """Runs a probe of `cli.probes` in a process of its own: what it imports may crash."""
    environment = dict(os.environ)
    if offscreen and not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = subprocess.run(
            [*paths.program("probe"), probe],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Check(name, False, f"no answer within {_PROBE_TIMEOUT_S} s", hint)
    if done.returncode == 0:
        return Check(name, True, done.stdout.strip())
    reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return Check(name, False, reason, hint)


def _guarded(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except PhotoSearchError as error:
        return Check(name, False, error.message, error.hint)
