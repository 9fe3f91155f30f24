"""Where an export works until its file is whole, and how what a killed one left is found again.

The zip file grows beside its target, on a disk of the user's: a note in the models' directory says
where. The note's lock goes with the process, so that nothing is taken from an export under way.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = ".exporting-"
_LOCK_FILE = "lock"
_NOTE_FILE = "draft"
_SUFFIX = ".part"


@dataclass(frozen=True, slots=True)
class ExportDraft:
    """What does not outlive an export.

    Attributes:
        file: The zip file until it is whole, beside its target.
        directory: For files that go into it, on the models' disk.
    """

    file: Path
    directory: Path


@contextlib.contextmanager
def drafted(target: Path, models_dir: Path) -> Iterator[ExportDraft]:
    """Makes room for an export, and takes away what is left of it at the end.

    Raises:
        OSError: The models' disk refuses.
    """
    file = target.absolute().with_name(f"{target.name}{_SUFFIX}")
    models_dir.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=models_dir))
    try:
        with FileLock(directory / _LOCK_FILE):
            (directory / _NOTE_FILE).write_bytes(str(file).encode("utf-8", "surrogateescape"))
            try:
                yield ExportDraft(file, directory)
            finally:
                file.unlink(missing_ok=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep(models_dir: Path) -> None:
    """Deletes what exports left that were killed."""
    for directory in models_dir.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):
            with FileLock(directory / _LOCK_FILE, timeout=0):
                note = directory / _NOTE_FILE
                if note.is_file():
                    file = Path(note.read_bytes().decode("utf-8", "surrogateescape"))
                    if file.name.endswith(_SUFFIX):
                        file.unlink(missing_ok=True)
            shutil.rmtree(directory, ignore_errors=True)
