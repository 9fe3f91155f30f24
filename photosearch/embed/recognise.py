"""Finds out what a folder or zip file from elsewhere holds: model packs, or repositories' files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from photosearch.embed import own, packs
from photosearch.embed.bundle import Bundle
from photosearch.embed.originals import Checkout, checkouts
from photosearch.embed.spec import ModelSpec, Precision, RemoteFile, TowerSpec
from photosearch.errors import ModelError, UsageError

_MANIFEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundPack:
    """A pack in a bundle.

    Attributes:
        tower: What it is the converted form of.
        names: Each file's name in the bundle, by its name in the pack; all but the manifest.
        sha256: Of the same files, by the same names.
        about: The manifest.
    """

    tower: TowerSpec
    names: dict[str, str]
    sha256: dict[str, str]
    about: dict[str, object]

    @property
    def is_half(self) -> bool:
        """Its weights are kept in half precision, and have to be made whole."""
        return self.about.get(packs.STORED) == packs.HALF


@dataclass(frozen=True, slots=True)
class FoundOriginals:
    """A repository's files in a bundle.

    Attributes:
        checkout: What they are; only the files that were found.
        names: Each file's name in the bundle, by its path in the repository.
    """

    checkout: Checkout
    names: dict[str, str]


def find_own(bundle: Bundle, models_dir: Path) -> list[ModelSpec]:
    """Finds the descriptions of models in a bundle that the catalogue does not know.

    Args:
        bundle: Where to look.
        models_dir: Where models are kept.

    Raises:
        ModelError: A description is damaged, or a later version's.
    """
    found = []
    for name in bundle.sizes:
        if name.rpartition("/")[2] != own.DESCRIPTION_FILE:
            continue
        try:
            description = own.Description.of_json(_manifest(bundle, name))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{name} in {bundle.path} is not understood: {error!r}.",
                "Use the same version on both machines, and export it again.",
            ) from error
        found.append(own.imported(description, models_dir))
    return found


def find_packs(bundle: Bundle, models: Iterable[ModelSpec]) -> list[FoundPack]:
    """Finds the packs in a bundle.

    Args:
        bundle: Where to look.
        models: Which models may be meant.

    Raises:
        ModelError: A pack cannot be read, lacks a file, or was made by another version.
    """
    towers = {(tower.id, tower.revision): tower for spec in models for tower in spec.towers}
    found = []
    for name in bundle.sizes:
        prefix, _, last = name.rpartition("/")
        if last != packs.MANIFEST_FILE:
            continue
        prefix += "/" if prefix else ""
        about = _manifest(bundle, name)
        tower = towers.get((str(about.get("tower")), str(about.get("revision"))))
        precision = str(about.get("precision", Precision.FP32))
        is_known = tower is not None and about.get("weights") == tower.weights
        if tower is None or not is_known or precision not in set(Precision):
            continue  # of a model that is not meant, or that a later catalogue knows
        if about.get("pack_version") != packs.PACK_VERSION:
            raise ModelError(
                f"{bundle.path} was made by another version of Photosearch.",
                "Use the same version on both machines, and export it again.",
            )
        digests = about.get("sha256")
        if not isinstance(digests, dict) or not _are_plain(digests):
            raise ModelError(f"{name} in {bundle.path} is damaged.", "Export the model again.")
        names = {file: prefix + file for file in digests}
        if lacking := [file for file in names.values() if file not in bundle.sizes]:
            raise ModelError(
                f"{bundle.path} lacks {', '.join(lacking)}.", "Copy or export it again."
            )
        found.append(FoundPack(tower.at(Precision(precision)), names, digests, about))
    return found


def find_originals(
    bundle: Bundle, models: Iterable[ModelSpec], models_dir: Path
) -> list[FoundOriginals]:
    """Finds repositories as they are on the hub, in any folder of a bundle.

    Args:
        bundle: Where to look.
        models: Which models may be meant.
        models_dir: Where fetched models are kept.

    Raises:
        UsageError: A folder may be of several repositories.
    """
    places: dict[str, dict[Path, list[TowerSpec]]] = {}
    for tower in dict.fromkeys(tower for spec in models for tower in spec.towers):
        for checkout in checkouts([tower], models_dir):
            for prefix in _prefixes(bundle, checkout):
                fitting = places.setdefault(prefix, {})
                fitting.setdefault(checkout.directory, []).append(tower)
    found = []
    for prefix, towers in places.items():
        fits = [checkout for of in towers.values() for checkout in checkouts(of, models_dir)]
        checkout = _the_one(bundle, prefix, fits)
        names = {file.path: prefix + file.path for file in checkout.files}
        found.append(FoundOriginals(checkout, names))
    return found


def _prefixes(bundle: Bundle, checkout: Checkout) -> list[str]:
    """The folders of a bundle that hold all files of a checkout, in the sizes they must have."""
    if not checkout.files:
        return []
    first = checkout.files[0].path
    ends = [name for name in bundle.sizes if name == first or name.endswith(f"/{first}")]
    prefixes = [name.removesuffix(first) for name in ends]
    return [
        prefix
        for prefix in prefixes
        if all(
            (size := bundle.sizes.get(prefix + file.path)) is not None
            and file.size_bytes in (0, size)
            for file in checkout.files
        )
    ]


def near_misses(bundle: Bundle, models: Iterable[ModelSpec], models_dir: Path) -> list[str]:
    """Says what keeps folders of a bundle from being a repository that they nearly are.

    Args:
        bundle: In which nothing was found.
        models: Which models may be meant.
        models_dir: Where fetched models are kept.

    Returns:
        A sentence for each file that is missing or of another size, of the best fit.
    """
    best: tuple[tuple[bool, bool, int], list[str]] | None = None
    towers = list(dict.fromkeys(tower for spec in models for tower in spec.towers))
    # Somebody said which model it is: nothing has to prove that it may be this one.
    is_one_repo = len({tower.repo for tower in towers}) == 1
    for tower in towers:
        for checkout in checkouts([tower], models_dir):
            for prefix in _likely_prefixes(bundle, checkout):
                wrong = [_wrong(bundle, prefix, file, checkout.repo) for file in checkout.files]
                wrong = [sentence for sentence in wrong if sentence]
                is_named = _is_named(bundle, prefix, checkout)
                has_size = any(
                    file.size_bytes and bundle.sizes.get(prefix + file.path) == file.size_bytes
                    for file in checkout.files
                )
                has_all = all(prefix + file.path in bundle.sizes for file in checkout.files)
                rank = (not is_named, not has_size, len(wrong))
                is_meant = is_named or has_size or has_all or is_one_repo
                if is_meant and (best is None or rank < best[0]):
                    best = rank, wrong
    return best[1] if best else []


def _likely_prefixes(bundle: Bundle, checkout: Checkout) -> set[str]:
    """The folders of a bundle that hold a file of a checkout whose name says something."""
    return {
        name.removesuffix(file.path)
        for file in checkout.files
        if Path(file.path).suffix != ".json"
        for name in bundle.sizes
        if name == file.path or name.endswith(f"/{file.path}")
    }


def _wrong(bundle: Bundle, prefix: str, file: RemoteFile, repo: str) -> str:
    """Says what is wrong with a file of a repository; "" where nothing is."""
    name = prefix + file.path
    size_bytes = bundle.sizes.get(name)
    if size_bytes is None:
        return f"{name} of {repo} is missing"
    if file.size_bytes not in (0, size_bytes):
        return f"{name} of {repo} has {size_bytes:,} bytes instead of {file.size_bytes:,}"
    return ""


def _the_one(bundle: Bundle, prefix: str, fitting: list[Checkout]) -> Checkout:
    """Chooses by the names of the folders where several checkouts look alike."""
    if len(fitting) == 1:
        return fitting[0]
    named = [checkout for checkout in fitting if _is_named(bundle, prefix, checkout)]
    if len(named) == 1:
        return named[0]
    where = bundle.path / prefix
    raise UsageError(
        f"{where} may be {' or '.join(checkout.repo for checkout in fitting)}.",
        "Give the folder its repository's name, or say which model it is: --model ID",
    )


def _is_named(bundle: Bundle, prefix: str, checkout: Checkout) -> bool:
    """Whether a folder is called like a repository, as people or the hub's own cache call it."""
    parts = {*bundle.path.parts, bundle.path.stem, *prefix.split("/")}
    dashed = checkout.repo.replace("/", "--")
    names = {checkout.repo.split("/")[-1], dashed, f"models--{dashed}", checkout.revision}
    return bool(parts & names)


def _manifest(bundle: Bundle, name: str) -> dict[str, object]:
    try:
        with bundle.open(name) as file:
            about = json.loads(file.read(_MANIFEST_BYTES))
    except (OSError, ValueError) as error:
        raise ModelError(f"{name} in {bundle.path} is damaged: {error}.") from error
    return about if isinstance(about, dict) else {}


def _are_plain(digests: dict[object, object]) -> bool:
    """Whether the names of a foreign list are names in one folder, and no paths."""
    return all(
        isinstance(name, str) and name not in ("", ".", "..") and not {*name} & {*"/\\:\0"}
        for name in digests
    ) and all(isinstance(digest, str) for digest in digests.values())
