"""What the commands of `models` do. Loaded by those only: a search starts without all this."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from photosearch import paths
from photosearch.cli import output
from photosearch.cli.bytes_bar import bytes_bar, size_text
from photosearch.cli.commands import model_check, model_list, precision_check
from photosearch.cli.session import Session
from photosearch.embed import (
    catalogue,
    damage,
    exporting,
    inventory,
    languages,
    own,
    repair,
    transfer,
)
from photosearch.embed import download as downloads
from photosearch.embed.inventory import Holding
from photosearch.embed.spec import Carried, ModelSpec, Precision
from photosearch.errors import Cancelled, ModelError, UsageError
from photosearch.settings import LIBRARY_FILE, LibrarySettings

_LANGUAGE = re.compile("[a-z]{2,3}")


class _Stopped(Cancelled):
    """Ctrl-C, with what became of the work."""

    exit_code = 130


def show(session: Session, codes: Sequence[str], *, with_int8: bool, as_json: bool) -> None:
    """Lists the models by the languages of whoever asks; the system's where none are given.

    Args:
        session: Whose library is meant.
        codes: The languages.
        with_int8: Also the forms in eight bits that were never made here.
        as_json: For machines.

    Raises:
        UsageError: What was given is no code of a language.
    """
    for code in codes:
        if not _LANGUAGE.fullmatch(languages.primary(code)):
            raise UsageError(f'"{code}" is no code of a language.', "Use a code like de or pt-BR.")
    model_list.show(_in_use(session), codes, with_int8=with_int8, as_json=as_json)


def download(model_id: str, *, with_originals: bool, as_json: bool) -> None:
    """Fetches a model.

    Raises:
        ModelError: It is not known, cannot be reached or is not what it must be.
    """
    spec, models_dir = _spec(model_id), paths.models_dir()
    fetched_count = _fetch(spec, models_dir, with_originals=with_originals, as_json=as_json)
    found = [inventory.holding(spec, models_dir)]
    _report(found, as_json=as_json, fetched_count=fetched_count)


def import_(path: Path, model_id: str | None, *, as_json: bool) -> None:
    """Takes models in from a folder or zip file; those that are meant where one is named.

    Raises:
        UsageError: It holds nothing that is known, or may be several things.
        ModelError: What it holds is damaged.
    """
    models = [_spec(model_id)] if model_id else catalogue.known()
    thrown = "What was not imported as a whole was thrown away. To have it: import it again."
    with _stopped(thrown), bytes_bar("Importing", as_json=as_json) as tell:
        found = transfer.import_(path, paths.models_dir(), models, tell)
    _report([inventory.holding(spec, paths.models_dir()) for spec in found], as_json=as_json)


def export(model_id: str, target: Path, carried: Carried | None, *, as_json: bool) -> None:
    """Writes a model into a zip file: as it is, in half precision, or rounded to eight bits.

    Raises:
        ModelError: It is not here or cannot be converted, or the disk refuses.
    """
    spec = _spec(model_id)
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


def verify(
    model_id: str, *, with_vectors: bool, is_repair: bool, record: Path | None, as_json: bool
) -> None:
    """Checks a model's files, mends them, compares its vectors or records them.

    Raises:
        ModelError: It cannot be mended or computed.
        Exit: With status 1, where something is wrong.
    """
    spec, models_dir = _spec(model_id), paths.models_dir()
    if record is not None:
        model_check.record(spec, models_dir, record)
        return
    with bytes_bar("Reading", as_json=as_json) as tell:
        found = damage.check(spec, models_dir, tell)
    if is_repair:
        with bytes_bar("Repairing", as_json=as_json) as tell:
            repair.repair(spec, models_dir, found.damaged, tell)
        found = damage.check(spec, models_dir)
    here = inventory.holding(spec, models_dir)
    is_whole = here.is_usable and not found.damaged
    compared = model_check.compared(spec, models_dir) if with_vectors and is_whole else None
    verdict = model_check.Verdict(here, found, with_vectors, compared)
    if as_json:
        output.print_json(model_check.as_json(verdict))
    else:
        model_check.show(verdict)
    if not verdict.is_good:
        raise typer.Exit(1)


def remove(session: Session, model_id: str, *, originals_only: bool, as_json: bool) -> None:
    """Deletes a model's files.

    Raises:
        UsageError: The library uses it, or it is part of the program.
        ModelError: The files cannot be deleted.
    """
    spec = _spec(model_id)
    freed_bytes = inventory.remove(
        spec,
        paths.models_dir(),
        catalogue.known(),
        in_use=_specs(_in_use(session)),
        originals_only=originals_only,
    )
    if as_json:
        output.print_json({"model": spec.id, "freed_bytes": freed_bytes})
    elif freed_bytes:
        output.console().print(f"{size_text(freed_bytes)} are free again.")
    else:
        output.console().print(f"Nothing of {spec.name} was here.")


def forget(session: Session, model_id: str, *, as_json: bool) -> None:
    """Forgets what the library learnt with a model.

    Raises:
        UsageError: The library uses it.
    """
    spec = _spec(model_id)
    with session.client() as client:
        photo_count = client.remove_space(spec.id)
    if as_json:
        output.print_json({"model": spec.id, "forgotten_photo_count": photo_count})
    else:
        photos = output.counted(photo_count, "photo")
        output.console().print(f"Forgot what {spec.name} had understood of {photos}.")


def use(
    session: Session, model_id: str, precision: Precision | None, *, at_once: bool, as_json: bool
) -> None:
    """Chooses the library's model, in the precision of its id where none is given.

    Raises:
        UsageError: None is named.
        ModelError: It is not known or not here.
    """
    spec = _spec(model_id)
    spec = spec.at(precision or spec.precision)
    with session.client() as client:
        client.use_model(spec.id, at_once)
        filling = client.status().filling
    missing_count = filling.missing_count if filling else 0
    if as_json:
        output.print_json({"model": spec.id, "missing_count": missing_count})
        return
    output.console().print(f"The library's model is {spec.name}.")
    if missing_count:
        output.console().print(
            f"{output.counted(missing_count, 'photo')} are to be understood with it, while "
            "something is running: a window, or photosearch index. Until then the present model "
            "answers."
        )


def check(
    session: Session,
    model_id: str | None,
    precision: Precision,
    *,
    photos: Path,
    count: int,
    as_json: bool,
) -> None:
    """Compares a rounded form of a model with fp32; of the library's model where none is given.

    Raises:
        UsageError: There is nothing to compare, or too few photos.
        ModelError: The model is not here, or cannot be computed or rounded.
    """
    if precision is Precision.FP32:
        raise UsageError("fp32 is what others are compared with.", "Give: --precision int8")
    spec = _spec(model_id or _in_use(session).chosen)
    found = precision_check.check(spec, photos, count)
    if as_json:
        output.print_json(precision_check.as_json(found))
    else:
        precision_check.show(found)


def _spec(model_id: str) -> ModelSpec:
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


def _in_use(session: Session) -> model_list.InUse:
    """The library's models; read without its engine, which may be down."""
    settings = LibrarySettings.load(session.library / LIBRARY_FILE)
    return model_list.InUse(settings.model, settings.answering)


@contextlib.contextmanager
def _stopped(what_became: str) -> Iterator[None]:
    """Says what became of work that keeps nothing when Ctrl-C stops it."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise _Stopped(f"Stopped. {what_became}") from error


def _specs(in_use: model_list.InUse) -> list[ModelSpec]:
    """The library's models that can be found."""
    found = []
    for model_id in sorted(in_use.ids):
        with contextlib.suppress(ModelError):  # the folder may be gone
            found.append(catalogue.find(model_id))
    return found


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
        elif one.is_usable:
            already = " already" if fetched_count == 0 else ""
            out.print(f"{spec.name} is here{already}, {size} on disk.")
            out.print(f"Use it: photosearch models use {spec.id}")
        # What several models share makes none of the others whole; nobody asked about those.
        elif not any(other.is_usable for other in found):
            out.print(f"Of {spec.name}, this is still missing: {', '.join(one.missing)}.")
            out.print(f"Import it too, or: photosearch models download {spec.id}")
