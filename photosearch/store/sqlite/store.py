"""The store of a library in SQLite: `core.ports.Store`, method by method.

Made by `store.open_store`; every method may be called from any thread. `library.db` holds all that
must not be lost, `thumbs.db` beside it only what can be made again. This class owns the two files
and decides what is one transaction; the SQL is in the modules beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace, Folder, MountPoint, Photo
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import StoreCounts
from photosearch.core.stored import (
    IgnoredCounts,
    IndexBatch,
    Ranking,
    WriteCounts,
)
from photosearch.core.vectors import unit_length
from photosearch.errors import StoreError
from photosearch.store.sqlite import (
    batches,
    failures,
    folders,
    photos,
    search,
    spaces,
    unplaced,
    vectors,
    vocabulary,
)
from photosearch.store.sqlite.connection import Database, read_only_error
from photosearch.store.sqlite.knowing import Knowing
from photosearch.store.sqlite.library_file import (
    LIBRARY_FILE_NAME,
    may_not_write,
    open_library_file,
)
from photosearch.store.sqlite.thumbnail_changes import ThumbnailChanges
from photosearch.store.sqlite.thumbs import THUMBS_FILE_NAME, Thumbnails

_log = logging.getLogger(__name__)


class SqliteStore(Knowing):
    """A library in two SQLite files; implements `core.ports.Store`, which documents the methods.

    Args:
        database: `library.db`, of the newest schema. The store closes it.
        thumbnails: `thumbs.db`. The store closes it.
    """

    def __init__(self, database: Database, thumbnails: Thumbnails) -> None:
        super().__init__(database, thumbnails)
        self._thumbnail_bytes_max: int | None = None
        #: Whether photos went whose words may be nobody's any more.
        self._has_lost = False

    @classmethod
    def open(cls, directory: Path, *, is_read_only: bool = False) -> Self:
        """Opens the store in a directory; makes both where they are missing.

        Args:
            directory: Where. What may not be written to is opened for reading only.
            is_read_only: Only read in any case.

        Raises:
            NewerStoreError: A newer Photosearch wrote it; nothing was touched.
            CorruptStoreError: The database is damaged; it was moved aside.
            StoreError: It cannot be used.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The library's folder {directory} cannot be made ({error}).",
                "Choose another place for the library.",
            ) from error
        reads_only = is_read_only or may_not_write(directory)
        database = open_library_file(directory / LIBRARY_FILE_NAME, is_read_only=reads_only)
        try:
            return cls(database, Thumbnails(directory / THUMBS_FILE_NAME, is_read_only=reads_only))
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Closes both files. Calling it twice is harmless."""
        self._thumbnails.close()
        self._derived.close()
        self._database.close()

    @property
    def is_read_only(self) -> bool:
        """Whether every write is refused."""
        return self._database.is_read_only

    def require_writable(self) -> None:
        """Refuses before work is begun that would have to write."""
        if self._database.is_read_only:
            raise read_only_error(self._database.path)

    def ensure_space(self, space: EmbeddingSpace) -> None:
        """Makes room for a space's vectors."""
        with self._database.read() as connection:
            if spaces.is_current(connection, space):
                return
        with self._database.transaction() as connection:
            spaces.ensure(connection, space)

    def drop_space(self, space: EmbeddingSpace) -> int:
        """Forgets a space with its vectors and failures, and gives their disk space back."""
        with self._database.write_lock:
            with self._database.transaction() as connection:
                dropped_count = spaces.drop(connection, space)
            try:
                self._database.shrink()
            except StoreError as error:
                _log.warning("the room of %s stays free inside the file: %s", space.key, error)
        return dropped_count

    def rebuild_vec0(self, space: EmbeddingSpace) -> None:
        """Makes a space's table for nearest neighbours anew from its float16 rows.

        Raises:
            StoreError: The space was never ensured, or the database refused.
        """
        with self._database.transaction() as connection:
            vectors.rebuild_vec0(connection, spaces.get(connection, space))

    def add_folder(self, path: Path) -> Folder:
        """Remembers a folder."""
        with self._database.transaction() as connection:
            return folders.add(connection, path)

    def remove_folder(self, folder_id: int) -> WriteCounts:
        """Forgets a folder and its files; the photos that were only there are gone."""
        with self._database.write_lock:
            with self._database.transaction() as connection:
                removed_count = folders.remove(connection, folder_id)
            self._changed()
        return WriteCounts(removed=removed_count)

    def set_folder_online(self, folder_id: int, *, is_online: bool) -> None:
        """Notes whether a folder can be reached."""
        with self._database.transaction() as connection:
            folders.set_online(connection, folder_id, is_online=is_online)
        self._thumbnails.look_again()

    def set_folder_volume(self, folder_id: int, volume: str, mounts: Sequence[MountPoint]) -> None:
        """Notes on which file system a folder lies, and which are mounted inside it."""
        with self._database.transaction() as connection:
            folders.set_volume(connection, folder_id, volume, mounts)

    def folders(self) -> list[Folder]:
        """All watched folders, in the order they were added."""
        with self._database.read() as connection:
            return folders.every(connection)

    def write(self, space: EmbeddingSpace, batch: IndexBatch) -> WriteCounts:
        """Stores a batch in one transaction; its thumbnails before it."""
        # The lock is held across both files, so that no purge takes a thumbnail away again.
        with self._database.write_lock:
            thumbnails = {
                file.content_hash: file.thumbnail for file in batch.files if file.thumbnail
            }
            if thumbnails:
                self._thumbnails.put(thumbnails)
            with self._database.transaction() as connection:
                stored = spaces.get(connection, space)
                counts, changes = batches.write(connection, stored, space.key, batch)
            self._change_thumbnails(changes)
            self._trim_thumbnails()
            self._has_lost |= counts.removed > 0
            self._changed()
            return counts

    def set_ignored(self, folder_id: int, counts: IgnoredCounts) -> None:
        """Replaces what is known of the files below a folder that are no photos."""
        with self._database.transaction() as connection:
            if folder_id in folders.ids(connection):
                failures.set_ignored(connection, folder_id, counts)

    def purge_unplaced(self, gone_before_ns: int | None = None, *, for_good: bool = False) -> int:
        """Drops contents that have no file any more and all that hangs on them."""
        with self._database.write_lock:
            with self._database.transaction() as connection:
                dropped = unplaced.ids(connection, gone_before_ns, only_gone=for_good)
                hashes = unplaced.drop(connection, dropped, for_good=for_good)
                if self._has_lost and not hashes:
                    vocabulary.prune(connection)
            self._has_lost = False
            self._change_thumbnails(ThumbnailChanges(dropped=hashes))
            self._changed()
        return len(hashes)

    def search(self, space: EmbeddingSpace, vector: Vectors, limit: int) -> Ranking:
        """Finds the photos that are nearest to a vector."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            if stored is None:
                return search.empty()
            return search.nearest(connection, stored, vector, limit)

    def vector(self, space: EmbeddingSpace, photo_id: int) -> Vectors | None:
        """A photo's stored vector: float32 (dim,), unit length; None where it has none."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            if stored is None:
                return None
            _, halves = vectors.read(connection, stored, [photo_id])
        return unit_length(halves[0]) if len(halves) else None

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """All photos, newest first (capture time, else file time): int64 (n,)."""
        with self._database.read() as connection:
            return photos.ids_by_time(connection)

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; unknown ids are left out."""
        with self._database.read() as connection:
            return photos.by_ids(connection, ids)

    def put_thumbnail(self, photo_id: int, jpeg: bytes) -> None:
        """Keeps a photo's thumbnail, in place of an older one."""
        with self._database.write_lock:
            with self._database.read() as connection:
                hashes = photos.hashes(connection, [photo_id])
            self._thumbnails.put(dict.fromkeys(hashes.values(), jpeg))
            self._trim_thumbnails()

    def limit_thumbnails(self, max_bytes: int | None) -> None:
        """Says how large the thumbnails may grow together; without a limit where None."""
        with self._database.write_lock:
            self._thumbnail_bytes_max = max_bytes
            self._thumbnails.look_again()
            self._trim_thumbnails()

    def forget_failures(self, places: Sequence[FilePlace] | None = None) -> int:
        """Lets files that failed be tried again, though nothing of them has changed."""
        with self._database.transaction() as connection:
            return failures.retry(connection, places)

    def failures(self) -> list[PhotoFailure]:
        """Every file that could not be taken in, newest failure first, with its path."""
        with self._database.read() as connection:
            return failures.every(connection)

    def counts(self, space: EmbeddingSpace | None) -> StoreCounts:
        """Numbers of the store; `vector_count` is of this space."""
        with self._database.read() as connection:
            stored = None if space is None else spaces.find(connection, space)
            return photos.counts(connection, stored)

    def _change_thumbnails(self, changes: ThumbnailChanges) -> None:
        """Follows what was committed; what fails here only wastes room, or is made again."""
        renamed = changes.renamed
        try:
            self._thumbnails.rename(renamed)
            self._thumbnails.put_missing(
                {renamed.get(key, key): jpeg for key, jpeg in changes.missing.items()}
            )
            self._thumbnails.remove(changes.dropped)
        except StoreError as error:
            count = len(renamed) + len(changes.missing) + len(changes.dropped)
            _log.warning("up to %d thumbnails are left over or missing: %s", count, error)

    def _trim_thumbnails(self) -> None:
        """Drops the oldest thumbnails that can be made again, where there are too many."""
        most = self._thumbnail_bytes_max
        while most is not None and not self.is_read_only and self._thumbnails.used_bytes() > most:
            oldest = self._thumbnails.oldest()
            if not oldest:
                return
            with self._database.read() as connection:
                self._thumbnails.give_up(photos.within_reach(connection, oldest))
