"""Thumbnails of the photos in sight.

Two threads `thumb` ask the engine for JPEG bytes and decode them to `QImage`; the GUI thread makes
the `QPixmap`. What was scrolled away before it was decoded is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage, QPixmap

from photosearch.engine.client import EngineClient
from photosearch.gui.models.lazy import LazyCache

_log = logging.getLogger(__name__)

#: Decoded thumbnails that are kept: about 1,000 of 256 px, twenty screens.
CACHE_BYTES = 192 * 1024 * 1024
#: One round trip to the engine: about a row of tiles, so that the first row shows early.
_BATCH_SIZE = 12
_THREADS = 2


def thumbnail_cache(
    client: Callable[[], EngineClient],
    parent: QObject | None = None,
    capacity_bytes: int = CACHE_BYTES,
) -> LazyCache:
    """A cache of `QPixmap` by photo id.

    Args:
        client: Gives the client, waiting for it; called on the workers.
        parent: Qt owner.
        capacity_bytes: Most bytes of decoded pixels that are kept.
    """

    def fetch(
        photo_ids: Sequence[int], is_wanted: Callable[[int], bool]
    ) -> dict[int, QImage | None]:
        wanted = [photo_id for photo_id in photo_ids if is_wanted(photo_id)]
        if not wanted:
            return {}
        encoded = client().thumbnails(wanted)
        still_wanted = [photo_id for photo_id in wanted if is_wanted(photo_id)]
        return {photo_id: _decoded(photo_id, encoded.get(photo_id)) for photo_id in still_wanted}

    return LazyCache(
        "thumb",
        fetch,
        capacity_bytes,
        cost=pixmap_bytes,
        admit=QPixmap.fromImage,
        batch_size=_BATCH_SIZE,
        thread_count=_THREADS,
        parent=parent,
    )


def _decoded(photo_id: int, encoded: bytes | None) -> QImage | None:
    if encoded is None:
        return None
    image = QImage.fromData(encoded)
    if image.isNull():
        _log.warning("The thumbnail of photo %d cannot be decoded", photo_id)
        return None
    # The format of the screen, so that making the pixmap copies nothing.
    return image.convertToFormat(QImage.Format.Format_RGB32)


def pixmap_bytes(pixmap: QPixmap) -> int:
    """Memory that a pixmap takes, in bytes."""
    return pixmap.width() * pixmap.height() * pixmap.depth() // 8
