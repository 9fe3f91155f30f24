"""`models ...`: which models there are, getting them, proving them, and letting them go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import session
from photosearch.embed.spec import Carried, Precision

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
    with_all: Annotated[
        bool, typer.Option("--all", help="Also forms in eight bits that were never made here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the models, those first that suit your languages best."""
    from photosearch.cli.commands import model_actions

    model_actions.show(session.of(context), language or [], with_int8=with_all, as_json=as_json)


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
    from photosearch.cli.commands import model_moves

    model_moves.download(model_id, with_originals=originals, as_json=as_json)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder or a zip file.")],
    model_id: Annotated[
        str | None, typer.Option("--model", metavar="ID", help="Which model it is.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a model in that another machine exported, or that was downloaded by hand."""
    from photosearch.cli.commands import model_moves

    model_moves.import_(path, model_id, as_json=as_json)


@app.command()
def export(
    model_id: ModelId,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The zip file to write.")],
    precision: Annotated[
        Carried | None,
        typer.Option("--precision", help="fp16: half the size, the same vectors. Default: as ID."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a model into a zip file for a machine without a network."""
    from photosearch.cli.commands import model_moves

    model_moves.export(model_id, target, precision, as_json=as_json)


@app.command()
def verify(
    model_id: ModelId,
    golden: Annotated[
        bool,
        typer.Option(
            "--golden", help="Try it on built-in pictures, compare its vectors with recorded ones."
        ),
    ] = False,
    recorded: Annotated[
        Path | None,
        typer.Option("--recorded", metavar="FILE", help="With those in a file that --record made."),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch or convert again what is damaged.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Write its vectors for later comparisons."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that a model's files are what they were."""
    from photosearch.cli.commands import model_actions

    model_actions.verify(
        model_id,
        with_vectors=golden,
        recorded=recorded,
        is_repair=repair,
        record=record,
        as_json=as_json,
    )


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
    from photosearch.cli.commands import model_actions

    if space:
        model_actions.forget(session.of(context), model_id, as_json=as_json)
    if originals or not space:
        model_actions.remove(
            session.of(context), model_id, originals_only=originals, as_json=as_json
        )


@app.command()
def use(
    context: typer.Context,
    model_id: ModelId,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="Search with it from now on, in the photos that it knows."),
    ] = False,
    precision: Annotated[
        Precision | None,
        typer.Option(
            "--precision", help="int8 is faster and smaller; see models check. Default: as ID says."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Choose the model of the library. The present one answers until it knows every photo."""
    from photosearch.cli.commands import model_actions

    model_actions.use(session.of(context), model_id, precision, at_once=at_once, as_json=as_json)


@app.command()
def check(
    context: typer.Context,
    photos: Annotated[
        Path, typer.Option("--photos", metavar="DIR", help="A folder with photos of yours.")
    ],
    model_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="As in models list; or its folder. The library's."),
    ] = None,
    precision: Annotated[
        Precision, typer.Option("--precision", help="What to compare with fp32.")
    ] = Precision.INT8,
    count: Annotated[
        int, typer.Option("--count", metavar="N", help="At most so many photos.")
    ] = 200,
    as_json: Json = False,
) -> None:
    """Compare a faster, rounded form of a model with fp32 on your own photos, before you use it."""
    from photosearch.cli.commands import model_actions

    model_actions.check(
        session.of(context), model_id, precision, photos=photos, count=count, as_json=as_json
    )
