"""What a library tells whoever listens.

Delivered on a thread of the library's; listeners hand over, they do not work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class IndexPhase(StrEnum):
    """What an index run is busy with."""

    SCANNING = "scanning"
    LISTING = "listing"  #: reading headers, so that dates, places and tiles stand at once
    LOADING_MODEL = "loading_model"
    INDEXING = "indexing"


class Waiting(StrEnum):
    """Why an index run stands still though there is work."""

    PAUSED = "paused"  #: the user said so
    SEARCHING = "searching"  #: somebody searches, and that goes first
    ON_BATTERY = "on_battery"
    FULL_SCREEN = "full_screen"  #: a film, a game or a presentation fills the screen
    DISK_FULL = "disk_full"


@dataclass(frozen=True, slots=True)
class FolderProgress:
    """How far an index run is in one folder.

    Attributes:
        folder_id: Which.
        found: Files to do that were found.
        done: Of those finished, failures included.
        failed: Of those that could not be taken in.
    """

    folder_id: int
    found: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far an index run is. At most ten a second.

    Attributes:
        phase: What is being done.
        done: Files finished in this run, failures included.
        total: Files found to do so far.
        failed: Files that could not be taken in, in this run.
        photos_per_s: Rate over the last seconds.
        eta_s: Seconds left at this rate, None while unknown.
        folders: The same for each folder that has something to do.
        waiting: Why nothing is done just now, if so.
    """

    phase: IndexPhase
    done: int
    total: int
    failed: int
    photos_per_s: float
    eta_s: float | None
    folders: tuple[FolderProgress, ...] = ()
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class IndexFinished:
    """An index run ended, in whatever way.

    Attributes:
        ticket: All requests up to this one are dealt with.
        done: Files finished.
        encoded: Pictures that went through the model.
        failed: Files that could not be taken in.
        gone: Photos of which no file is left.
        elapsed_s: How long it took.
        was_stopped: True where it ended before its end, on request or by an error; the next run
            goes on from there.
        moved: Files that were only given another place.
    """

    ticket: int
    done: int
    encoded: int
    failed: int
    gone: int
    elapsed_s: float
    was_stopped: bool
    moved: int = 0


@dataclass(frozen=True, slots=True)
class PhotosChanged:
    """The store now holds other photos than before: search again to see them."""

    added_count: int
    removed_count: int


@dataclass(frozen=True, slots=True)
class ThumbnailsChanged:
    """Photos have other thumbnails or facts than before: show them anew."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PhotosEdited:
    """The user changed what he says of these photos, in this window or elsewhere."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FolderOffline:
    """A watched folder cannot be reached; its photos stay searchable."""

    path: Path


@dataclass(frozen=True, slots=True)
class FoldersChanged:
    """A folder was added or removed, or is reachable again."""


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """Another model answers from now on: search again, and ask for the status."""

    model_name: str


@dataclass(frozen=True, slots=True)
class WorkerError:
    """Background work had to give up; message and hint are for the user.

    Attributes:
        message: What is wrong.
        hint: What can be done about it.
        is_about_model: The model is in the way, not the library or its disk.
    """

    message: str
    hint: str
    is_about_model: bool = False


@dataclass(frozen=True, slots=True)
class FileQuarantined:
    """The engine stopped twice while it was at this file: it is left out until it changes."""

    path: Path


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """A GPU failed in mid-run, and the CPU goes on; nothing was lost but speed.

    Attributes:
        why: For people, as part of a sentence; `LibraryStatus.device` says it from now on, too.
    """

    why: str


LibraryEvent = (
    IndexProgress
    | IndexFinished
    | PhotosChanged
    | ThumbnailsChanged
    | PhotosEdited
    | FolderOffline
    | FoldersChanged
    | FileQuarantined
    | DeviceLost
    | ModelChanged
    | WorkerError
)
Listener = Callable[[LibraryEvent], None]
