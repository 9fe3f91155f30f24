"""Writes a model's converted form into a file for another machine.

Called by `photosearch models export`. Loads no torch; what is not converted yet is converted in a
child.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import halves, inventory, originals, own, packs
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.convert import convert, least_cosine
from photosearch.embed.export_draft import drafted
from photosearch.embed.originals import disk_errors, require_room
from photosearch.embed.packs import Pack
from photosearch.embed.spec import ModelSpec, Precision, TowerKind, TowerSpec
from photosearch.errors import ModelError, ModelMissingError, UsageError

_CHUNK_BYTES = 1 << 20
_WHOLE = "Export it without --precision fp16."


def export(
    spec: ModelSpec,
    models_dir: Path,
    target: Path,
    tell: Tell | None = None,
    cancel: CancelToken | None = None,
    *,
    is_half: bool = False,
) -> int:
    """Writes a model's converted form into a zip file, converting it first where that is needed.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        target: The zip file; appears when it is whole, and replaces what was there.
        tell: Gets the progress.
        cancel: Stops it.
        is_half: Keep weights in half precision, in half the bytes. What is rounded to eight bits
            already stays as it is.

    Returns:
        The zip file's bytes.

    Raises:
        ModelError: The model is not here, cannot be converted, or the disk refuses.
        Cancelled: It is no longer wanted.
    """
    originals.sweep(models_dir)
    inventory.require_usable(spec, models_dir)
    _require_place(target)
    convert(spec.towers, models_dir)
    found = [(tower, pack) for tower in spec.towers if (pack := packs.find_pack(tower, models_dir))]
    for _, pack in found:
        try:
            pack.manifest()
        except ModelMissingError as error:
            raise ModelError(
                f"{pack.directory / packs.MANIFEST_FILE} is damaged; nothing was exported.",
                f"photosearch models verify {spec.id} --repair",
            ) from error
    with disk_errors(models_dir), drafted(target, models_dir) as draft:
        if is_half:
            found = [(tower, _half(tower, pack, draft.directory)) for tower, pack in found]
        files = {
            f"{pack.directory.name}/{path.name}": path
            for _, pack in found
            for path in sorted(pack.directory.iterdir())
        }
        if own.is_portable(spec):
            files[own.DESCRIPTION_FILE] = draft.directory / own.DESCRIPTION_FILE
            text = own.Description.of_spec(spec.at(Precision.FP32)).as_json()
            files[own.DESCRIPTION_FILE].write_text(text, encoding="utf-8")
        total_bytes = sum(path.stat().st_size for path in files.values())
        require_room(target.absolute().parent, total_bytes)
        meter = BytesMeter(total_bytes, tell, cancel)
        with _target_errors(target):
            # Stored: weights hardly shrink, and packing them takes minutes.
            with zipfile.ZipFile(draft.file, "w", zipfile.ZIP_STORED) as archive:
                for name, path in files.items():
                    meter.name = path.name
                    _add(archive, path, name, meter)
            draft.file.replace(target)
            return target.stat().st_size


def _half(tower: TowerSpec, pack: Pack, drafts: Path) -> Pack:
    """Makes a pack in half precision, and proves that its vectors are those of the whole one.

    Raises:
        ModelError: They are not.
    """
    if tower.precision is Precision.INT8:
        return pack
    require_room(drafts, 2 * originals.size_bytes(pack.directory))
    from photosearch.embed.onnx_runner import OnnxRunner
    from photosearch.embed.tokens import read_tokenizer
    from photosearch.embed.towers import Tower

    half, whole = drafts / "half", drafts / "whole"
    about = pack.manifest()
    for directory in (half, whole):
        directory.mkdir()
    try:
        halves.halve(pack.network, half)
        halves.widen(half / packs.NETWORK_FILE, whole)
    except ValueError as error:
        raise ModelError(f"{tower.id} cannot be kept in fp16: {error}.", _WHOLE) from error
    tokenizer = read_tokenizer(pack.tokenizer) if tower.kind is TowerKind.TEXT else None
    cosine = least_cosine(tower, Tower(OnnxRunner(pack.network, 1), tokenizer), whole)
    if not cosine >= halves.LEAST_COSINE:
        raise ModelError(f"{tower.id} changes in fp16: a cosine of {cosine:.5f} remains.", _WHOLE)
    shutil.rmtree(whole)
    about |= {packs.STORED: packs.HALF, "fp16_cosine": round(cosine, 6)}
    return packs.finish_pack(half, drafts / pack.directory.name, about)


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


def _add(archive: zipfile.ZipFile, path: Path, name: str, meter: BytesMeter) -> None:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as file:
        while chunk := source.read(_CHUNK_BYTES):
            file.write(chunk)
            meter.moved(len(chunk))
