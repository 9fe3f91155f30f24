"""Databases of other versions, and of other programs."""

from __future__ import annotations

import gzip
import shutil
import time
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from photosearch.core.photo import FilePlace
from photosearch.core.status import StoreCounts
from photosearch.core.stored import IndexBatch, PlacedFile
from photosearch.core.userdata import UserData
from photosearch.errors import NewerStoreError, StoreError
from photosearch.store.open import open_store
from photosearch.store.sqlite import migrations
from photosearch.store.sqlite.connection import Database
from photosearch.store.sqlite.library_file import open_library_file

from .old_databases import DIRECTORY, FOLDER, MOUNTS, PHOTO_COUNT, SAID, TRAITS, VOLUME
from .samples import (
    OTHER_SPACE,
    SPACE,
    STAMP,
    as_stored,
    content_hash,
    ids_by_name,
    photo,
    unit,
    write,
)

OLD = sorted(DIRECTORY.glob("v*.db.gz"))


def everything_in(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def add_column(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE content ADD COLUMN stars INTEGER")


def add_table_and_fail(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE stars (content_id INTEGER)")
    raise KeyboardInterrupt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library of the newest schema, closed, with one photo."""
    store = open_store(tmp_path / "library")
    store.ensure_space(SPACE)
    write(store, photo(store.add_folder(tmp_path).id, b"a.jpg", 1))
    store.close()
    return tmp_path / "library" / "library.db"


def set_version(path: Path, version: int) -> None:
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", version)
    connection.close()


def test_every_released_schema_has_its_database() -> None:
    assert [path.name for path in OLD] == [
        f"v{version:04d}.db.gz" for version in range(1, migrations.NEWEST + 1)
    ]


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.name)
def test_a_library_of_any_release_opens_with_all_it_holds(old: Path, tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    store = open_store(tmp_path)
    assert store.counts(SPACE) == StoreCounts(
        photo_count=PHOTO_COUNT,
        file_count=PHOTO_COUNT + 1,
        vector_count=PHOTO_COUNT,
        failure_count=3,
        ignored={".txt": 3},
        not_yet={".mov": 2},
    )
    assert [(folder.path, folder.is_online) for folder in store.folders()] == [
        (FOLDER, True),
        (Path("/disk"), False),
    ]
    ids = ids_by_name(store)
    assert set(ids) == {f"{number:04d}.jpg" for number in range(PHOTO_COUNT)}
    for space in (SPACE, OTHER_SPACE):
        query = as_stored(unit(space.dim, seed=7))
        assert store.search(space, query, 3).ids[0] == ids["0007.jpg"]
    assert store.photos([ids["0007.jpg"]])[0].copy_count == 2
    assert store.named(["0007"]).ids.tolist() == [ids["0007.jpg"]]
    assert store.vocabulary().folders == ("caf\ufffd", "disk")
    known = store.known_files(store.folders()[0].id, SPACE)
    # What older programs read of a file's header is read again.
    is_done = known[b"0009.jpg"].is_done
    assert not is_done  # their thumbnails are not here either
    assert {found.place.rel_path for found in store.failures()} == {
        b"bad.jpg",
        b"shut.jpg",
        b"0001.jpg",
    }
    write(store, photo(store.folders()[0].id, b"new.jpg", 1000))
    assert store.counts(SPACE).vector_count == PHOTO_COUNT + 1
    store.close()


def test_a_new_library_is_of_the_newest_version(path: Path) -> None:
    database = open_library_file(path)
    with database.read() as connection:
        assert connection.pragma("user_version") == migrations.NEWEST
        assert connection.pragma("application_id") == migrations.APPLICATION_ID
    database.close()
    assert not list(path.parent.glob("*backup*"))


def test_an_upgrade_keeps_a_copy_of_what_it_found(path: Path) -> None:
    database = open_library_file(path)
    migrations.migrate(database, (*migrations.MIGRATIONS, add_column))
    with database.read() as connection:
        assert connection.pragma("user_version") == migrations.NEWEST + 1
        assert connection.execute("SELECT stars FROM content").fetchall() == [(None,)]
    database.close()

    kept = path.with_name(f"library.db.backup-v{migrations.NEWEST:04d}")
    before = path.parent.parent / "before"
    before.mkdir()
    shutil.copy(kept, before / "library.db")
    store = open_store(before)
    assert store.search(SPACE, unit(8), 5).searched_count == 1
    store.close()
    assert not list(path.parent.glob("*.partial"))


def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    database = open_library_file(path)
    steps = (*migrations.MIGRATIONS, add_column, add_table_and_fail)
    with pytest.raises(KeyboardInterrupt):
        migrations.migrate(database, steps)
    with database.read() as connection:
        assert connection.pragma("user_version") == migrations.NEWEST
        names = [row[1] for row in connection.execute("PRAGMA table_info(content)")]
    assert "stars" not in names
    database.close()
    store = open_store(path.parent)
    assert store.counts(SPACE).vector_count == 1
    store.close()


def test_an_upgrade_without_room_for_the_copy_is_not_begun(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_library_file(path)
    (path.parent / f"library.db.backup-v{migrations.NEWEST:04d}.partial").mkdir()
    with pytest.raises(StoreError, match=f"backup-v{migrations.NEWEST:04d}"):
        migrations.migrate(database, (*migrations.MIGRATIONS, add_column))
    with database.read() as connection:
        assert connection.pragma("user_version") == migrations.NEWEST
    database.close()


def test_a_newer_library_is_refused_and_not_touched(path: Path) -> None:
    set_version(path, migrations.NEWEST + 1)
    before = everything_in(path.parent)
    with pytest.raises(NewerStoreError, match="newer Photosearch") as caught:
        open_store(path.parent)
    assert str(path) in caught.value.message
    assert "Update" in caught.value.hint
    assert everything_in(path.parent) == before


def test_a_newer_library_with_an_unfinished_log_is_not_touched_either(path: Path) -> None:
    database = open_library_file(path)
    with database.transaction() as connection:
        connection.pragma("user_version", migrations.NEWEST + 1)
    # What a crash leaves behind: a copy of the database and of the log that goes with it.
    crashed = path.parent.parent / "crashed"
    shutil.copytree(path.parent, crashed)
    database.close()
    before = everything_in(crashed)
    assert before["library.db-wal"]
    with pytest.raises(NewerStoreError):
        open_store(crashed)
    after = everything_in(crashed)
    assert after["library.db"] == before["library.db"]
    assert after["library.db-wal"] == before["library.db-wal"]


@pytest.mark.parametrize("statement", ["CREATE TABLE t (a)", "PRAGMA application_id = 7"])
def test_another_programs_database_is_refused_and_not_touched(
    tmp_path: Path, statement: str
) -> None:
    connection = apsw.Connection(str(tmp_path / "library.db"))
    connection.execute(statement)
    connection.close()
    before = everything_in(tmp_path)
    with pytest.raises(StoreError, match="no library of Photosearch"):
        open_store(tmp_path)
    assert everything_in(tmp_path) == before


def test_a_start_that_was_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    Database(tmp_path / "library.db", page_bytes=16384).close()
    store = open_store(tmp_path)
    store.ensure_space(SPACE)
    store.close()
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "library.db").touch()
    open_store(tmp_path / "empty").close()


def schema_of(directory: Path) -> dict[str, str]:
    """What makes each table, index and trigger, those of the spaces left out."""
    connection = apsw.Connection(str(directory / "library.db"))
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    schema = {name: " ".join(sql.split()) for name, sql in rows if not name.startswith("vec")}
    connection.close()
    return schema


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.name)
def test_an_upgraded_library_is_made_like_a_new_one(old: Path, tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "old" / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    for name in ("old", "new"):
        open_store(tmp_path / name).close()
    assert schema_of(tmp_path / "old").keys() >= {"content", "photo_fts", "vocabulary"}
    assert schema_of(tmp_path / "old") == schema_of(tmp_path / "new")


def test_what_was_said_in_a_library_of_version_two_is_there(tmp_path: Path) -> None:
    (old,) = (path for path in OLD if path.name == "v0002.db.gz")
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    store = open_store(tmp_path)
    photo_id = ids_by_name(store)["0007.jpg"]
    assert store.photos([photo_id])[0].user == UserData(True, 4, ("Été",), ("Best of",))
    for word in ("ete", "best of", "0007", "copy"):
        assert store.named([word]).ids.tolist() == [photo_id]
    store.close()


def test_what_files_said_in_a_library_of_version_three_is_there(tmp_path: Path) -> None:
    (old,) = (path for path in OLD if path.name == "v0003.db.gz")
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    store = open_store(tmp_path)
    ids = ids_by_name(store)
    assert store.photos([ids["0007.jpg"]])[0].facts == SAID
    assert TRAITS.file_id is not None
    assert store.places_of([TRAITS.file_id]) == {
        TRAITS.file_id: [PlacedFile(FilePlace(1, b"0007.jpg"), STAMP)]
    }
    known = store.known_files(1, SPACE)
    assert known[b"0007.jpg"].sidecar == TRAITS.sidecar
    assert known[b"0008.cr2"].is_companion
    assert [gone.path for gone in store.gone()] == [FOLDER / "gone.jpg"]
    assert [(folder.volume, folder.mounts) for folder in store.folders()] == [
        (VOLUME, MOUNTS),
        ("", ()),
    ]
    store.close()


@pytest.mark.parametrize("old", OLD[:2], ids=lambda path: path.name)
def test_files_of_an_earlier_library_were_read_and_get_their_new_names(
    old: Path, tmp_path: Path
) -> None:
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    store = open_store(tmp_path)
    ids = ids_by_name(store)
    place = FilePlace(1, b"0011.jpg")
    assert store.hashes_at([place]) == {place: content_hash(11)}
    renamed = replace(
        photo(1, b"0011.jpg", 500, has_vector=False), whole_hash=content_hash(11), traits=TRAITS
    )
    assert store.write(SPACE, IndexBatch([renamed])).added == 0
    assert ids_by_name(store) == ids
    assert store.known_files(1, SPACE)[b"0011.jpg"].is_done
    assert store.known_files(1, OTHER_SPACE)[b"0011.jpg"].is_done
    store.write(SPACE, IndexBatch(removed=[place]))
    assert [gone.id for gone in store.gone()] == [ids["0011.jpg"]]
    store.close()


@pytest.mark.parametrize("old", OLD[:2], ids=lambda path: path.name)
def test_failures_of_an_earlier_program_are_tried_once_more(old: Path, tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    store = open_store(tmp_path)
    bad = next(found for found in store.failures() if found.place.rel_path == b"bad.jpg")
    assert not store.known_files(1, SPACE)[b"bad.jpg"].is_done
    store.write(SPACE, IndexBatch(failures=[replace(bad, path=None)]))
    assert store.known_files(1, SPACE)[b"bad.jpg"].is_done
    store.close()


def test_contents_that_an_earlier_program_left_behind_are_kept_for_a_while(
    tmp_path: Path,
) -> None:
    (old,) = (path for path in OLD if path.name == "v0002.db.gz")
    (tmp_path / "library.db").write_bytes(gzip.decompress(old.read_bytes()))
    connection = apsw.Connection(str(tmp_path / "library.db"))
    connection.execute("DELETE FROM file WHERE content_id = 3")
    connection.close()
    began_ns = time.time_ns()
    store = open_store(tmp_path)
    assert store.counts(SPACE).photo_count == PHOTO_COUNT - 1
    assert store.gone() == []  # nobody knows where it lay
    assert store.purge_unplaced(began_ns - 10**9) == 0
    assert store.purge_unplaced() == 1
    store.close()
