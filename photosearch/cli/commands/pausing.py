"""`pause`, `resume`: no index work for now."""

from __future__ import annotations

import typer

from photosearch.cli import output, session


def pause(context: typer.Context) -> None:
    """Hold all index work until "resume", also after a restart."""
    with session.of(context).client() as client:
        client.pause_index()
    output.console().print("Paused. Searching works; new photos wait. To go on: photosearch resume")


def resume(context: typer.Context) -> None:
    """Let index work go on after "pause"."""
    with session.of(context).client() as client:
        client.resume_index()
    output.console().print("Index work may go on. To see it through now: photosearch index")
