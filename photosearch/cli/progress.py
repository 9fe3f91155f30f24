"""Waits for an index run and shows how far it is."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from photosearch.cli import output
from photosearch.core.events import (
    DeviceLost,
    FileQuarantined,
    FolderOffline,
    IndexFinished,
    IndexPhase,
    IndexProgress,
    WorkerError,
)
from photosearch.engine.client import (
    ClientEvent,
    ConnectionChanged,
    ConnectionLost,
    EngineClient,
)
from photosearch.errors import EngineError, ModelError

if TYPE_CHECKING:
    from rich.progress import Progress

_PHASES = {
    IndexPhase.SCANNING: "Looking through the folders",
    IndexPhase.LOADING_MODEL: "Preparing the model, once…",
    IndexPhase.INDEXING: "Indexing",
}


def index_and_wait(client: EngineClient, folders: Sequence[Path] | None) -> IndexFinished:
    """Brings folders up to date and shows progress until it is done.

    On Ctrl-C the run is stopped after its current batch, and the interrupt goes on.

    Args:
        client: The library.
        folders: Those; new ones are watched from now on. None for all watched ones.

    Raises:
        UsageError: A folder cannot be added.
        ModelError: Background work had to give up because of the model.
        EngineError: It had to for another reason, or the engine cannot be brought back.
    """
    from photosearch.cli.bar import progress_bar  # slow to load, and not for every command

    events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    unsubscribe = client.subscribe(events.put)
    run = _Run(client, folders)
    try:
        with progress_bar() as bar:
            try:
                return run.wait(events, bar)
            except KeyboardInterrupt:
                run.take_back()
                raise
    finally:
        unsubscribe()


def stay(client: EngineClient) -> NoReturn:
    """Stays connected, so that the engine goes on watching, until Ctrl-C.

    Raises:
        PhotoSearchError: The engine cannot be brought back.
    """
    events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    client.subscribe(events.put)
    while True:
        match events.get():
            case ConnectionLost(error=error):
                raise error
            case ConnectionChanged(is_connected=True):
                client.start_index()


class _Run:
    """One request to index, followed through the engine's events."""

    def __init__(self, client: EngineClient, folders: Sequence[Path] | None) -> None:
        self._client = client
        self._folders = folders
        self._ticket = client.start_index(folders)

    def take_back(self) -> None:
        """Stops this request; what others asked for goes on."""
        self._client.stop_index(self._ticket)

    def wait(self, events: queue.SimpleQueue[ClientEvent], bar: Progress) -> IndexFinished:
        """Shows progress until the request is done."""
        task = bar.add_task(_PHASES[IndexPhase.SCANNING], total=None)
        trouble: WorkerError | None = None
        while True:
            match events.get():
                case ConnectionLost(error=error):
                    raise error
                case ConnectionChanged(is_connected=True):
                    # The engine died and is back; it knows nothing of the request.
                    self._ticket = self._client.start_index(self._folders)
                case IndexProgress() as now:
                    bar.update(
                        task,
                        description=_PHASES[now.phase],
                        completed=now.done,
                        total=now.total if now.phase is not IndexPhase.SCANNING else None,
                        rate=now.photos_per_s,
                        eta_s=now.eta_s,
                    )
                case FolderOffline(path=path):
                    bar.console.print(
                        f"{output.path_text(path)} cannot be reached or is empty; "
                        "nothing of it is forgotten."
                    )
                case FileQuarantined(path=path):
                    bar.console.print(
                        f"{output.path_text(path)} stopped the engine twice; "
                        "it is left out until it changes."
                    )
                case DeviceLost(why=why):
                    bar.console.print(f"The CPU goes on, which is slower: {why}.")
                case WorkerError() as trouble:
                    pass
                case IndexFinished() as finished if finished.ticket >= self._ticket:
                    if trouble is not None:
                        kind = ModelError if trouble.is_about_model else EngineError
                        raise kind(trouble.message, trouble.hint)
                    return finished


def described(now: IndexProgress) -> str:
    """Returns how far a run is for people: "Indexing 12 of 744", "Preparing the model, once…"."""
    text = _PHASES[now.phase]
    is_counted = now.phase is IndexPhase.INDEXING and now.total > 0
    return f"{text} {now.done:,} of {now.total:,}" if is_counted else text


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
