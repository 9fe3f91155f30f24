"""The matrix in memory: always what the rows and the table say, and as good for finding."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosearch.core.cancel import CancelToken
from photosearch.core.filters import Has, NumberField, NumberIn, TextField, TextIs, Trait
from photosearch.core.photo import FileId, FilePlace
from photosearch.core.ports import Vectors
from photosearch.core.stored import CompanionFile, IndexBatch, MovedFile
from photosearch.core.userdata import UserChange
from photosearch.errors import Cancelled
from photosearch.store.sqlite import dots, resident, search, spaces, vectors
from photosearch.store.sqlite.resident import Resident
from photosearch.store.sqlite.store import SqliteStore

from .contract_listed import listed
from .contract_search import WIDE_SPACE, crowded, fill
from .inside import Library
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


def check(library: Library) -> None:
    """The matrix, the table and the rows of the first space agree, and it is in memory."""
    with library.database.read() as connection:
        stored = spaces.get(connection, SPACE)
        matrix = library.store._derived.matrix(stored)
        assert matrix is not None
        assert resident.check(connection, stored, matrix)
        expected = sum(len(ids) for ids, _ in vectors.blocks(connection, stored, only_placed=True))
    assert matrix.view.live_count == expected


#: What may happen to a library, each with a number that chooses the photos.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "write",
                "again",
                "copy",
                "remove",
                "purge",
                "rebuild",
                "drop",
                "folder",
                "list",
                "move",
                "join",
                "rename",
            ]
        ),
        st.integers(0, 9),
    ),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS, first=st.integers(0, 12))
def test_the_matrix_follows_whatever_is_written(
    steps: list[tuple[str, int]], first: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    library = Library(tmp_path_factory.mktemp("library"))
    library.store.ensure_space(SPACE)
    folder_id = library.store.add_folder(Path("/photos")).id
    for turn, (step, number) in enumerate(steps):
        if turn == first:
            check(library)  # from here on it is in memory and has to follow
            library.store.warm(SPACE)
        numbers = range(number, number + 6)
        places = [FilePlace(folder_id, b"%d" % n) for n in numbers]
        match step:
            case "write":
                write(library.store, *(photo(folder_id, b"%d" % n, n) for n in numbers))
            case "again":  # the same contents with other vectors
                files = (
                    photo(folder_id, b"%d" % n, n, vector=unit(8, seed=1000 + turn))
                    for n in numbers
                )
                write(library.store, *files)
            case "copy":
                write(
                    library.store,
                    *(photo(folder_id, b"c%d" % n, n, has_vector=n % 2 == 0) for n in numbers),
                )
            case "remove":
                library.store.write(SPACE, IndexBatch(removed=places))
            case "purge":
                library.store.purge_unplaced()
            case "rebuild":
                library.store.rebuild_vec0(SPACE)
            case "drop":
                library.store.drop_space(SPACE)
                library.store.ensure_space(SPACE)
            case "list":
                library.store.write(
                    SPACE,
                    IndexBatch(listed=[listed(folder_id, b"l%d" % n, n) for n in numbers]),
                )
            case "move":
                moves = [
                    MovedFile(replace(at, rel_path=b"m" + at.rel_path), at, STAMP, FileId(1, 1))
                    for at in places
                ]
                library.store.write(SPACE, IndexBatch(moved=moves, removed=places[::2]))
            case "join":
                pairs = zip(places[1:], places, strict=False)
                joined = [CompanionFile(place, main, STAMP) for place, main in pairs]
                library.store.write(SPACE, IndexBatch(companions=joined[::2]))
            case "rename":
                files = (
                    replace(
                        photo(folder_id, b"l%d" % n, n + 500, has_vector=False),
                        whole_hash=content_hash(n),
                    )
                    for n in numbers
                )
                write(library.store, *files)
            case "folder":
                library.store.remove_folder(folder_id)
                folder_id = library.store.add_folder(Path("/photos")).id
    check(library)
    query = unit(8, seed=77)
    scan = library.store.scan(SPACE, query)
    ranking = library.store.search(SPACE, query, 1000)
    assert sorted(scan.ids.tolist()) == sorted(ranking.ids.tolist())
    exact = dict(zip(ranking.ids.tolist(), ranking.scores.tolist(), strict=True))
    np.testing.assert_allclose(scan.scores, [exact[key] for key in scan.ids.tolist()], atol=0.02)
    assert scan.waiting_count == len(library.store.photo_ids()) - len(scan.ids)
    check_columns(library.store)
    library.store.close()


def check_columns(store: SqliteStore) -> None:
    """What filters are decided by is what the tables say."""
    asked = [
        *(NumberIn(NumberField.COPIES, number, number) for number in range(4)),
        *(TextIs(name, "photos") for name in (TextField.FOLDER, TextField.ONLY_ON)),
        NumberIn(NumberField.SIZE, 1, None),
        Has(Trait.OFFLINE),
    ]
    followed = [store.matching(where).tolist() for where in asked]
    store._derived.forget()
    assert followed == [store.matching(where).tolist() for where in asked]


def test_the_check_sees_what_differs(library: Library) -> None:
    folder = library.store.add_folder(library.directory)
    write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(20)))
    check(library)
    with library.database.transaction() as connection:
        stored = spaces.get(connection, SPACE)
        matrix = resident.load(connection, stored)
        assert resident.check(connection, stored, matrix)
        matrix.view.pieces[0][7, 3] ^= 1
        assert not resident.check(connection, stored, matrix)
        matrix = resident.load(connection, stored)
        matrix.remove(np.array([5]))
        assert not resident.check(connection, stored, matrix)
        matrix = resident.load(connection, stored)
        matrix.put(np.array([999]), np.zeros((1, 8), np.int8))
        assert not resident.check(connection, stored, matrix)
        connection.execute("DELETE FROM vec0_1 WHERE content_id = 3")
        assert not resident.check(connection, stored, resident.load(connection, stored))


def test_rows_move_together_when_many_have_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "PIECE_ROWS", 16)
    monkeypatch.setattr(resident, "_HOLES_MIN", 4)
    matrix = Resident(4)
    rows = np.arange(400, dtype=np.int64).reshape(100, 4).astype(np.int8)
    ids = np.arange(1, 101) * 3
    matrix.put(ids, rows)
    before = matrix.view
    matrix.remove(ids[::3])
    assert len(matrix.view.ids) == 66 == matrix.view.live_count, "no hole is left"
    assert len(matrix.view.pieces) == 5
    kept = np.delete(np.arange(100), np.arange(0, 100, 3))
    np.testing.assert_array_equal(matrix.view.rows(matrix.view.positions(ids[kept])), rows[kept])
    assert np.all(matrix.view.positions(ids[::3]) == -1)
    # Whoever scans while it happens goes on with what there was.
    np.testing.assert_array_equal(before.rows(np.arange(100)), rows)
    matrix.put(ids[::3], rows[::3])
    np.testing.assert_array_equal(matrix.view.rows(matrix.view.positions(ids)), rows)


def test_one_who_reads_sees_no_row_that_came_later() -> None:
    matrix = Resident(4)
    matrix.put(np.array([1, 2]), np.ones((2, 4), np.int8))
    view = matrix.view
    matrix.put(np.array([3]), np.ones((1, 4), np.int8))
    assert view.ids.tolist() == [1, 2]
    assert view.positions(np.array([1, 3, 99, -1])).tolist() == [0, -1, -1, -1]
    assert matrix.view.positions(np.array([3])).tolist() == [2]


@pytest.mark.parametrize("shape", [(1, 8, 1), (5000, 48, 3), (2049, 512, 1), (0, 8, 2)])
def test_both_ways_to_compute_agree(shape: tuple[int, int, int]) -> None:
    count, dim, direction_count = shape
    random = np.random.default_rng(3)
    rows = random.integers(-127, 128, (count, dim), np.int8)
    directions = random.integers(-127, 128, (direction_count, dim), np.int8)
    expected = rows.astype(np.int64) @ directions.T.astype(np.int64)
    assert dots.HAS_SIMSIMD, "the wheel is part of every installation that is tested"
    np.testing.assert_array_equal(dots.dots(rows, directions), expected)
    np.testing.assert_array_equal(dots.by_numpy(rows, directions), expected)


def test_computing_often_does_not_end_the_interpreter() -> None:
    # SimSIMD may lose references to None, which kills Python 3.11 sooner or later.
    rows = np.ones((4, 8), np.int8)
    before = sys.getrefcount(None)
    for _ in range(1000):
        dots.dots(rows, rows)
    assert abs(sys.getrefcount(None) - before) < 500


def fall_back_to_numpy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dots, "HAS_SIMSIMD", False)


def fall_back_to_the_table(patch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> Resident:
        raise MemoryError

    patch.setattr(resident, "load", load)


def small_blocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "_BLOCK_ROWS", 256)


@pytest.mark.parametrize("setting", [fall_back_to_numpy, fall_back_to_the_table, small_blocks])
def test_every_way_to_scan_finds_the_nearest(
    library: Library, setting: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = crowded(1500)
    ids = np.array(fill(library.store, library.store.add_folder(library.directory).id, stored))
    assert callable(setting)
    setting(monkeypatch)
    for seed in range(5):
        query = unit(48, seed=seed)
        exact = as_stored(stored) @ query
        scan = library.store.scan(WIDE_SPACE, query)
        assert sorted(scan.ids.tolist()) == sorted(ids.tolist())
        scores = dict(zip(ids.tolist(), exact.tolist(), strict=True))
        np.testing.assert_allclose(
            scan.scores, [scores[key] for key in scan.ids.tolist()], atol=0.01
        )
        rough = library.store.cosines(WIDE_SPACE, ids, query[None], is_exact=False)
        np.testing.assert_allclose(rough[:, 0], exact, atol=0.01)
        np.testing.assert_allclose(
            library.store.cosines(WIDE_SPACE, ids, query[None])[:, 0], exact, atol=1e-6
        )


def product(library: Library, query: Vectors, count: int) -> list[int]:
    """What the product does: scan, then exact comparison of the best."""
    scan = library.store.scan(WIDE_SPACE, query)
    best = scan.ids[np.argsort(-scan.scores)[:400]]
    exact = library.store.cosines(WIDE_SPACE, best, query[None])[:, 0]
    return [int(key) for key in best[np.lexsort((best, -exact))][:count]]


def test_plain_sql_gives_the_same_answers(library: Library) -> None:
    stored = crowded(3000)
    fill(library.store, library.store.add_folder(library.directory).id, stored)
    for seed in range(10):
        query = unit(48, seed=seed)
        with library.database.read() as connection:
            space = spaces.get(connection, WIDE_SPACE)
            rows = connection.execute(
                f"SELECT content_id FROM vec0_{space.id} WHERE embedding MATCH vec_int8(?)"
                " AND k = 400 ORDER BY distance",
                (vectors.quantised(query, space).tobytes(),),
            )
            found = np.array([key for (key,) in rows])
        exact = library.store.cosines(WIDE_SPACE, found, query[None])[:, 0]
        by_sql = found[np.lexsort((found, -exact))][:50].tolist()
        assert product(library, query, 50) == by_sql


def test_a_scan_that_nobody_wants_stops(library: Library) -> None:
    fill(library.store, library.store.add_folder(library.directory).id, crowded(100))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        library.store.scan(WIDE_SPACE, unit(48), cancel=cancel)


def test_spaces_do_not_mix(library: Library) -> None:
    library.store.ensure_space(OTHER_SPACE)
    folder = library.store.add_folder(library.directory)
    write(library.store, photo(folder.id, b"a", 1))
    write(library.store, photo(folder.id, b"b", 2, space=OTHER_SPACE), space=OTHER_SPACE)
    ids = ids_by_name(library.store)
    for space, name in ((SPACE, "a"), (OTHER_SPACE, "b")):
        scan = library.store.scan(space, unit(space.dim))
        assert scan.ids.tolist() == [ids[name]]
        assert scan.waiting_count == 1
    library.store.drop_space(OTHER_SPACE)
    scan = library.store.scan(OTHER_SPACE, unit(12))
    assert (len(scan.ids), scan.waiting_count) == (0, 2)


def test_what_is_rolled_back_is_not_in_memory(library: Library) -> None:
    folder = library.store.add_folder(library.directory)
    write(library.store, photo(folder.id, b"a", 1))
    check(library)

    def fail() -> None:
        with library.database.transaction() as connection:
            connection.execute("DELETE FROM file")
            connection.execute("DELETE FROM vector_1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert len(library.store.scan(SPACE, unit(8)).ids) == 1
    check(library)


def test_readers_and_a_writer_do_not_disturb_each_other(library: Library) -> None:
    store = library.store
    folder_id = store.add_folder(library.directory).id
    ended = threading.Event()
    favourites = Has(Trait.FAVOURITE)

    def work() -> None:
        random = np.random.default_rng(1)
        for turn in range(60):
            first = int(random.integers(0, 200))
            names = [b"%d.jpg" % number for number in range(first, first + 20)]
            write(store, *(photo(folder_id, name, first + n) for n, name in enumerate(names)))
            liked = store.photo_ids()[:5].tolist()
            store.change_user_data(liked, UserChange(is_favourite=turn % 2 == 0))
            removed = [FilePlace(folder_id, name) for name in names[::2]]
            store.write(SPACE, IndexBatch(removed=removed))
            if turn % 7 == 0:
                store.purge_unplaced()
            if turn % 11 == 0:
                store._derived.forget()

    def read() -> None:
        while not ended.is_set():
            scan = store.scan(SPACE, unit(8), favourites)
            assert len(scan.ids) == len(scan.scores)
            store.matching(NumberIn(NumberField.SIZE, 0, None))
            store.cosines(SPACE, store.photo_ids(), unit(2, 8))
            store.warm(SPACE)

    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read) for _ in range(3)]
        try:
            threads.submit(work).result(timeout=50)
        finally:
            ended.set()
        for reader in readers:
            reader.result(timeout=10)
    check(library)
    followed = store.matching(favourites).tolist()
    store._derived.forget()
    assert store.matching(favourites).tolist() == followed
