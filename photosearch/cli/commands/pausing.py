"""`pause`, `resume`: no photos are read for now."""

from __future__ import annotations

from typing import Annotated

import typer

from photosearch.cli import output, session

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pause(context: typer.Context, as_json: Json = False) -> None:
    """Read no photos until "resume", also after a restart."""
    with session.of(context).client() as client:
        client.pause_index()
    said = "Paused: new photos wait. Searching works. To go on: photosearch resume"
    _report(said, is_paused=True, as_json=as_json)


def resume(context: typer.Context, as_json: Json = False) -> None:
    """Read photos again after "pause"."""
    with session.of(context).client() as client:
        client.resume_index()
    said = "Index work may go on. To see it through now: photosearch index"
    _report(said, is_paused=False, as_json=as_json)


def _report(said: str, *, is_paused: bool, as_json: bool) -> None:
    if as_json:
        output.print_json({"is_paused": is_paused})
    else:
        output.console().print(said)
