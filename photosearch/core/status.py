"""How the library is doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from photosearch.core.events import IndexProgress
from photosearch.core.photo import Folder
from photosearch.core.space import EmbeddingSpace


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """Numbers of the store.

    Attributes:
        photo_count: Photos with at least one file.
        file_count: Files that hold them.
        vector_count: Photos that can be found by meaning in the space asked about.
        failure_count: Files and folders that could not be taken in.
        ignored: Files that are no photos, by lower-case suffix ("" for none).
        not_yet: Files of kinds that come later (videos), by lower-case suffix.
        failed_folder_count: How many of the failures are folders that could not be listed.
    """

    photo_count: int = 0
    file_count: int = 0
    vector_count: int = 0
    failure_count: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    not_yet: dict[str, int] = field(default_factory=dict)
    failed_folder_count: int = 0


@dataclass(frozen=True, slots=True)
class Filling:
    """A model that is going to answer, once every photo has its vector in it.

    Attributes:
        model_id: As in the catalogue, or its folder.
        model_name: For people.
        vector_count: Photos that have theirs.
        missing_count: Photos that still lack theirs.
        offline_count: How many of those lie only in folders that cannot be reached.
    """

    model_id: str
    model_name: str
    vector_count: int
    missing_count: int
    offline_count: int = 0


class WatchMode(StrEnum):
    """How changes in a folder are noticed."""

    LIVE = "live"  #: the system tells at once
    RESCANNED = "rescanned"  #: it is looked through now and then
    OFFLINE = "offline"  #: it cannot be reached


@dataclass(frozen=True, slots=True)
class FolderWatch:
    """How changes in a watched folder are noticed.

    Attributes:
        folder_id: Which.
        mode: How.
        every_s: Seconds between two looks, where it is looked through.
        why: Why the system does not tell, for people; "" where it does.
        hint: What the user can do about it, e.g. the setting to change, or "".
    """

    folder_id: int
    mode: WatchMode
    every_s: float | None = None
    why: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """All that a status line or `photosearch status` shows.

    Attributes:
        path: The library's directory.
        counts: Numbers of the store, for the space in use.
        folders: Watched folders.
        space: The space in use, None while no model can be loaded.
        model_id: The model in use, as in the catalogue, or its folder.
        model_name: Its name, for people.
        model_note: What the user must know of it (e.g. that it is the sample), else "".
        device: Where it computes, e.g. "CPU, 2 threads".
        indexing: Progress of the run under way, else None.
        filling: The model that was chosen and does not answer yet, else None.
        model_trouble: Which model of the settings cannot be found or used, why, and which one
            answers instead, else "".
        is_read_only: Nothing of the library can be changed: its directory may not be written to,
            or another process has it open.
        watching: How changes in each folder are noticed.
        gone_count: Photos without a file, kept for a while in case it comes back.
        is_paused: The user wants no index work for now.
    """

    path: Path
    counts: StoreCounts
    folders: tuple[Folder, ...]
    space: EmbeddingSpace | None
    model_id: str
    model_name: str
    model_note: str
    device: str
    indexing: IndexProgress | None
    filling: Filling | None = None
    model_trouble: str = ""
    is_read_only: bool = False
    watching: tuple[FolderWatch, ...] = ()
    gone_count: int = 0
    is_paused: bool = False
