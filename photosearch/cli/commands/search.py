"""`search`: photos for words, for example pictures, or both."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, session
from photosearch.core.query import DEFAULT_LIMIT, ImageTerm, Query, Reading, TextTerm
from photosearch.engine.client import EngineClient
from photosearch.errors import PhotoSearchError, QueryError, UsageError

#: As many as fit a screen, where nobody said how many.
_SCREENFUL = 20


def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="What is to be seen, in any language."),
    ] = None,
    like: Annotated[
        list[Path] | None,
        typer.Option("--like", metavar="FILE", help="A picture to go by; may be repeated."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--not", metavar="TEXT", help="What is not to be seen; may be repeated."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="Most photos wanted.")
    ] = None,
    reading: Annotated[
        Reading,
        typer.Option("--read-as", help="Who reads the text, where a model reads English apart."),
    ] = Reading.AUTO,
    from_stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Read one query a line, print one JSON object a line."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find photos by what is in them."""
    text = " ".join(words or ())
    machine = as_json or from_stdin
    most = limit if limit is not None else (DEFAULT_LIMIT if machine else _SCREENFUL)
    if from_stdin and (text or like or without):
        raise UsageError("--stdin reads the queries from the input.", "Leave the others out.")
    if from_stdin:
        with session.of(context).client(warm=True) as client:
            _answer_lines(client, most)
        return
    if not text.strip() and not like:
        raise QueryError(
            "There is nothing to search for.",
            "Say what is to be seen in a few words, or give a picture with --like.",
        )
    examples = [ImageTerm(path.absolute()) for path in like or ()]
    excluded = [TextTerm(words, -1.0, reading) for words in without or ()]
    query = Query((*examples, *excluded), most, text, reading)
    with session.of(context).client(warm=not (like and not text)) as client:
        _answer(client, text, query, as_json=as_json)


def _answer(client: EngineClient, text: str, query: Query, *, as_json: bool) -> None:
    found = client.find(query)
    if as_json:
        output.print_json(output.hits_json(text, found))
        return
    for hit in found.hits:
        output.print_line(f"{hit.score:6.3f}  {output.path_text(hit.photo.path)}")
    compared = output.counted(found.searched_count, "photo")
    output.print_note(f"{compared} compared in {found.elapsed_ms:.0f} ms.")
    if found.reading is not Reading.AUTO:
        output.print_note(f"Read as {found.reading.value}; another way: --read-as")
    if found.model_note:
        output.print_note(found.model_note)


def _answer_lines(client: EngineClient, limit: int) -> None:
    """Answers each line of the input; a line that cannot be answered costs itself only."""
    for line in _lines():
        try:
            output.print_json(output.hits_json(line, client.find(Query(text=line, limit=limit))))
        except PhotoSearchError as error:
            output.print_json({"query": line, "error": error.message, "hint": error.hint})


def _lines() -> Iterator[str]:
    """Yields the lines of the input; bytes that are no UTF-8 are replaced."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
