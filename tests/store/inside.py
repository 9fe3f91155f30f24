"""A library in SQLite whose inside a test can reach."""

from __future__ import annotations

from pathlib import Path

import apsw

from photosearch.store.sqlite.library_file import open_library_file
from photosearch.store.sqlite.store import SqliteStore
from photosearch.store.sqlite.thumbs import Thumbnails


class Library:
    """A store whose database a test can reach."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.database = open_library_file(directory / "library.db")
        self.store = SqliteStore(self.database, Thumbnails(directory / "thumbs.db"))

    def numbers(self) -> tuple[int, int, int]:
        """Vectors of the first space: float16 rows, int8 rows, int8 rows marked valid."""
        with self.database.read() as connection:
            return count_vectors(connection)


def count_vectors(connection: apsw.Connection) -> tuple[int, int, int]:
    truth = connection.execute("SELECT count(*) FROM vector_1").get
    derived = connection.execute("SELECT count(*) FROM vec0_1_rowids").get
    bits = b"".join(row[0] for row in connection.execute("SELECT validity FROM vec0_1_chunks"))
    return truth, derived, int.from_bytes(bits).bit_count()
