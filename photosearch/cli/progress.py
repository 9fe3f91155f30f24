"""Waits for an index run and shows how far it is."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from photosearch.cli import output
from photosearch.core.events import (
    FolderOffline,
    IndexFinished,
    IndexPhase,
    IndexProgress,
    WorkerError,
)
from photosearch.engine.client import ClientEvent, ConnectionChanged, EngineClient
from photosearch.errors import EngineError

_PHASES = {
    IndexPhase.SCANNING: "Looking through the folders",
    IndexPhase.LOADING_MODEL: "Loading the model",
    IndexPhase.INDEXING: "Indexing",
}


class _Rate(ProgressColumn):
    """Photos per second and time left, as the engine measured them."""

    def render(self, task: Task) -> Text:
        """Returns the column's text (overrides rich's)."""
        rate, eta_s = task.fields.get("rate", 0.0), task.fields.get("eta_s")
        if not rate:
            return Text("")
        left = f" · {duration(eta_s)} left" if eta_s is not None else ""
        return Text(f"{speed(rate)}{left}")


def index_and_wait(client: EngineClient, folders: Sequence[Path] | None) -> IndexFinished:
    """Brings folders up to date and shows progress until it is done.

    On Ctrl-C the run is stopped after its current batch, and the interrupt goes on.

    Args:
        client: The library.
        folders: Watched folders, None for all.

    Raises:
        EngineError: Background work had to give up.
    """
    events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    unsubscribe = client.subscribe(events.put)
    try:
        with _bar() as bar:
            try:
                return _wait(events, lambda: client.start_index(folders), bar)
            except KeyboardInterrupt:
                client.stop_index()
                raise
    finally:
        unsubscribe()


def _wait(
    events: queue.SimpleQueue[ClientEvent], start: Callable[[], int], bar: Progress
) -> IndexFinished:
    ticket = start()
    task = bar.add_task(_PHASES[IndexPhase.SCANNING], total=None)
    trouble: WorkerError | None = None
    total = IndexFinished(ticket, 0, 0, 0, 0, 0.0, was_stopped=False)
    while True:
        match events.get():
            case ConnectionChanged(is_connected=True):
                ticket = start()  # the engine died and is back; it knows nothing of the run
            case IndexProgress() as now:
                bar.update(
                    task,
                    description=_PHASES[now.phase],
                    completed=now.done,
                    total=now.total if now.phase is IndexPhase.INDEXING else None,
                    rate=now.photos_per_s,
                    eta_s=now.eta_s,
                )
            case FolderOffline(path=path):
                bar.console.print(
                    f"{output.path_text(path)} cannot be reached or is empty; nothing of it is "
                    "forgotten."
                )
            case WorkerError() as trouble:
                pass
            case IndexFinished() as finished:
                total = _sum(total, finished)
                if finished.ticket < ticket:
                    continue
                if trouble is not None:
                    raise EngineError(trouble.message, trouble.hint)
                return total


def _sum(one: IndexFinished, two: IndexFinished) -> IndexFinished:
    """Adds up runs: adding folders one by one starts a run each."""
    return IndexFinished(
        two.ticket,
        one.done + two.done,
        one.encoded + two.encoded,
        one.failed + two.failed,
        one.gone + two.gone,
        one.elapsed_s + two.elapsed_s,
        was_stopped=two.was_stopped,
    )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.completed:,.0f}"),
        _Rate(),
        console=output.error_console(),
        transient=True,
    )


def speed(photos_per_s: float) -> str:
    """Returns a rate for people: "26 photos/s", "0.4 photos/s"."""
    return f"{photos_per_s:.{0 if photos_per_s >= 10 else 1}f} photos/s"


def duration(seconds: float) -> str:
    """Returns a length of time for people: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
