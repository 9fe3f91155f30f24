"""Finds damaged files of a model without reading them: by their sizes, and what their heads say.

Called whenever models are listed; any thread. `damage` reads everything, for `models verify`.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from photosearch.embed import fingerprint, originals, packs
from photosearch.embed.originals import checkouts
from photosearch.embed.spec import ModelSpec, TowerSpec
from photosearch.errors import ModelMissingError

#: A safetensors file begins with the length of its head.
_LENGTH_BYTES = 8
#: The format allows no longer head.
_HEAD_BYTES = 100_000_000


def damaged_file(spec: ModelSpec, models_dir: Path) -> Path | None:
    """Returns a file of a model that is cut short, or gone from its converted form.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.

    Returns:
        The first one found, None where everything looks right.
    """
    for tower in spec.towers:
        if (pack := packs.find_pack(tower, models_dir)) is not None:
            try:
                name = pack.lacking_file()
            except (ModelMissingError, AttributeError, TypeError):
                name = packs.MANIFEST_FILE
            if name is not None:
                return pack.directory / name
        elif packs.needs_originals(tower, models_dir) and (path := _cut(tower, models_dir)):
            return path
    return None


def how_to_mend(path: Path | None, spec: ModelSpec) -> str:
    """Returns what the user can do about a damaged file; about one that is missing where None."""
    if path is None or not is_users(path, spec):
        return f"photosearch models verify {spec.id} --repair"
    if spec.space.is_sample:
        return "Install Photosearch again."
    return f"Copy {path.name} there again, from where you have the model."


def is_users(path: Path, spec: ModelSpec) -> bool:
    """Whether a file lies in a folder of the user's or the program's, and cannot be fetched."""
    folder = spec.image.path
    return folder is not None and path.is_relative_to(spec.image.directory(folder))


def cut_weights(directory: Path) -> list[Path]:
    """Returns the files of weights in a folder of the user's that are cut short or no weights."""
    return [path for path in fingerprint.weight_files(directory) if not _is_whole(path)]


def _cut(tower: TowerSpec, models_dir: Path) -> Path | None:
    """A damaged one among the files that a tower's pack is to be made of."""
    if tower.path is not None:
        return next(iter(cut_weights(tower.directory(models_dir))), None)
    for place in checkouts([tower], models_dir):
        noted = originals.known_files(place.directory)
        for file in place.files:
            path = place.directory / file.path
            is_cut = file.path in noted and not originals.is_whole(path, noted[file.path])
            if is_cut and path.is_file():
                return path
    return None


def _is_whole(path: Path) -> bool:
    """Whether a file of weights is as long as it says itself."""
    try:
        return _is_long_enough(path) if path.suffix == ".safetensors" else _has_end(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_long_enough(path: Path) -> bool:
    """A safetensors file says where each of its weights lies."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        head_bytes = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if head_bytes > min(_HEAD_BYTES, size_bytes - _LENGTH_BYTES):
            return False
        head = json.loads(file.read(head_bytes))
    ends = [entry["data_offsets"][1] for name, entry in head.items() if name != "__metadata__"]
    return size_bytes == _LENGTH_BYTES + head_bytes + max(ends, default=0)


def _has_end(path: Path) -> bool:
    """A zip file, as torch writes them, has its table at its end; older files say nothing."""
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    return path.stat().st_size > 0 and (not is_zip or zipfile.is_zipfile(path))
