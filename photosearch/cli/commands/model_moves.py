"""What the commands do that bring models here or carry them elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from photosearch import paths
from photosearch.cli import output
from photosearch.cli.bytes_bar import bytes_bar, size_text
from photosearch.cli.commands import model_list
from photosearch.embed import catalogue, exporting, inventory, transfer, wholeness
from photosearch.embed import download as downloads
from photosearch.embed.inventory import Holding
from photosearch.embed.spec import Carried, ModelSpec, Precision
from photosearch.errors import Cancelled


class _Stopped(Cancelled):
    """Ctrl-C, with what became of the work."""

    exit_code = 130


def download(model_id: str, *, with_originals: bool, as_json: bool) -> None:
    """Fetches a model.

    Raises:
        ModelError: It is not known, cannot be reached or is not what it must be.
    """
    spec, models_dir = model_list.find(model_id), paths.models_dir()
    fetched_count = _fetch(spec, models_dir, with_originals=with_originals, as_json=as_json)
    found = [inventory.holding(spec, models_dir)]
    _report(found, as_json=as_json, fetched_count=fetched_count)


def import_(path: Path, model_id: str | None, *, as_json: bool) -> None:
    """Takes models in from a folder or zip file; those that are meant where one is named.

    Raises:
        UsageError: It holds nothing that is known, or may be several things.
        ModelError: What it holds is damaged.
    """
    models = [model_list.find(model_id)] if model_id else catalogue.known()
    thrown = "What was not imported as a whole was thrown away. To have it: import it again."
    with _stopped(thrown), bytes_bar("Importing", as_json=as_json) as tell:
        found = transfer.import_(path, paths.models_dir(), models, tell)
    _report([inventory.holding(spec, paths.models_dir()) for spec in found], as_json=as_json)


def export(model_id: str, target: Path, carried: Carried | None, *, as_json: bool) -> None:
    """Writes a model into a zip file: as it is, in half precision, or rounded to eight bits.

    Raises:
        ModelError: It is not here or cannot be converted, or the disk refuses.
    """
    spec = model_list.find(model_id)
    is_half = carried is Carried.FP16
    if carried is not None and not is_half:
        spec = spec.at(Precision(carried))
    nothing = "Nothing was exported. To have it: export it again."
    with _stopped(nothing), bytes_bar("Exporting", as_json=as_json) as tell:
        size_bytes = exporting.export(spec, paths.models_dir(), target, tell, is_half=is_half)
    if as_json:
        output.print_json({"model": spec.id, **output.path_json(target), "bytes": size_bytes})
        return
    output.console().print(
        f"{spec.name} is in {output.path_text(target)} ({size_text(size_bytes)}). "
        f"On the other machine: photosearch models import {output.path_text(Path(target.name))}"
    )


@contextlib.contextmanager
def _stopped(what_became: str) -> Iterator[None]:
    """Says what became of work that keeps nothing when Ctrl-C stops it."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise _Stopped(f"Stopped. {what_became}") from error


def _fetch(
    spec: ModelSpec, models_dir: Path, *, with_originals: bool = False, as_json: bool
) -> int:
    """Fetches what a model lacks; returns how many files that were."""
    plan = downloads.plan(spec, models_dir, with_originals=with_originals)
    if plan.wanted and not as_json:
        more = "" if plan.is_size_known else "more than "
        output.error_console().print(
            f"{spec.name}: {output.counted(len(plan.wanted), 'file')}, {more}"
            f"{size_text(plan.download_bytes)} to download, {more}"
            f"{size_text(plan.disk_bytes)} on disk once prepared. Licence: {spec.licence}."
        )
    with bytes_bar("Downloading", as_json=as_json) as tell:
        return downloads.download(plan, models_dir, tell)


def _report(found: Sequence[Holding], *, as_json: bool, fetched_count: int | None = None) -> None:
    """Prints how much of some models is here after files came."""
    if as_json:
        fetched = {} if fetched_count is None else {"fetched_count": fetched_count}
        output.print_json([{**model_list.holding_json(one), **fetched} for one in found])
        return
    out = output.console()
    for one in found:
        spec, size = one.spec, size_text(one.disk_bytes)
        if one.comes_along:
            whose = "part of Photosearch" if spec.space.is_sample else "in a folder of yours"
            out.print(f"{spec.name} is {whose}; there is nothing to fetch.")
        elif one.damaged_file is not None:
            out.print(f"{spec.name} is damaged: {output.path_text(one.damaged_file)}")
            out.print(f"Mend it: {wholeness.how_to_mend(one.damaged_file, spec)}")
        elif one.is_usable:
            already = " already" if fetched_count == 0 else ""
            out.print(f"{spec.name} is here{already}, {size} on disk.")
            out.print(f"Use it: photosearch models use {spec.id}")
        # What several models share makes none of the others whole; nobody asked about those.
        elif not any(other.is_usable for other in found):
            out.print(f"Of {spec.name}, this is still missing: {', '.join(one.missing)}.")
            out.print(f"Import it too, or: photosearch models download {spec.id}")
