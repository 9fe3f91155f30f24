"""Waits for an index run and shows how far it is."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
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
    Waiting,
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
    IndexPhase.LISTING: "Step 1 of 2: dates and places",
    IndexPhase.LOADING_MODEL: "Preparing the model, once…",
    IndexPhase.INDEXING: "Indexing",
}
_SECOND_STEP = "Step 2 of 2: indexing"
_WAITS = {
    Waiting.PAUSED: "Paused; to go on: photosearch resume",
    Waiting.SEARCHING: "Waiting while somebody searches",
    Waiting.ON_BATTERY: "Waiting for mains power; to go on without: photosearch index --anyway",
    Waiting.FULL_SCREEN: (
        "Waiting while another program fills the screen; to go on beside it: "
        "photosearch index --anyway"
    ),
    Waiting.DISK_FULL: (
        "Waiting: the library's disk has less than 1 GB free; it goes on when there is room"
    ),
}
#: What whoever says "anyway" means.
_OVERRIDDEN = frozenset({Waiting.ON_BATTERY, Waiting.FULL_SCREEN})


def index_and_wait(
    client: EngineClient, folders: Sequence[Path] | None, *, anyway: bool = False
) -> IndexFinished:
    """Brings folders up to date and shows progress until it is done.

    On Ctrl-C the run is stopped after its current batch, and the interrupt goes on.

    Args:
        client: The library.
        folders: Those; new ones are watched from now on. None for all watched ones.
        anyway: Also on battery, and while another program fills the screen.

    Raises:
        UsageError: A folder cannot be added.
        ModelError: Background work had to give up because of the model.
        EngineError: It had to for another reason, or the engine cannot be brought back.
    """
    return run_and_wait(client, lambda: client.start_index(folders), anyway=anyway)


def run_and_wait(
    client: EngineClient, start: Callable[[], int], *, anyway: bool = False
) -> IndexFinished:
    """Starts an index run and shows progress until it is done, as `index_and_wait` does.

    Args:
        client: The library.
        start: Asks for the run, again where the engine died; returns its ticket.
        anyway: Also on battery, and while another program fills the screen.

    Raises:
        ModelError: Background work had to give up because of the model.
        EngineError: It had to for another reason, or the engine cannot be brought back.
    """
    from photosearch.cli.bar import progress_bar  # slow to load, and not for every command

    events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
    unsubscribe = client.subscribe(events.put)
    run = _Run(client, start, anyway=anyway)
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

    def __init__(self, client: EngineClient, start: Callable[[], int], *, anyway: bool) -> None:
        self._client = client
        self._start = start
        self._anyway = anyway
        self._has_listed = False
        self._ticket = start()

    def take_back(self) -> None:
        """Stops this request; what others asked for goes on."""
        self._client.stop_index(self._ticket)

    def wait(self, events: queue.SimpleQueue[ClientEvent], bar: Progress) -> IndexFinished:
        """Shows progress until the request is done."""
        task = bar.add_task(_PHASES[IndexPhase.SCANNING], total=None)
        trouble: WorkerError | None = None
        waiting: Waiting | None = None
        while True:
            match events.get():
                case ConnectionLost(error=error):
                    raise error
                case ConnectionChanged(is_connected=True):
                    # The engine died and is back; it knows nothing of the request.
                    self._ticket = self._start()
                case IndexProgress() as now:
                    waiting = self._note_waiting(now.waiting, waiting, bar)
                    bar.update(
                        task,
                        description=self._step(now.phase),
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

    def _step(self, phase: IndexPhase) -> str:
        """Returns what is being done; a bar that begins anew says that it is the second one."""
        self._has_listed = self._has_listed or phase is IndexPhase.LISTING
        is_second = self._has_listed and phase is IndexPhase.INDEXING
        return _SECOND_STEP if is_second else _PHASES[phase]

    def _note_waiting(
        self, now: Waiting | None, before: Waiting | None, bar: Progress
    ) -> Waiting | None:
        """Says why nothing is done, once; or has it go on all the same."""
        if now is None or now is before:
            return now
        if self._anyway and now in _OVERRIDDEN:
            self._client.index_anyway()
        elif now is not Waiting.SEARCHING:  # that is over in a moment
            bar.console.print(f"{_WAITS[now]}.")
        return now


def described(now: IndexProgress) -> str:
    """Returns how far a run is for people: "Indexing 12 of 744", "Preparing the model, once…"."""
    text = _PHASES[now.phase]
    if now.phase not in (IndexPhase.LISTING, IndexPhase.INDEXING) or not now.total:
        return text
    rate = f", {speed(now.photos_per_s)}" if now.photos_per_s else ""
    left = f", {duration(now.eta_s)} left" if now.eta_s is not None else ""
    return f"{text} {now.done:,} of {now.total:,}{rate}{left}"


def waits(why: Waiting) -> str:
    """Returns why a run stands still, and what to do about it."""
    return _WAITS[why]


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
