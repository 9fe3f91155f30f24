"""What is known of the photos in sight and of those selected: names, paths, dates.

One thread `facts` asks the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from photosearch.core.photo import Photo
from photosearch.engine.client import EngineClient
from photosearch.gui.models.lazy import LazyCache

#: Photos whose facts are kept, about 1 KB each.
_CAPACITY = 20_000
_BATCH_SIZE = 200


def facts_cache(client: Callable[[], EngineClient], parent: QObject | None = None) -> LazyCache:
    """A cache of `Photo` by photo id.

    Args:
        client: Gives the client, waiting for it; called on the worker.
        parent: Qt owner.
    """

    def fetch(
        photo_ids: Sequence[int], is_wanted: Callable[[int], bool]
    ) -> dict[int, Photo | None]:
        wanted = [photo_id for photo_id in photo_ids if is_wanted(photo_id)]
        known = {photo.id: photo for photo in client().photos(wanted)} if wanted else {}
        return {photo_id: known.get(photo_id) for photo_id in wanted}

    return LazyCache("facts", fetch, _CAPACITY, batch_size=_BATCH_SIZE, parent=parent)
