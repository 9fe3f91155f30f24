"""`models ...`: which models there are, getting them, proving them, and letting them go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from photosearch import paths
from photosearch.cli import output, session
from photosearch.cli.bytes_bar import bytes_bar, size_text
from photosearch.cli.commands import model_list
from photosearch.embed import catalogue, damage, inventory
from photosearch.embed.inventory import Holding
from photosearch.embed.spec import ModelSpec
from photosearch.errors import UsageError
from photosearch.settings import LIBRARY_FILE, LibrarySettings

app = typer.Typer(
    help="Show, fetch, check and choose the models that understand photos.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModelId = Annotated[str, typer.Argument(metavar="ID", help="As in models list; or its folder.")]


@app.command("list")
def show(
    context: typer.Context,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language", metavar="CODE", help="Yours, e.g. de; may be repeated. Else the system's."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the models, those first that suit your languages best."""
    model_list.show(_in_use(context), language or [], as_json=as_json)


@app.command()
def download(
    model_id: ModelId,
    originals: Annotated[
        bool,
        typer.Option(
            "--originals", help="Its original files too where its converted form is here (GPUs)."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch a model. Ctrl-C stops; the next download goes on from there."""
    spec, models_dir = _spec(model_id), paths.models_dir()
    fetched_count = _download(spec, models_dir, with_originals=originals, as_json=as_json)
    found = [inventory.holding(spec, models_dir)]
    _report(found, as_json=as_json, fetched_count=fetched_count)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder or a zip file.")],
    model_id: Annotated[
        str | None, typer.Option("--model", metavar="ID", help="Which model it is.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a model in that another machine exported, or that was downloaded by hand."""
    from photosearch.embed import transfer

    models = [_spec(model_id)] if model_id else list(catalogue.load().values())
    with bytes_bar("Importing") as tell:
        found = transfer.import_(path, paths.models_dir(), models, tell)
    _report([inventory.holding(spec, paths.models_dir()) for spec in found], as_json=as_json)


@app.command()
def export(
    model_id: ModelId,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The zip file to write.")],
    as_json: Json = False,
) -> None:
    """Write a model into a zip file for a machine without a network."""
    from photosearch.embed import transfer

    spec = _spec(model_id)
    with bytes_bar("Exporting") as tell:
        size_bytes = transfer.export(spec, paths.models_dir(), target, tell)
    if as_json:
        output.print_json({"model": spec.id, **output.path_json(target), "bytes": size_bytes})
        return
    output.console().print(
        f"{spec.name} is in {output.path_text(target)} ({size_text(size_bytes)}). "
        f"On the other machine: photosearch models import {output.path_text(Path(target.name))}"
    )


@app.command()
def verify(
    model_id: ModelId,
    golden: Annotated[
        bool, typer.Option("--golden", help="Compare its vectors with recorded ones too.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch or convert again what is damaged.")
    ] = False,
    record: Annotated[Path | None, typer.Option("--record", metavar="FILE", hidden=True)] = None,
    as_json: Json = False,
) -> None:
    """Check that a model's files are what they were."""
    from photosearch.cli.commands import model_check

    spec, models_dir = _spec(model_id), paths.models_dir()
    if record is not None:
        model_check.record(spec, models_dir, record)
        return
    with bytes_bar("Reading") as tell:
        found = damage.check(spec, models_dir, tell)
    if repair:
        damage.clear(spec, models_dir, found.damaged)
        if inventory.holding(spec, models_dir).missing:
            _download(spec, models_dir, as_json=as_json)
        found = damage.check(spec, models_dir)
    here = inventory.holding(spec, models_dir)
    is_whole = here.is_usable and not found.damaged
    compared = model_check.compared(spec, models_dir) if golden and is_whole else None
    verdict = model_check.Verdict(here, found, golden, compared)
    if as_json:
        output.print_json(model_check.as_json(verdict))
    else:
        model_check.show(verdict)
    if not verdict.is_good:
        raise typer.Exit(1)


@app.command()
def remove(
    context: typer.Context,
    model_id: ModelId,
    originals: Annotated[
        bool, typer.Option("--originals", help="Only what was downloaded; what is converted stays.")
    ] = False,
    space: Annotated[
        bool, typer.Option("--space", help="Only what the library learnt with it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete a model's files, or what the library learnt with it."""
    spec = _spec(model_id)
    if space:
        with session.of(context).client() as client:
            photo_count = client.remove_space(spec.id)
        if as_json:
            output.print_json({"model": spec.id, "forgotten_photo_count": photo_count})
        else:
            photos = output.counted(photo_count, "photo")
            output.console().print(f"Forgot what {spec.name} had understood of {photos}.")
        if not originals:
            return
    if not originals and spec.id in _in_use(context).ids:
        raise UsageError(
            f"The library uses {spec.name}.",
            "Choose another model first: photosearch models use ID",
        )
    freed_bytes = inventory.remove(
        spec, paths.models_dir(), catalogue.load().values(), originals_only=originals
    )
    if as_json:
        output.print_json({"model": spec.id, "freed_bytes": freed_bytes})
    elif freed_bytes:
        output.console().print(f"{size_text(freed_bytes)} are free again.")
    else:
        output.console().print(f"Nothing of {spec.name} was here.")


@app.command()
def use(
    context: typer.Context,
    model_id: ModelId,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="Search with it from now on, in the photos that it knows."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Choose the model of the library. The present one answers until it knows every photo."""
    spec = _spec(model_id)
    with session.of(context).client() as client:
        client.use_model(spec.id, at_once)
        filling = client.status().filling
    if as_json:
        output.print_json(
            {"model": spec.id, "missing_count": filling.missing_count if filling else 0}
        )
        return
    output.console().print(f"The library's model is {spec.name}.")
    if filling is not None:
        photos = output.counted(filling.missing_count, "photo")
        output.console().print(
            f"{photos} are to be understood with it, while something is running: a window, or "
            "photosearch index. Until then the present model answers."
        )


def _spec(model_id: str) -> ModelSpec:
    """Finds a model by its id, or by the folder that it lies in."""
    path = Path(model_id)
    is_folder = model_id not in catalogue.load() and path.is_dir()
    return catalogue.find(str(path.absolute()) if is_folder else model_id)


def _in_use(context: typer.Context) -> model_list.InUse:
    """The library's models; read without its engine, which may be down."""
    settings = LibrarySettings.load(session.of(context).library / LIBRARY_FILE)
    return model_list.InUse(settings.model, settings.answering)


def _download(
    spec: ModelSpec, models_dir: Path, *, with_originals: bool = False, as_json: bool
) -> int:
    """Fetches what a model lacks; returns how many files that were."""
    from photosearch.embed import download as downloads

    plan = downloads.plan(spec, models_dir, with_originals=with_originals)
    if plan.wanted and not as_json:
        more = "" if plan.is_size_known else "more than "
        output.error_console().print(
            f"{spec.name}: {output.counted(len(plan.wanted), 'file')}, {more}"
            f"{size_text(plan.download_bytes)} to download, {more}"
            f"{size_text(plan.disk_bytes)} on disk once prepared. Licence: {spec.licence}."
        )
    with bytes_bar("Downloading") as tell:
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
