"""The command line's entry: global options, the commands, and how errors end it.

Exit status: 0 done, 1 a bug or a failed check, 2 wrong use, 3 library or disk, 4 model, 130 Ctrl-C.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import click
import typer

from photosearch import __version__, paths
from photosearch.cli import output
from photosearch.cli.commands import demo, doctor, folders, search, status
from photosearch.cli.session import Session
from photosearch.errors import PhotoSearchError

log = logging.getLogger(__name__)

_INTERRUPTED = 130

app = typer.Typer(
    name="photosearch",
    help="Find any photo by what is in it: in your words, in your language, or with a picture.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        output.console().print(f"Photosearch {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    context: typer.Context,
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Directory of the library to use."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    context.obj = Session((library or paths.default_library()).absolute())


app.command("add")(folders.add)
app.command("remove")(folders.remove)
app.command("folders")(folders.show)
app.command("index")(folders.index)
app.command("search")(search.search)
app.command("status")(status.status)
app.command("failures")(status.failures)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: Without the program's name; those of the process where None.

    Returns:
        The exit status.
    """
    try:
        status_code = app(args=arguments, prog_name="photosearch", standalone_mode=False)
    except PhotoSearchError as error:
        output.print_error(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        output.error_console().print("Stopped. What is done is kept; the next run goes on.")
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader had enough; Python would complain once more at exit
        return 0
    except Exception:
        log.exception("the command met a bug")
        output.error_console().print_exception()
        return 1
    return status_code if isinstance(status_code, int) else 0
