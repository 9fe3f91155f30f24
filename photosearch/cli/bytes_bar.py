"""A bar for work that is counted in bytes: downloads, imports, exports, checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from photosearch.cli import output
from photosearch.cli.progress import duration
from photosearch.embed.bytes_meter import BytesProgress, Tell


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
def bytes_bar(what: str) -> Iterator[Tell]:
    """Shows a bar while the block runs.

    Args:
        what: What is being done, e.g. "Downloading".

    Yields:
        A function that takes the progress.
    """
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), _Amounts())
    console = output.error_console()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)

        def tell(now: BytesProgress) -> None:
            bar.update(task, completed=now.done_bytes, total=now.total_bytes or None, now=now)

        yield tell


def size_text(size_bytes: float) -> str:
    """Returns a size for people: "540 MB", "1.2 GB"."""
    for unit, name, digits in ((1e9, "GB", 1), (1e6, "MB", 0), (1e3, "kB", 0)):
        if size_bytes >= unit * (1 if digits else 0.9995):
            return f"{size_bytes / unit:.{digits}f} {name}"
    return f"{size_bytes:.0f} bytes"
