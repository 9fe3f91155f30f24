"""Listens to the file system and passes on hints; says of each folder how well that works.

Events only say where to look; `queue` and the next scan decide what is true. Where the system
cannot tell of changes, or not of all (`listening`), the folder is looked through now and then
instead (`rescans`).

Each folder has a thread of its own (`roots`), which takes up the folder when it comes and gives it
up when it goes: all that touches a disk is done there.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from photosearch.core.photo import FileEvent, Folder
from photosearch.core.status import FolderWatch, WatchMode
from photosearch.errors import UsageError
from photosearch.index.listening import Listener, Watched
from photosearch.index.mounts import MOUNTS, Mount, mounts_inside
from photosearch.index.roots import EVERY_S, RootId, RootPoll
from photosearch.index.rules import ScanRules
from photosearch.index.volumes import ground_of, may_be

log = logging.getLogger(__name__)

#: How often a folder is looked through in which the system does not tell of changes.
DEFAULT_RESCAN_S = 900.0
#: `watch` waits for so long, so that a small folder is listened to when it returns.
_PATIENCE_S = 1.0
#: `unwatch` and `close` wait for so long for a folder whose disk may not answer.
_FAREWELL_S = 2.0
#: Folders on network disks are asked for less often: each look is a message, and may keep a disk
#: from being let go.
_RARELY = 10
_BEING_TAKEN_UP = (WatchMode.RESCANNED, "its directories are being gone through", "")


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
        listed: Where Linux lists what is mounted.
    """

    def __init__(
        self,
        notice: Callable[[FileEvent], None],
        request_scan: Callable[[Iterable[int]], object],
        rules: Callable[[], ScanRules] = ScanRules,
        rescan_every_s: Callable[[], float] = lambda: DEFAULT_RESCAN_S,
        poll_every_s: float = EVERY_S,
        listed: Path = MOUNTS,
    ) -> None:
        self._request_scan = request_scan
        self._rules = rules
        self._rescan_every_s = rescan_every_s
        self._poll_every_s = poll_every_s
        self._listed = listed
        self._last_rules = ScanRules()
        self._lock = threading.Lock()
        self._watched: dict[int, Watched] = {}
        self._listener = Listener(notice, request_scan)
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
            watched = self._watched[folder.id] = Watched(folder, poll, rules)
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
            self._listener.stop(watched)
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

    def look_for_mounts(self) -> None:
        """Takes folders up anew inside which a disk came or went: nobody tells of that.

        Looks at the system's list only, so that no disk is touched here.
        """
        with self._lock:
            watched = list(self._watched.values())
        for each in watched:
            mounted = each.mounted
            if mounted is not None and self._mounts_inside(each, mounted[0]) != mounted[1]:
                each.poll.wake(tell=True)

    def close(self) -> None:
        """Stops listening everywhere. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            watched = list(self._watched.values())
            self._watched.clear()
        for each in watched:
            each.poll.stop()
        self._listener.close()
        for each in watched:
            each.poll.join(_FAREWELL_S)

    def _current_rules(self) -> ScanRules:
        try:
            self._last_rules = self._rules()
        except UsageError as error:  # somebody is at the settings just now, or mistyped
            log.warning("%s", error.message)
        return self._last_rules

    def _state(self, watched: Watched) -> FolderWatch:
        mode, why, hint = watched.mode, watched.why, watched.hint
        if not watched.folder.is_online:  # a scan found it empty: its disk is not there
            is_other = not may_be(watched.volume, watched.folder.volume)
            why = "another disk is in its place" if is_other else ""
            mode, hint = WatchMode.OFFLINE, ""
        if watched.poll.is_hanging:
            mode, why, hint = WatchMode.OFFLINE, "the disk does not answer", ""
        every_s = self._rescan_every_s() if mode is WatchMode.RESCANNED else None
        return FolderWatch(watched.folder.id, mode, every_s, why, hint)

    def _take_up(self, watched: Watched, found: RootId | None) -> None:
        """Deals with what lies in the folder's place now (on the folder's thread)."""
        self._listener.stop(watched)
        watched.mounted = None
        watched.volume = ground_of(os.fsencode(watched.folder.path)).volume
        if found is None:
            watched.mode, watched.why, watched.hint = WatchMode.OFFLINE, "", ""
        else:
            real = os.path.realpath(os.fsencode(watched.folder.path))
            watched.mounted = (real, self._mounts_inside(watched, real))
            if found != watched.root_id:
                watched.refused.clear()
            watched.mode, watched.why, watched.hint = _BEING_TAKEN_UP
            watched.mode, watched.why, watched.hint = self._listener.listen(watched)
        watched.root_id = found
        is_rare = watched.mode is WatchMode.RESCANNED
        watched.poll.every_s = self._poll_every_s * (_RARELY if is_rare else 1)
        with self._lock:
            is_known_to_scans = watched.is_settled.is_set() or watched.is_late
            watched.is_settled.set()
        if watched.poll.is_stopped:
            self._listener.stop(watched)
        elif is_known_to_scans:
            self._request_scan([watched.folder.id])

    def _mounts_inside(self, watched: Watched, real: bytes) -> frozenset[Mount]:
        """What is mounted inside a folder where it is looked into."""
        rules = watched.rules.below(os.fsencode(watched.folder.path))
        skipped = len(real.rstrip(b"/")) + 1
        return frozenset(
            mount
            for mount in mounts_inside(real, self._listed)
            if rules.admits(mount.point[skipped:], is_directory=True)
        )
