"""The contract of a store: files and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.photo import CaptureTime, FilePlace, FileStamp, Photo, PhotoFacts
from photosearch.core.status import StoreCounts
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, KnownFile, WriteCounts
from photosearch.errors import StoreError

from .samples import (
    OTHER_SPACE,
    SPACE,
    STAMP,
    as_stored,
    content_hash,
    ids_by_name,
    photo,
    taken,
    unit,
    write,
)

NEWER = FileStamp(2000, STAMP.mtime_ns + 1)


class PhotosContract:
    def test_a_photo_comes_back_as_it_was(
        self, store: Store, open_again: Callable[[], Store], folder_id: int, tmp_path: Path
    ) -> None:
        facts = PhotoFacts(
            format="HEIF",
            width_px=4032,
            height_px=3024,
            taken=CaptureTime(datetime(1969, 7, 20, 20, 17, 40, 123456), -240, "exif"),
            camera_make="Hasselblad",
            camera_model="500 EL/70 ☾",
            latitude_deg=0.67409,
            longitude_deg=23.47298,
        )
        write(store, photo(folder_id, b"moon/a b.heic", 7, facts=facts))
        store = open_again()
        (photo_id,) = store.photo_ids().tolist()
        assert store.photos([photo_id]) == [
            Photo(
                id=photo_id,
                folder_id=folder_id,
                path=tmp_path / "photos" / "moon" / "a b.heic",
                stamp=STAMP,
                content_hash=content_hash(7),
                facts=facts,
            )
        ]
        assert store.thumbnails([photo_id, 99]) == {photo_id: b"jpeg 7"}
        vector = store.vector(SPACE, photo_id)
        assert vector is not None
        assert vector.dtype == np.float32
        np.testing.assert_allclose(vector, unit(8, seed=7), atol=5e-4)
        np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-6)
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)

    def test_photos_come_in_the_order_asked_for(self, store: Store, folder_id: int) -> None:
        write(store, *(photo(folder_id, b"%d.jpg" % number, number) for number in range(5)))
        ids = store.photo_ids().tolist()
        wanted = [ids[3], 10**9, ids[0], ids[3]]
        assert [found.id for found in store.photos(wanted)] == [ids[3], ids[0], ids[3]]

    def test_the_newest_photo_comes_first(self, store: Store, folder_id: int) -> None:
        def at(year: int) -> FileStamp:
            when_s = int(datetime(year, 6, 1).timestamp())
            return FileStamp(1, when_s * 10**9)

        write(
            store,
            photo(folder_id, b"2003", 1, facts=taken(2003, 1, 1), stamp=at(2020)),
            photo(folder_id, b"2007", 2, stamp=at(2019)),
            photo(folder_id, b"2007 too", 2, stamp=at(2007)),
            photo(folder_id, b"1969", 3, facts=taken(1969, 1, 1), stamp=at(2021)),
            photo(folder_id, b"2005", 4, stamp=at(2005)),
        )
        assert [found.path.name for found in store.photos(store.photo_ids().tolist())] == [
            "2007",
            "2005",
            "2003",
            "1969",
        ]
        # The earliest of its files goes, and so does the reason to be in 2007.
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"2007 too")]))
        write(store, photo(folder_id, b"2005", 4, facts=taken(2010, 1, 1), stamp=at(2005)))
        assert [found.path.name for found in store.photos(store.photo_ids().tolist())] == [
            "2007",
            "2005",
            "2003",
            "1969",
        ]
        write(store, photo(folder_id, b"2005", 4, facts=taken(2021, 1, 1), stamp=at(2005)))
        assert ids_by_name(store)["2005"] == store.photo_ids()[0]

    def test_a_known_file_is_done_once_it_has_its_vector(
        self, store: Store, folder_id: int
    ) -> None:
        write(
            store,
            photo(folder_id, b"full.jpg", 1),
            photo(folder_id, b"no vector.jpg", 2, has_vector=False),
        )
        assert store.known_files(folder_id, SPACE) == {
            b"full.jpg": KnownFile(STAMP, is_done=True, is_listed=True),
            b"no vector.jpg": KnownFile(STAMP, is_done=False, is_listed=True),
        }
        assert not any(
            known.is_done for known in store.known_files(folder_id, OTHER_SPACE).values()
        )
        assert store.known_files(folder_id + 1, SPACE) == {}
        assert store.counts(SPACE) == StoreCounts(photo_count=2, file_count=2, vector_count=1)
        hashes = [content_hash(number) for number in (1, 2, 3)]
        assert store.has_vectors(SPACE, hashes) == {content_hash(1)}

    def test_copies_are_one_photo(self, store: Store, folder_id: int) -> None:
        batch = IndexBatch([photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 1)])
        assert store.write(SPACE, batch) == WriteCounts(added=1)
        third = photo(folder_id, b"c.jpg", 1, has_vector=False)
        assert store.write(SPACE, IndexBatch([replace(third, thumbnail=None)])) == WriteCounts()
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.copy_count == 3
        assert found.path.name == "a.jpg"
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=3, vector_count=1)
        assert store.known_files(folder_id, SPACE)[b"c.jpg"].is_done

    def test_a_vector_may_come_with_the_second_of_two_copies(
        self, store: Store, folder_id: int
    ) -> None:
        write(
            store,
            photo(folder_id, b"a.jpg", 1),
            photo(folder_id, b"b.jpg", 1, has_vector=False),
            photo(folder_id, b"c.jpg", 2, has_vector=False),
            photo(folder_id, b"d.jpg", 2),
        )
        assert store.counts(SPACE).vector_count == 2

    def test_the_same_place_twice_in_a_batch_holds_the_last(
        self, store: Store, folder_id: int
    ) -> None:
        files = [photo(folder_id, b"a.jpg", 1), photo(folder_id, b"a.jpg", 2, stamp=NEWER)]
        assert store.write(SPACE, IndexBatch(files)) == WriteCounts(added=1)
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.content_hash, found.stamp) == (content_hash(2), NEWER)

    def test_a_changed_file_is_another_photo(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        (old_id,) = store.photo_ids().tolist()
        batch = IndexBatch([photo(folder_id, b"a.jpg", 2, stamp=NEWER)])
        assert store.write(SPACE, batch) == WriteCounts(added=1, removed=1)
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.id != old_id
        assert found.content_hash == content_hash(2)
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)
        assert store.known_files(folder_id, SPACE) == {
            b"a.jpg": KnownFile(NEWER, is_done=True, is_listed=True)
        }

    def test_a_retagged_file_is_the_same_photo(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        before = store.photo_ids().tolist()
        retagged = photo(
            folder_id, b"a.jpg", 1, stamp=NEWER, facts=taken(2001, 2, 3), has_vector=False
        )
        assert store.write(SPACE, IndexBatch([retagged])) == WriteCounts(changed=tuple(before))
        assert store.photo_ids().tolist() == before
        (found,) = store.photos(before)
        assert (found.facts, found.stamp) == (taken(2001, 2, 3), NEWER)
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    def test_a_new_vector_takes_the_place_of_the_old(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        vector = unit(8, seed=99)
        write(store, photo(folder_id, b"a.jpg", 1, vector=vector))
        ranking = store.search(SPACE, as_stored(vector), 5)
        np.testing.assert_allclose(ranking.scores, [1.0], atol=1e-5)

    @pytest.mark.parametrize("in_one_batch", [True, False])
    def test_a_move_keeps_photo_and_vector(
        self, store: Store, folder_id: int, in_one_batch: bool
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        before = store.photo_ids().tolist()
        files = [photo(folder_id, b"new/b.jpg", 1, has_vector=False)]
        removed = [FilePlace(folder_id, b"a.jpg")]
        if in_one_batch:
            counts = store.write(SPACE, IndexBatch(files, removed=removed))
            assert (counts.added, counts.removed) == (0, 0)
        else:
            assert store.write(SPACE, IndexBatch(removed=removed)) == WriteCounts(removed=1)
            assert store.has_vectors(SPACE, [content_hash(1)]) == {content_hash(1)}
            assert store.write(SPACE, IndexBatch(files)) == WriteCounts(added=1)
        assert store.photo_ids().tolist() == before
        assert ids_by_name(store) == {"b.jpg": before[0]}
        assert store.search(SPACE, unit(8, seed=1), 5).ids.tolist() == before
        assert store.thumbnails(before) == {before[0]: b"jpeg 1"}
        assert store.purge_unplaced() == 0

    def test_a_photo_without_a_file_is_nowhere_to_be_seen(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        counts = store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert counts == WriteCounts(removed=1)
        assert store.photo_ids().tolist() == [ids["b.jpg"]]
        assert store.photos([ids["a.jpg"]]) == []
        assert store.search(SPACE, unit(8, seed=1), 5).ids.tolist() == [ids["b.jpg"]]
        assert store.search(SPACE, unit(8, seed=1), 5).searched_count == 1
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)
        assert store.folders()[0].photo_count == 1

    def test_purging_drops_vectors_and_thumbnails_of_every_space(
        self, store: Store, folder_id: int
    ) -> None:
        for space in (SPACE, OTHER_SPACE):
            write(
                store,
                photo(folder_id, b"a.jpg", 1, space=space),
                photo(folder_id, b"b.jpg", 2, space=space),
                space=space,
            )
        ids = ids_by_name(store)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert store.purge_unplaced() == 1
        assert store.has_vectors(SPACE, [content_hash(1)]) == set()
        assert store.has_vectors(OTHER_SPACE, [content_hash(1)]) == set()
        assert store.thumbnails(list(ids.values())) == {ids["b.jpg"]: b"jpeg 2"}
        write(store, photo(folder_id, b"a.jpg", 1))
        assert ids_by_name(store)["a.jpg"] not in ids.values()

    def test_a_reachable_copy_is_shown(self, store: Store, folder_id: int, tmp_path: Path) -> None:
        disk = store.add_folder(tmp_path / "disk")
        write(store, photo(folder_id, b"a.jpg", 1), photo(disk.id, b"copy.jpg", 1))
        for is_online, name in ((True, "a.jpg"), (False, "copy.jpg"), (True, "a.jpg")):
            store.set_folder_online(folder_id, is_online=is_online)
            assert list(ids_by_name(store)) == [name]
        store.set_folder_online(folder_id, is_online=False)
        store.set_folder_online(disk.id, is_online=False)
        assert list(ids_by_name(store)) == ["a.jpg"]

    @pytest.mark.parametrize(
        "vector",
        [
            np.ones(8, np.float32),
            np.zeros(8, np.float32),
            np.full(8, np.nan, np.float32),
            np.full(8, np.inf, np.float32),
            unit(9),
            unit(1, 8),
            unit(8).astype(np.float64),
        ],
        ids=["long", "zero", "nan", "inf", "dim", "shape", "dtype"],
    )
    def test_a_bad_vector_stores_nothing_of_its_batch(
        self, store: Store, folder_id: int, vector: np.ndarray
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        batch = IndexBatch(
            [photo(folder_id, b"b.jpg", 2), photo(folder_id, b"c.jpg", 3, vector=vector)],
            removed=[FilePlace(folder_id, b"a.jpg")],
        )
        with pytest.raises(StoreError):
            store.write(SPACE, batch)
        assert list(ids_by_name(store)) == ["a.jpg"]
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)
        assert store.has_vectors(SPACE, [content_hash(2)]) == set()
