"""The seam to what a library keeps: files, vectors, failures, what the user adds.

`index`, `search` and `annotate` see this protocol only; `library` puts a real store in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.core.cancel import CancelToken
from photosearch.core.failure import PhotoFailure
from photosearch.core.filters import EVERY_PHOTO, Filter
from photosearch.core.photo import FileId, FilePlace, Folder, MountPoint, Photo
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import StoreCounts
from photosearch.core.stored import (
    GonePhoto,
    IgnoredCounts,
    IndexBatch,
    KnownFile,
    NamedPhotos,
    PlacedFile,
    Ranking,
    Scan,
    WriteCounts,
)
from photosearch.core.userdata import UserChange, Vocabulary

#: Photos that are found by words at once: a word that stands in every name says nothing.
NAMED_MAX = 3000


class Store(Protocol):
    """Where a library keeps what it knows. Every method may be called from any thread.

    Every write is one transaction: all of it or nothing. Everything raises `StoreError` where the
    disk or the database refuses.
    """

    @property
    def is_read_only(self) -> bool:
        """Whether every write is refused: what there is can be read all the same."""
        ...

    def require_writable(self) -> None:
        """Refuses before work is begun that would have to write.

        Raises:
            StoreError: The store may only be read.
        """
        ...

    def ensure_space(self, space: EmbeddingSpace) -> None:
        """Makes room for a space's vectors; harmless where it exists.

        Raises:
            StoreError: The space exists with another dim.
        """
        ...

    def drop_space(self, space: EmbeddingSpace) -> int:
        """Forgets a space with its vectors and failures, and gives their disk space back.

        Returns:
            How many vectors were dropped; 0 where the space does not exist.

        Raises:
            StoreError: The space exists with another dim.
        """
        ...

    def add_folder(self, path: Path) -> Folder:
        """Remembers a folder; returns the known one where it is already there.

        Raises:
            UsageError: The folder lies inside a watched one, or around one.
        """
        ...

    def remove_folder(self, folder_id: int) -> WriteCounts:
        """Forgets a folder and its files; the photos that were only there are `gone`.

        The disk is not touched.
        """
        ...

    def set_folder_online(self, folder_id: int, *, is_online: bool) -> None:
        """Notes whether a folder can be reached."""
        ...

    def set_folder_volume(self, folder_id: int, volume: str, mounts: Sequence[MountPoint]) -> None:
        """Notes on which file system a folder lies, and which are mounted inside it.

        Harmless where the folder is not there any more.
        """
        ...

    def folders(self) -> list[Folder]:
        """All watched folders, in the order they were added."""
        ...

    def known_files(
        self, folder_id: int, space: EmbeddingSpace, prefixes: Sequence[bytes] = (b"",)
    ) -> Mapping[bytes, KnownFile]:
        """What is known of each file below a folder, failures included, by relative path.

        Args:
            folder_id: Which folder.
            space: Where a file needs its vector to be done.
            prefixes: Only those whose relative paths begin with one of these; quick for few.
        """
        ...

    def hashes_at(self, places: Sequence[FilePlace]) -> dict[FilePlace, bytes]:
        """Hashes of the contents that are known, by reading, to lie at places.

        Left out are unknown places, and contents of which no file was read in whole yet.
        """
        ...

    def places_of(self, file_ids: Sequence[FileId]) -> dict[FileId, list[PlacedFile]]:
        """Where files lie, or lay when they were last seen, by their numbers; companions apart."""
        ...

    def has_vectors(self, space: EmbeddingSpace, hashes: Sequence[bytes]) -> set[bytes]:
        """Which of these contents already have a vector in the space."""
        ...

    def complete(self, space: EmbeddingSpace, hashes: Sequence[bytes]) -> set[bytes]:
        """Which of these contents have a vector in the space and a thumbnail."""
        ...

    def missing_vectors(
        self, space: EmbeddingSpace, *, only_offline: bool = False
    ) -> npt.NDArray[np.int64]:
        """Photos that lack a vector in the space and never failed in it, newest first: (n,).

        Args:
            space: Which space.
            only_offline: Only those of which no file lies in a folder that is online.
        """
        ...

    def missing_count(self, space: EmbeddingSpace, *, only_offline: bool = False) -> int:
        """How many `missing_vectors` there are; quick, however many photos there are."""
        ...

    def write(self, space: EmbeddingSpace, batch: IndexBatch) -> WriteCounts:
        """Stores a batch in one transaction: files, vectors, thumbnails, failures, removals."""
        ...

    def set_ignored(self, folder_id: int, counts: IgnoredCounts) -> None:
        """Replaces what is known of the files below a folder that are no photos."""
        ...

    def purge_unplaced(self, gone_before_ns: int | None = None, *, for_good: bool = False) -> int:
        """Drops contents that have no file left, and all that hangs on them; returns how many.

        Args:
            gone_before_ns: Only those that lost their last file before this Unix time in ns; all
                where None.
            for_good: Only those that are `gone`, and what the user said of them is forgotten, too;
                else it comes back with the photo.
        """
        ...

    def gone_count(self) -> int:
        """How many `gone` there are."""
        ...

    def gone(self) -> list[GonePhoto]:
        """Photos that lie in no file any more and are kept for a while, the last gone first.

        Left out is what another content took the place of, such as an earlier version.
        """
        ...

    def search(self, space: EmbeddingSpace, vector: Vectors, limit: int) -> Ranking:
        """Finds the photos that are nearest to a vector, by the vector table alone.

        Args:
            space: Where to look.
            vector: float32 (dim,), unit length.
            limit: Most photos wanted.
        """
        ...

    def warm(self, space: EmbeddingSpace) -> None:
        """Reads what `scan` and filters need into memory, which their first use does otherwise."""
        ...

    def scan(
        self,
        space: EmbeddingSpace,
        direction: Vectors,
        where: Filter = EVERY_PHOTO,
        cancel: CancelToken | None = None,
    ) -> Scan:
        """Compares every photo that passes a filter with a direction.

        Args:
            space: Where to look.
            direction: float32 (dim,), unit length.
            where: Which photos. What does not pass is not compared at all.
            cancel: Looked at between blocks.

        Raises:
            Cancelled: The answer is no longer wanted.
        """
        ...

    def cosines(
        self,
        space: EmbeddingSpace,
        ids: npt.NDArray[np.int64],
        directions: Vectors,
        *,
        is_exact: bool = True,
    ) -> Vectors:
        """Compares some photos with several directions.

        Args:
            space: Where to look.
            ids: int64 (n,), in any order.
            directions: float32 (m, dim), unit length.
            is_exact: From the stored rows; else from the eight-bit ones, within 0.01 and in a
                fraction of the time.

        Returns:
            float32 (n, m), cosine similarity; NaN for photos without a vector.
        """
        ...

    def vector(self, space: EmbeddingSpace, photo_id: int) -> Vectors | None:
        """A photo's stored vector: float32 (dim,), unit length; None where it has none."""
        ...

    def vectors(
        self, space: EmbeddingSpace, ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Stored vectors: the ids that have one, int64 (n,), and float32 (n, dim), unit length."""
        ...

    def sample_vectors(self, space: EmbeddingSpace, count: int) -> Vectors:
        """Vectors of photos picked at random, the same ones each time: float32 (<= count, dim)."""
        ...

    def matching(self, where: Filter) -> npt.NDArray[np.int64]:
        """The photos that pass a filter, newest first: int64 (n,)."""
        ...

    def times(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """When photos were taken, on the camera's clock, else their files' times.

        Returns:
            int64 (n,), microseconds since 1970-01-01; 0 for unknown ids.
        """
        ...

    def named(
        self, words: Sequence[str], where: Filter = EVERY_PHOTO, most: int | None = NAMED_MAX
    ) -> NamedPhotos:
        """Finds the photos that say all the words, in whatever of `result.Why` holds words.

        Args:
            words: Single words or phrases; where no photo says them, the last letter of each of
                three or more may be followed by more.
            where: Which photos.
            most: No more than so many; all where None, which takes its time.
        """
        ...

    def change_user_data(self, ids: Sequence[int], change: UserChange) -> int:
        """Changes what the user says of photos, before any index batch that waits.

        Returns:
            How many of the photos are different now.

        Raises:
            UsageError: A rating out of range, or a tag or album without a name.
        """
        ...

    def vocabulary(self) -> Vocabulary:
        """The library's own words: cameras, folders, tags."""
        ...

    def paths_of(self, photo_id: int) -> list[Path]:
        """Where a photo's files lie, companions left out, those that can be reached first.

        Files that are broken by now are told only of a photo that has no other.
        """
        ...

    def photos_at(self, paths: Sequence[Path]) -> dict[Path, int]:
        """The photos at absolute paths; what is no photo of the library is left out."""
        ...

    def back_up(self, path: Path) -> None:
        """Copies the library's database as it is at one moment, while it is in use.

        Raises:
            UsageError: There is a file of this name already.
            StoreError: It cannot be written.
        """
        ...

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """All photos, newest first (capture time, else file time): int64 (n,)."""
        ...

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; unknown ids are left out."""
        ...

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """JPEG bytes by photo id; photos without a thumbnail are left out."""
        ...

    def missing_thumbnails(self, ids: Sequence[int]) -> list[int]:
        """Those of some photos that have no thumbnail now, in this order; not unknown ids."""
        ...

    def put_thumbnail(self, photo_id: int, jpeg: bytes) -> None:
        """Keeps a photo's thumbnail, in place of an older one; not of an unknown photo."""
        ...

    def limit_thumbnails(self, max_bytes: int | None) -> None:
        """Says how large the thumbnails may grow together; without a limit where None.

        Beyond, the oldest are dropped of photos that lie in a folder that can be reached: they can
        be made again, and their files count as done all the same.
        """
        ...

    def forget_failures(self, places: Sequence[FilePlace] | None = None) -> int:
        """Lets files that failed be tried again, though nothing of them has changed.

        They stay among the failures, with the number of tries, until they succeed.

        Args:
            places: Which; all failures where None.

        Returns:
            How many files.
        """
        ...

    def failures(self) -> list[PhotoFailure]:
        """Every file that could not be taken in, newest failure first, with its path."""
        ...

    def counts(self, space: EmbeddingSpace | None) -> StoreCounts:
        """Numbers of the store; `vector_count` is of this space."""
        ...

    def close(self) -> None:
        """Closes the database. Calling it twice is harmless."""
        ...
