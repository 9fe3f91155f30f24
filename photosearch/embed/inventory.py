"""Which models are on this machine, whole, in part or not at all, and how they leave it again.

Called by the library before it uses a model, and by the command line. Reads no weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from photosearch.embed import originals, own, packs, wholeness
from photosearch.embed.originals import checkouts, size_bytes
from photosearch.embed.spec import ModelSpec, Precision, TowerSpec
from photosearch.errors import ModelError, ModelMissingError, UsageError


class ModelState(StrEnum):
    """How much of a model is on this machine."""

    ABSENT = "absent"
    PARTIAL = "partial"  #: some files, or a download that was cut
    PRESENT = "present"  #: can be used; it is converted at its first use
    CONVERTED = "converted"  #: can be used at once
    DAMAGED = "damaged"  #: all is here, and a file of it is cut short or gone


@dataclass(frozen=True, slots=True)
class Holding:
    """What is here of a model.

    Attributes:
        spec: The model.
        state: How much.
        missing: Files that are not here, as `repository/path`.
        download_bytes: What a download of all of it takes, as far as the catalogue knows.
        is_download_known: The catalogue knows the size of every large file.
        missing_bytes: What a download of the files takes that are not here.
        is_missing_known: The catalogue knows the size of every large one of those.
        originals_bytes: What its fetched files take on disk, cut downloads included.
        packs_bytes: What its converted form takes.
        comes_along: It is part of the program, or in a folder of the user's: never fetched.
        parts: Where these bytes lie, and how many in each directory.
        shared_bytes: Of them, what another model uses too; from `holdings`.
        shared_with: Ids of those models.
        damaged_file: What keeps a model from being used that would be here.
    """

    spec: ModelSpec
    state: ModelState
    missing: tuple[str, ...]
    download_bytes: int
    is_download_known: bool
    missing_bytes: int
    is_missing_known: bool
    originals_bytes: int
    packs_bytes: int
    comes_along: bool
    parts: tuple[tuple[Path, int], ...] = ()
    shared_bytes: int = 0
    shared_with: tuple[str, ...] = ()
    damaged_file: Path | None = None

    @property
    def is_usable(self) -> bool:
        """Pictures and texts can be understood with it."""
        return self.state in (ModelState.PRESENT, ModelState.CONVERTED)

    @property
    def is_here(self) -> bool:
        """It could be used, or could be but for a damaged file."""
        return self.is_usable or self.state is ModelState.DAMAGED

    @property
    def disk_bytes(self) -> int:
        """All that it takes."""
        return self.originals_bytes + self.packs_bytes

    @property
    def unshared_bytes(self) -> int:
        """What only it takes."""
        return self.disk_bytes - self.shared_bytes


def holding(spec: ModelSpec, models_dir: Path) -> Holding:
    """Looks at what is here of a model.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
    """
    places = checkouts(spec.towers, models_dir)
    converted = [tower for tower in spec.towers if packs.find_pack(tower, models_dir)]
    lacking = [tower for tower in spec.towers if tower not in converted]
    raw = [tower for tower in lacking if packs.needs_originals(tower, models_dir)]
    lacked = [
        (place.repo, file) for place in checkouts(raw, models_dir) for file in place.missing()
    ]
    fetched = [path for place in places for path in (place.directory, place.draft)]
    made = [path for tower in spec.towers for path in _packs_named([tower.key], models_dir)]
    parts = {path: size for path in (*fetched, *made) if (size := size_bytes(path))}
    if not lacking:
        state = ModelState.CONVERTED
    elif not lacked and all(tower.directory(models_dir).is_dir() for tower in raw):
        state = ModelState.PRESENT
    else:
        state = ModelState.PARTIAL if parts else ModelState.ABSENT
    damaged_file = None
    if state in (ModelState.CONVERTED, ModelState.PRESENT):
        damaged_file = wholeness.damaged_file(spec, models_dir)
    return Holding(
        spec,
        state if damaged_file is None else ModelState.DAMAGED,
        tuple(f"{repo}/{file.path}" for repo, file in lacked),
        sum(place.size_bytes for place in places),
        originals.are_sizes_known(file for place in places for file in place.files),
        sum(file.size_bytes for _, file in lacked),
        originals.are_sizes_known(file for _, file in lacked),
        sum(parts.get(path, 0) for path in fetched),
        sum(parts.get(path, 0) for path in made),
        comes_along=not places and not own.is_imported(spec),
        parts=tuple(parts.items()),
        damaged_file=damaged_file,
    )


def holdings(specs: Iterable[ModelSpec], models_dir: Path) -> list[Holding]:
    """Looks at what is here of several models, and at what of it they share.

    A model of which there is only what another one brought along counts as absent.

    Args:
        specs: The models.
        models_dir: Where fetched models are kept.
    """
    found = [holding(spec, models_dir) for spec in specs]
    return [_told_apart(one, [other for other in found if other is not one]) for one in found]


def together_bytes(found: Iterable[Holding]) -> int:
    """Returns what models take on disk, what they share counted once."""
    return sum({path: size for one in found for path, size in one.parts}.values())


def _told_apart(one: Holding, others: Sequence[Holding]) -> Holding:
    with_parts = [(other, dict(other.parts)) for other in others if other.is_here]
    sharers = {
        path: [other.spec.id for other, parts in with_parts if path in parts]
        for path, _ in one.parts
    }
    shared_bytes = sum(size for path, size in one.parts if sharers[path])
    is_borrowed = one.state is ModelState.PARTIAL and shared_bytes == one.disk_bytes
    return replace(
        one,
        state=ModelState.ABSENT if is_borrowed else one.state,
        shared_bytes=shared_bytes,
        shared_with=tuple(dict.fromkeys(name for names in sharers.values() for name in names)),
    )


def require_usable(spec: ModelSpec, models_dir: Path) -> None:
    """Refuses a model that is not here, or of which a file is cut short.

    Raises:
        ModelMissingError: It is missing, or some of its files are; the file is named.
    """
    found = holding(spec, models_dir)
    if found.damaged_file is not None:
        raise ModelMissingError(
            f"{spec.name} is damaged: {found.damaged_file} is missing or cut short.",
            wholeness.how_to_mend(found.damaged_file, spec),
        )
    if not found.is_usable:
        what = "only partly" if found.state is ModelState.PARTIAL else "not"
        again = "import it from another machine: photosearch models import FILE."
        raise ModelMissingError(
            f"{spec.name} is {what} on this machine.",
            again.capitalize()
            if own.is_imported(spec)
            else f"photosearch models download {spec.id}, or {again}",
        )


def remove(
    spec: ModelSpec,
    models_dir: Path,
    models: Iterable[ModelSpec],
    *,
    in_use: Sequence[ModelSpec] = (),
    originals_only: bool = False,
) -> int:
    """Deletes a model's files. What another model needs of them that is here or in use stays.

    Args:
        spec: The model. Its form in eight bits goes with it; that can also go alone.
        models_dir: Where fetched models are kept.
        models: The whole catalogue.
        in_use: By the library, in the precision that it uses: all that they need stays.
        originals_only: Keep the converted form, which goes on working without them.

    Returns:
        The bytes that were freed.

    Raises:
        UsageError: It is part of the program, its image tower is in use, or a part of it is not
            converted yet.
        ModelError: The files are in use or may not be deleted.
    """
    if spec.space.is_sample:
        raise UsageError(f"{spec.name} is part of Photosearch and stays.")
    originals.sweep(models_dir)
    if originals_only:
        _require_packs(spec, models_dir)
    else:
        _require_unused(spec, in_use)
    kept = [
        tower
        for other in (*in_use, *_others(spec, models_dir, models))
        for tower in other.towers
        if not originals_only or packs.find_pack(tower, models_dir) is None
    ]
    kept_keys = {tower.key for tower in kept}
    kept_places = {place.directory for place in checkouts(kept, models_dir)}
    doomed = [
        directory
        for place in checkouts(spec.towers, models_dir)
        if place.directory not in kept_places
        for directory in (place.directory, place.draft)
    ]
    if not originals_only:
        for tower in spec.towers:
            if tower.key not in kept_keys:
                doomed.extend(
                    path
                    for path in _packs(tower, models_dir)
                    if not path.name.startswith(tuple(f"{key}-v" for key in kept_keys))
                )
        if own.is_imported(spec) and spec.precision is Precision.FP32:
            doomed.append(own.directory_of(spec))
    try:
        return sum(originals.delete(directory) for directory in doomed)
    except OSError as error:
        raise ModelError(
            f"{error.filename or models_dir} cannot be deleted: {error.strerror}.",
            "Close the windows and commands that use the model, then try again.",
        ) from error


def _require_unused(spec: ModelSpec, in_use: Sequence[ModelSpec]) -> None:
    """Refuses a model whose pictures the library understands by, under whatever name."""
    images = {spec.image.key, spec.image.at(Precision.INT8).key}
    for used in in_use:
        if used.image.key in images:
            is_itself = used.id in (spec.id, spec.at(Precision.INT8).id)
            shared = "" if is_itself else f", which has the same image tower as {spec.name}"
            raise UsageError(
                f"The library uses {used.name}{shared}.",
                "Choose another model first: photosearch models use ID",
            )


def _others(spec: ModelSpec, models_dir: Path, models: Iterable[ModelSpec]) -> list[ModelSpec]:
    """The other models that are here, those of eight bits where only that form is."""
    found = []
    for model in (*models, spec.at(Precision.FP32)):
        if model.id == spec.id:
            continue
        # Of the model whose form in eight bits shall go, only the other form counts.
        is_own = model.id == spec.at(Precision.FP32).id
        forms = (model,) if is_own else (model, model.at(Precision.INT8))
        found.extend([form for form in forms if holding(form, models_dir).is_here][:1])
    return found


def _require_packs(spec: ModelSpec, models_dir: Path) -> None:
    raw = [tower.id for tower in spec.towers if packs.find_pack(tower, models_dir) is None]
    if raw:
        raise UsageError(
            f"{', '.join(raw)} is not converted yet, and could not be used without its files.",
            "It is converted at its first use. To delete the model: photosearch models remove "
            f"{spec.id}",
        )


def _packs(tower: TowerSpec, models_dir: Path) -> list[Path]:
    """The directories of a tower's packs, of older conversions and of those made from it too."""
    return _packs_named([tower.key, tower.at(Precision.INT8).key], models_dir)


def _packs_named(keys: Sequence[str], models_dir: Path) -> list[Path]:
    begins = tuple(f"{key}-v" for key in keys)
    return [
        path
        for path in (models_dir / "packs").glob("*")
        if path.name.startswith(begins) and path.is_dir()
    ]
