"""Makes a library of any size to try the window on, through the same store as every library.

Its photos are made up, but their files are there: links to copies of the sample's pictures, with
the sizes and times that the store knows, so that a scan finds nothing to do.
"""

from __future__ import annotations

import os
import shutil
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
    from photosearch.core.photo import FileStamp, Folder
    from photosearch.core.store import Store
    from photosearch.embed.encoder import ModelEncoder

#: Says how many photos are made so far, files and rows. Without it, all are made again in place.
_MADE_FILE = "demo-made"
_ORIGINALS = "originals"
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
    if _made_count(library) == photo_count:
        return False
    lock = LibraryLock(library)
    if not lock.take(AddressFile(library)):
        raise LibraryError(
            f"The library {library} is open, and not all of its photos are there yet.",
            "Close its window, wait a little, and try again.",
        )
    try:
        _fill(library, photo_count, tell)
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
        folder_path.mkdir(exist_ok=True)
        folder = store.add_folder(folder_path)
        # Until all files are there, nothing may be concluded from those that are not.
        store.set_folder_online(folder.id, is_online=False)
        _write_photos(store, encoder, folder, library, photo_count, tell)
        store.set_folder_online(folder.id, is_online=True)
        _note_made(library, photo_count)
    finally:
        store.close()
        encoder.close()


def _write_photos(
    store: Store,
    encoder: ModelEncoder,
    folder: Folder,
    library: Path,
    photo_count: int,
    tell: Tell,
) -> None:
    from photosearch.cli.demo_photos import BLOCK, make_block
    from photosearch.core.stored import IndexBatch
    from photosearch.core.userdata import UserChange

    made = min(_made_count(library), store.counts(encoder.space).photo_count) // BLOCK * BLOCK
    tell(made, 0.0)
    originals = _originals(encoder, library / _ORIGINALS)
    put_file = LinkedFiles(folder.path).put
    began_at, first = time.monotonic(), made
    while made < photo_count:
        count = min(BLOCK, photo_count - made)
        files = tuple(make_block(originals, folder.id, made // BLOCK, count, put_file))
        store.write(encoder.space, IndexBatch(files))
        made += count
        if made < photo_count:
            _note_made(library, made)
        tell(made, (made - first) / (time.monotonic() - began_at))
    favourites = store.photo_ids()[::_PER_FAVOURITE].tolist()
    store.change_user_data(favourites, UserChange(is_favourite=True))


class LinkedFiles:
    """Files that are links to others: 300,000 of them take no room and some seconds.

    Args:
        folder: Below which they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = os.fspath(folder)
        self._made: set[str] = set()

    def put(self, original: Original, rel_path: str) -> FileStamp:
        """Puts a picture under a path; where it is already, that is fine.

        Returns:
            What a scan will see.

        Raises:
            LibraryError: The disk refused.
        """
        from photosearch.core.photo import FileStamp

        directory, _, name = rel_path.rpartition("/")
        directory = os.path.join(self._folder, directory)  # noqa: PTH118 - 300,000 times
        path = os.path.join(directory, name)  # noqa: PTH118
        try:
            if directory not in self._made:
                Path(directory).mkdir(parents=True, exist_ok=True)
                self._made.add(directory)
            _link(original.path, path)
            found = os.stat(path)  # noqa: PTH116
        except OSError as error:
            raise LibraryError(
                f"{path} cannot be made ({error.strerror}).",
                "Look whether the disk has room and is writable for you, then try again.",
            ) from error
        return FileStamp(found.st_size, found.st_mtime_ns)


def _link(original: Path, path: str) -> None:
    """Makes a hard link, else a symbolic one, else a copy; not every disk knows each of them."""
    for make in (os.link, os.symlink, shutil.copy2):
        try:
            make(original, path)
        except FileExistsError:
            return
        except OSError:
            if make is shutil.copy2:
                raise
        else:
            return


def _made_count(library: Path) -> int:
    try:
        return int((library / _MADE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def _note_made(library: Path, count: int) -> None:
    (library / _MADE_FILE).write_text(str(count), encoding="utf-8")


def _originals(encoder: ModelEncoder, directory: Path) -> list[Original]:
    """The sample's pictures as the sample model sees them, copied into a directory."""
    import numpy as np

    from photosearch.cli.demo_photos import Original
    from photosearch.images.decoders import DecoderPool
    from photosearch.images.reduced import reduced_jpeg

    decoder = DecoderPool()
    try:
        pictures = [
            _copied(path, directory / f"{number:04}.jpg")
            for number, path in enumerate(sorted(resources.sample_pictures().rglob("*.jpg")))
        ]
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
        Original(vector, reduced_jpeg(photo.thumbnail, _THUMBNAIL_PX, _THUMBNAIL_QUALITY), path)
        for vector, photo, path in zip(vectors, photos, pictures, strict=True)
    ]


def _copied(path: Path, copy: Path) -> Path:
    """A copy, whole or not at all; one that is there stays, since links to it may be."""
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(".partial")
        shutil.copyfile(path, partial)
        partial.replace(copy)
    return copy
