"""Fetches or converts again what is damaged of a model: the new file first, then the old one goes.

Called by `photosearch models verify --repair`. Loads no torch; a child converts.
"""

from __future__ import annotations

from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import damage, download, originals, own, packs, wholeness
from photosearch.embed.bytes_meter import Tell
from photosearch.embed.convert import convert
from photosearch.embed.download import DownloadPlan, Wanted
from photosearch.embed.spec import ModelSpec, Precision, TowerSpec
from photosearch.errors import ModelError


def repair(
    spec: ModelSpec,
    models_dir: Path,
    damaged: tuple[Path, ...],
    tell: Tell | None = None,
    cancel: CancelToken | None = None,
) -> int:
    """Replaces the damaged files of a model, and fetches what it lacks.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        damaged: From `damage.check`.
        tell: Gets the progress of the download.
        cancel: Stops the download; what came is kept for the next attempt.

    Returns:
        How many files were fetched.

    Raises:
        ModelError: Something cannot be fetched or converted. Every file that was here is still.
        Cancelled: It is no longer wanted.
    """
    if theirs := [path for path in damaged if wholeness.is_users(path, spec)]:
        raise ModelError(
            f"{spec.name} is not repaired: {theirs[0]} is damaged, and can be fetched nowhere.",
            f"Copy {theirs[0].name} there again, from where you have the model.",
        )
    broken = [
        tower
        for tower in spec.towers
        if any(path.parent == packs.pack_directory(tower, models_dir) for path in damaged)
    ]
    again = _with_sources(broken, models_dir)
    try:
        wanted = _wanted(spec, again, models_dir, damaged)
        fetched_count = download.download(wanted, models_dir, tell, cancel)
        convert(again, models_dir, is_again=True)
    except ModelError as error:
        raise ModelError(
            f"{spec.name} is not repaired: {error.message}",
            f"Nothing was deleted. {error.hint}".rstrip(),
        ) from error
    return fetched_count


def _with_sources(broken: list[TowerSpec], models_dir: Path) -> list[TowerSpec]:
    """Adds the packs that broken ones are made from where those are broken too; sources first."""
    again: list[TowerSpec] = []
    for tower in broken:
        source = tower.at(Precision.FP32)
        pack = packs.find_pack(source, models_dir)
        if source != tower and pack is not None and damage.faults(pack):
            again.append(source)
        again.append(tower)
    return again


def _wanted(
    spec: ModelSpec, again: list[TowerSpec], models_dir: Path, damaged: tuple[Path, ...]
) -> DownloadPlan:
    """Plans the download: what is damaged, and what is missing of what has to be there."""
    plan = download.plan(spec, models_dir)
    raw = [
        tower
        for tower in again
        if tower.precision is Precision.FP32
        or packs.find_pack(tower.at(Precision.FP32), models_dir) is None
    ]
    if unknown := [tower.id for tower in raw if tower.path is None and not tower.files]:
        raise ModelError(f"The catalogue does not know the files of {', '.join(unknown)}.")
    if raw and own.is_imported(spec):
        raise ModelError(
            "It came from another machine, and can be had nowhere else.",
            "Import it again: photosearch models import FILE.",
        )
    more = [
        Wanted(checkout, file)
        for checkout in originals.checkouts(raw, models_dir)
        for file in checkout.missing()
    ]
    more += [
        Wanted(checkout, file)
        for checkout in originals.checkouts(spec.towers, models_dir)
        for file in checkout.files
        if checkout.directory / file.path in damaged
    ]
    # The same file may be asked for by several towers, whose lists of its repository differ.
    files = {one.target: one for one in (*plan.wanted, *more)}
    download_bytes = sum(one.file.size_bytes for one in files.values())
    return DownloadPlan(
        spec,
        tuple(files.values()),
        download_bytes,
        originals.are_sizes_known(one.file for one in files.values()),
        # What is converted again takes its place twice until the old one goes.
        download_bytes + sum(originals.size_bytes(_pack(tower, models_dir)) for tower in again),
    )


def _pack(tower: TowerSpec, models_dir: Path) -> Path:
    return packs.pack_directory(tower, models_dir)
