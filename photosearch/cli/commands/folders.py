"""`add`, `remove`, `folders`, `index`: which folders are watched, and bringing them up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, progress, session
from photosearch.core.events import IndexFinished
from photosearch.core.failure import unread_sentence
from photosearch.engine.client import EngineClient
from photosearch.errors import EngineError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folders = Annotated[list[Path], typer.Argument(metavar="FOLDER ...", show_default=False)]


def add(context: typer.Context, folders: Folders, as_json: Json = False) -> None:
    """Watch folders, and index them."""
    with session.of(context).client() as client:
        run = progress.index_and_wait(client, [folder.absolute() for folder in folders])
        _report(client, run, as_json)


def remove(context: typer.Context, folders: Folders) -> None:
    """Forget folders. The files on disk are not touched."""
    with session.of(context).client() as client:
        for folder in folders:
            client.remove_folder(folder.absolute())
            output.console().print(f"Forgot {output.path_text(folder)}.")


def show(context: typer.Context, as_json: Json = False) -> None:
    """List the watched folders."""
    with session.of(context).client() as client:
        folders = client.folders()
    if as_json:
        output.print_json(
            [
                {
                    **output.path_json(folder.path),
                    "photo_count": folder.photo_count,
                    "is_online": folder.is_online,
                }
                for folder in folders
            ]
        )
        return
    for folder in folders:
        note = "" if folder.is_online else " (cannot be reached)"
        output.console().print(f"{folder.photo_count:>9,}  {output.path_text(folder.path)}{note}")
    if not folders:
        output.error_console().print("No folders yet. Add one: photosearch add FOLDER")


def index(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER ...", show_default=False)
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running and take in what changes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Index folders now: those named, which are then watched too, or all."""
    with session.of(context).client() as client:
        wanted = [folder.absolute() for folder in folders] if folders else None
        _report(client, progress.index_and_wait(client, wanted), as_json)
        if watch:
            output.error_console().print("Watching. Ctrl-C ends it.")
            progress.stay(client)


def _report(client: EngineClient, run: IndexFinished, as_json: bool) -> None:
    """Prints what a run did.

    Raises:
        EngineError: Somebody stopped it before its end.
    """
    counts = client.status().counts
    if as_json:
        output.print_json(
            {
                "done": run.done,
                "encoded": run.encoded,
                "failed": run.failed,
                "gone": run.gone,
                "elapsed_s": round(run.elapsed_s, 2),
                "was_stopped": run.was_stopped,
                "photo_count": counts.photo_count,
                "failure_count": counts.failure_count,
            }
        )
        return
    rate = f", {progress.speed(run.encoded / run.elapsed_s)}" if run.encoded else ""
    out = output.console()
    out.print(
        f"{output.counted(run.done, 'file')} read, "
        f"{output.counted(run.encoded, 'new picture')} understood, {run.gone:,} gone "
        f"({progress.duration(run.elapsed_s)}{rate}). "
        f"The library holds {output.counted(counts.photo_count, 'photo')}."
    )
    if counts.failure_count:
        folder_count = counts.failed_folder_count
        problems = unread_sentence(counts.failure_count - folder_count, folder_count)
        out.print(f"{problems}: photosearch failures")
    if run.was_stopped:
        raise EngineError(
            "The run was stopped before its end, from another window or command.",
            "What is done is kept. To go on: photosearch index",
        )
