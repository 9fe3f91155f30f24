"""Copies of a library, and the way back."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path

import apsw
import pytest

from photosearch.core.store import Store
from photosearch.core.userdata import UserChange
from photosearch.errors import NewerStoreError, StoreError, UsageError
from photosearch.store.open import open_store
from photosearch.store.sqlite import backup, migrations
from photosearch.store.sqlite.faults import translated

from .old_databases import DIRECTORY, PHOTO_COUNT
from .samples import SPACE, ids_by_name, photo, unit, write


def filled(directory: Path, count: int = 20) -> Store:
    store = open_store(directory)
    store.ensure_space(SPACE)
    folder = store.add_folder(directory)
    write(store, *(photo(folder.id, b"%04d.jpg" % n, n) for n in range(count)))
    store.change_user_data(store.photo_ids().tolist()[:1], UserChange(add_tags=("kept",)))
    return store


def check_restored(directory: Path, count: int = 20) -> None:
    store = open_store(directory)
    try:
        assert store.counts(SPACE).vector_count == count
        assert len(store.named(["kept"]).ids) == 1
        assert store.search(SPACE, unit(SPACE.dim, seed=7), 3).searched_count == count
    finally:
        store.close()


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_copy_holds_everything_in_one_file(tmp_path: Path) -> None:
    store = filled(tmp_path / "library")
    (tmp_path / "out").mkdir()
    copy = tmp_path / "out" / "copy of it.db"
    store.back_up(copy)
    store.close()
    assert names(tmp_path / "out") == ["copy of it.db"]
    assert backup.restore(copy, tmp_path / "other") is None
    check_restored(tmp_path / "other")
    assert names(tmp_path / "out") == ["copy of it.db"]


def test_a_copy_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    store = filled(tmp_path / "library")
    folder_id = store.folders()[0].id
    stop, written = threading.Event(), threading.Event()

    def keep_writing() -> None:
        number = 1000
        while not stop.is_set():
            files = [photo(folder_id, b"new%d.jpg" % n, n) for n in range(number, number + 5)]
            write(store, *files)
            written.set()
            number += 5

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(3):
            written.clear()
            assert written.wait(10)
            store.back_up(tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join(20)
    store.close()
    for number in range(3):
        backup.restore(tmp_path / f"{number}.db", tmp_path / f"restored{number}")
        copied = open_store(tmp_path / f"restored{number}")
        counts = copied.counts(SPACE)
        assert counts.photo_count == counts.vector_count == counts.file_count
        assert (counts.photo_count - 20) % 5 == 0, "a batch was torn apart"
        copied.close()


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path / "library")
    there = tmp_path / "there.db"
    there.write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for taken in (there, tmp_path, tmp_path / "dangling"):
        with pytest.raises(UsageError, match="is there already"):
            store.back_up(taken)
    with pytest.raises(UsageError, match="no directory"):
        store.back_up(tmp_path / "missing" / "copy.db")
    assert there.read_bytes() == b"mine"
    store.close()


def test_a_copy_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path / "library")
    (tmp_path / "out").mkdir()

    def no_room(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        with translated(target):
            raise apsw.FullError

    monkeypatch.setattr(backup, "_copy", no_room)
    with pytest.raises(StoreError, match="full"):
        store.back_up(tmp_path / "out" / "copy.db")
    assert names(tmp_path / "out") == []
    store.close()


def test_restoring_keeps_what_was_there(tmp_path: Path) -> None:
    store = filled(tmp_path / "library", 20)
    store.back_up(tmp_path / "copy.db")
    folder_id = store.folders()[0].id
    write(store, photo(folder_id, b"later.jpg", 500))
    store.close()
    before = (tmp_path / "library" / "library.db").read_bytes()
    kept = backup.restore(tmp_path / "copy.db", tmp_path / "library")
    assert kept is not None
    assert kept.parent == tmp_path / "library"
    assert kept.read_bytes() == before
    check_restored(tmp_path / "library")
    # And the way back from there.
    again = backup.restore(kept, tmp_path / "library")
    assert again not in {None, kept}
    store = open_store(tmp_path / "library")
    assert "later.jpg" in ids_by_name(store)
    store.close()


def test_a_crashed_library_is_kept_with_its_log(tmp_path: Path) -> None:
    store = filled(tmp_path / "library")
    store.back_up(tmp_path / "copy.db")
    write(store, photo(store.folders()[0].id, b"later.jpg", 500))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for path in (tmp_path / "library").iterdir():
        (crashed / path.name).write_bytes(path.read_bytes())
    store.close()
    kept = backup.restore(tmp_path / "copy.db", crashed)
    assert kept is not None
    check_restored(crashed)
    backup.restore(kept, tmp_path / "other")
    store = open_store(tmp_path / "other")
    assert "later.jpg" in ids_by_name(store)
    store.close()


def test_a_copy_of_an_earlier_version_is_upgraded_when_it_is_opened(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress((DIRECTORY / "v0001.db.gz").read_bytes()))
    backup.restore(old, tmp_path / "library")
    store = open_store(tmp_path / "library")
    assert store.counts(SPACE).photo_count == PHOTO_COUNT
    store.close()


def make_bad(kind: str, path: Path) -> None:
    content = path.read_bytes()
    match kind:
        case "text":
            path.write_text("no database at all, but long enough to be read as one" * 10)
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "hole":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + b"\xff" * 16384 + content[middle + 16384 :])
        case "other program":
            path.unlink()
            connection = apsw.Connection(str(path))
            connection.execute("CREATE TABLE t (a)")
            connection.close()
        case "newer":
            connection = apsw.Connection(str(path))
            connection.pragma("user_version", migrations.NEWEST + 1)
            connection.close()


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "hole", "other program", "newer"])
def test_what_is_no_sound_copy_is_refused_and_nothing_is_touched(tmp_path: Path, kind: str) -> None:
    store = filled(tmp_path / "library", 300)
    copy = tmp_path / "copy.db"
    store.back_up(copy)
    store.close()
    make_bad(kind, copy)
    before = {path.name: path.read_bytes() for path in (tmp_path / "library").iterdir()}
    bad = copy.read_bytes()
    with pytest.raises(NewerStoreError if kind == "newer" else StoreError) as caught:
        backup.restore(copy, tmp_path / "library")
    assert str(copy) in caught.value.message
    assert caught.value.hint
    after = {path.name: path.read_bytes() for path in (tmp_path / "library").iterdir()}
    assert after == before
    assert copy.read_bytes() == bad


def test_what_is_not_there_or_is_the_library_itself_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "library").close()
    with pytest.raises(UsageError, match="no file"):
        backup.restore(tmp_path / "missing.db", tmp_path / "library")
    with pytest.raises(UsageError, match="itself"):
        backup.restore(tmp_path / "library" / "library.db", tmp_path / "library")
    check_restored(tmp_path / "library")
