"""Proves that the files of a model are what they were, and names those that are not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import catalogue, originals, own, packs, wholeness
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.originals import checkouts
from photosearch.embed.packs import Pack
from photosearch.embed.spec import INT8_SUFFIX, ModelSpec, Precision, RemoteFile, TowerSpec
from photosearch.errors import ModelMissingError

log = logging.getLogger(__name__)


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
    if spec.image.path is not None:
        damaged += wholeness.cut_weights(spec.image.directory(models_dir))
    return Checked(proved_count, tuple(unproved), tuple(damaged))


def faults(pack: Pack) -> list[str]:
    """Returns the names of the files of a pack that are missing or damaged. Reads them all."""
    try:
        digests: dict[str, str] = pack.manifest()["sha256"]
        return [
            name
            for name, digest in digests.items()
            if packs.sha256(pack.directory / name) != digest
        ]
    except (ModelMissingError, KeyError, AttributeError, TypeError):
        return [packs.MANIFEST_FILE]


def named(error: ModelMissingError, spec: TowerSpec, pack: Pack) -> ModelMissingError:
    """Returns an error that names the damaged file of a pack that could not be opened.

    Args:
        error: What opening it said; comes back where its files are what they were.
        spec: What the pack is the converted form of.
        pack: The pack.
    """
    files = faults(pack)
    if not files:
        return error
    log.warning("%s: %s", pack.directory.name, error.message)
    model_id = id_of_model(spec)
    name = files[0]
    what = "damaged" if (pack.directory / name).exists() else "missing"
    owner = f"The model {model_id}'s file {name}" if model_id else f"{pack.directory / name}"
    return ModelMissingError(
        f"{owner} is {what}.",
        f"photosearch models verify {model_id} --repair"
        if model_id
        else "Fetch or import the model again.",
    )


def id_of_model(spec: TowerSpec) -> str:
    """Returns the id of a model that a tower is of; "" where the catalogue knows none."""
    if spec.path is not None and spec.path.is_absolute():
        model_id = own.id_of_path(spec.path)
    else:
        towers = ((one.id, tower.id) for one in catalogue.load().values() for tower in one.towers)
        model_id = next((model_id for model_id, tower_id in towers if tower_id == spec.id), "")
    is_int8 = spec.precision is Precision.INT8
    return f"{model_id}{INT8_SUFFIX}" if model_id and is_int8 else model_id


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
