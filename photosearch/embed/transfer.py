"""Takes models in from elsewhere: what another machine exported, or a download by hand.

Called by `photosearch models import`. Loads no torch.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import bundle as bundles
from photosearch.embed import halves, originals, own, packs
from photosearch.embed.bundle import Bundle
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.originals import disk_errors, require_room
from photosearch.embed.recognise import (
    FoundOriginals,
    FoundPack,
    find_originals,
    find_own,
    find_packs,
    near_misses,
)
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import ModelError, UsageError


def import_(
    path: Path,
    models_dir: Path,
    models: Sequence[ModelSpec],
    tell: Tell | None = None,
    cancel: CancelToken | None = None,
) -> list[ModelSpec]:
    """Takes a model in from a folder or a zip file: an exported one, or a repository's own files.

    Args:
        path: The folder or zip file. It stays as it is.
        models_dir: Where fetched models are kept.
        models: Which models may be meant.
        tell: Gets the progress.
        cancel: Stops it.

    Returns:
        The models of which something was taken in, in the precision that came.

    Raises:
        UsageError: It holds nothing that is known, or may be several things.
        ModelError: A file is damaged or dangerous, or the disk refuses; nothing was taken in.
        Cancelled: It is no longer wanted; nothing was taken in.
    """
    originals.sweep(models_dir)
    with bundles.opened(path) as bundle:
        models = [*models, *find_own(bundle, models_dir)]
        found: Sequence[FoundPack | FoundOriginals] = find_packs(bundle, models) or find_originals(
            bundle, models, models_dir
        )
        if not found:
            if wrong := near_misses(bundle, models, models_dir):
                raise UsageError(
                    f"{path} is no whole model: {'; '.join(wrong)}.",
                    "Copy or download that again.",
                )
            raise UsageError(
                f"{path} holds no model that Photosearch knows.",
                "Give a file that photosearch models export made, or a folder with all files of a "
                f"repository. Known: {', '.join(_repos(models))}.",
            )
        total_bytes = sum(bundle.sizes[name] for one in found for name in one.names.values())
        # What comes in half precision takes twice as much again once it is whole.
        halves_bytes = sum(
            bundle.sizes[name]
            for one in found
            if isinstance(one, FoundPack) and one.is_half
            for name in one.names.values()
        )
        require_room(models_dir, total_bytes + 2 * halves_bytes)
        meter = BytesMeter(total_bytes, tell, cancel)
        with disk_errors(models_dir), _draft(models_dir) as draft:
            copied = [(one, draft / str(number)) for number, one in enumerate(found)]
            for one, directory in copied:
                _copy(bundle, one, directory, meter)
            places = {_take_in(one, directory, models_dir) for one, directory in copied}
            arrived = _of_places(models, places, models_dir)
            for spec in arrived:
                if own.is_imported(spec):
                    own.keep(spec)
    if any(isinstance(one, FoundPack) and one.tower.precision is Precision.INT8 for one in found):
        arrived = _of_places([spec.at(Precision.INT8) for spec in models], places, models_dir)
    return arrived


def _of_places(models: Sequence[ModelSpec], places: set[Path], models_dir: Path) -> list[ModelSpec]:
    """The models of which something lies in one of these places."""
    return [
        spec
        for spec in models
        if any(
            {tower.directory(models_dir), packs.pack_directory(tower, models_dir)} & places
            for tower in spec.towers
        )
    ]


def _copy(
    bundle: Bundle, found: FoundPack | FoundOriginals, directory: Path, meter: BytesMeter
) -> None:
    """Copies files out of a bundle and proves those whose hash is known."""
    if isinstance(found, FoundPack):
        digests = found.sha256
    else:
        digests = {file.path: file.sha256 for file in found.checkout.files}
    for path, digest in digests.items():
        bundles.copy(bundle, found.names[path], directory / path, meter)
        if digest and packs.sha256(directory / path) != digest:
            raise ModelError(
                f"{found.names[path]} in {bundle.path} is damaged; nothing was imported.",
                "Copy, export or download it again.",
            )


def _take_in(found: FoundPack | FoundOriginals, directory: Path, models_dir: Path) -> Path:
    """Moves proved files to their place; returns that."""
    if isinstance(found, FoundPack):
        target = packs.pack_directory(found.tower, models_dir)
        about = found.about
        if found.is_half:
            directory = _whole(directory)
            about = {key: value for key, value in about.items() if key != packs.STORED}
        return packs.finish_pack(directory, target, about).directory
    originals.take_in(directory, found.checkout)
    return found.checkout.directory


def _whole(directory: Path) -> Path:
    """Returns a directory in which the weights of a pack are whole again.

    Raises:
        ModelError: The pack is damaged.
    """
    whole = directory.with_name(f"{directory.name}-whole")
    whole.mkdir()
    try:
        halves.widen(directory / packs.NETWORK_FILE, whole)
    except (ValueError, KeyError) as error:
        raise ModelError(
            f"The model is damaged; nothing was imported: {error}.", "Export it again."
        ) from error
    shutil.rmtree(directory)
    return whole


@contextmanager
def _draft(models_dir: Path) -> Iterator[Path]:
    """Makes a directory on the models' disk that does not outlive the block."""
    models_dir.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".importing-", dir=models_dir))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _repos(models: Sequence[ModelSpec]) -> list[str]:
    towers = [tower for spec in models for tower in spec.towers if tower.path is None]
    return list(dict.fromkeys(tower.repo for tower in towers))
