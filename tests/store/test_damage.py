"""Damaged files: the library is kept aside, the thumbnails are made anew."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from photosearch.core.status import StoreCounts
from photosearch.errors import CorruptStoreError, StoreError
from photosearch.store.open import open_store

from .samples import SPACE, ids_by_name, photo, unit, write

PAGE_BYTES = 16384
#: More than the least number of candidates, so that a search asks the vector table.
PHOTO_COUNT = 500


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_short(content: bytes) -> bytes:
    return content[:50]


def without_header(content: bytes) -> bytes:
    return b"\0" * 100 + content[100:]


def zeroed(content: bytes) -> bytes:
    return b"\0" * len(content)


def garbage(content: bytes) -> bytes:
    return os.urandom(len(content))


def without_schema(content: bytes) -> bytes:
    return content[:100] + b"\xff" * (PAGE_BYTES - 100) + content[PAGE_BYTES:]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A closed library of `PHOTO_COUNT` photos."""
    directory = tmp_path / "library"
    store = open_store(directory)
    store.ensure_space(SPACE)
    folder = store.add_folder(tmp_path)
    write(store, *(photo(folder.id, b"%d.jpg" % n, n) for n in range(PHOTO_COUNT)))
    store.close()
    return directory


def kept_files(directory: Path) -> list[Path]:
    return sorted(directory.glob("library.db.corrupt-*"))


@pytest.mark.parametrize(
    "damage", [truncated, cut_short, without_header, zeroed, garbage, without_schema]
)
def test_a_damaged_library_is_kept_byte_for_byte(
    directory: Path, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage((directory / "library.db").read_bytes())
    (directory / "library.db").write_bytes(damaged)

    with pytest.raises(CorruptStoreError) as caught:
        open_store(directory)
    (kept,) = kept_files(directory)
    assert re.fullmatch(r"library\.db\.corrupt-\d{8}-\d{6}", kept.name)
    assert kept.read_bytes() == damaged
    assert str(kept) in caught.value.message
    assert "again" in caught.value.hint
    assert "photosearch restore FILE" in caught.value.hint
    assert not (directory / "library.db").exists()

    store = open_store(directory)
    assert store.counts(None) == StoreCounts()
    store.ensure_space(SPACE)
    write(store, photo(store.add_folder(directory).id, b"a.jpg", 1))
    assert list(ids_by_name(store)) == ["a.jpg"]
    store.close()
    assert kept.read_bytes() == damaged


def test_a_second_damaged_library_does_not_take_the_place_of_the_first(directory: Path) -> None:
    for number in range(3):
        (directory / "library.db").write_bytes(b"%d" % number * 5000)
        with pytest.raises(CorruptStoreError):
            open_store(directory)
    assert [path.read_bytes()[:1] for path in kept_files(directory)] == [b"0", b"1", b"2"]


def test_the_log_of_a_damaged_library_is_kept_with_it(directory: Path) -> None:
    store = open_store(directory)
    write(store, photo(store.folders()[0].id, b"new.jpg", 1000))
    crashed = directory.parent / "crashed"
    shutil.copytree(directory, crashed)
    store.close()
    log = (crashed / "library.db-wal").read_bytes()
    assert log
    (crashed / "library.db").write_bytes(garbage(bytes(5 * PAGE_BYTES)))
    with pytest.raises(CorruptStoreError):
        open_store(crashed)
    assert [path.suffix for path in kept_files(crashed) if path.name.endswith("-wal")]
    (kept_log,) = (path for path in kept_files(crashed) if path.name.endswith("-wal"))
    assert kept_log.read_bytes() == log


def damage_table(path: Path, table: str) -> bytes:
    """Overwrites the pages of one table; returns the file's new content."""
    connection = apsw.Connection(str(path))
    pages = [
        page for (page,) in connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))
    ]
    connection.close()
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES] = b"\xff" * PAGE_BYTES
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize(
    "table", ["vector_1", "content", "vec0_1_rowids", "vec0_1_chunks", "vec0_1_vector_chunks00"]
)
def test_damage_deep_inside_shows_when_it_is_read_and_is_dealt_with_at_the_next_start(
    directory: Path, table: str
) -> None:
    damaged = damage_table(directory / "library.db", table)
    store = open_store(directory)
    assert [folder.photo_count for folder in store.folders()] == [PHOTO_COUNT]
    with pytest.raises(StoreError, match=r"damaged|vector table") as caught:
        store.search(SPACE, unit(8), 5)
    assert "again" in caught.value.hint
    store.close()
    assert (directory / "library.db").read_bytes() == damaged

    with pytest.raises(CorruptStoreError, match="kept as"):
        open_store(directory)
    (kept,) = kept_files(directory)
    assert kept.read_bytes() == damaged
    open_store(directory).close()
    assert sorted(path.name for path in directory.iterdir()) == [
        "library.db",
        kept.name,
        "thumbs.db",
    ]


def test_a_suspicion_that_proves_wrong_costs_nothing(directory: Path) -> None:
    (directory / "library.db.damaged").touch()
    store = open_store(directory)
    assert store.counts(SPACE).vector_count == PHOTO_COUNT
    store.close()
    assert sorted(path.name for path in directory.iterdir()) == ["library.db", "thumbs.db"]


@pytest.mark.parametrize("damage", [truncated, without_header, zeroed, garbage, None])
def test_thumbnails_are_a_cache(directory: Path, damage: Callable[[bytes], bytes] | None) -> None:
    path = directory / "thumbs.db"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    store = open_store(directory)
    ids = ids_by_name(store)
    assert len(ids) == PHOTO_COUNT
    assert store.thumbnails(list(ids.values())) == {}
    folder_id = store.folders()[0].id
    write(store, photo(folder_id, b"7.jpg", 7, has_vector=False))
    assert store.thumbnails(list(ids.values())) == {ids["7.jpg"]: b"jpeg 7"}
    known = store.known_files(folder_id, SPACE)
    assert [name for name, file in known.items() if file.is_done] == [b"7.jpg"]
    store.close()


def test_thumbnails_of_another_version_are_made_anew(directory: Path) -> None:
    connection = apsw.Connection(str(directory / "thumbs.db"))
    connection.pragma("user_version", 99)
    connection.close()
    store = open_store(directory)
    assert store.thumbnails(store.photo_ids().tolist()) == {}
    store.close()


@pytest.mark.parametrize("first", ["write", "read", "scan"])
def test_thumbnails_that_turn_out_damaged_are_made_anew(directory: Path, first: str) -> None:
    path = directory / "thumbs.db"
    content = path.read_bytes()
    # The header and the schema are sound, the rest is not.
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    store = open_store(directory)
    ids = ids_by_name(store)
    folder_id = store.folders()[0].id
    if first == "scan":
        known = store.known_files(folder_id, SPACE)
        assert len(known) == PHOTO_COUNT
        assert not any(file.is_done for file in known.values())
    elif first == "write":
        write(store, photo(folder_id, b"7.jpg", 7))
        assert store.thumbnails(list(ids.values())) == {ids["7.jpg"]: b"jpeg 7"}
    else:
        assert store.thumbnails(list(ids.values())) == {}
        write(store, photo(folder_id, b"7.jpg", 7))
        assert store.thumbnails([ids["7.jpg"]]) == {ids["7.jpg"]: b"jpeg 7"}
    store.close()


def test_thumbnails_that_cannot_be_dropped_do_not_stop_a_purge(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from photosearch.store.sqlite.thumbs import Thumbnails

    def refuse(self: Thumbnails, hashes: list[bytes]) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Thumbnails, "remove", refuse)
    store = open_store(directory)
    assert store.remove_folder(store.folders()[0].id).removed == PHOTO_COUNT
    assert store.purge_unplaced() == PHOTO_COUNT
    assert store.counts(SPACE) == StoreCounts()
    assert f"{PHOTO_COUNT} thumbnails are left over" in caplog.text
    store.close()
