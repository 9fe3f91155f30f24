"""Has the system tell of changes in folders, where it can. Each folder's own thread.

One observer serves all folders: a system allows 128 of them.
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
from photosearch.core.status import WatchMode
from photosearch.index import limits
from photosearch.index.filesystems import network_type
from photosearch.index.hints import EVENT_FILTER, HintHandler
from photosearch.index.mounts import Mount
from photosearch.index.roots import RootId, RootPoll
from photosearch.index.rules import FolderRules, ScanRules
from photosearch.index.walk import Walk

#: A name, since the type checker takes the system it runs on for the only one.
_IS_LINUX = sys.platform.startswith("linux")
if _IS_LINUX:
    from photosearch.index.inotify import PrunedObserver, Tree

log = logging.getLogger(__name__)

#: How a folder is watched, why not better, and which setting would change that.
Heard = tuple[WatchMode, str, str]

#: How often it is asked whether a folder that is being taken up was given up meanwhile.
_READY_EVERY_S = 0.2


@dataclass(slots=True)
class Watched:
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
    #: Where it lies without links, and what was mounted inside it, when it was taken up; None while
    #: it is away.
    mounted: tuple[bytes, frozenset[Mount]] | None = None


class Listener:
    """Listens to folders, all with one observer.

    Args:
        notice: Called with each hint, on a thread of watchdog's. Must return at once.
        request_scan: Called with the ids of folders of which events were lost. Must return at once.
    """

    def __init__(
        self,
        notice: Callable[[FileEvent], None],
        request_scan: Callable[[Iterable[int]], object],
    ) -> None:
        self._notice = notice
        self._request_scan = request_scan
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None
        self._trees: dict[str, Tree] = {}
        self._is_closed = False

    def listen(self, watched: Watched) -> Heard:
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

    def _listen_on_linux(self, watched: Watched, rules: FolderRules) -> Heard:
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
            self.stop(watched)
            return WatchMode.RESCANNED, few, budget.hint(count)
        return WatchMode.LIVE, "", ""

    def _schedule(
        self, watched: Watched, rules: FolderRules, make: Callable[[], BaseObserver]
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

    def stop(self, watched: Watched) -> None:
        """Stops listening to a folder; harmless where it is not listened to."""
        with self._lock:
            watch, watched.watch = watched.watch, None
            observer = self._observer
        if watch is not None and observer is not None:
            with contextlib.suppress(KeyError):  # it was closed meanwhile
                observer.unschedule(watch)

    def close(self) -> None:
        """Stops listening everywhere. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()


def _directory_count(watched: Watched, rules: FolderRules) -> int:
    count = 0
    for _ in Walk(os.fsencode(watched.folder.path), rules):
        count += 1
        if watched.poll.is_stopped:
            break
    return count
