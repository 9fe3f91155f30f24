"""Makes a library of any size to try the window on, through the same store as every library.

Its photos are made up and lie nowhere: their folder cannot be reached, so nothing of it is ever
read or forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch import paths, resources
from photosearch.engine.address import AddressFile
from photosearch.engine.lock import LibraryLock
from photosearch.errors import LibraryError
from photosearch.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from photosearch.cli.demo_photos import Original
    from photosearch.core.store import Store
    from photosearch.embed.encoder import ModelEncoder

#: Says how many photos were made, once all of them are stored.
_DONE_FILE = "demo-photos"
#: At the usual size of a tile, and little enough that 300,000 of them are less than 1.2 GB.
_THUMBNAIL_PX, _THUMBNAIL_QUALITY = 136, 50
#: One photo in so many is a favourite.
_PER_FAVOURITE = 97

#: Called with photos made so far, and photos a second.
Tell = Callable[[int, float], None]


def make_library(library: Path, photo_count: int, tell: Tell) -> bool:
    """Makes a library, or the rest of one that was begun.

    Args:
        library: Its directory.
        photo_count: How many photos.
        tell: Hears how far it is.

    Returns:
        False where it is there already, with all its photos.

    Raises:
        LibraryError: Another process has the library, or it holds other photos.
        StoreError: The disk or the database refused.
        ModelError: The sample model cannot be used.
    """
    done_path = library / _DONE_FILE
    if done_path.is_file() and done_path.read_text(encoding="utf-8") == str(photo_count):
        return False
    lock = LibraryLock(library)
    if not lock.take(AddressFile(library)):
        raise LibraryError(
            f"The library {library} is open, and not all of its photos are there yet.",
            "Close its window, wait a little, and try again.",
        )
    try:
        _fill(library, photo_count, tell)
        done_path.write_text(str(photo_count), encoding="utf-8")
    finally:
        lock.release()
    return True


def _fill(library: Path, photo_count: int, tell: Tell) -> None:
    from photosearch.embed import catalogue
    from photosearch.embed.encoder import ModelEncoder
    from photosearch.store.open import open_store

    encoder = ModelEncoder(catalogue.find(DEFAULT_MODEL), paths.models_dir())
    store = open_store(library)
    try:
        folder_path = library / "photos"
        if any(folder.path != folder_path for folder in store.folders()):
            raise LibraryError(
                f"The library {library} has folders of its own.",
                "Name another one with --library, or none.",
            )
        store.ensure_space(encoder.space)
        folder = store.add_folder(folder_path)
        store.set_folder_online(folder.id, is_online=False)
        _write_photos(store, encoder, folder.id, photo_count, tell)
    finally:
        store.close()
        encoder.close()


def _write_photos(
    store: Store, encoder: ModelEncoder, folder_id: int, photo_count: int, tell: Tell
) -> None:
    from photosearch.cli.demo_photos import BLOCK, make_block
    from photosearch.core.store import IndexBatch
    from photosearch.core.userdata import UserChange

    made = store.counts(encoder.space).photo_count // BLOCK * BLOCK
    tell(made, 0.0)
    originals = _originals(encoder)
    began_at, first = time.monotonic(), made
    while made < photo_count:
        count = min(BLOCK, photo_count - made)
        files = tuple(make_block(originals, folder_id, made // BLOCK, count))
        store.write(encoder.space, IndexBatch(files))
        made += count
        tell(made, (made - first) / (time.monotonic() - began_at))
    favourites = store.photo_ids()[::_PER_FAVOURITE].tolist()
    store.change_user_data(favourites, UserChange(is_favourite=True))


def _originals(encoder: ModelEncoder) -> list[Original]:
    """The sample's pictures as the sample model sees them."""
    import numpy as np

    from photosearch.cli.demo_photos import Original
    from photosearch.images.decoders import DecoderPool
    from photosearch.images.reduced import reduced_jpeg

    decoder = DecoderPool()
    try:
        pictures = sorted(resources.sample_pictures().rglob("*.jpg"))
        reading = [decoder.submit(path, encoder.image_input) for path in pictures]
        photos = [future.result() for future in reading]
    finally:
        decoder.close()
    size = encoder.batch_size
    vectors = np.concatenate(
        [
            encoder.encode_images(np.stack([photo.crop for photo in photos[start : start + size]]))
            for start in range(0, len(photos), size)
        ]
    )
    return [
        Original(vector, reduced_jpeg(photo.thumbnail, _THUMBNAIL_PX, _THUMBNAIL_QUALITY))
        for vector, photo in zip(vectors, photos, strict=True)
    ]
