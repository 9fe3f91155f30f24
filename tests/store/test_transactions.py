"""What happens to a transaction that ends early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from photosearch.core.photo import FilePlace
from photosearch.core.stored import IndexBatch
from photosearch.errors import StoreError
from photosearch.store.sqlite import vectors

from .contract_search import WIDE_SPACE
from .inside import Library
from .samples import SPACE, ids_by_name, photo, write


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_transaction_is_rolled_back_by_any_exception(
    library: Library, error: type[BaseException]
) -> None:
    def write_half() -> None:
        with library.database.transaction() as connection:
            connection.execute("INSERT INTO folder (path, added_ns) VALUES (x'61', 0)")
            raise error

    with pytest.raises(error):
        write_half()
    assert library.store.folders() == []
    library.store.add_folder(library.directory.parent)
    assert len(library.store.folders()) == 1


def test_an_error_between_two_tables_leaves_neither_written(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = library.store.add_folder(library.directory.parent)
    write(library.store, photo(folder.id, b"a.jpg", 1))
    insert = vectors._insert_vec0

    def insert_then_stop(*args: object) -> None:
        insert(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(vectors, "_insert_vec0", insert_then_stop)
    batch = IndexBatch(
        [photo(folder.id, b"a.jpg", 2), photo(folder.id, b"b.jpg", 3)],
        removed=[FilePlace(folder.id, b"a.jpg")],
    )
    with pytest.raises(KeyboardInterrupt):
        library.store.write(SPACE, batch)
    monkeypatch.undo()
    assert library.numbers() == (1, 1, 1)
    assert list(ids_by_name(library.store)) == ["a.jpg"]
    library.store.write(SPACE, batch)
    assert library.numbers() == (3, 3, 3)


def test_a_full_disk_costs_only_its_batch(library: Library) -> None:
    folder = library.store.add_folder(library.directory.parent)
    write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(50)))
    with library.database.transaction() as connection:
        most = connection.pragma("max_page_count")
        connection.pragma("max_page_count", connection.pragma("page_count") + 2)
    with pytest.raises(StoreError, match="full") as caught:
        write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(50, 5000)))
    assert caught.value.hint
    assert library.numbers() == (50, 50, 50)
    with library.database.transaction() as connection:
        connection.pragma("max_page_count", most)
    write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(50, 60)))
    assert library.numbers() == (60, 60, 60)
    assert library.store.counts(SPACE).photo_count == 60


def test_a_disk_that_fills_up_within_the_vector_extension(library: Library) -> None:
    folder = library.store.add_folder(library.directory.parent)
    library.store.ensure_space(WIDE_SPACE)
    write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(120)))
    with library.database.transaction() as connection:
        # Room for some rows, not for the next block of the int8 table.
        connection.pragma("max_page_count", connection.pragma("page_count") + 1)
    with pytest.raises(StoreError, match=r"full|vector table"):
        write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(120, 400)))
    assert library.numbers() == (120, 120, 120)


WRITER = """
import sys
from pathlib import Path
from tests.store.samples import SPACE, photo
from photosearch.core.photo import FilePlace
from photosearch.core.stored import IndexBatch
from photosearch.store.open import open_store
store = open_store(Path(sys.argv[1]))
store.ensure_space(SPACE)
folder = store.add_folder(Path(sys.argv[1]))
first = 0
while True:
    files = [photo(folder.id, b"%d" % n, n) for n in range(first, first + 20)]
    gone = [FilePlace(folder.id, b"%d" % n) for n in range(first - 10, first)]
    store.write(SPACE, IndexBatch(files, removed=gone))
    if first % 60 == 0:
        store.purge_unplaced()
    first += 20
    print(first, flush=True)
"""


def test_a_killed_writer_leaves_a_sound_database(tmp_path: Path) -> None:
    directory = tmp_path / "library"
    for delay_s in (0.0, 0.05, 0.15):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(directory)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline(), "the writer did not start"
            time.sleep(delay_s)
            process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            process.wait(timeout=30)
            lines = process.stdout.read().split()
        library = Library(directory)
        with library.database.read() as connection:
            assert connection.pragma("integrity_check") == "ok"
            assert connection.pragma("foreign_key_check") is None
        truth, derived, valid = library.numbers()
        assert truth == derived == valid >= 10
        store = library.store
        placed = store.counts(SPACE)
        assert placed.photo_count == placed.file_count == placed.vector_count
        last_said = int(lines[-1]) if lines else 20
        newest = max(int(name) for name in ids_by_name(store))
        assert newest >= last_said - 1, "a batch that was reported as stored is gone"
        store.close()
