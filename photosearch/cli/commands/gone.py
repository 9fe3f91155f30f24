"""`gone`: photos whose files went away, and which are kept for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from photosearch.cli import output, session


def gone(
    context: typer.Context,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Forget them now, with stars, tags and albums, for good."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List photos whose files are gone.

    They are found no more, but kept for 30 days: should a file come back, nothing is lost.
    """
    with session.of(context).client() as client:
        if forget:
            count = client.forget_gone()
            if as_json:
                output.print_json({"forgotten_count": count})
            else:
                output.console().print(f"Forgot {output.counted(count, 'photo')}.")
            return
        found = client.gone()
    if as_json:
        output.print_json(
            [
                {
                    **output.path_json(photo.path),
                    "gone_since": output.time_json(photo.gone_ns),
                    "kept_until": output.time_json(photo.kept_until_ns),
                }
                for photo in found
            ]
        )
        return
    for photo in found:
        output.print_line(
            f"{output.path_text(photo.path)}\n"
            f"    gone since {output.day_text(photo.gone_ns)}, "
            f"kept until {output.day_text(photo.kept_until_ns)}"
        )
    if not found:
        output.print_note("No photo is gone.")
