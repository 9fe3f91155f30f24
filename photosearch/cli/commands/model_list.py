"""What `models list` prints: models by the languages of whoever asks."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photosearch import paths
from photosearch.cli import output
from photosearch.cli.bytes_bar import size_text
from photosearch.embed import catalogue, convert_lock, inventory, languages, own, packs, wholeness
from photosearch.embed.inventory import Holding, ModelState
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import ModelError, UsageError

_STATES = {
    ModelState.ABSENT: "not here",
    ModelState.PARTIAL: "partly here",
    ModelState.PRESENT: "here",
    ModelState.CONVERTED: "here, ready",
    ModelState.DAMAGED: "damaged",
}
_NOTE_WIDTH = 90


@dataclass(frozen=True, slots=True)
class InUse:
    """The library's models.

    Attributes:
        chosen: Id of the one that the library uses.
        answering: Id of the one that answers until that one knows every photo, else "".
    """

    chosen: str
    answering: str

    @property
    def ids(self) -> set[str]:
        """All that must stay."""
        return {self.chosen, self.answering} - {""}

    def text(self, model_id: str) -> str:
        """Returns what a model does for the library, for people; "" where nothing."""
        if self.answering and model_id == self.chosen:
            return "in use as soon as it knows every photo"
        return "in use" if model_id in self.ids else ""


def show(in_use: InUse, codes: Sequence[str], *, with_int8: bool, as_json: bool) -> None:
    """Prints the catalogue.

    Args:
        in_use: The library's models.
        codes: Languages of whoever asks; the system's where empty.
        with_int8: Also the forms in eight bits that were never made here.
        as_json: For machines.
    """
    convert_lock.sweep(paths.models_dir())
    spoken = [languages.primary(code) for code in codes] or languages.of_user()
    specs = languages.by_fit(_listed(in_use, with_int8=with_int8), spoken)
    found = inventory.holdings(specs, paths.models_dir())
    if as_json:
        used_spaces = _space_keys(in_use)
        output.print_json(
            [
                {
                    **holding_json(one),
                    "understands": {
                        code: languages.grade(one.spec, code).name.lower() for code in spoken
                    },
                    "is_in_use": one.spec.id == (in_use.answering or in_use.chosen),
                    "is_chosen": one.spec.id == in_use.chosen,
                    "is_space_in_use": one.spec.space.key in used_spaces,
                }
                for one in found
            ]
        )
        return
    out = output.console()
    width = max(len(one.spec.id) for one in found)
    for one in found:
        spec = one.spec
        use = in_use.text(spec.id)
        out.print(f"{'*' if use else ' '} {spec.id:<{width}}  {_state(one, use)}")
        known = languages.described(spec, spoken)
        out.print(f"      {purpose(spec)}{', in ' + known if known else ''}")
        for line in textwrap.wrap(spec.about, _NOTE_WIDTH):
            out.print(f"      {line}")
    if together_bytes := inventory.together_bytes(found):
        out.print(f"All of them together take {size_text(together_bytes)} on disk.")
    names = languages.names()
    spoken_names = ", ".join(names.get(code, code) for code in spoken)
    output.error_console().print(
        f"Best for {spoken_names} first; other languages: --language CODE. "
        "Fetch one: photosearch models download ID. One in a folder of yours: "
        "photosearch models use FOLDER"
    )


def find(model_id: str) -> ModelSpec:
    """Finds a model by its id, or by the folder that it lies in.

    Raises:
        UsageError: None is named.
        ModelError: There is none.
    """
    if not model_id.strip():
        raise UsageError("No model is named.", "To see their IDs: photosearch models list")
    path = Path(model_id)
    is_listed = model_id in catalogue.load() or own.find(model_id) is not None
    is_folder = not is_listed and path.is_dir()
    return catalogue.find(str(path.absolute()) if is_folder else model_id)


def _space_keys(in_use: InUse) -> set[str]:
    """What the library knows its photos by; a model of another name may share it."""
    keys = set()
    for model_id in in_use.ids:
        with contextlib.suppress(ModelError):  # the folder may be gone
            keys.add(catalogue.find(model_id).space.key)
    return keys


def _listed(in_use: InUse, *, with_int8: bool) -> list[ModelSpec]:
    """The catalogue, what was imported, what the library uses, and forms in eight bits.

    Those follow the model that they are made of, where they were made here or all are asked for.
    """
    known = catalogue.known()
    ids = {spec.id for spec in known}
    for model_id in sorted(in_use.ids - ids):
        with contextlib.suppress(ModelError):  # the folder may be gone
            exact = catalogue.find(model_id).at(Precision.FP32)
            if exact.id not in ids:
                ids.add(exact.id)
                known.append(exact)
    found = []
    for spec in known:
        found.append(spec)
        rounded = spec.at(Precision.INT8)
        is_made = packs.find_pack(rounded.image, paths.models_dir()) is not None
        # Made for another model of the same image tower, it is not to bring this one up.
        is_here = is_made and inventory.holding(rounded, paths.models_dir()).is_here
        if rounded.id in in_use.ids or is_here or (with_int8 and not spec.space.is_sample):
            found.append(rounded)
    return found


def _state(found: Holding, use: str) -> str:
    """How much of a model is here, and what it takes on disk or takes to fetch."""
    parts = ["part of Photosearch" if found.spec.space.is_sample else _STATES[found.state]]
    if found.spec.precision is Precision.INT8 and not _is_made(found):
        parts = ["is made of the whole form when it is first used"]
    elif found.disk_bytes:
        parts.append(_disk(found))
    if found.damaged_file is not None:
        parts[0] = f"damaged: {found.damaged_file.name} is missing or cut short"
        parts.append(f"mend it: {wholeness.how_to_mend(found.damaged_file, found.spec)}")
    elif not found.is_usable and not found.comes_along:
        parts.append(f"{_missing_size(found)} to download")
    if use:
        parts.append(use)
    return ", ".join(parts)


def _missing_size(found: Holding) -> str:
    """What a download takes, as far as the catalogue knows."""
    if found.is_missing_known and found.missing_bytes:
        return size_text(found.missing_bytes)
    at_least = f"at least {size_text(found.missing_bytes)}" if found.missing_bytes else ""
    return at_least or "size not known,"


def _disk(found: Holding) -> str:
    """What a model takes, and of that apart what other models use too."""
    if not found.shared_bytes:
        return f"{size_text(found.disk_bytes)} on disk"
    shared = f"{size_text(found.shared_bytes)} shared with {found.shared_with[0]}"
    if more_count := len(found.shared_with) - 1:
        shared += f" and {more_count} more"
    if found.unshared_bytes:
        return f"{size_text(found.unshared_bytes)} on disk, and {shared}"
    return shared


def _is_made(found: Holding) -> bool:
    return packs.find_pack(found.spec.image, paths.models_dir()) is not None


def purpose(spec: ModelSpec) -> str:
    """Returns what a model is for, in plain words."""
    if spec.space.is_sample:
        return "trying out the sample album"
    is_free = "-NC" not in spec.licence.upper()
    return "photos" if is_free else "photos, not for commercial use"


def holding_json(found: Holding) -> output.Json:
    """Returns what is here of a model as the command line's stable JSON."""
    spec = found.spec
    rounded = spec.image.at(Precision.INT8)
    return {
        "model": spec.id,
        "name": spec.name,
        "note": spec.about or spec.note,
        "licence": spec.licence,
        "languages": list(spec.languages),
        "state": found.state.value,
        "is_usable": found.is_usable,
        "damaged_file": str(found.damaged_file or ""),
        "comes_along": found.comes_along,
        "missing": list(found.missing),
        "download_bytes": found.download_bytes,
        "is_download_known": found.is_download_known,
        "missing_bytes": found.missing_bytes,
        "is_missing_known": found.is_missing_known,
        "originals_bytes": found.originals_bytes,
        "converted_bytes": found.packs_bytes,
        "shared_bytes": found.shared_bytes,
        "shared_with": list(found.shared_with),
        "is_int8": spec.precision is Precision.INT8,
        "is_int8_made": packs.find_pack(rounded, paths.models_dir()) is not None,
    }
