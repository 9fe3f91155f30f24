"""`failures`: what could not be taken in, and trying it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, progress, session
from photosearch.core.failure import PhotoFailure, Stage
from photosearch.errors import EngineError, UsageError

_STAGES = {
    Stage.READ: "reading the file",
    Stage.DECODE: "decoding the picture",
    Stage.ENCODE: "understanding the picture",
    Stage.WRITE: "storing it",
}


def failures(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH ...", show_default=False)
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try them again now.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what could not be taken in, with the reason: all, or what lies at the paths.

    A file that is damaged is tried again by itself when it changes.
    """
    with session.of(context).client() as client:
        found = _at(client.failures(), paths)
        _require_known(found, paths or [])
        if retry and found:
            tried = None if paths is None else [_path(failure) for failure in found]
            run = progress.run_and_wait(client, lambda: client.retry_failures(tried))
            tried_count = len(found)
            found = _at(client.failures(), paths)
            if not as_json:
                mended_count = max(0, tried_count - len(found))
                output.print_note(
                    f"{mended_count:,} of {output.counted(tried_count, 'problem')} solved."
                )
            if run.was_stopped:
                raise EngineError(
                    "The run was stopped before its end, from another window or command.",
                    "To go on: photosearch failures --retry",
                )
    if as_json:
        output.print_json([_json(failure) for failure in found])
        return
    for failure in found:
        _print(failure)
    if not found:
        output.print_note("Every photo could be read." if paths is None else "No problem there.")


def _at(failures: list[PhotoFailure], paths: list[Path] | None) -> list[PhotoFailure]:
    """Those that lie at the paths or below them; all where None."""
    if paths is None:
        return failures
    return [failure for failure in failures if any(_lies_at(failure, path) for path in paths)]


def _require_known(failures: list[PhotoFailure], paths: list[Path]) -> None:
    """Refuses what is neither there nor among the failures.

    Raises:
        UsageError: A slip in a path.
    """
    for path in paths:
        if not path.exists() and not any(_lies_at(failure, path) for failure in failures):
            raise UsageError(
                f"There is no {output.path_text(path)}.", "List all problems: photosearch failures"
            )


def _lies_at(failure: PhotoFailure, path: Path) -> bool:
    return _path(failure).is_relative_to(path.absolute())


def _path(failure: PhotoFailure) -> Path:
    return failure.path or Path()


def _json(failure: PhotoFailure) -> output.Json:
    return {
        **(output.path_json(failure.path) if failure.path else {"path": ""}),
        "stage": failure.stage.value,
        "code": failure.reason.code.value,
        "reason": failure.reason.sentence(),
        "first_seen": output.time_json(failure.first_seen_ns),
        "tries": failure.tries,
    }


def _print(failure: PhotoFailure) -> None:
    seen = f", first on {output.day_text(failure.first_seen_ns)}" if failure.first_seen_ns else ""
    times = "once" if failure.tries == 1 else f"{failure.tries:,} times"
    output.print_line(
        f"{output.path_text(failure.path) if failure.path else '?'}\n"
        f"    {failure.reason.sentence()}\n"
        f"    while {_STAGES[failure.stage]}, tried {times}{seen}"
    )
