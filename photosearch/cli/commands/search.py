"""`search`: photos for words, for example pictures, or both."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, session
from photosearch.core.chip import ChipKind
from photosearch.core.hits import Hit, Hits
from photosearch.core.query import DEFAULT_LIMIT, ImageTerm, Order, Query, Reading, Scope, TextTerm
from photosearch.engine.client import EngineClient
from photosearch.errors import PhotoSearchError, QueryError, UsageError

#: As many as fit a screen, where nobody said how many.
_SCREENFUL = 20


def search(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT",
            help="What is to be seen, in any language, and filters: boat -people date:2019..2021",
        ),
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
    order: Annotated[
        Order, typer.Option("--sort", help="The best first, or what stands out by its date.")
    ] = Order.RELEVANCE,
    min_confidence: Annotated[
        float,
        typer.Option("--min-confidence", metavar="X", help="Leave out what is less sure, 0 to 1."),
    ] = 0.0,
    scope: Annotated[
        Scope,
        typer.Option("--in", help="Where: in what is seen, in names and tags, or in all of them."),
    ] = Scope.ALL,
    is_literal: Annotated[
        bool,
        typer.Option("--literal", help="Take no date, place or camera from plain words."),
    ] = False,
    collapses_bursts: Annotated[
        bool, typer.Option("--bursts", help="Show photos of one scene within seconds as one.")
    ] = False,
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
    for word in words or ():
        if word.startswith("--"):
            raise UsageError(f"There is no option {word}.", "photosearch search --help lists them.")
    text = " ".join(words or ())
    machine = as_json or from_stdin
    most = limit if limit is not None else (DEFAULT_LIMIT if machine else _SCREENFUL)
    if not 0 <= min_confidence <= 1:
        raise UsageError(f"A confidence of {min_confidence:g} does not exist.", "Use 0 to 1.")
    manner = Query(
        (),
        most,
        reading=reading,
        order=order,
        scope=scope,
        understands=not is_literal,
        min_confidence=min_confidence,
        collapses_bursts=collapses_bursts,
    )
    if from_stdin and (text or like or without):
        raise UsageError("--stdin reads the queries from the input.", "Leave the others out.")
    if from_stdin:
        with session.of(context).client(warm=True) as client:
            _answer_lines(client, manner)
        return
    if not text.strip() and not like:
        raise QueryError(
            "There is nothing to search for.",
            "Say what is to be seen in a few words, or give a picture with --like.",
        )
    examples = [ImageTerm(path.absolute()) for path in like or ()]
    excluded = [TextTerm(words, -1.0, reading) for words in without or ()]
    query = replace(manner, terms=(*examples, *excluded), text=text)
    with session.of(context).client(warm=not (like and not text)) as client:
        _answer(client, query, as_json=as_json)


def _answer(client: EngineClient, query: Query, *, as_json: bool) -> None:
    found = client.find(query)
    if as_json:
        output.print_json(output.hits_json(query.text, found, _places(client, found)))
        return
    if found.no_good_match:
        asked = f" for “{query.text}”" if query.text else ""
        output.print_note(f"Nothing stands out{asked}; these are the closest.")
    for hit in found.hits:
        output.print_line(f"{_fit(hit)}{output.path_text(hit.photo.path)}{_remark(hit)}")
    guessed = [chip.label for chip in found.chips if chip.is_guess]
    if guessed:
        output.print_note(f"Understood as: {', '.join(guessed)} (as it stands: --literal)")
    if not found.hits:
        output.print_note(_why_none(client, query, found))
    output.print_note(_numbers(found))
    if found.reading is not Reading.AUTO:
        output.print_note(f"Read as {found.reading.value}; another way: --read-as")
    if found.model_note:
        output.print_note(found.model_note)


def _places(client: EngineClient, found: Hits) -> dict[int, list[Path]]:
    """Asks where those photos lie that lie in several places."""
    ids = [hit.photo.id for hit in found.hits if hit.photo.copy_count > 1]
    return {photo_id: client.paths_of(photo_id) for photo_id in ids}


def _why_none(client: EngineClient, query: Query, found: Hits) -> str:
    """Returns why there is nothing to see, and what can be done about it."""
    if found.searched_count + found.waiting_count == 0 and not client.status().counts.photo_count:
        return "The library holds no photos yet. Add some: photosearch index FOLDER"
    if query.min_confidence and found.searched_count:
        return (
            f"No photo is as sure as {query.min_confidence:.0%}. "
            "Less sure ones show with a smaller --min-confidence."
        )
    filters = [chip.label for chip in found.chips if chip.kind is ChipKind.FILTER]
    return f"No photo is so: {', '.join(filters)}." if filters else "No photo fits."


def _fit(hit: Hit) -> str:
    """Returns how well a photo fits, in a column of its own; "" where nothing was to be seen."""
    if hit.band is None:
        return ""
    is_seen = hit.confidence is not None and "image" in hit.why
    sure = f"{hit.confidence:4.0%}" if is_seen else ""
    return f"{hit.band:8} {sure:>4}  "


def _remark(hit: Hit) -> str:
    """Returns what else there is to say of a hit: why it is there, and what it stands for."""
    remarks = [why for why in hit.why if why != "image"]
    if hit.burst_count > 1:
        remarks.append(f"+{hit.burst_count - 1} of the same moment")
    return f"  ({', '.join(remarks)})" if remarks else ""


def _numbers(found: Hits) -> str:
    """Returns how many photos were looked at and how many there are to see."""
    shown = f"{len(found.hits):,} of {output.counted(found.total_count, 'photo')}"
    if found.waiting_count:
        all_count = found.searched_count + found.waiting_count
        return f"{shown}; {found.searched_count:,} of {all_count:,} compared so far."
    return f"{shown}; {found.searched_count:,} compared in {found.elapsed_ms:.0f} ms."


def _answer_lines(client: EngineClient, manner: Query) -> None:
    """Answers each line of the input; a line that cannot be answered costs itself only."""
    for line in _lines():
        try:
            found = client.find(replace(manner, text=line))
            output.print_json(output.hits_json(line, found, _places(client, found)))
        except PhotoSearchError as error:
            output.print_json({"query": line, "error": error.message, "hint": error.hint})


def _lines() -> Iterator[str]:
    """Yields the lines of the input; bytes that are no UTF-8 are replaced."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
