"""The contract of a store: finding the nearest photos."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.filters import EVERY_PHOTO, Not, TakenIn
from photosearch.core.photo import FilePlace
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.errors import StoreError

from .samples import OTHER_SPACE, SPACE, as_stored, ids_by_name, photo, taken, unit, write

WIDE_SPACE = EmbeddingSpace("wide@1+p1", 48, "wide", ())
#: More photos than any head of a list that is searched roughly first.
PHOTO_COUNT = 5000


def fill(store: Store, folder_id: int, vectors: Vectors) -> list[int]:
    """Stores a photo for each vector; returns their ids in the order of the vectors."""
    store.ensure_space(WIDE_SPACE)
    for start in range(0, len(vectors), 500):
        numbers = range(start, min(start + 500, len(vectors)))
        files = [photo(folder_id, b"%05d" % n, n, vector=vectors[n]) for n in numbers]
        write(store, *files, space=WIDE_SPACE)
    ids = ids_by_name(store)
    return [ids[name] for name in sorted(ids)]


def crowded(count: int) -> Vectors:
    """Vectors that are all alike, as those of real photos are: hard to tell apart roughly."""
    vectors = unit(count, 48, seed=1) + np.float32(0.2)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


class SearchContract:
    def test_a_scan_compares_every_photo(self, store: Store, tmp_path: Path) -> None:
        vectors = crowded(3000)
        ids = fill(store, store.add_folder(tmp_path).id, vectors)
        query = unit(48, seed=2)
        exact = dict(zip(ids, (as_stored(vectors) @ query).tolist(), strict=True))
        scan = store.scan(WIDE_SPACE, query)
        assert (scan.ids.dtype, scan.scores.dtype) == (np.int64, np.float32)
        assert sorted(scan.ids.tolist()) == sorted(ids)
        np.testing.assert_allclose(
            scan.scores, [exact[photo_id] for photo_id in scan.ids.tolist()], atol=0.01
        )
        assert scan.waiting_count == 0
        with pytest.raises(ValueError, match="read-only"):
            scan.ids[0] = 1

    def test_a_scan_sees_what_comes_and_goes(self, store: Store, tmp_path: Path) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(SPACE)
        assert len(store.scan(SPACE, unit(8)).ids) == 0
        write(store, photo(folder.id, b"a", 1), photo(folder.id, b"b", 2, has_vector=False))
        ids = ids_by_name(store)
        scan = store.scan(SPACE, unit(8))
        assert (scan.ids.tolist(), scan.waiting_count) == ([ids["a"]], 1)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder.id, b"a")]))
        scan = store.scan(SPACE, unit(8))
        assert (scan.ids.tolist(), scan.waiting_count) == ([], 1)
        # The same content comes back, and needs no vector.
        write(store, photo(folder.id, b"c", 1, has_vector=False))
        assert store.scan(SPACE, unit(8)).ids.tolist() == [ids["a"]]
        store.remove_folder(folder.id)
        assert store.scan(SPACE, unit(8)).waiting_count == 0

    def test_a_scan_follows_a_vector_that_changes(self, store: Store, tmp_path: Path) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(SPACE)
        vector = unit(8, seed=5)
        write(store, photo(folder.id, b"a", 1, vector=vector))
        np.testing.assert_allclose(store.scan(SPACE, vector).scores, 1, atol=0.02)
        write(store, photo(folder.id, b"a", 1, vector=-vector))
        np.testing.assert_allclose(store.scan(SPACE, vector).scores, -1, atol=0.02)

    def test_a_filter_comes_before_the_scan(self, store: Store, tmp_path: Path) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(SPACE)
        write(
            store,
            *(photo(folder.id, b"%d.jpg" % n, n, facts=taken(2000 + n, 5, 6)) for n in range(20)),
        )
        days = TakenIn(date(2005, 1, 1), date(2009, 12, 31))
        newest_first = [ids_by_name(store)[f"{number}.jpg"] for number in range(9, 4, -1)]
        assert store.matching(days).tolist() == newest_first
        assert sorted(store.scan(SPACE, unit(8), days).ids.tolist()) == sorted(newest_first)
        assert len(store.scan(SPACE, unit(8), Not(days)).ids) == 15
        assert store.matching(EVERY_PHOTO).tolist() == store.photo_ids().tolist()
        years = store.times(store.photo_ids()).astype("M8[us]").astype("M8[Y]").astype(int) + 1970
        assert years.tolist() == list(range(2019, 1999, -1))

    def test_cosines_in_any_order(self, store: Store, tmp_path: Path) -> None:
        vectors = crowded(50)
        ids = np.array(fill(store, store.add_folder(tmp_path).id, vectors))
        directions = unit(3, 48, seed=2)
        order = np.random.default_rng(1).integers(0, 50, 80)  # some twice
        exact = as_stored(vectors)[order] @ directions.T
        for is_exact, tolerance in ((True, 1e-6), (False, 0.01)):
            found = store.cosines(WIDE_SPACE, ids[order], directions, is_exact=is_exact)
            assert (found.dtype, found.shape) == (np.float32, (80, 3))
            np.testing.assert_allclose(found, exact, atol=tolerance)
            unknown = np.array([-1, 0, 10**9, int(ids[0])])
            missing = np.isnan(store.cosines(WIDE_SPACE, unknown, directions, is_exact=is_exact))
            assert missing.all(axis=1).tolist() == [True, True, True, False]

    def test_vectors_of_some_and_of_a_sample(self, store: Store, tmp_path: Path) -> None:
        vectors = crowded(60)
        ids = np.array(fill(store, store.add_folder(tmp_path).id, vectors))
        by_id = dict(zip(ids.tolist(), as_stored(vectors), strict=True))
        found, rows = store.vectors(WIDE_SPACE, np.array([ids[7], 10**9, ids[3]]))
        assert sorted(found.tolist()) == sorted([ids[7], ids[3]])
        for photo_id, row in zip(found.tolist(), rows, strict=True):
            np.testing.assert_allclose(row, by_id[photo_id], atol=1e-6)
        sample = store.sample_vectors(WIDE_SPACE, 20)
        np.testing.assert_array_equal(sample, store.sample_vectors(WIDE_SPACE, 20))
        assert sample.shape == (20, 48)
        nearest = np.abs(sample[:, None] - as_stored(vectors)[None]).max(axis=2).min(axis=1)
        assert np.all(nearest < 1e-6)
        assert store.sample_vectors(WIDE_SPACE, 1000).shape == (60, 48)
        assert store.sample_vectors(OTHER_SPACE, 5).shape == (0, 12)

    def test_search_agrees_with_comparing_everything(self, store: Store, tmp_path: Path) -> None:
        vectors = crowded(PHOTO_COUNT)
        ids = np.array(fill(store, store.add_folder(tmp_path).id, vectors))
        for seed in (2, 3):
            query = unit(48, seed=seed)
            scores = as_stored(vectors) @ query
            for limit in (1, 10, 300, 2000, 4000, 10**6):
                ranking = store.search(WIDE_SPACE, query, limit)
                best = np.argsort(-scores)[:limit]
                assert len(ranking.ids) == min(limit, PHOTO_COUNT)
                assert ranking.ids.dtype == np.int64
                assert ranking.scores.dtype == np.float32
                assert ranking.searched_count == PHOTO_COUNT
                np.testing.assert_allclose(ranking.scores, scores[best], atol=1e-6)
                # Equal but for neighbours whose scores differ by rounding alone.
                places = {photo_id: place for place, photo_id in enumerate(ids.tolist())}
                found = scores[[places[photo_id] for photo_id in ranking.ids.tolist()]]
                np.testing.assert_allclose(found, ranking.scores, atol=1e-6)
                assert len(set(ranking.ids.tolist())) == len(ranking.ids)
                assert np.all(np.diff(ranking.scores) <= 0)

    def test_the_best_of_a_burst_come_first(self, store: Store, tmp_path: Path) -> None:
        # Shots of one second differ by less than a rough comparison can see.
        burst = unit(1, 48, seed=6) + 0.002 * unit(200, 48, seed=7) * np.float32(48**0.5)
        vectors = np.concatenate([crowded(1000), burst / np.linalg.norm(burst, axis=1)[:, None]])
        vectors = vectors.astype(np.float32)
        fill(store, store.add_folder(tmp_path).id, vectors)
        query = unit(1, 48, seed=6)[0]
        scores = np.sort(as_stored(vectors) @ query)[::-1]
        for limit in (1, 5, 50):
            ranking = store.search(WIDE_SPACE, query, limit)
            np.testing.assert_allclose(ranking.scores, scores[:limit], atol=1e-6)

    def test_photos_waiting_to_be_purged_hide_no_other(self, store: Store, tmp_path: Path) -> None:
        folder = store.add_folder(tmp_path)
        vectors = crowded(1500)
        query = unit(48, seed=2)
        ids = fill(store, folder.id, vectors)
        order = np.argsort(-(as_stored(vectors) @ query)).tolist()
        gone, left = order[:1000], order[1000:]
        store.write(
            WIDE_SPACE, IndexBatch(removed=[FilePlace(folder.id, b"%05d" % n) for n in gone])
        )
        expected = [ids[number] for number in left[:20]]
        for _ in range(2):
            ranking = store.search(WIDE_SPACE, query, 20)
            assert ranking.ids.tolist() == expected
            assert ranking.searched_count == 500
            store.purge_unplaced()

    def test_equal_scores_are_ordered_by_id(self, store: Store, tmp_path: Path) -> None:
        vectors = np.repeat(unit(1, 48, seed=4), 700, axis=0)
        ids = fill(store, store.add_folder(tmp_path).id, vectors)
        for limit in (50, 3000):
            ranking = store.search(WIDE_SPACE, vectors[0], limit)
            assert ranking.ids.tolist() == sorted(ranking.ids.tolist())
            assert set(ranking.ids.tolist()) <= set(ids)
            np.testing.assert_allclose(ranking.scores, 1.0, atol=1e-6)

    def test_a_photo_is_most_like_itself_and_least_like_its_opposite(
        self, store: Store, tmp_path: Path
    ) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(SPACE)
        vector = unit(8, seed=5)
        write(
            store,
            photo(folder.id, b"a", 1, vector=vector),
            photo(folder.id, b"b", 2, vector=-vector),
        )
        ids = ids_by_name(store)
        own = store.vector(SPACE, ids["a"])
        assert own is not None
        ranking = store.search(SPACE, own, 10)
        assert ranking.ids.tolist() == [ids["a"], ids["b"]]
        np.testing.assert_allclose(ranking.scores, [1, -1], atol=1e-6)
        assert np.all(np.abs(ranking.scores) <= 1)

    @pytest.mark.parametrize("limit", [0, -5])
    def test_nothing_wanted_gives_nothing(self, store: Store, tmp_path: Path, limit: int) -> None:
        store.ensure_space(SPACE)
        write(store, photo(store.add_folder(tmp_path).id, b"a", 1))
        ranking = store.search(SPACE, unit(8), limit)
        assert len(ranking.ids) == len(ranking.scores) == 0
        assert ranking.searched_count == 1

    @pytest.mark.parametrize(
        "vector", [unit(9), np.full(8, np.nan, np.float32), unit(8).astype(np.float64)]
    )
    def test_a_bad_query_is_refused(self, store: Store, vector: Vectors) -> None:
        store.ensure_space(SPACE)
        with pytest.raises(StoreError):
            store.search(SPACE, vector, 5)
