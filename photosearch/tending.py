"""Keeps a library as its folders are: the watcher, the index thread, and when it may work.

The library asks this, on any thread.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from photosearch.core.events import IndexFinished, IndexProgress, LibraryEvent
from photosearch.core.photo import Folder
from photosearch.core.ports import Decoder, Encoder
from photosearch.core.status import FolderWatch
from photosearch.core.store import Store
from photosearch.errors import PhotoSearchError, UsageError
from photosearch.index.guest import PAUSE_FILE, Gate
from photosearch.index.journal import JOURNAL_FILE, Journal
from photosearch.index.manners import Manners
from photosearch.index.places import Places
from photosearch.index.probes import Probes
from photosearch.index.queue import SettleQueue
from photosearch.index.reconcile import Reconciler
from photosearch.index.rescans import Rescans
from photosearch.index.rules import ScanRules
from photosearch.index.tiles import TileMaker
from photosearch.index.watch import DEFAULT_RESCAN_S, FolderWatcher
from photosearch.index.worker import IndexWorker
from photosearch.settings import LIBRARY_FILE, LibrarySettings

log = logging.getLogger(__name__)


class Tending:
    """What goes on in a library by itself.

    Args:
        directory: Where the library's files lie.
        store: Its store.
        encoder: The model that is to know every photo.
        decoder: Reads files.
        emit: Gets events, on the index thread.
        release_images: Lets the image towers' memory go.
    """

    def __init__(
        self,
        directory: Path,
        store: Store,
        encoder: Encoder,
        decoder: Decoder,
        emit: Callable[[LibraryEvent], None],
        release_images: Callable[[], None],
    ) -> None:
        self._directory = directory
        self._store = store
        self._decoder = decoder
        self._emit = emit
        self._release_images = release_images
        writable = None if store.is_read_only else directory
        places = Places(store)
        self._queue = SettleQueue(places.look, places.is_listed)
        self._gate = Gate(
            Probes.of_this_computer(directory),
            self._manners(),
            decoder.limit,
            writable and writable / PAUSE_FILE,
        )
        journal = Journal(writable and writable / JOURNAL_FILE)
        reconciler = Reconciler(
            store,
            decoder,
            journal,
            places,
            self._gate,
            self._on_event,
            self._rules,
            lambda folder_id: self._watcher.is_hanging(folder_id),
        )
        self._worker = IndexWorker(
            reconciler, encoder, self._queue, journal, self._on_event, self._release
        )
        self._watcher = FolderWatcher(
            self._worker.notice, self.scan, self._rules, self._rescan_every_s
        )
        self._rescans = Rescans(self.scan, self._watcher.states, self._watcher.look_for_mounts)
        self._tiles = TileMaker(store, decoder, emit)
        self._closing = threading.Event()
        self._limit_thumbnails()
        self._worker.start()
        self._rescans.start()

    @property
    def progress(self) -> IndexProgress | None:
        """How far the run under way is, None between runs."""
        return self._worker.progress

    @property
    def is_paused(self) -> bool:
        """Whether the user wants no index work for now."""
        return self._gate.is_paused

    def watching(self) -> tuple[FolderWatch, ...]:
        """How changes in each folder are noticed."""
        return self._watcher.states()

    def watch(self, folders: Iterable[Folder]) -> None:
        """Listens to folders; harmless for those that it listens to, or that are away."""
        for folder in folders:
            if not self._closing.is_set():
                self._watcher.watch(folder)

    def forget(self, folder: Folder) -> None:
        """Drops all that goes on about a folder; returns when no run touches it any more."""
        self._watcher.unwatch(folder.id)
        self._worker.forget_folder(folder.id)

    def scan(self, folder_ids: Iterable[int]) -> int:
        """Asks for folders to be brought up to date; returns the request's ticket."""
        return self._worker.request_scan(folder_ids)

    def stop(self, ticket: int | None = None) -> None:
        """Stops after the current batch; see `IndexWorker.stop_run`."""
        self._worker.stop_run(ticket)

    def use(self, encoder: Encoder) -> None:
        """Fills another model's space from now on."""
        self._worker.use(encoder)

    def make_tiles(self, ids: Sequence[int]) -> None:
        """Makes thumbnails that somebody wants to see, in the background."""
        if ids and not self._store.is_read_only:
            self._tiles.wish(ids)

    def note_image_use(self) -> None:
        """Somebody else is about to use the image tower, too."""
        self._worker.note_image_use()

    def searching(self) -> AbstractContextManager[None]:
        """Holds index work while somebody searches."""
        return self._gate.searching()

    def pause(self) -> None:
        """Has no photos read until `resume`; what costs no reading goes on."""
        self._gate.pause()

    def resume(self) -> None:
        """Lets index work go on, and looks for what came meanwhile."""
        self._gate.resume()
        self.scan([folder.id for folder in self._store.folders()])

    def override(self) -> None:
        """Lets the run under way go on, whatever battery and screen say."""
        self._gate.override()

    def close(self) -> None:
        """Stops everything. Calling it twice is harmless."""
        self._closing.set()
        self._rescans.close()
        self._watcher.close()
        self._worker.close()
        self._gate.close()
        self._tiles.close()

    def _on_event(self, event: LibraryEvent) -> None:
        if isinstance(event, IndexFinished):
            self._gate.end_run()
            # What the settings say may have changed.
            self._gate.use(self._manners())
            self._limit_thumbnails()
            try:
                self.watch(self._store.folders())
            except PhotoSearchError as error:
                log.warning("the folders are watched as before: %s", error.message)
        self._emit(event)

    def _release(self) -> None:
        self._release_images()
        self._decoder.release()

    def _rules(self) -> ScanRules:
        """Reads what is left out, anew each time, since the settings may be edited.

        Raises:
            UsageError: The settings cannot be read: nothing may be concluded.
        """
        settings = self._settings()
        own = (os.fsencode(self._directory),)
        return ScanRules(tuple(settings.exclude), settings.follow_links, own)

    def _limit_thumbnails(self) -> None:
        if self._store.is_read_only:
            return
        try:
            max_bytes = 1_000_000 * max(0, self._settings().thumbnails_max_mb)
            self._store.limit_thumbnails(max_bytes or None)
        except PhotoSearchError as error:  # a cache that is too large harms nobody
            log.warning("the thumbnails are as large as they are: %s", error.message)

    def _rescan_every_s(self) -> float:
        try:
            return 60.0 * max(1, self._settings().rescan_minutes)
        except UsageError:
            return DEFAULT_RESCAN_S

    def _manners(self) -> Manners:
        try:
            return Manners.of(self._settings())
        except UsageError as error:
            log.warning("%s", error.message)
            return Manners()

    def _settings(self) -> LibrarySettings:
        return LibrarySettings.load(self._directory / LIBRARY_FILE)
