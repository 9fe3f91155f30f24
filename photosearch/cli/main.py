"""The command line's entry: global options, the commands, and how errors end it.

Exit status: 0 done, 1 a bug or a failed check, 2 wrong use, 3 library or disk, 4 model, 130 Ctrl-C.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from photosearch import __version__, paths
from photosearch.cli import output
from photosearch.cli.session import Session
from photosearch.errors import PhotoSearchError

log = logging.getLogger(__name__)

_INTERRUPTED = 130

#: Where each command is, in the order of the help. Importing them all takes longer than a search.
_COMMANDS = {
    "add": ("folders", "add"),
    "remove": ("folders", "remove"),
    "folders": ("folders", "show"),
    "index": ("folders", "index"),
    "pause": ("pausing", "pause"),
    "resume": ("pausing", "resume"),
    "search": ("search", "search"),
    "status": ("status", "status"),
    "failures": ("failures", "failures"),
    "gone": ("gone", "gone"),
    "favourite": ("organise", "favourite"),
    "rate": ("organise", "rate"),
    "tag": ("organise", "tag"),
    "tags": ("organise", "tags"),
    "album": ("organise", "album"),
    "albums": ("organise", "albums"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore"),
    "models": ("models", "app"),
    "doctor": ("doctor", "doctor"),
    "demo": ("demo", "demo"),
}


def _app(arguments: Sequence[str]) -> typer.Typer:
    """Puts the commands together: those that the arguments name, or all where they name none."""
    app = typer.Typer(
        name="photosearch",
        help="Find any photo by what is in it: in your words, in your language, or with a picture.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_global_options)
    named = _COMMANDS.keys() & set(arguments) or _COMMANDS.keys()
    for name, (module, attribute) in _COMMANDS.items():
        if name not in named:
            continue
        command = getattr(import_module(f"photosearch.cli.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            # "-people" is part of a search, no option.
            settings = {"ignore_unknown_options": True} if name == "search" else None
            app.command(name, context_settings=settings)(command)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        output.console().print(f"Photosearch {__version__}")
        raise typer.Exit


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: Without the program's name; those of the process where None.

    Returns:
        The exit status.
    """
    try:
        app = _app(sys.argv[1:] if arguments is None else arguments)
        app(args=arguments, prog_name="photosearch")
    except SystemExit as end:  # how the framework ends every command, its own errors told
        status_code = end.code if isinstance(end.code, int) else 0
        if status_code == _INTERRUPTED:
            output.error_console().print("Stopped. What is done is kept; the next run goes on.")
        return status_code
    except PhotoSearchError as error:
        output.print_error(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # the reader had enough; Python would complain once more at exit
    except Exception:
        log.exception("The command met an error of its own.")
        return 1
    return 0
