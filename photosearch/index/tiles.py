"""Makes the thumbnails that somebody is looking at and that are not there: these go first.

A photo has none while only its header was read, or where the cache gave it up. The library asks,
on any thread; one thread of its own does the work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.events import LibraryEvent, ThumbnailsChanged
from photosearch.core.photo import Photo
from photosearch.core.ports import DecodeError, Decoder
from photosearch.core.space import ImageInput
from photosearch.core.store import Store
from photosearch.errors import PhotoSearchError

log = logging.getLogger(__name__)

#: The crop is not used; a small one costs least.
_NO_CROP = ImageInput(32)
#: Thumbnails made at once: so few that those who scroll on are served next.
_BLOCK = 8
#: A screen or two; who scrolls on does not wait for what he has passed.
_WISHES_MAX = 300
#: A disk may have come back meanwhile.
_AGAIN_AFTER_S = 30.0


class TileMaker:
    """Makes thumbnails on request, the last ones asked for first.

    Args:
        store: Has the photos and takes the thumbnails.
        decoder: Reads the files.
        emit: Gets `ThumbnailsChanged`, on a thread of this class.
    """

    def __init__(
        self, store: Store, decoder: Decoder, emit: Callable[[LibraryEvent], None]
    ) -> None:
        self._store = store
        self._decoder = decoder
        self._emit = emit
        self._wake = threading.Condition()
        self._wishes: dict[int, None] = {}
        #: When those failed that could not be made.
        self._failed_s: dict[int, float] = {}
        self._reading: list[tuple[Photo, Future[DecodedPhoto]]] = []
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def wish(self, ids: Sequence[int]) -> None:
        """Asks for thumbnails; returns at once. What cannot be made is tried again later on."""
        with self._wake:
            if self._is_closed:
                return
            now_s = time.monotonic()
            for photo_id in ids:
                if now_s >= self._failed_s.get(photo_id, -_AGAIN_AFTER_S) + _AGAIN_AFTER_S:
                    self._wishes.pop(photo_id, None)
                    self._wishes[photo_id] = None
            while len(self._wishes) > _WISHES_MAX:
                del self._wishes[next(iter(self._wishes))]
            is_idle = self._thread is None or not self._thread.is_alive()
            if is_idle and self._wishes:
                self._thread = threading.Thread(target=self._main, name="tiles", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def close(self) -> None:
        """Ends the thread. Calling it twice is harmless."""
        with self._wake:
            self._is_closed = True
            self._wake.notify_all()
        for _, future in self._reading:
            future.cancel()
        if self._thread is not None:
            self._thread.join()

    def _main(self) -> None:
        while ids := self._next():
            try:
                made = self._make(ids)
            except PhotoSearchError as error:
                log.warning("thumbnails could not be made: %s", error.message)
                continue
            if made:
                self._emit(ThumbnailsChanged(tuple(made)))

    def _next(self) -> list[int]:
        with self._wake:
            self._wake.wait_for(lambda: self._is_closed or self._wishes)
            if self._is_closed:
                return []
            newest = list(self._wishes)[-_BLOCK:]
            for photo_id in newest:
                del self._wishes[photo_id]
            return newest

    def _make(self, ids: Sequence[int]) -> list[int]:
        lacking = set(self._store.missing_thumbnails(ids))
        self._reading = [
            (photo, self._decoder.submit(photo.path, _NO_CROP, is_urgent=True))
            for photo in self._store.photos(ids)
            if photo.id in lacking
        ]
        made = []
        for photo, future in self._reading:
            if self._is_closed:
                future.cancel()
            try:
                decoded = future.result()
            except DecodeError as error:
                log.debug("no thumbnail could be made: %s", error)
            except CancelledError:
                log.debug("a thumbnail is not wanted any more")
            else:
                if _is_of(decoded, photo):
                    self._store.put_thumbnail(photo.id, decoded.thumbnail)
                    made.append(photo.id)
                    continue
                log.debug("a file holds another photo by now")
            self._failed_s[photo.id] = time.monotonic()
        return made


def _is_of(decoded: DecodedPhoto, photo: Photo) -> bool:
    """Whether a file still holds the photo; one that was only listed has no hash of its own yet."""
    names = {decoded.content_hash, decoded.whole_hash}
    return photo.content_hash in names or photo.content_hash.endswith(decoded.traits.quick_hash)
