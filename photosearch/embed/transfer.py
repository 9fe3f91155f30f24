"""Carries models between machines: export of the converted form, import of it or of a download.

Called by `photosearch models export` and `import`. Loads no torch; what is not converted yet is
converted in a child.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import bundle as bundles
from photosearch.embed import inventory, originals, packs
from photosearch.embed.bundle import Bundle
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.convert import convert
from photosearch.embed.originals import disk_errors, require_room
from photosearch.embed.recognise import (
    FoundOriginals,
    FoundPack,
    find_originals,
    find_packs,
    near_misses,
)
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import ModelError, ModelMissingError, UsageError

_CHUNK_BYTES = 1 << 20


def export(
    spec: ModelSpec,
    models_dir: Path,
    target: Path,
    tell: Tell | None = None,
    cancel: CancelToken | None = None,
) -> int:
    """Writes a model's converted form into a zip file, converting it first where that is needed.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        target: The zip file; appears when it is whole, and replaces what was there.
        tell: Gets the progress.
        cancel: Stops it.

    Returns:
        The zip file's bytes.

    Raises:
        ModelError: The model is not here, cannot be converted, or the disk refuses.
        Cancelled: It is no longer wanted.
    """
    inventory.require_usable(spec, models_dir)
    _require_place(target)
    convert(spec.towers, models_dir)
    found = [pack for tower in spec.towers if (pack := packs.find_pack(tower, models_dir))]
    for pack in found:
        try:
            pack.manifest()
        except ModelMissingError as error:
            raise ModelError(
                f"{pack.directory / packs.MANIFEST_FILE} is damaged; nothing was exported.",
                f"photosearch models verify {spec.id} --repair",
            ) from error
    files = [path for pack in found for path in sorted(pack.directory.iterdir())]
    total_bytes = sum(path.stat().st_size for path in files)
    require_room(target.absolute().parent, total_bytes)
    meter = BytesMeter(total_bytes, tell, cancel)
    draft = target.with_name(f"{target.name}.part")
    with _target_errors(target):
        try:
            # Stored: weights hardly shrink, and packing them takes minutes.
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
                for path in files:
                    meter.name = path.name
                    _add(archive, path, f"{path.parent.name}/{path.name}", meter)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return target.stat().st_size


def _require_place(target: Path) -> None:
    """Refuses a target before anything is converted for it.

    Raises:
        UsageError: Its directory is missing, or it is a directory itself.
    """
    parent = target.absolute().parent
    if not parent.is_dir():
        raise UsageError(f"There is no directory {parent}.", "Make it first, or name another one.")
    if target.is_dir():
        raise UsageError(f"{target} is a directory.", f"Name a file in it: {target / 'model.zip'}")


@contextmanager
def _target_errors(target: Path) -> Iterator[None]:
    """Tells what the disk of an export refuses: it is not the one of the models."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"{target} cannot be written: {error.strerror or error}.",
            "Free some space there, or name another file."
            if error.errno in originals.NO_SPACE
            else "Check its directory's permissions, or name another file.",
        ) from error


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
        require_room(models_dir, total_bytes)
        meter = BytesMeter(total_bytes, tell, cancel)
        with disk_errors(models_dir), _draft(models_dir) as draft:
            copied = [(one, draft / str(number)) for number, one in enumerate(found)]
            for one, directory in copied:
                _copy(bundle, one, directory, meter)
            places = {_take_in(one, directory, models_dir) for one, directory in copied}
    if any(isinstance(one, FoundPack) and one.tower.precision is Precision.INT8 for one in found):
        models = [spec.at(Precision.INT8) for spec in models]
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
        return packs.finish_pack(directory, target, found.about).directory
    originals.take_in(directory, found.checkout)
    return found.checkout.directory


def _add(archive: zipfile.ZipFile, path: Path, name: str, meter: BytesMeter) -> None:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as file:
        while chunk := source.read(_CHUNK_BYTES):
            file.write(chunk)
            meter.moved(len(chunk))


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
