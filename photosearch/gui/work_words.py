"""Index work in words: how far it is, why it waits, how folders are watched. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QLocale

from photosearch.core.events import FolderProgress, IndexPhase, IndexProgress, Waiting
from photosearch.core.result import SearchResult
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.gui.amounts import every_text, time_left

SEPARATOR = " · "
#: Waits that the user can end by saying "anyway".
OVERRIDABLE = frozenset({Waiting.ON_BATTERY, Waiting.FULL_SCREEN})
COUNTED = frozenset({IndexPhase.LISTING, IndexPhase.INDEXING})


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("WorkWords", text, "", count)


def has_listed(progress: IndexProgress | None, *, before: bool) -> bool:
    """Whether a run read headers, so that what comes then is its second step.

    Args:
        progress: How far it is now; None between runs.
        before: What was the case before.
    """
    return progress is not None and (before or progress.phase is IndexPhase.LISTING)


def progress_text(progress: IndexProgress, *, has_listed: bool = False) -> str:
    """How far a run is, how fast, how long yet; or why it waits.

    Args:
        progress: How far it is.
        has_listed: Headers were read before, see `has_listed`.
    """
    if progress.phase is IndexPhase.SCANNING and not progress.waiting:
        found = _tr("%Ln found", progress.total) if progress.total else ""
        return SEPARATOR.join(filter(None, (_tr("Looking for photos"), found)))
    if progress.phase is IndexPhase.LOADING_MODEL and not progress.waiting:
        return _tr("Preparing the model, once…")
    counts = count_text(progress.done, progress.total) if progress.phase in COUNTED else ""
    if progress.waiting is not None:
        return SEPARATOR.join(filter(None, (waiting_text(progress.waiting), counts)))
    if progress.phase is IndexPhase.LISTING:
        text = _tr("Step 1 of 2: reading dates and places, %1")
    else:
        text = _tr("Step 2 of 2: indexing %1") if has_listed else _tr("Indexing %1")
    rate = rate_text(progress.photos_per_s) if progress.photos_per_s > 0 else ""
    left = time_left(progress.eta_s) if progress.eta_s is not None else ""
    return SEPARATOR.join(filter(None, (text.replace("%1", counts), rate, left)))


def compared_text(result: SearchResult, progress: IndexProgress | None) -> str:
    """How many photos a search looked at, and that there will be more."""
    count, waiting = result.searched_count, result.waiting_count
    if waiting:
        text = _tr("%1 of %2 compared so far").replace("%1", QLocale().toString(count))
        return text.replace("%2", QLocale().toString(count + waiting))
    compared = _tr("1 photo compared") if count == 1 else _tr("%Ln photos compared", count)
    if progress is not None and progress.phase is not IndexPhase.SCANNING:
        return _tr("%1 so far").replace("%1", compared)
    return compared


def waiting_text(why: Waiting) -> str:
    """Why nothing is done just now, in a few words."""
    return {
        Waiting.PAUSED: _tr("Paused"),
        Waiting.SEARCHING: _tr("Searches go first"),
        Waiting.ON_BATTERY: _tr("Waiting for mains power"),
        Waiting.FULL_SCREEN: _tr("Waiting while another program fills the screen"),
        Waiting.DISK_FULL: _tr("Waiting: less than 1 GB is free on the library's disk"),
    }[why]


def waiting_hint(why: Waiting) -> str:
    """What ends the wait."""
    return {
        Waiting.PAUSED: _tr("Photos are read again when you resume. Searching works."),
        Waiting.SEARCHING: _tr("Photos are read again a moment after the last search."),
        Waiting.ON_BATTERY: _tr(
            "Photos are read again when the computer is plugged in, or now with “Index anyway”."
        ),
        Waiting.FULL_SCREEN: _tr(
            "Photos are read again when it is done, or now with “Index anyway”."
        ),
        Waiting.DISK_FULL: _tr("Make room on it; reading photos goes on by itself."),
    }[why]


def count_text(done: int, total: int) -> str:
    """A share in whole numbers: "1,120 of 4,000"."""
    locale = QLocale()
    text = _tr("%1 of %2").replace("%1", locale.toString(done))
    return text.replace("%2", locale.toString(total))


def rate_text(photos_per_s: float) -> str:
    """A rate with the digits that matter: "26 photos/s", "0.4 photos/s"."""
    digits = 0 if photos_per_s >= 10 else 1
    return _tr("%1 photos/s").replace("%1", QLocale().toString(photos_per_s, "f", digits))


def problems_text(count: int) -> str:
    """How much could not be taken in: "1 problem"."""
    return _tr("1 problem") if count == 1 else _tr("%Ln problems", count)


def folder_text(progress: FolderProgress) -> str:
    """How far a run is in one folder."""
    failed = problems_text(progress.failed) if progress.failed else ""
    counts = count_text(progress.done, progress.found)
    return SEPARATOR.join(filter(None, (counts, failed)))


def folders_text(names: dict[int, str], folders: Iterable[FolderProgress]) -> str:
    """The same for all folders, line by line, for a tooltip.

    Args:
        names: What folders are called, by id.
        folders: How far the run is in each.
    """
    return "\n".join(
        f"{names[folder.folder_id]}: {folder_text(folder)}"
        for folder in folders
        if folder.folder_id in names
    )


def watch_text(watch: FolderWatch, *, is_paused: bool = False) -> str:
    """How changes in a folder are noticed, and why so; or that nothing is read for now."""
    if is_paused and watch.mode is not WatchMode.OFFLINE:
        return _tr("Paused: new and changed photos are read when you resume")
    if watch.mode is WatchMode.LIVE:
        return _tr("Changes are noticed at once")
    if watch.mode is WatchMode.OFFLINE:
        text = _tr("Offline: its photos can be found, and opened once it is connected")
    elif watch.every_s:
        text = _tr("Looked through every %1").replace("%1", every_text(watch.every_s))
    else:
        text = _tr("Looked through now and then")
    return f"{text}: {watch.why}" if watch.why else text
