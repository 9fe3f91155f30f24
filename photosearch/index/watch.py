"""Listens to the file system and passes on hints; says of each folder how well that works.

One observer serves all folders: a system allows 128 of them. Events only say where to look;
`queue` and the next scan decide what is true. Where the system cannot tell of changes, or not of
all, the folder is looked through now and then instead (`rescans`).

Each folder has a thread of its own (`roots`), which takes up the folder when it comes and gives it
up when it goes: all that touches a disk is done there.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from photosearch.core.photo import FileEvent, Folder
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.errors import UsageError
from photosearch.index import limits
from photosearch.index.filesystems import network_type
from photosearch.index.hints import EVENT_FILTER, HintHandler
from photosearch.index.roots import EVERY_S, RootId, RootPoll
from photosearch.index.rules import FolderRules, ScanRules
from photosearch.index.volumes import ground_of, may_be
from photosearch.index.walk import Walk

#: A name, since the type checker takes the system it runs on for the only one.
_IS_LINUX = sys.platform.startswith("linux")
if _IS_LINUX:
    from photosearch.index.inotify import PrunedObserver, Tree

log = logging.getLogger(__name__)

#: How often a folder is looked through in which the system does not tell of changes.
DEFAULT_RESCAN_S = 900.0
#: `watch` waits for so long, so that a small folder is listened to when it returns.
_PATIENCE_S = 1.0
#: `unwatch` and `close` wait for so long for a folder whose disk may not answer.
_FAREWELL_S = 2.0
#: How often it is asked whether a folder that is being taken up was given up meanwhile.
_READY_EVERY_S = 0.2


#: Folders on network disks are asked for less often: each look is a message, and may keep a disk
#: from being let go.
_RARELY = 10
_BEING_TAKEN_UP = (WatchMode.RESCANNED, "its directories are being gone through", "")


@dataclass(slots=True)
class _Watched:
    """One folder; all but `poll` and `folder` is changed on the folder's own thread."""

    folder: Folder
    poll: RootPoll
    rules: ScanRules
    watch: ObservedWatch | None = None
    mode: WatchMode = WatchMode.OFFLINE
    why: str = ""
    hint: str = ""
    #: Set after the first look: from then on it is known how the folder is watched.
    is_settled: threading.Event = field(default_factory=threading.Event)
    #: The folder's first look took so long that scans may have begun without a watch.
    is_late: bool = False
    #: The system had no watch left for all of its directories, once.
    refused: threading.Event = field(default_factory=threading.Event)
    #: Which directory is dealt with.
    root_id: RootId | None = None
    #: Names the file system that it lies on.
    volume: str = ""


class FolderWatcher:
    """Watches folders and reports hints.

    Args:
        notice: Called with each hint, on a thread of watchdog's. Must return at once.
        request_scan: Called with the ids of folders that need a scan: after events were lost, and
            when a folder went or returned. Must return at once.
        rules: Asked for what is left out, at each `watch`.
        rescan_every_s: Asked how often folders are looked through that cannot be listened to, in
            seconds; `rescans` sees to it.
        poll_every_s: Seconds between two looks at whether a folder is there.
    """

    def __init__(
        self,
        notice: Callable[[FileEvent], None],
        request_scan: Callable[[Iterable[int]], object],
        rules: Callable[[], ScanRules] = ScanRules,
        rescan_every_s: Callable[[], float] = lambda: DEFAULT_RESCAN_S,
        poll_every_s: float = EVERY_S,
    ) -> None:
        self._notice = notice
        self._request_scan = request_scan
        self._rules = rules
        self._rescan_every_s = rescan_every_s
        self._poll_every_s = poll_every_s
        self._last_rules = ScanRules()
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._observer: BaseObserver | None = None
        self._trees: dict[str, Tree] = {}
        self._is_closed = False

    def watch(self, folder: Folder) -> None:
        """Starts listening below a folder; harmless where it already listens.

        To be called for all folders at the start, those that are away as well, and again when
        scans are over: what the folder says of itself is passed on by `states`, and where the rules
        have changed since, it listens anew. Returns at the latest after a moment:
        a large folder, or one on a slow disk, is taken up in the background, and scanned then.
        """
        rules = self._current_rules()
        with self._lock:
            known = self._watched.get(folder.id)
            if self._is_closed:
                return
            if known is not None:
                known.folder = folder
                if known.rules != rules:
                    known.rules = rules
                    known.poll.wake(tell=True)
                return
            poll = RootPoll(
                os.fsencode(folder.path),
                lambda found: self._take_up(watched, found),
                self._poll_every_s,
            )
            watched = self._watched[folder.id] = _Watched(folder, poll, rules)
        poll.start()
        watched.is_settled.wait(_PATIENCE_S)
        with self._lock:
            watched.is_late = not watched.is_settled.is_set()

    def unwatch(self, folder_id: int) -> None:
        """Stops listening below a folder."""
        with self._lock:
            watched = self._watched.pop(folder_id, None)
        if watched is not None:
            watched.poll.stop()
            self._stop_listening(watched)
            # The folder may be watched again at once: two listeners would share one watch.
            watched.poll.join(_FAREWELL_S)

    def states(self) -> tuple[FolderWatch, ...]:
        """Returns how changes in each folder are noticed."""
        with self._lock:
            watched = list(self._watched.values())
        return tuple(self._state(each) for each in watched)

    def is_hanging(self, folder_id: int) -> bool:
        """Whether a look at a folder has not come back: its disk does not answer."""
        with self._lock:
            watched = self._watched.get(folder_id)
        return watched is not None and watched.poll.is_hanging

    def close(self) -> None:
        """Stops listening everywhere. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            watched = list(self._watched.values())
            self._watched.clear()
            observer, self._observer = self._observer, None
        for each in watched:
            each.poll.stop()
        if observer is not None:
            observer.stop()
            observer.join()
        for each in watched:
            each.poll.join(_FAREWELL_S)

    def _current_rules(self) -> ScanRules:
        try:
            self._last_rules = self._rules()
        except UsageError as error:  # somebody is at the settings just now, or mistyped
            log.warning("%s", error.message)
        return self._last_rules

    def _state(self, watched: _Watched) -> FolderWatch:
        mode, why, hint = watched.mode, watched.why, watched.hint
        if not watched.folder.is_online:  # a scan found it empty: its disk is not there
            is_other = not may_be(watched.volume, watched.folder.volume)
            why = "another disk is in its place" if is_other else ""
            mode, hint = WatchMode.OFFLINE, ""
        if watched.poll.is_hanging:
            mode, why, hint = WatchMode.OFFLINE, "the disk does not answer", ""
        every_s = self._rescan_every_s() if mode is WatchMode.RESCANNED else None
        return FolderWatch(watched.folder.id, mode, every_s, why, hint)

    def _take_up(self, watched: _Watched, found: RootId | None) -> None:
        """Deals with what lies in the folder's place now (on the folder's thread)."""
        self._stop_listening(watched)
        watched.volume = ground_of(os.fsencode(watched.folder.path)).volume
        if found is None:
            watched.mode, watched.why, watched.hint = WatchMode.OFFLINE, "", ""
        else:
            if found != watched.root_id:
                watched.refused.clear()
            watched.mode, watched.why, watched.hint = _BEING_TAKEN_UP
            watched.mode, watched.why, watched.hint = self._listen(watched)
        watched.root_id = found
        is_rare = watched.mode is WatchMode.RESCANNED
        watched.poll.every_s = self._poll_every_s * (_RARELY if is_rare else 1)
        with self._lock:
            is_known_to_scans = watched.is_settled.is_set() or watched.is_late
            watched.is_settled.set()
        if watched.poll.is_stopped:
            self._stop_listening(watched)
        elif is_known_to_scans:
            self._request_scan([watched.folder.id])

    def _listen(self, watched: _Watched) -> tuple[WatchMode, str, str]:
        """Has the system tell of changes in a folder, if it can; else says why not."""
        path = watched.folder.path
        if kind := network_type(path):
            return WatchMode.RESCANNED, f"it lies on a network disk ({kind})", ""
        rules = watched.rules.below(os.fsencode(path))
        try:
            if _IS_LINUX:
                return self._listen_on_linux(watched, rules)
            self._schedule(watched, rules, Observer)
        except OSError as error:
            log.warning("a folder cannot be watched: %s", error.strerror)
            log.debug("it is %s", path)
            return WatchMode.RESCANNED, error.strerror or str(error), ""
        return WatchMode.LIVE, "", ""

    def _listen_on_linux(self, watched: _Watched, rules: FolderRules) -> tuple[WatchMode, str, str]:
        path = str(watched.folder.path)
        count = _directory_count(watched, rules)
        budget = limits.budget()
        few = f"the system lets you watch {budget.most} directories, and it has {count}"
        if watched.refused.is_set() or not budget.admits(count):
            return WatchMode.RESCANNED, few, budget.hint(count)

        def on_refused() -> None:
            watched.refused.set()
            if tree.is_ready.is_set():  # else it is asked for below
                watched.poll.wake(tell=True)

        tree = Tree(rules, on_refused, lambda: self._request_scan([watched.folder.id]))
        self._trees[path] = tree
        try:
            self._schedule(watched, rules, lambda: PrunedObserver(self._trees))
        except OSError as error:
            if error.errno == errno.EMFILE:
                why = "too many programs of yours watch directories already"
                return WatchMode.RESCANNED, why, limits.instances_hint()
            if error.errno == errno.ENOSPC:
                return WatchMode.RESCANNED, few, budget.hint(count)
            raise
        while not (tree.is_ready.wait(_READY_EVERY_S) or watched.poll.is_stopped):
            pass
        if watched.refused.is_set():
            self._stop_listening(watched)
            return WatchMode.RESCANNED, few, budget.hint(count)
        return WatchMode.LIVE, "", ""

    def _schedule(
        self, watched: _Watched, rules: FolderRules, make: Callable[[], BaseObserver]
    ) -> None:
        """Starts listening.

        Raises:
            OSError: The system does not allow it.
        """
        handler = HintHandler(
            watched.folder, rules, self._notice, lambda: watched.poll.wake(tell=True)
        )
        with self._lock:
            if self._is_closed:
                return
            if self._observer is None:
                self._observer = make()
                self._observer.name = "watch"
                self._observer.start()
            observer = self._observer
        watched.watch = observer.schedule(
            handler, str(watched.folder.path), recursive=True, event_filter=EVENT_FILTER
        )

    def _stop_listening(self, watched: _Watched) -> None:
        with self._lock:
            watch, watched.watch = watched.watch, None
            observer = self._observer
        if watch is not None and observer is not None:
            with contextlib.suppress(KeyError):  # it was closed meanwhile
                observer.unschedule(watch)


def _directory_count(watched: _Watched, rules: FolderRules) -> int:
    count = 0
    for _ in Walk(os.fsencode(watched.folder.path), rules):
        count += 1
        if watched.poll.is_stopped:
            break
    return count
