r"""Prints for people and for machines. Data goes to stdout, everything else to stderr.

JSON and tables share one rule for names that are not valid text: a path is shown with the bytes
that no encoding knows as \\xNN, and `path_bytes` in JSON carries them exactly.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.core.hits import Hits
from photosearch.core.photo import Folder
from photosearch.core.visible import visible_path
from photosearch.errors import PhotoSearchError

if TYPE_CHECKING:
    from rich.console import Console

Json = Mapping[str, Any]


def console() -> Console:
    """Returns a console for people; colours only where stdout is a terminal."""
    from rich.console import Console  # slow to load: a search prints plain lines

    return Console(markup=False, highlight=False, soft_wrap=True)


def error_console() -> Console:
    """Returns a console for progress and errors."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


def print_line(text: str) -> None:
    """Prints one line of an answer."""
    sys.stdout.write(text + "\n")


def print_note(text: str) -> None:
    """Prints one line about an answer, which is no part of it."""
    sys.stdout.flush()  # where both go to one place, they stay in order
    sys.stderr.write(text + "\n")


def print_json(value: Json | list[Json]) -> None:
    """Prints one JSON value in one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_error(error: PhotoSearchError) -> None:
    """Prints an error and what can be done about it."""
    out = error_console()
    out.print(f"Error: {error.message}", style="red")
    if error.hint:
        out.print(error.hint)


def counted(count: int, one: str) -> str:
    """Returns a number with its noun: "1 file", "1,204 files"."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def day_text(time_ns: int) -> str:
    """Returns the day of a Unix time in ns, here: "2026-05-03"."""
    return f"{datetime.fromtimestamp(time_ns / 1e9):%Y-%m-%d}"


def time_json(time_ns: int) -> str | None:
    """Returns a Unix time in ns as ISO 8601 with its offset; None for 0, which is unknown."""
    if not time_ns:
        return None
    return datetime.fromtimestamp(time_ns / 1e9).astimezone().isoformat(timespec="seconds")


def path_text(path: Path) -> str:
    """Returns a path as text that can be printed anywhere: nothing in it moves the cursor."""
    return visible_path(path)


def path_json(path: Path) -> dict[str, str]:
    """Returns the JSON entries of a path: the exact bytes too where text cannot hold them."""
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        exact = base64.b64encode(os.fsencode(path)).decode("ascii")
        text = os.fsencode(path).decode("utf-8", "backslashreplace")
        return {"path": text, "path_bytes": exact}
    return {"path": os.fspath(path)}


def paths_json(paths: Sequence[Path]) -> Json:
    """Returns the JSON entries of several paths, with the bytes of all where text lacks some."""
    told = [path_json(path) for path in paths]
    entries: dict[str, list[str]] = {"paths": [one["path"] for one in told]}
    if any("path_bytes" in one for one in told):
        entries["paths_bytes"] = [
            base64.b64encode(os.fsencode(path)).decode("ascii") for path in paths
        ]
    return entries


def offline_text(folders: Sequence[Folder]) -> str:
    """Returns what of watched folders cannot be reached: "/usb cannot be reached now"; or ""."""
    names = [path_text(path) for folder in folders for path in folder.away_paths]
    return f"{', '.join(names)} cannot be reached now" if names else ""


def offline_json(folders: Sequence[Folder]) -> list[str]:
    """Returns the watched folders that cannot be reached."""
    return [path_json(folder.path)["path"] for folder in folders if not folder.is_online]


def hits_json(text: str, found: Hits, places: Mapping[int, Sequence[Path]]) -> Json:
    """Returns a search result as the command line's stable JSON.

    `score` is null for a photo without a vector, `confidence` where only filters were given.

    Args:
        text: What was asked.
        found: The answer.
        places: Where photos lie that lie in several places, those that can be reached first.
    """
    return {
        "query": text,
        "space": found.space_key,
        "read_as": found.reading.value,
        "searched_count": found.searched_count,
        "elapsed_ms": round(found.elapsed_ms, 1),
        "total_count": found.total_count,
        "waiting_count": found.waiting_count,
        "understood": [
            {"kind": chip.kind.value, "label": chip.label, "source": chip.source}
            for chip in found.chips
        ],
        "no_good_match": found.no_good_match,
        "hits": [
            {
                **path_json(hit.photo.path),
                **paths_json(places.get(hit.photo.id) or [hit.photo.path]),
                "score": None if hit.score is None else round(hit.score, 6),
                "confidence": None if hit.confidence is None else round(hit.confidence, 4),
                "band": hit.band,
                "why": list(hit.why),
                "burst_count": hit.burst_count,
            }
            for hit in found.hits
        ],
    }
