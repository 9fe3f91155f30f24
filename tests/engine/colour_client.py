"""A client of a `colour_engine` in a process of its own, to be killed.

Run as `python -m tests.engine.colour_client index|search|window --library DIR FOLDER`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from photosearch.cli.progress import index_and_wait
from photosearch.core.query import Query, TextTerm
from photosearch.engine.client import EngineClient, connect
from tests.engine.colour_engine import command


def reach(library: Path, *, warm: bool = False) -> EngineClient:
    return connect(library, warm=warm, command=command(library))


def show_window(library: Path, folder: Path) -> None:
    from photosearch.gui import main

    with reach(library) as client:
        client.add_folder(folder)
        main.connect = reach  # type: ignore[assignment]
        main.run(library, query="red")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("index", "search", "window"))
    parser.add_argument("--library", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    if args.what == "window":
        show_window(args.library, args.folder)
    with reach(args.library) as client:
        if args.what == "index":
            index_and_wait(client, [args.folder])
        client.start_index([args.folder])
        while True:
            client.search(Query((TextTerm("red"),)))
