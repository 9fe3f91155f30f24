"""The contract, run on SQLite; and its connections."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from photosearch.core.store import Store
from photosearch.errors import StoreError
from photosearch.store.open import open_store
from photosearch.store.sqlite import connection as connections
from photosearch.store.sqlite import known
from photosearch.store.sqlite.connection import Database

from .contract import StoreContract
from .inside import Library
from .samples import SPACE, photo, write


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = open_store(tmp_path / "library")
        yield store
        store.close()

    @pytest.fixture
    def open_again(self, store: Store, tmp_path: Path) -> Iterator[Callable[[], Store]]:
        opened = [store]

        def open_again() -> Store:
            opened[-1].close()
            opened.append(open_store(tmp_path / "library"))
            return opened[-1]

        yield open_again
        opened[-1].close()


def test_the_database_is_set_up_as_measured(library: Library) -> None:
    with library.database.transaction() as connection:
        assert connection.pragma("page_size") == 16384
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 1
        assert connection.pragma("foreign_keys") == 1
    with pytest.raises(StoreError, match="changed"), library.database.read() as connection:
        connection.execute("DELETE FROM folder")


def test_a_database_in_use_elsewhere_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_BUSY_TIMEOUT_MS", 50)
    library = Library(tmp_path / "library")
    other = apsw.Connection(str(library.database.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="Another program"):
        library.store.add_folder(tmp_path)
    other.close()
    library.store.add_folder(tmp_path)
    library.store.close()


def test_no_connection_outlives_its_store(library: Library) -> None:
    with library.database.read(), library.database.read():
        pass
    library.store.close()
    left = {path.name for path in library.directory.iterdir()}
    assert left == {"library.db", "thumbs.db"}, "an open connection keeps a log beside its file"


def test_a_reader_that_outlives_close_is_closed_when_it_is_given_back(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    with library.database.read() as connection:
        library.store.close()
        assert connection.execute("SELECT count(*) FROM folder").get == 0
    assert {path.name for path in library.directory.iterdir()} == {"library.db", "thumbs.db"}


def test_a_database_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "library.db").mkdir()
    with pytest.raises(StoreError, match=r"library\.db"):
        open_store(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        open_store(tmp_path / "file" / "library")


def test_a_deleted_database_is_not_made_anew_by_a_reader(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    shutil.copy(tmp_path / "a.db", tmp_path / "kept.db")
    for path in tmp_path.glob("a.db*"):
        path.unlink()
    with pytest.raises(StoreError, match=r"a\.db"), database.read():
        pass
    assert not (tmp_path / "a.db").exists()
    database.close()


def test_few_files_and_many_are_known_alike(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_id = library.store.add_folder(library.directory).id
    done, no_vector = photo(folder_id, b"a", 1), photo(folder_id, b"b", 2, has_vector=False)
    no_thumbnail = replace(photo(folder_id, b"c", 3), thumbnail=None)
    write(library.store, done, no_vector, no_thumbnail, photo(folder_id, b"old", 4))
    with library.database.transaction() as connection:
        connection.execute("UPDATE content SET facts_version = 0 WHERE id = 4")
    found = []
    for few in (0, 2):
        monkeypatch.setattr(known, "_FEW", few)
        found.append(library.store.known_files(folder_id, SPACE))
    assert found[0] == found[1]
    assert {name for name, file in found[0].items() if file.is_done} == {b"a"}
