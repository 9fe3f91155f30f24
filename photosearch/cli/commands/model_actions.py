"""What the commands of `models` do. Loaded by those only: a search starts without all this."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
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
    inventory,
    languages,
    repair,
)
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import ModelError, UsageError
from photosearch.settings import LIBRARY_FILE, LibrarySettings

_LANGUAGE = re.compile("[a-z]{2,3}")


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


def verify(
    model_id: str,
    *,
    recorded: Path | None,
    with_vectors: bool,
    is_repair: bool,
    record: Path | None,
    as_json: bool,
) -> None:
    """Checks a model's files, mends them, tries it and compares its vectors, or records them.

    Raises:
        UsageError: There is no file to compare with.
        ModelError: It cannot be mended or computed.
        Exit: With status 4 where a file is damaged, with 1 where something else is wrong.
    """
    spec, models_dir = model_list.find(model_id), paths.models_dir()
    if record is not None:
        model_check.record(spec, models_dir, record)
        if as_json:
            output.print_json({"model": spec.id, **output.path_json(record)})
        else:
            output.console().print(f"Recorded in {output.path_text(record)}.")
        return
    with bytes_bar("Reading", as_json=as_json) as tell:
        found = damage.check(spec, models_dir, tell)
    if is_repair:
        with bytes_bar("Repairing", as_json=as_json) as tell:
            repair.repair(spec, models_dir, found.damaged, tell)
        found = damage.check(spec, models_dir)
    here = inventory.holding(spec, models_dir)
    is_whole = here.is_usable and not found.damaged
    wanted = (with_vectors or recorded is not None) and is_whole
    tried = model_check.tried(spec, models_dir, recorded) if wanted else ()
    verdict = model_check.Verdict(here, found, *tried)
    if as_json:
        output.print_json(model_check.as_json(verdict))
    else:
        model_check.show(verdict)
    if not verdict.is_good:
        raise typer.Exit(ModelError.exit_code if verdict.damaged else 1)


def remove(session: Session, model_id: str, *, originals_only: bool, as_json: bool) -> None:
    """Deletes a model's files.

    Raises:
        UsageError: The library uses it, or it is part of the program.
        ModelError: The files cannot be deleted.
    """
    spec = model_list.find(model_id)
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
    spec = model_list.find(model_id)
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
    spec = model_list.find(model_id)
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
    spec = model_list.find(model_id or _in_use(session).chosen)
    found = precision_check.check(spec, photos, count)
    if as_json:
        output.print_json(precision_check.as_json(found))
    else:
        precision_check.show(found)


def _in_use(session: Session) -> model_list.InUse:
    """The library's models; read without its engine, which may be down."""
    settings = LibrarySettings.load(session.library / LIBRARY_FILE)
    return model_list.InUse(settings.model, settings.answering)


def _specs(in_use: model_list.InUse) -> list[ModelSpec]:
    """The library's models that can be found."""
    found = []
    for model_id in sorted(in_use.ids):
        with contextlib.suppress(ModelError):  # the folder may be gone
            found.append(catalogue.find(model_id))
    return found
