"""The contract of a store: watched folders and spaces."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch.core.failure import FailureCode
from photosearch.core.photo import FilePlace, MountPoint
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import StoreCounts
from photosearch.core.store import Store
from photosearch.core.stored import IgnoredCounts, IndexBatch, WriteCounts
from photosearch.errors import StoreError, UsageError

from .samples import OTHER_SPACE, SPACE, failure, ids_by_name, photo, unit, write


class FoldersContract:
    def test_an_empty_store_is_empty(self, store: Store) -> None:
        assert store.folders() == []
        assert store.counts(None) == StoreCounts()
        assert store.counts(SPACE) == StoreCounts()
        assert store.photo_ids().tolist() == []
        assert store.photo_ids().dtype == "int64"
        assert store.failures() == []
        assert store.photos([1, 2]) == []
        assert store.thumbnails([1, 2]) == {}
        assert store.purge_unplaced() == 0

    def test_folders_keep_their_order_over_a_restart(
        self, store: Store, open_again: Callable[[], Store], tmp_path: Path
    ) -> None:
        added = [store.add_folder(tmp_path / name) for name in ("b", "a", "ä b%_c")]
        store.set_folder_online(added[1].id, is_online=False)
        found = open_again().folders()
        assert [folder.path for folder in found] == [folder.path for folder in added]
        assert [folder.id for folder in found] == [folder.id for folder in added]
        assert [folder.is_online for folder in found] == [True, False, True]

    def test_the_volumes_of_folders_are_replaced_and_kept(
        self, store: Store, open_again: Callable[[], Store], tmp_path: Path
    ) -> None:
        first, second = (store.add_folder(tmp_path / name) for name in ("a", "b"))
        assert (first.volume, first.mounts) == ("", ())
        stick = MountPoint(b"stick", "uuid 1")
        nas = MountPoint(b"caf\xe9/nas", "", is_away=True)
        store.set_folder_volume(first.id, "uuid 0", [stick])
        store.set_folder_volume(first.id, "nfs nas:/café", [stick, nas])
        store.set_folder_volume(second.id, "uuid 0", [])
        store = open_again()
        assert [(folder.volume, folder.mounts) for folder in store.folders()] == [
            ("nfs nas:/café", (nas, stick)),
            ("uuid 0", ()),
        ]
        store.remove_folder(first.id)
        store.set_folder_volume(first.id, "uuid 0", [stick])
        assert [folder.mounts for folder in store.folders()] == [()]

    def test_what_of_a_folder_is_away_is_told(self, store: Store, tmp_path: Path) -> None:
        folder_id = store.add_folder(tmp_path).id
        stick, nas = MountPoint(b"stick", "uuid 1"), MountPoint(b"caf\xe9/nas", "", is_away=True)
        store.set_folder_volume(folder_id, "", [stick, nas])
        away = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9/nas"))
        assert [folder.away_paths for folder in store.folders()] == [(away,)]
        store.set_folder_online(folder_id, is_online=False)
        assert [folder.away_paths for folder in store.folders()] == [(tmp_path,)]

    def test_the_same_folder_again_is_the_known_one(self, store: Store, tmp_path: Path) -> None:
        added = store.add_folder(tmp_path / "photos")
        assert store.add_folder(tmp_path / "photos") == added
        assert store.add_folder(tmp_path / "other" / ".." / "photos").id == added.id
        (tmp_path / "photos").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "photos")
        assert store.add_folder(tmp_path / "link").id == added.id
        assert len(store.folders()) == 1

    def test_a_relative_folder_becomes_absolute(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert store.add_folder(Path("photos")).path == tmp_path / "photos"

    @pytest.mark.parametrize("new", ["photos/2020", "."])
    def test_nested_folders_are_refused(self, store: Store, tmp_path: Path, new: str) -> None:
        outer = store.add_folder(tmp_path / "photos")
        with pytest.raises(UsageError, match="photos") as caught:
            store.add_folder(tmp_path / new)
        assert str(outer.path) in caught.value.message
        assert len(store.folders()) == 1

    def test_nesting_is_seen_through_links(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "photos" / "2020").mkdir(parents=True)
        (tmp_path / "link").symlink_to(tmp_path / "photos" / "2020")
        store.add_folder(tmp_path / "photos")
        with pytest.raises(UsageError):
            store.add_folder(tmp_path / "link")

    def test_a_name_that_only_begins_alike_is_another_folder(
        self, store: Store, tmp_path: Path
    ) -> None:
        store.add_folder(tmp_path / "photos")
        store.add_folder(tmp_path / "photos 2")
        assert len(store.folders()) == 2

    def test_a_folder_name_that_is_no_text(self, store: Store, tmp_path: Path) -> None:
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe"))
        store.ensure_space(SPACE)
        folder = store.add_folder(path)
        write(store, photo(folder.id, b"a.jpg", 1))
        assert store.folders()[0].path == path
        assert store.photos(store.photo_ids().tolist())[0].path == path / "a.jpg"

    def test_removing_a_folder_drops_what_was_only_there(
        self, store: Store, tmp_path: Path
    ) -> None:
        store.ensure_space(SPACE)
        first, second = (store.add_folder(tmp_path / name) for name in ("a", "b"))
        write(
            store,
            photo(first.id, b"only.jpg", 1),
            photo(first.id, b"both.jpg", 2),
            photo(second.id, b"both.jpg", 2),
        )
        store.write(SPACE, IndexBatch(failures=[failure(first.id, b"bad.jpg")]))
        store.set_ignored(first.id, IgnoredCounts({".txt": 3}, {".mov": 1}))
        assert [folder.photo_count for folder in store.folders()] == [2, 1]

        only = next(hit for hit in store.photos(store.photo_ids().tolist()) if hit.copy_count == 1)
        assert store.remove_folder(first.id) == WriteCounts(removed=1)
        assert [folder.id for folder in store.folders()] == [second.id]
        assert list(ids_by_name(store)) == ["both.jpg"]
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)
        assert store.vector(SPACE, only.id) is None
        assert store.failures() == []
        assert [gone.path for gone in store.gone()] == [tmp_path / "a" / "only.jpg"]
        assert store.remove_folder(first.id) == WriteCounts()

    def test_results_for_a_folder_that_was_removed_meanwhile_are_passed_over(
        self, store: Store, tmp_path: Path
    ) -> None:
        store.ensure_space(SPACE)
        gone, kept = (store.add_folder(tmp_path / name) for name in ("a", "b"))
        store.remove_folder(gone.id)
        batch = IndexBatch(
            files=[photo(gone.id, b"a.jpg", 1), photo(kept.id, b"b.jpg", 2)],
            failures=[failure(gone.id, b"c.jpg"), failure(kept.id, b"d.jpg")],
            removed=[FilePlace(gone.id, b"e.jpg")],
        )
        assert store.write(SPACE, batch) == WriteCounts(added=1)
        store.set_ignored(gone.id, IgnoredCounts({".txt": 1}))
        assert list(ids_by_name(store)) == ["b.jpg"]
        assert [found.place.rel_path for found in store.failures()] == [b"d.jpg"]
        assert store.counts(SPACE).ignored == {}

    def test_spaces_are_kept_apart(
        self, store: Store, open_again: Callable[[], Store], tmp_path: Path
    ) -> None:
        folder = store.add_folder(tmp_path)
        for space in (SPACE, OTHER_SPACE, SPACE):
            store.ensure_space(space)
        write(store, photo(folder.id, b"a.jpg", 1), photo(folder.id, b"b.jpg", 2))
        write(store, photo(folder.id, b"a.jpg", 1, space=OTHER_SPACE), space=OTHER_SPACE)
        store = open_again()
        store.ensure_space(OTHER_SPACE)
        assert store.counts(SPACE).vector_count == 2
        assert store.counts(OTHER_SPACE).vector_count == 1
        assert store.counts(None).vector_count == 0
        ids = ids_by_name(store)
        assert store.vector(SPACE, ids["a.jpg"]).shape == (8,)  # type: ignore[union-attr]
        assert store.vector(OTHER_SPACE, ids["a.jpg"]).shape == (12,)  # type: ignore[union-attr]
        assert store.vector(OTHER_SPACE, ids["b.jpg"]) is None
        assert store.search(OTHER_SPACE, unit(12), 9).ids.tolist() == [ids["a.jpg"]]

    def test_a_space_cannot_change_its_dim(self, store: Store) -> None:
        store.ensure_space(SPACE)
        with pytest.raises(StoreError, match="8"):
            store.ensure_space(EmbeddingSpace(SPACE.key, 9, "small", ()))

    def test_a_space_of_no_or_too_many_dims_is_refused(self, store: Store) -> None:
        for dim in (0, 100_000):
            with pytest.raises(StoreError, match=str(dim)):
                store.ensure_space(EmbeddingSpace("odd", dim, "odd", ()))

    def test_an_unknown_space_reads_as_empty_and_takes_nothing(
        self, store: Store, tmp_path: Path
    ) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(OTHER_SPACE)
        write(store, photo(folder.id, b"a.jpg", 1, space=OTHER_SPACE), space=OTHER_SPACE)
        assert store.search(SPACE, unit(8), 5).ids.tolist() == []
        assert store.has_vectors(SPACE, [photo(folder.id, b"a.jpg", 1).content_hash]) == set()
        assert store.counts(SPACE).photo_count == 1
        assert store.counts(SPACE).vector_count == 0
        assert not store.known_files(folder.id, SPACE)[b"a.jpg"].is_done
        with pytest.raises(StoreError):
            write(store, photo(folder.id, b"b.jpg", 2))
        assert list(ids_by_name(store)) == ["a.jpg"]

    def test_ignored_files_are_replaced_by_folder_and_summed(
        self, store: Store, open_again: Callable[[], Store], tmp_path: Path
    ) -> None:
        first, second = (store.add_folder(tmp_path / name) for name in ("a", "b"))
        store.set_ignored(first.id, IgnoredCounts({".doc": 9}, {".avi": 9}))
        store.set_ignored(first.id, IgnoredCounts({".txt": 3, "": 1, ".\udcff": 2}, {".mov": 1}))
        store.set_ignored(second.id, IgnoredCounts({".txt": 4}, {".mov": 5}))
        counts = open_again().counts(None)
        assert counts.ignored == {".txt": 7, "": 1, ".?": 2}
        assert counts.not_yet == {".mov": 6}

    def test_a_closed_store_says_so(self, store: Store) -> None:
        store.close()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.counts(None)
        with pytest.raises(StoreError, match="closed"):
            store.add_folder(Path("a"))

    def test_failures_count_as_files_of_one_space_or_any(
        self, store: Store, tmp_path: Path
    ) -> None:
        folder = store.add_folder(tmp_path)
        for space in (SPACE, OTHER_SPACE):
            store.ensure_space(space)
            key = space.key
            too_much = failure(folder.id, b"a.jpg", FailureCode.ENCODE_FAILED, space_key=key)
            store.write(space, IndexBatch(failures=[too_much]))
        other = failure(folder.id, b"b.jpg", FailureCode.ENCODE_FAILED, space_key=OTHER_SPACE.key)
        unread = [failure(folder.id, name) for name in (b"a.jpg", b"c.jpg")]
        store.write(OTHER_SPACE, IndexBatch(failures=[other, *unread]))
        assert store.counts(SPACE).failure_count == 2
        assert store.counts(OTHER_SPACE).failure_count == 3
        assert store.counts(None).failure_count == 3
        assert store.counts(None).failed_folder_count == 0

    def test_folders_among_the_failures_are_counted(self, store: Store, tmp_path: Path) -> None:
        folder = store.add_folder(tmp_path)
        store.ensure_space(SPACE)
        locked = [
            failure(folder.id, name, FailureCode.FOLDER_UNREADABLE, stamp=None)
            for name in (b"locked", b"also locked")
        ]
        other = failure(folder.id, b"stick", FailureCode.OTHER_DISK, stamp=None)
        broken = failure(folder.id, b"a.jpg")
        store.write(SPACE, IndexBatch(failures=[*locked, other, broken]))
        for space in (SPACE, None):
            counts = store.counts(space)
            assert (counts.failure_count, counts.failed_folder_count) == (4, 3)
