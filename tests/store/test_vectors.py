"""The two tables of vectors: equal, compact, and good enough to find the nearest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from photosearch.core.photo import FilePlace
from photosearch.core.stored import IndexBatch
from photosearch.store.sqlite import vectors

from .contract_search import WIDE_SPACE, crowded, fill
from .inside import Library
from .samples import SPACE, as_stored, ids_by_name, photo, unit, write


def test_both_vector_tables_stay_equal(library: Library) -> None:
    folder = library.store.add_folder(library.directory.parent)
    for turn in range(6):
        numbers = range(turn * 100, turn * 100 + 300)
        write(library.store, *(photo(folder.id, b"%d" % n, n) for n in numbers))
        gone = [FilePlace(folder.id, b"%d" % n) for n in range(turn * 100, turn * 100 + 50)]
        library.store.write(SPACE, IndexBatch(removed=gone))
        library.store.purge_unplaced()
        count = library.store.counts(SPACE).vector_count
        assert library.numbers() == (count, count, count)


def test_holes_in_the_int8_table_do_not_pile_up(library: Library) -> None:
    folder = library.store.add_folder(library.directory.parent)
    write(library.store, *(photo(folder.id, b"%d" % n, n) for n in range(2000)))
    # One in ten each time, so that no block of the table is ever empty.
    for turn in range(7):
        gone = [FilePlace(folder.id, b"%d" % n) for n in range(turn, 2000, 10)]
        library.store.write(SPACE, IndexBatch(removed=gone))
        library.store.purge_unplaced()
    assert library.numbers() == (600, 600, 600)
    with library.database.read() as connection:
        chunk_count = connection.execute("SELECT count(*) FROM vec0_1_chunks").get
    assert chunk_count < 10, "half of what the search reads is holes"


def test_the_int8_table_can_be_made_anew(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    vectors = crowded(2000)
    ids = fill(library.store, library.store.add_folder(tmp_path).id, vectors)
    with library.database.transaction() as connection:
        connection.execute("DELETE FROM vec0_1 WHERE content_id % 2")
    library.store.rebuild_vec0(WIDE_SPACE)
    assert library.numbers() == (2000, 2000, 2000)
    query = unit(48, seed=9)
    best = np.argsort(-(as_stored(vectors) @ query))[:10]
    assert library.store.search(WIDE_SPACE, query, 10).ids.tolist() == [ids[n] for n in best]
    library.store.close()


def test_a_component_far_out_keeps_its_sign() -> None:
    space = vectors.StoredSpace(1, 512, vectors.int8_scale(512))
    steps = vectors.quantised(np.array([0.0, 0.9, -0.9, 16 / 512**0.5, -0.1], np.float32), space)
    assert steps.tolist() == [0, 127, -127, 127, -18]


def test_components_far_out_do_not_spoil_a_rough_comparison(library: Library) -> None:
    space = WIDE_SPACE.__class__("spiky", 512, "spiky", ())
    library.store.ensure_space(space)
    folder = library.store.add_folder(library.directory)
    stored = unit(300, 512, seed=1)
    stored[:, [7, 9]] += np.float32([0.6, -0.4])
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    files = [photo(folder.id, b"%04d" % n, n, vector=stored[n]) for n in range(300)]
    write(library.store, *files, space=space)
    ids = library.store.photo_ids()
    exact = library.store.cosines(space, ids, stored[:2])
    rough = library.store.cosines(space, ids, stored[:2], is_exact=False)
    np.testing.assert_allclose(rough, exact, atol=0.01)


def test_components_far_out_are_clipped_and_still_ranked(tmp_path: Path) -> None:
    # One component holds nearly all the length, as in some CLIP towers.
    space = WIDE_SPACE.__class__("spiky", 512, "spiky", ())
    library = Library(tmp_path / "library")
    library.store.ensure_space(space)
    folder = library.store.add_folder(tmp_path)
    vectors = unit(1200, 512, seed=1)
    vectors[:, 7] += np.float32(2)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    write(
        library.store,
        *(photo(folder.id, b"%04d" % n, n, vector=vectors[n]) for n in range(1200)),
        space=space,
    )
    ids = ids_by_name(library.store)
    query = vectors[5]
    best = np.argsort(-(as_stored(vectors) @ query))[:20]
    found = library.store.search(space, query, 20)
    assert found.ids.tolist() == [ids[f"{n:04d}"] for n in best]
    library.store.close()
