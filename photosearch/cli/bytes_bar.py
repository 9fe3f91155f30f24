"""Shows work that is counted in bytes: downloads, imports, exports, checks.

A bar on a terminal; for a program that asked for JSON, such as the window, lines on stderr: what
goes to stdout is the result alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from photosearch.cli import output
from photosearch.cli.progress import duration
from photosearch.embed.bytes_meter import BytesProgress, Tell

#: Between two lines for a program.
_LINE_INTERVAL_S = 0.25


class _Amounts(ProgressColumn):
    """Bytes, rate and time left, as the work measured them."""

    def render(self, task: Task) -> Text:
        """Returns the column's text (overrides rich's)."""
        now: BytesProgress | None = task.fields.get("now")
        if now is None or not now.total_bytes:
            return Text("")
        text = f"{size_text(now.done_bytes)} of {size_text(now.total_bytes)}"
        if now.bytes_per_s > 0:
            text += f" · {size_text(now.bytes_per_s)}/s"
        if now.eta_s is not None:
            text += f" · {duration(now.eta_s)} left"
        return Text(text)


@contextmanager
def bytes_bar(what: str, *, as_json: bool) -> Iterator[Tell]:
    """Shows a bar while the block runs, or prints lines of JSON where a program reads them.

    Args:
        what: What is being done, e.g. "Downloading".
        as_json: A program asked. Each line is one object: `done_bytes`, `total_bytes` (0 while
            unknown), `rate` (bytes a second) and `eta_s` (null while unknown).

    Yields:
        A function that takes the progress.
    """
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), _Amounts())
    console = output.error_console()
    if as_json and not console.is_terminal:
        yield _Lines().tell
        return
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)

        def tell(now: BytesProgress) -> None:
            bar.update(task, completed=now.done_bytes, total=now.total_bytes or None, now=now)

        yield tell


class _Lines:
    """Prints progress for a program, at most four times a second and at the end."""

    def __init__(self) -> None:
        self._last_s = float("-inf")

    def tell(self, now: BytesProgress) -> None:
        """Prints a line unless the last one was just printed."""
        now_s = time.monotonic()
        if now_s - self._last_s < _LINE_INTERVAL_S and now.done_bytes != now.total_bytes:
            return
        self._last_s = now_s
        eta_s = None if now.eta_s is None else round(now.eta_s, 1)
        line = {
            "done_bytes": now.done_bytes,
            "total_bytes": now.total_bytes,
            "rate": round(now.bytes_per_s),
            "eta_s": eta_s,
        }
        output.print_note(json.dumps(line))


def size_text(size_bytes: float) -> str:
    """Returns a size for people: "540 MB", "1.2 GB"."""
    for unit, name, digits in ((1e9, "GB", 1), (1e6, "MB", 0), (1e3, "kB", 0)):
        if size_bytes >= unit * (1 if digits else 0.9995):
            return f"{size_bytes / unit:.{digits}f} {name}"
    return f"{size_bytes:.0f} bytes"
