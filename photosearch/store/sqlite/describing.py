"""The methods of the store about what the user says of photos, and about words.

Part of `store.SqliteStore`, apart because it is another matter than files and vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from photosearch.core.filters import EVERY_PHOTO, Filter
from photosearch.core.store import NAMED_MAX
from photosearch.core.stored import NamedPhotos
from photosearch.core.userdata import UserChange, Vocabulary
from photosearch.store.sqlite import backup, naming, photos, userdata, vocabulary
from photosearch.store.sqlite.comparing import Comparing
from photosearch.store.sqlite.connection import Database


class Describing(Comparing):
    """User data, names and copies of `core.store.Store`, which documents the methods.

    Args:
        database: `library.db`.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        #: Raised with every change of what `vocabulary` tells.
        self._change_count = 0
        self._vocabulary: tuple[int, Vocabulary] | None = None

    def named(
        self, words: Sequence[str], where: Filter = EVERY_PHOTO, most: int | None = NAMED_MAX
    ) -> NamedPhotos:
        """Finds the photos whose names, folders, tags, captions or albums say all the words."""
        passing = None if where == EVERY_PHOTO else self._derived.passing(where)
        with self._database.read() as connection:
            return naming.find(connection, words, passing, most)

    def change_user_data(self, ids: Sequence[int], change: UserChange) -> int:
        """Changes what the user says of photos, before any index batch that waits."""
        checked = userdata.checked(change)
        with self._database.transaction(is_urgent=True) as connection:
            changed = userdata.apply(connection, ids, checked)
        self._changed()
        return len(changed)

    def vocabulary(self) -> Vocabulary:
        """The library's own words: cameras, folders, tags."""
        change_count = self._change_count
        if self._vocabulary is not None and self._vocabulary[0] == change_count:
            return self._vocabulary[1]
        with self._database.read() as connection:
            found = vocabulary.read(connection)
        self._vocabulary = (change_count, found)
        return found

    def back_up(self, path: Path) -> None:
        """Copies the library's database as it is at one moment, while it is in use."""
        backup.copy_checked(self._database.path, path)

    def paths_of(self, photo_id: int) -> list[Path]:
        """Where a photo's files lie, companions left out, those that can be reached first."""
        with self._database.read() as connection:
            return photos.paths_of(connection, photo_id)

    def photos_at(self, paths: Sequence[Path]) -> dict[Path, int]:
        """The photos at absolute paths; what is no photo of the library is left out."""
        with self._database.read() as connection:
            return photos.at_paths(connection, paths)

    def _changed(self) -> None:
        """Lets go of the words that were read; called after each commit that may add some."""
        self._change_count += 1
