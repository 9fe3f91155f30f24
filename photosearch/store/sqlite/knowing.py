"""The methods of the store that tell what is known and what lacks: for indexing, above all.

Part of `store.SqliteStore`, apart because they write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from photosearch.core.photo import FileId, FilePlace
from photosearch.core.space import EmbeddingSpace
from photosearch.core.stored import GonePhoto, KnownFile, PlacedFile
from photosearch.store.sqlite import known, photos, spaces, unplaced, vectors
from photosearch.store.sqlite.connection import Database
from photosearch.store.sqlite.describing import Describing
from photosearch.store.sqlite.thumbs import Thumbnails


class Knowing(Describing):
    """Known files, gone photos and thumbnails of `core.store.Store`, which documents the methods.

    Args:
        database: `library.db`.
        thumbnails: `thumbs.db`.
    """

    def __init__(self, database: Database, thumbnails: Thumbnails) -> None:
        super().__init__(database)
        self._thumbnails = thumbnails

    def known_files(
        self, folder_id: int, space: EmbeddingSpace, prefixes: Sequence[bytes] = (b"",)
    ) -> Mapping[bytes, KnownFile]:
        """What is known of each file below a folder, failures included, by relative path."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            return known.known_files(connection, folder_id, stored, self._thumbnails, prefixes)

    def hashes_at(self, places: Sequence[FilePlace]) -> dict[FilePlace, bytes]:
        """Hashes of the contents that are known, by reading, to lie at places."""
        with self._database.read() as connection:
            return known.hashes_at(connection, places)

    def places_of(self, file_ids: Sequence[FileId]) -> dict[FileId, list[PlacedFile]]:
        """Where files lie, or lay when they were last seen, by their numbers."""
        with self._database.read() as connection:
            return known.places_of(connection, file_ids)

    def has_vectors(self, space: EmbeddingSpace, hashes: Sequence[bytes]) -> set[bytes]:
        """Which of these contents already have a vector in the space."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            return set() if stored is None else vectors.has(connection, stored, hashes)

    def complete(self, space: EmbeddingSpace, hashes: Sequence[bytes]) -> set[bytes]:
        """Which of these contents have a vector in the space and a thumbnail."""
        return self.has_vectors(space, hashes) & self._thumbnails.noted(hashes)

    def missing_vectors(
        self, space: EmbeddingSpace, *, only_offline: bool = False
    ) -> npt.NDArray[np.int64]:
        """Photos that lack a vector in the space and never failed in it, newest first: (n,).

        Args:
            space: Which space.
            only_offline: Only those of which no file lies in a folder that is online.
        """
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            missing = photos.missing_vectors(connection, stored)
            return photos.offline_ones(connection, missing) if only_offline else missing

    def missing_count(self, space: EmbeddingSpace, *, only_offline: bool = False) -> int:
        """How many `missing_vectors` there are; quick, however many photos there are."""
        with self._database.read() as connection:
            stored = spaces.find(connection, space)
            if only_offline:
                return photos.missing_offline_count(connection, stored)
            return photos.missing_count(connection, stored)

    def gone_count(self) -> int:
        """How many `gone` there are."""
        with self._database.read() as connection:
            return unplaced.gone_count(connection)

    def gone(self) -> list[GonePhoto]:
        """Photos that lie in no file any more and are kept for a while, the last gone first."""
        with self._database.read() as connection:
            return unplaced.gone(connection)

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """JPEG bytes by photo id; photos without a thumbnail are left out."""
        with self._database.read() as connection:
            hashes = photos.hashes(connection, ids)
        found = self._thumbnails.get(hashes.values())
        return {photo_id: found[value] for photo_id, value in hashes.items() if value in found}

    def missing_thumbnails(self, ids: Sequence[int]) -> list[int]:
        """Those of some photos that have no thumbnail now, in this order."""
        with self._database.read() as connection:
            hashes = photos.hashes(connection, ids)
        shown = self._thumbnails.shown(hashes.values())
        return [key for key in ids if key in hashes and hashes[key] not in shown]
