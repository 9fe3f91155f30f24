"""`status`: how the library is doing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from photosearch.cli import output, session
from photosearch.cli.progress import described, waits
from photosearch.core.events import Waiting
from photosearch.core.status import LibraryStatus

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what the library holds and which model it uses."""
    with session.of(context).client() as client:
        now = client.status()
    counts = now.counts
    if as_json:
        output.print_json(
            {
                "library": os.fspath(now.path),
                "photo_count": counts.photo_count,
                "file_count": counts.file_count,
                "vector_count": counts.vector_count,
                "failure_count": counts.failure_count,
                "ignored": counts.ignored,
                "not_yet": counts.not_yet,
                "folders": [output.path_json(folder.path)["path"] for folder in now.folders],
                "offline_folders": output.offline_json(now.folders),
                "space": now.space.key if now.space else None,
                "model": now.model_name,
                "model_note": now.model_note,
                "model_trouble": now.model_trouble,
                "device": now.device or None,
                "filling": asdict(now.filling) if now.filling else None,
                "is_read_only": now.is_read_only,
                "gone_count": now.gone_count,
                "is_paused": now.is_paused,
                "is_indexing": now.indexing is not None,
                "indexing": _indexing_json(now),
            }
        )
        return
    out = output.console()
    out.print(f"Library   {output.path_text(now.path)}")
    if now.is_read_only:
        out.print("          may only be read: it is in use elsewhere, or not writable for you")
    out.print(f"Photos    {counts.photo_count:,} in {output.counted(counts.file_count, 'file')}")
    out.print(f"          {counts.vector_count:,} can be found by meaning")
    out.print(f"Folders   {len(now.folders)}")
    if told := output.offline_text(now.folders):
        out.print(f"          {told}")
    out.print(f"Model     {now.model_name}" + (f" · {now.device}" if now.device else ""))
    if now.model_note:
        out.print(f"          {now.model_note}")
    if now.model_trouble:
        out.print(f"          {now.model_trouble}")
        out.print("          Choose another one: photosearch models use ID")
    if now.filling is not None:
        filling = now.filling
        out.print(
            f"Next      {filling.model_name}: knows {filling.vector_count:,} photos, "
            f"{filling.missing_count:,} to go; until then the present model answers"
        )
        if filling.offline_count:
            names = ", ".join(
                output.path_text(path) for folder in now.folders for path in folder.away_paths
            )
            out.print(
                f"          {filling.offline_count:,} of them lie in folders that are offline: "
                f"{names}; answer without them: photosearch models use ID --at-once"
            )
    if counts.failure_count:
        out.print(f"Problems  {counts.failure_count:,}: photosearch failures")
    if counts.not_yet:
        out.print(f"Not yet   {_by_suffix(counts.not_yet)}")
    if counts.ignored:
        out.print(f"Ignored   {_by_suffix(counts.ignored)}")
    if now.gone_count:
        out.print(
            f"Gone      {now.gone_count:,} without a file, kept for 30 days: photosearch gone"
        )
    _print_indexing(now)


def _indexing_json(now: LibraryStatus) -> output.Json | None:
    run = now.indexing
    if run is None:
        return None
    paths = {folder.id: folder.path for folder in now.folders}
    return {
        "phase": run.phase.value,
        "done": run.done,
        "total": run.total,
        "failed": run.failed,
        "photos_per_s": round(run.photos_per_s, 2),
        "eta_s": None if run.eta_s is None else round(run.eta_s),
        "waiting": None if run.waiting is None else run.waiting.value,
        "folders": [
            {
                **output.path_json(paths[folder.folder_id]),
                "found": folder.found,
                "done": folder.done,
                "failed": folder.failed,
            }
            for folder in run.folders
            if folder.folder_id in paths
        ],
    }


def _print_indexing(now: LibraryStatus) -> None:
    run, out = now.indexing, output.console()
    if now.is_paused and (run is None or run.waiting is not Waiting.PAUSED):
        out.print(f"Now       {waits(Waiting.PAUSED)}")
    if run is None:
        return
    out.print(f"Now       {described(run)}")
    if run.waiting is not None:
        out.print(f"          {waits(run.waiting)}")
    paths = {folder.id: folder.path for folder in now.folders}
    for folder in run.folders:
        if len(run.folders) > 1 and folder.folder_id in paths:
            failed = f", {output.counted(folder.failed, 'problem')}" if folder.failed else ""
            out.print(
                f"          {folder.done:,} of {folder.found:,} in "
                f"{output.path_text(paths[folder.folder_id])}{failed}"
            )


def _by_suffix(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {suffix or '(no suffix)'}" for suffix, count in ordered)
