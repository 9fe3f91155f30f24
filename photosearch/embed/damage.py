"""Proves that the files of a model are what they were, and clears away those that are not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import originals, packs
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.originals import checkouts, disk_errors
from photosearch.embed.spec import ModelSpec, RemoteFile
from photosearch.errors import ModelError, ModelMissingError


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a model found.

    Attributes:
        proved_count: Files that are what they were.
        unproved: Files that are there, but nobody ever noted what they must be.
        damaged: Files that differ from what they were, or have gone from a finished pack.
    """

    proved_count: int
    unproved: tuple[Path, ...]
    damaged: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size_bytes: int
    sha256: str


def check(
    spec: ModelSpec, models_dir: Path, tell: Tell | None = None, cancel: CancelToken | None = None
) -> Checked:
    """Reads every file of a model that is here, converted or as it was fetched.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        tell: Gets the progress.
        cancel: Stops it.

    Raises:
        Cancelled: It is no longer wanted.
    """
    files = [*_pack_files(spec, models_dir), *_original_files(spec, models_dir)]
    meter = BytesMeter(sum(_size(file.path) for file in files), tell, cancel)
    damaged, unproved = [], []
    for file in files:
        meter.name = file.path.name
        meter.moved(0)
        if not file.sha256 and file.size_bytes in (0, _size(file.path)):
            unproved.append(file.path)
        elif not file.sha256 or packs.sha256(file.path) != file.sha256:
            damaged.append(file.path)
        meter.moved(_size(file.path))
    proved_count = len(files) - len(damaged) - len(unproved)
    return Checked(proved_count, tuple(unproved), tuple(damaged))


def clear(spec: ModelSpec, models_dir: Path, damaged: tuple[Path, ...]) -> None:
    """Deletes damaged files, so that they are fetched or converted again. A pack goes as a whole.

    Raises:
        ModelError: The disk refuses, or a file is part of the program.
    """
    pack_places = {packs.pack_directory(tower, models_dir) for tower in spec.towers}
    fetched_places = [place.directory for place in checkouts(spec.towers, models_dir)]
    with disk_errors(models_dir):
        for path in damaged:
            if path.parent in pack_places:
                shutil.rmtree(path.parent, ignore_errors=True)
            elif any(path.is_relative_to(place) for place in fetched_places):
                path.unlink(missing_ok=True)
            else:
                raise ModelError(f"{path} is part of the program.", "Install Photosearch again.")


def _pack_files(spec: ModelSpec, models_dir: Path) -> Iterator[_File]:
    for tower in spec.towers:
        pack = packs.find_pack(tower, models_dir)
        if pack is None:
            continue
        try:
            digests: dict[str, str] = pack.manifest()["sha256"]
        except (ModelMissingError, KeyError):
            # Its own list is gone: damaged, whatever the other files are.
            yield _File(pack.directory / packs.MANIFEST_FILE, 0, "unknown")
            continue
        for name, digest in digests.items():
            path = pack.directory / name
            yield _File(path, _size(path), digest)


def _original_files(spec: ModelSpec, models_dir: Path) -> Iterator[_File]:
    for place in checkouts(spec.towers, models_dir):
        noted = originals.known_files(place.directory)
        for file in place.files:
            path = place.directory / file.path
            if path.is_file():
                seen = noted.get(file.path, RemoteFile(file.path))
                digest = file.sha256 or seen.sha256
                yield _File(path, file.size_bytes or seen.size_bytes, digest)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
