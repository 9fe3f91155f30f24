"""The bar that shows how far an index run is."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from photosearch.cli import output
from photosearch.cli.progress import duration, speed


class _Rate(ProgressColumn):
    """Photos per second and time left, as the engine measured them."""

    def render(self, task: Task) -> Text:
        """Returns the column's text (overrides rich's)."""
        rate, eta_s = task.fields.get("rate", 0.0), task.fields.get("eta_s")
        if not rate:
            return Text("")
        left = f" · {duration(eta_s)} left" if eta_s is not None else ""
        return Text(f"{speed(rate)}{left}")


def progress_bar() -> Progress:
    """Returns a bar on stderr whose tasks have the fields `rate` and `eta_s`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(" of "),
        _Rate(),
        console=output.error_console(),
        transient=True,
    )
