"""`add`, `remove`, `folders`, `index`: which folders are watched, and bringing them up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, progress, session
from photosearch.core.events import IndexFinished
from photosearch.core.failure import unread_sentence
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.engine.client import EngineClient
from photosearch.errors import EngineError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _folder(written: str) -> Path:
    """Makes a path of an argument; "" would be the directory that the command runs in.

    Raises:
        BadParameter: It names nothing.
    """
    if not written.strip():
        raise typer.BadParameter("an empty name is no folder. The one you are in is a dot: .")
    return Path(written)


Folders = Annotated[
    list[Path], typer.Argument(metavar="FOLDER ...", show_default=False, parser=_folder)
]


def add(context: typer.Context, folders: Folders, as_json: Json = False) -> None:
    """Watch folders, and index them."""
    with session.of(context).client() as client:
        run = progress.index_and_wait(client, [folder.absolute() for folder in folders])
        _report(client, run, as_json)


def remove(context: typer.Context, folders: Folders, as_json: Json = False) -> None:
    """Forget folders. The files on disk are not touched."""
    with session.of(context).client() as client:
        for folder in folders:
            client.remove_folder(folder.absolute())
            if not as_json:
                output.console().print(f"Forgot {output.path_text(folder)}.")
    if as_json:
        output.print_json({"removed": [output.path_json(folder.absolute()) for folder in folders]})


def show(context: typer.Context, as_json: Json = False) -> None:
    """List the watched folders, and how changes in them are noticed."""
    with session.of(context).client() as client:
        now = client.status()
    watches = {watch.folder_id: watch for watch in now.watching}
    if as_json:
        output.print_json(
            [
                {
                    **output.path_json(folder.path),
                    "photo_count": folder.photo_count,
                    "is_online": folder.is_online,
                    "watching": _watch_json(watches.get(folder.id)),
                }
                for folder in now.folders
            ]
        )
        return
    for folder in now.folders:
        note = "" if folder.is_online else " (cannot be reached)"
        output.print_line(f"{folder.photo_count:>9,}  {output.path_text(folder.path)}{note}")
        for path in folder.away_paths if folder.is_online else ():
            output.print_line(f"{'':9}  {output.path_text(path)} cannot be reached now")
        for line in _watch_lines(watches.get(folder.id)):
            output.print_line(f"{'':9}  {line}")
    if not now.folders:
        output.print_note("No folders yet. Add one: photosearch add FOLDER")


def _watch_json(watch: FolderWatch | None) -> output.Json | None:
    if watch is None:
        return None
    return {
        "mode": watch.mode.value,
        "every_s": watch.every_s,
        "why": watch.why,
        "hint": watch.hint,
    }


def _watch_lines(watch: FolderWatch | None) -> list[str]:
    """What is to be said of how a folder is watched: nothing where the system tells at once."""
    if watch is None or watch.mode is WatchMode.LIVE:
        return []
    told = []
    if watch.mode is WatchMode.RESCANNED:
        every = f" every {progress.duration(watch.every_s)}" if watch.every_s else " now and then"
        told.append(f"looked through{every}" + (f": {watch.why}" if watch.why else ""))
    elif watch.why:
        told.append(watch.why)
    return [*told, watch.hint] if watch.hint else told


def index(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER ...", show_default=False, parser=_folder),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep running and take in what changes.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the run under way after its current batch.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Also on battery, and beside a full-screen program."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Index folders now: those named, which are then watched too, or all."""
    with session.of(context).client() as client:
        if stop:
            was_running = client.status().indexing is not None
            client.stop_index()  # in any case: a run may just begin
            if as_json:
                output.print_json({"was_running": was_running})
            elif was_running:
                output.console().print("Stopped. What is done is kept; to go on: photosearch index")
            else:
                output.console().print("Nothing was running.")
            return
        wanted = [folder.absolute() for folder in folders] if folders else None
        _report(client, progress.index_and_wait(client, wanted, anyway=anyway), as_json)
        if watch:
            output.error_console().print("Watching. Ctrl-C ends it.")
            progress.stay(client)


def _report(client: EngineClient, run: IndexFinished, as_json: bool) -> None:
    """Prints what a run did.

    Raises:
        EngineError: Somebody stopped it before its end.
    """
    now = client.status()
    counts = now.counts
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
                "offline_folders": output.offline_json(now.folders),
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
    if told := output.offline_text(now.folders):
        out.print(f"{told}; nothing of it is forgotten.")
    if run.was_stopped:
        raise EngineError(
            "The run was stopped before its end, from another window or command.",
            "What is done is kept. To go on: photosearch index",
        )
