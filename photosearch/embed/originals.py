"""Where the files of fetched models lie, which are missing, and how new ones come to their place.

A directory for each repository and revision, shared by all towers that come from there. New files
are gathered in a draft beside it and moved in when all of them are there and proved: a half model
is never seen. A list of hashes stays with them, so that they can be proved again later.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.embed import export_draft
from photosearch.embed.packs import sha256
from photosearch.embed.spec import RemoteFile, TowerSpec
from photosearch.errors import ModelError

#: In each directory: path of a file to its bytes and hash, as they were when it was fetched.
LIST_FILE = "photosearch-files.json"
_WEIGHT_SUFFIXES = {".safetensors", ".bin", ".pt", ".pkl"}
#: What systems say where a disk or a quota is full.
NO_SPACE = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
#: Drafts of imports and conversions, and what was on its way out.
_LEFT_OVERS = (".importing-*", "packs/making-*", ".removing-*", "*/.removing-*")
#: Longer than any of them works.
_LEFT_OVER_AGE_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Checkout:
    """What some towers need of one repository at one revision.

    Attributes:
        repo: On the model hub.
        revision: Pinned.
        files: Those files.
        directory: Where they lie, present or not.
    """

    repo: str
    revision: str
    files: tuple[RemoteFile, ...]
    directory: Path

    @property
    def draft(self) -> Path:
        """Where a download gathers them."""
        return self.directory.with_name(f"{self.directory.name}.part")

    @property
    def size_bytes(self) -> int:
        """Of all files whose size the catalogue knows."""
        return sum(file.size_bytes for file in self.files)

    def missing(self) -> list[RemoteFile]:
        """Returns the files that are not here, or not in the size they must have."""
        return [file for file in self.files if not is_whole(self.directory / file.path, file)]


def checkouts(towers: Iterable[TowerSpec], models_dir: Path) -> list[Checkout]:
    """Returns what towers need from elsewhere, each repository once.

    Args:
        towers: Those that ship with us or are the user's own need nothing.
        models_dir: Where fetched models are kept.
    """
    found: dict[Path, Checkout] = {}
    for tower in towers:
        if tower.path is not None:
            continue
        directory = tower.directory(models_dir)
        known = found[directory].files if directory in found else ()
        files = {file.path: file for file in (*known, *tower.files)}
        found[directory] = Checkout(tower.repo, tower.revision, tuple(files.values()), directory)
    return list(found.values())


def is_whole(path: Path, file: RemoteFile) -> bool:
    """Whether a file is there, in the size that the catalogue says. Does not read it."""
    try:
        return path.is_file() and file.size_bytes in (0, path.stat().st_size)
    except OSError:
        return False


def are_sizes_known(files: Iterable[RemoteFile]) -> bool:
    """Whether the sum of the sizes says what files take: small ones without a size do not count."""
    return all(file.size_bytes for file in files if Path(file.path).suffix in _WEIGHT_SUFFIXES)


def take_in(draft: Path, checkout: Checkout) -> None:
    """Moves proved files from a draft to their place, with their hashes.

    Args:
        draft: Holds them; what belongs to others in it stays there.
        checkout: Where they belong. Other files that are there already stay.

    Raises:
        OSError: The disk refuses; what was moved until then is whole.
    """
    fresh = [file.path for file in checkout.files if (draft / file.path).is_file()]
    known = known_files(checkout.directory)
    for path in fresh:
        known[path] = RemoteFile(path, (draft / path).stat().st_size, sha256(draft / path))
    text = json.dumps({path: [file.size_bytes, file.sha256] for path, file in known.items()})
    (draft / LIST_FILE).write_text(text, encoding="utf-8")
    for path in (LIST_FILE, *fresh):
        target = checkout.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        (draft / path).replace(target)
    if not any(names for _, _, names in os.walk(draft)):
        shutil.rmtree(draft)


def known_files(directory: Path) -> dict[str, RemoteFile]:
    """Returns what was noted of the files in a directory when they were fetched, by path."""
    try:
        entries = json.loads((directory / LIST_FILE).read_text(encoding="utf-8"))
        return {
            path: RemoteFile(path, int(size), str(sha)) for path, (size, sha) in entries.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # a lost list only means that less can be proved


def delete(directory: Path) -> int:
    """Deletes a directory, which is gone from its name at once; returns the bytes that were in it.

    Raises:
        OSError: Something in it is in use, or may not be deleted.
    """
    if not directory.exists():
        return 0
    size = size_bytes(directory)
    doomed = directory.with_name(f".removing-{directory.name}-{os.getpid()}")
    directory.rename(doomed)
    with contextlib.suppress(OSError):
        os.utime(doomed)  # or `sweep` of another process takes it for an old one
    shutil.rmtree(doomed)
    return size


def sweep(models_dir: Path) -> None:
    """Deletes what imports, conversions and removals left that were killed a day ago or longer.

    What an export left goes at once: whether it still works can be told.

    Args:
        models_dir: Where fetched models are kept. Downloads that were cut stay: they go on.
    """
    export_draft.sweep(models_dir)
    oldest_s = time.time() - _LEFT_OVER_AGE_S
    for pattern in _LEFT_OVERS:
        for path in models_dir.glob(pattern):
            with contextlib.suppress(OSError):  # gone meanwhile, or not ours to delete
                if path.stat().st_mtime < oldest_s:
                    shutil.rmtree(path, ignore_errors=True)


def size_bytes(directory: Path) -> int:
    """Returns how much the files below a directory take, 0 where it is missing."""
    total = 0
    for root, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                total += (Path(root) / name).stat().st_size
    return total


def require_room(directory: Path, needed_bytes: int) -> None:
    """Refuses work for which a disk has no room.

    Args:
        directory: On that disk; may be missing yet.
        needed_bytes: What will be written.

    Raises:
        ModelError: There is less.
    """
    where = directory
    while not where.exists():
        where = where.parent
    free_bytes = shutil.disk_usage(where).free
    if free_bytes < needed_bytes:
        raise ModelError(
            f"The disk of {directory} has {free_bytes / 1e9:.1f} GB left, and "
            f"{needed_bytes / 1e9:.1f} GB are needed.",
            "Free some space, or keep the models on another disk: PHOTOSEARCH_MODELS.",
        )


@contextlib.contextmanager
def disk_errors(directory: Path) -> Iterator[None]:
    """Tells what the disk refuses as a `ModelError`; what is already there stays."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise ModelError(
                f"The disk of {directory} is full. Nothing that was there is harmed.",
                "Free some space and start again: it goes on from here. Or keep the models on "
                "another disk: PHOTOSEARCH_MODELS.",
            ) from error
        raise ModelError(
            f"{directory} cannot be written: {error.strerror or error}.",
            "Check its permissions, or keep the models elsewhere: PHOTOSEARCH_MODELS.",
        ) from error
