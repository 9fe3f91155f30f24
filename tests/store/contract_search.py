"""The contract of a store: finding the nearest photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosearch.core.photo import FilePlace
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import IndexBatch, Store
from photosearch.errors import StoreError

from .samples import SPACE, as_stored, ids_by_name, photo, unit, write

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
