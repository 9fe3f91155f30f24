"""The contract of a store: spaces side by side, and forgetting one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.photo import FilePlace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.errors import StoreError

from .samples import OTHER_SPACE, SPACE, failure, ids_by_name, photo, unit, write


class SpacesContract:
    def test_dropping_a_space_leaves_the_others_as_they_are(
        self, store: Store, open_again: Callable[[], Store], folder_id: int
    ) -> None:
        for number in range(600):
            write(store, photo(folder_id, b"%d" % number, number))
            of_other = photo(folder_id, b"%d" % number, number, space=OTHER_SPACE)
            write(store, of_other, space=OTHER_SPACE)
        # Holes, so that the rows of what stays are not numbered from one.
        gone = [FilePlace(folder_id, b"%d" % number) for number in range(150)]
        store.write(OTHER_SPACE, IndexBatch(removed=gone))
        store.purge_unplaced()
        query = unit(OTHER_SPACE.dim, seed=9)
        before = store.search(OTHER_SPACE, query, 20)
        assert store.drop_space(SPACE) == 450
        for reopen in (lambda: store, open_again):
            opened = reopen()
            after = opened.search(OTHER_SPACE, query, 20)
            assert after.ids.tolist() == before.ids.tolist()
            assert after.searched_count == 450
            assert opened.counts(SPACE).vector_count == 0
            assert opened.counts(OTHER_SPACE).vector_count == 450
            assert opened.counts(None).photo_count == 450

    def test_dropping_a_space_drops_its_failures_only(self, store: Store, folder_id: int) -> None:
        store.write(SPACE, IndexBatch(failures=[failure(folder_id, b"a", space_key=SPACE.key)]))
        store.write(SPACE, IndexBatch(failures=[failure(folder_id, b"b")]))
        store.drop_space(SPACE)
        assert [found.place.rel_path for found in store.failures()] == [b"b"]

    def test_a_dropped_space_can_be_filled_again(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a", 1))
        assert store.drop_space(SPACE) == 1
        assert store.drop_space(SPACE) == 0
        assert not store.known_files(folder_id, SPACE)[b"a"].is_done
        store.ensure_space(SPACE)
        assert store.counts(SPACE).vector_count == 0
        write(store, photo(folder_id, b"a", 1))
        assert store.search(SPACE, unit(8, seed=1), 5).searched_count == 1

    def test_the_disk_gets_its_room_back(
        self, open_again: Callable[[], Store], folder_id: int, tmp_path: Path
    ) -> None:
        wide = replace(SPACE, key="wide@1+p1", dim=2048)
        store = open_again()
        store.ensure_space(wide)
        files = [photo(folder_id, b"%d" % number, number, space=wide) for number in range(500)]
        write(store, *files, space=wide)
        store = open_again()

        def size_bytes() -> int:
            return sum(path.stat().st_size for path in (tmp_path / "library").iterdir())

        filled_bytes = size_bytes()
        store.drop_space(wide)
        open_again()
        # Two bytes a number in the one table, one in the other.
        assert size_bytes() < filled_bytes - 500 * 2048 * 3

    def test_a_space_of_another_dim_is_refused(self, store: Store, folder_id: int) -> None:
        with pytest.raises(StoreError, match="vectors of 9"):
            store.drop_space(replace(SPACE, dim=9))
        assert store.counts(SPACE) is not None

    def test_what_is_missing_in_a_space_is_found(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        assert store.missing_vectors(SPACE).tolist() == []
        assert set(store.missing_vectors(OTHER_SPACE)) == set(ids.values())
        write(store, photo(folder_id, b"a.jpg", 1, space=OTHER_SPACE), space=OTHER_SPACE)
        assert store.missing_vectors(OTHER_SPACE).tolist() == [ids["b.jpg"]]
        refused = failure(folder_id, b"b.jpg", space_key=OTHER_SPACE.key)
        store.write(OTHER_SPACE, IndexBatch(failures=[refused]))
        assert store.missing_vectors(OTHER_SPACE).tolist() == []
        assert store.missing_count(OTHER_SPACE) == 0

    def test_the_count_of_what_is_missing_is_that_of_the_photos(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        """Whatever of: with and without vector, file, failure, and a folder that is there."""
        disk_id = store.add_folder(tmp_path / "another disk").id
        places = [(folder_id, b"%d.jpg" % number) for number in range(6)]
        places += [(disk_id, b"%d.jpg" % number) for number in range(4, 9)]
        for place, name in places:
            write(store, photo(place, name, int(name[:1])))
        for number in (0, 4, 7):
            place = disk_id if number > 5 else folder_id
            taken = photo(place, b"%d.jpg" % number, number, space=OTHER_SPACE)
            write(store, taken, space=OTHER_SPACE)
        for place, number, key in (
            (folder_id, 1, OTHER_SPACE.key),
            (folder_id, 2, ""),
            (disk_id, 8, OTHER_SPACE.key),
            (folder_id, 0, OTHER_SPACE.key),
        ):
            refused = failure(place, b"%d.jpg" % number, space_key=key)
            store.write(OTHER_SPACE, IndexBatch(failures=[refused]))
        unknown = replace(SPACE, key="unknown@1+p1")
        for is_online in (True, False):
            store.set_folder_online(disk_id, is_online=is_online)
            for space in (SPACE, OTHER_SPACE, unknown):
                for only_offline in (False, True):
                    missing = store.missing_vectors(space, only_offline=only_offline)
                    count = store.missing_count(space, only_offline=only_offline)
                    assert count == len(missing), (is_online, space.key, only_offline)
        assert store.missing_count(OTHER_SPACE, only_offline=True) > 0

    def test_what_is_missing_because_its_disk_is_away_is_told_apart(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        disk_id = store.add_folder(tmp_path / "another disk").id
        write(store, photo(folder_id, b"a.jpg", 1), photo(disk_id, b"b.jpg", 2))
        write(store, photo(folder_id, b"c.jpg", 3), photo(disk_id, b"c again.jpg", 3))
        ids = ids_by_name(store)
        assert store.missing_vectors(OTHER_SPACE, only_offline=True).tolist() == []
        store.set_folder_online(disk_id, is_online=False)
        assert len(store.missing_vectors(OTHER_SPACE)) == 3
        assert store.missing_vectors(OTHER_SPACE, only_offline=True).tolist() == [ids["b.jpg"]]
        assert store.missing_vectors(SPACE, only_offline=True).tolist() == []

    def test_everything_is_missing_in_a_space_that_was_never_made(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        unknown = replace(SPACE, key="unknown@1+p1")
        assert store.missing_vectors(unknown).tolist() == list(ids_by_name(store).values())
