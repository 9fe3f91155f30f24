"""What `models list` prints: models by the languages of whoever asks."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from photosearch import paths
from photosearch.cli import output
from photosearch.cli.bytes_bar import size_text
from photosearch.embed import catalogue, inventory, languages
from photosearch.embed.inventory import Holding, ModelState
from photosearch.embed.spec import ModelSpec
from photosearch.errors import ModelError

_STATES = {
    ModelState.ABSENT: "not here",
    ModelState.PARTIAL: "partly here",
    ModelState.PRESENT: "here",
    ModelState.CONVERTED: "here, ready",
}


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


def show(in_use: InUse, codes: Sequence[str], *, as_json: bool) -> None:
    """Prints the catalogue.

    Args:
        in_use: The library's models.
        codes: Languages of whoever asks; the system's where empty.
        as_json: For machines.
    """
    spoken = [languages.primary(code) for code in codes] or languages.of_user()
    specs = languages.by_fit([*catalogue.load().values(), *_own(in_use)], spoken)
    found = [inventory.holding(spec, paths.models_dir()) for spec in specs]
    if as_json:
        output.print_json(
            [
                {
                    **holding_json(one),
                    "understands": {
                        code: languages.grade(one.spec, code).name.lower() for code in spoken
                    },
                    "is_in_use": one.spec.id == (in_use.answering or in_use.chosen),
                    "is_chosen": one.spec.id == in_use.chosen,
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
        if spec.note and not spec.space.is_sample:
            out.print(f"      {spec.note}")
    names = languages.names()
    spoken_names = ", ".join(names.get(code, code) for code in spoken)
    output.error_console().print(
        f"Best for {spoken_names} first; other languages: --language CODE. "
        "Fetch one: photosearch models download ID"
    )


def _own(in_use: InUse) -> list[ModelSpec]:
    """The library's models that the catalogue does not list: in eight bits, or in folders."""
    found = []
    for model_id in sorted(in_use.ids - set(catalogue.load())):
        with contextlib.suppress(ModelError):  # the folder may be gone
            found.append(catalogue.find(model_id))
    return found


def _state(found: Holding, use: str) -> str:
    """How much of a model is here, and what it takes on disk or takes to fetch."""
    parts = ["part of Photosearch" if found.spec.space.is_sample else _STATES[found.state]]
    if found.disk_bytes:
        parts.append(f"{size_text(found.disk_bytes)} on disk")
    if not found.is_usable and not found.comes_along:
        more = "" if found.is_download_known else "more than "
        size = (
            f"{more}{size_text(found.download_bytes)}" if found.download_bytes else "unknown size"
        )
        parts.append(f"{size} to download")
    if use:
        parts.append(use)
    return ", ".join(parts)


def purpose(spec: ModelSpec) -> str:
    """Returns what a model is for, in plain words."""
    if spec.space.is_sample:
        return "trying out the sample album"
    is_free = "-NC" not in spec.licence.upper()
    return "photos" if is_free else "photos, not for commercial use"


def holding_json(found: Holding) -> output.Json:
    """Returns what is here of a model as the command line's stable JSON."""
    spec = found.spec
    return {
        "model": spec.id,
        "name": spec.name,
        "note": spec.note,
        "licence": spec.licence,
        "languages": list(spec.languages),
        "state": found.state.value,
        "is_usable": found.is_usable,
        "comes_along": found.comes_along,
        "missing": list(found.missing),
        "download_bytes": found.download_bytes,
        "is_download_known": found.is_download_known,
        "originals_bytes": found.originals_bytes,
        "converted_bytes": found.packs_bytes,
    }
