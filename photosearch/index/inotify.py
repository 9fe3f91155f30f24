"""watchdog's observer for Linux, made to watch only what scans look at. watchdog's own threads.

watchdog's own emitter watches every directory, the excluded ones too, keeps watching directories
that were moved out of the folder, and does not tell of watches that the system refused nor of
events that it lost. This one goes by the rules, takes watches back at once, and tells.

All folders share one inotify instance: a system allows a user 128 of them.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileSystemEvent,
)
from watchdog.observers.api import BaseObserver, EventQueue, ObservedWatch
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

from photosearch.index.rules import FolderRules
from photosearch.index.walk import Walk, is_below, join

log = logging.getLogger(__name__)

#: After an overflow: events go on for a while, and directories are gone through once for all.
_CALM_S = 1.0


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder to watch.

    Attributes:
        rules: What of it is not watched.
        on_refused: Called where the system has no watch left for one of its directories.
        on_overflow: Called after events were lost and every directory is watched again.
        is_ready: Set once every directory is watched.
    """

    rules: FolderRules
    on_refused: Callable[[], None]
    on_overflow: Callable[[], object]
    is_ready: threading.Event = field(default_factory=threading.Event)


class PrunedObserver(BaseObserver):
    """Watches the directories of folders that their rules admit.

    Args:
        trees: The folders, by the path that is given to `schedule`.

    Raises:
        OSError: EMFILE where the user has no inotify instance left.
    """

    def __init__(self, trees: Mapping[str, Tree]) -> None:
        self._inotify_fd = InotifyFD()
        self._inotify_fd.start()
        super().__init__(_PrunedEmitter, inotify_fd=self._inotify_fd, trees=trees)

    def on_thread_stop(self) -> None:
        """Frees the inotify instance (watchdog's hook)."""
        super().on_thread_stop()
        self._inotify_fd.stop()
        self._inotify_fd.join()


class _PrunedEmitter(InotifyEmitter):
    """Watches one folder; what it queues still goes through the event filter."""

    def __init__(
        self,
        event_queue: EventQueue,
        watch: ObservedWatch,
        *,
        timeout: float,
        event_filter: list[type[FileSystemEvent]] | None,
        inotify_fd: InotifyFD,
        trees: Mapping[str, Tree],
    ) -> None:
        super().__init__(
            event_queue, watch, timeout=timeout, event_filter=event_filter, inotify_fd=inotify_fd
        )
        self._tree = trees[watch.path]
        self._root = os.fsencode(watch.path)
        self._id = CallbackId(id(self))
        self._mask = Mask(
            self.get_event_mask_from_filter()
            | InotifyConstants.IN_MOVE_SELF
            | InotifyConstants.IN_ONLYDIR
            | InotifyConstants.IN_EXCL_UNLINK
        )
        self._table_lock = threading.Lock()
        self._directories: dict[WatchDescriptor, bytes] = {}
        self._descriptors: dict[bytes, WatchDescriptor] = {}
        self._wake = threading.Event()
        self._has_overflowed = False

    def on_thread_start(self) -> None:
        """Watches the folder itself; what is wrong with it reaches whoever starts this."""
        self._watch_directory(b"")

    def on_thread_stop(self) -> None:
        """Takes all watches back (watchdog's hook)."""
        self._wake.set()
        self._drop(b"")

    def run(self) -> None:
        """Goes through the directories, at first and after each overflow (watchdog's thread)."""
        self._watch_below(b"")
        self._tree.is_ready.set()
        while self.should_keep_running():
            self._wake.wait()
            if self._has_overflowed and not self.stopped_event.wait(_CALM_S):
                self._has_overflowed = False
                self._wake.clear()
                self._drop(b"")  # what lies at a path may be another directory now
                self._watch_below(b"")
                self._tree.on_overflow()

    def on_queue_overflow(self) -> None:
        """Events of any folder were lost (called by watchdog's reader)."""
        self._has_overflowed = True
        self._wake.set()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """A watched directory is gone (called by watchdog's reader)."""
        with self._table_lock:
            rel_dir = self._directories.pop(wd, None)
            if rel_dir is not None and self._descriptors.get(rel_dir) == wd:
                del self._descriptors[rel_dir]

    def on_event(self, event: InotifyEvent) -> None:
        """Something happened in a watched directory (called by watchdog's reader)."""
        try:
            self._deal_with(event)
        except OSError as error:  # it would end the reader, and all watching with it
            log.warning("an event was not understood, all is watched anew: %s", error)
            self.on_queue_overflow()

    def _deal_with(self, event: InotifyEvent) -> None:
        with self._table_lock:
            rel_dir = self._directories.get(event.wd)
        if rel_dir is None:
            return
        if not event.name:
            if not rel_dir and event.mask & _ROOT_GONE:
                self.queue_event(DirDeletedEvent(self._path(b"")))
            return
        rel_path = join(rel_dir, event.name)
        is_new = event.is_create or event.is_moved_to
        is_gone = event.is_delete or event.is_moved_from
        if event.is_directory or self._is_followed_link(rel_path, is_gone=is_gone):
            if self._tree.rules.prunes(rel_path):
                return
            if is_new:
                self._watch_below(rel_path)
                self.queue_event(DirCreatedEvent(self._path(rel_path)))
            elif is_gone:
                # Whatever happens in a directory that was moved out is no concern of ours.
                self._drop(rel_path)
                self.queue_event(DirDeletedEvent(self._path(rel_path)))
        elif is_new:
            self.queue_event(FileCreatedEvent(self._path(rel_path)))
        elif is_gone:
            self.queue_event(FileDeletedEvent(self._path(rel_path)))
        elif event.is_close_write:
            self.queue_event(FileClosedEvent(self._path(rel_path)))

    def _is_followed_link(self, rel_path: bytes, *, is_gone: bool) -> bool:
        if not self._tree.rules.follow_links:
            return False
        return rel_path in self._descriptors if is_gone else Path(self._path(rel_path)).is_dir()

    def _path(self, rel_path: bytes) -> str:
        return os.fsdecode(join(self._root, rel_path))

    def _watch_below(self, below: bytes) -> None:
        """Watches a directory and those below it, each before it is listed: nothing slips by."""
        walk = Walk(self._root, self._tree.rules, below, on_enter=self._try_to_watch)
        for _ in walk:
            if not self.should_keep_running():
                return

    def _try_to_watch(self, rel_dir: bytes) -> None:
        try:
            self._watch_directory(rel_dir)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._tree.on_refused()
            else:  # it went away meanwhile, or may not be read
                log.debug("a directory is not watched: %s", error)

    def _watch_directory(self, rel_dir: bytes) -> None:
        with self._table_lock:
            if rel_dir in self._descriptors:
                return
            path = join(self._root, rel_dir)
            wd = self._inotify_fd.add_callback(path, self._mask, self, self._id)
            if wd < 0:  # it may not be read, and watchdog keeps that to itself
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._directories[wd] = rel_dir
            self._descriptors[rel_dir] = wd

    def _drop(self, below: bytes) -> None:
        with self._table_lock:
            dropped = [path for path in self._descriptors if is_below(path, below)]
            wds = {self._descriptors.pop(path) for path in dropped}
            for wd in wds:
                # It may have been found in its new place before the move was heard of.
                self._descriptors.pop(self._directories.pop(wd, b""), None)
            self._inotify_fd.remove_callbacks([(wd, self._id) for wd in wds])


_ROOT_GONE = (
    InotifyConstants.IN_DELETE_SELF | InotifyConstants.IN_MOVE_SELF | InotifyConstants.IN_UNMOUNT
)
