"""`doctor`: what works on this machine and what does not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from photosearch.cli import output, session


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check what works here: Qt, model, formats, database, watch limits."""
    from photosearch.cli.checks import run_checks  # loads much that no other command needs

    checks = run_checks(session.of(context).library)
    if as_json:
        output.print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            mark = "ok  " if check.is_ok else "FAIL"
            output.console().print(f"{mark}  {check.name:<9} {check.detail}")
            if check.hint and not check.is_ok:
                output.console().print(f"                {check.hint}")
    if not all(check.is_ok for check in checks):
        raise typer.Exit(1)
