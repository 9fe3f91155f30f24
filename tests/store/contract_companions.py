"""The contract of a store: files that belong to other files' photos."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.failure import FailureCode
from photosearch.core.filters import NumberField, NumberIn, TextField, TextIs
from photosearch.core.photo import FileId, FilePlace, FileStamp
from photosearch.core.status import StoreCounts
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch, KnownFile, WriteCounts
from photosearch.core.userdata import UserChange, UserData

from .contract_listed import listed
from .samples import SPACE, STAMP, failure, ids_by_name, photo, taken, write

RAW = FileStamp(25_000_000, STAMP.mtime_ns)


def beside(folder_id: int, name: bytes, main: bytes, stamp: FileStamp = RAW) -> CompanionFile:
    return CompanionFile(
        FilePlace(folder_id, name), FilePlace(folder_id, main), stamp, FileId(1, 9)
    )


def join(store: Store, *companions: CompanionFile) -> WriteCounts:
    return store.write(SPACE, IndexBatch(companions=companions))


class CompanionsContract:
    def test_a_companion_is_no_photo_and_no_copy(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        ids = store.photo_ids().tolist()
        assert join(store, beside(folder_id, b"a.cr2", b"a.jpg")) == WriteCounts()
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1, vector_count=1)
        assert store.folders()[0].photo_count == 1
        (found,) = store.photos(ids)
        assert (found.copy_count, found.path.name) == (1, "a.jpg")
        assert store.known_files(folder_id, SPACE)[b"a.cr2"] == KnownFile(
            RAW, is_done=True, is_companion=True
        )
        assert store.matching(NumberIn(NumberField.COPIES, low=2)).tolist() == []
        assert store.matching(NumberIn(NumberField.SIZE, low=5000)).tolist() == []
        assert store.matching(TextIs(TextField.TYPE, "raw")).tolist() == ids
        assert store.paths_of(ids[0]) == [tmp_path / "photos" / "a.jpg"]
        assert store.photos_at([tmp_path / "photos" / "a.cr2"]) == {
            tmp_path / "photos" / "a.cr2": ids[0]
        }
        assert store.places_of([FileId(1, 9)]) == {}
        assert store.hashes_at([FilePlace(folder_id, b"a.cr2")]) == {}

    def test_one_without_a_stored_photo_is_passed_over(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        assert (
            join(
                store,
                beside(folder_id, b"b.cr2", b"b.jpg"),
                beside(folder_id, b"a.nef", b"a.cr2"),
                beside(folder_id, b"a.jpg", b"a.jpg"),
            )
            == WriteCounts()
        )
        assert set(store.known_files(folder_id, SPACE)) == {b"a.jpg", b"a.cr2"}

    def test_a_photo_of_its_own_becomes_one(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.cr2", 1), photo(folder_id, b"a.jpg", 2))
        ids = ids_by_name(store)
        change = UserChange(True, 5, add_tags=("raw",), add_albums=("Best",))
        store.change_user_data([ids["a.cr2"]], change)
        store.change_user_data([ids["a.jpg"]], UserChange(rating=2, add_tags=("jpg",)))
        assert join(store, beside(folder_id, b"a.cr2", b"a.jpg")) == WriteCounts(removed=1)
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.user == UserData(True, 2, ("jpg", "raw"), ("Best",))
        assert store.named(["raw"]).ids.tolist() == [found.id]
        assert store.matching(TextIs(TextField.TAG, "raw")).tolist() == [found.id]

    def test_a_listed_photo_becomes_one(self, store: Store, folder_id: int) -> None:
        store.write(SPACE, IndexBatch(listed=[listed(folder_id, b"a.cr2", 1)]))
        write(store, photo(folder_id, b"a.jpg", 2))
        assert join(store, beside(folder_id, b"a.cr2", b"a.jpg")) == WriteCounts(removed=1)
        assert store.gone() == []

    def test_it_becomes_a_photo_of_its_own(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        store.change_user_data(store.photo_ids().tolist(), UserChange(rating=5, add_tags=("x",)))
        counts = store.write(SPACE, IndexBatch([photo(folder_id, b"a.cr2", 2)]))
        assert counts == WriteCounts(added=1)
        ids = ids_by_name(store)
        assert set(ids) == {"a.jpg", "a.cr2"}
        assert {found.user for found in store.photos(list(ids.values()))} == {
            UserData(rating=5, tags=("x",))
        }
        assert not store.known_files(folder_id, SPACE)[b"a.cr2"].is_companion

    @pytest.mark.parametrize("is_listed_first", [True, False])
    @pytest.mark.parametrize("has_copy", [True, False])
    def test_it_keeps_what_was_said_when_its_photo_goes(
        self, store: Store, folder_id: int, is_listed_first: bool, has_copy: bool
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 3))
        if has_copy:
            write(store, photo(folder_id, b"sub/copy.jpg", 1))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        change = UserChange(True, 5, add_tags=("x",), add_albums=("Best",))
        store.change_user_data([ids_by_name(store)["a.jpg"]], change)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        if is_listed_first:
            store.write(SPACE, IndexBatch(listed=[listed(folder_id, b"a.cr2", 2)]))
        write(store, photo(folder_id, b"a.cr2", 2))
        raw_id = ids_by_name(store)["a.cr2"]
        said = UserData(True, 5, ("x",), ("Best",))
        assert store.photos([raw_id])[0].user == said
        assert raw_id in store.named(["best"]).ids.tolist()
        # Once, and what was said of the picture stays there.
        store.change_user_data([raw_id], UserChange(is_favourite=False, remove_tags=("x",)))
        write(store, photo(folder_id, b"a.cr2", 2))
        assert store.photos([raw_id])[0].user == UserData(False, 5, (), ("Best",))
        write(store, photo(folder_id, b"back.jpg", 1, has_vector=False))
        back = store.photos([key for key in store.photo_ids().tolist() if key != raw_id])
        assert {found.user for found in back} == {said, UserData()}

    def test_another_file_at_its_place_inherits_nothing(self, store: Store, folder_id: int) -> None:
        first, second = taken(2001, 1, 1, 12), taken(2001, 1, 2, 12)
        for name, is_noticed in ((b"a", False), (b"b", True)):
            raw = name + b".cr2"
            write(store, photo(folder_id, name + b".jpg", name[0], facts=first))
            join(store, beside(folder_id, raw, name + b".jpg"))
            key = ids_by_name(store)[f"{name.decode()}.jpg"]
            store.change_user_data([key], UserChange(rating=5))
            gone = [FilePlace(folder_id, name + b".jpg")]
            gone += [FilePlace(folder_id, raw)] * is_noticed
            store.write(SPACE, IndexBatch(removed=gone))
            # Whether by its time, or because the one before it was seen to be gone.
            facts = first if is_noticed else second
            write(store, photo(folder_id, raw, 100 + name[0], facts=facts))
            key = ids_by_name(store)[os.fsdecode(raw)]
            assert store.photos([key])[0].user == UserData()

    def test_it_goes_with_its_photo(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert set(store.known_files(folder_id, SPACE)) == {b"b.jpg"}
        assert store.purge_unplaced() == 1

    def test_it_follows_a_photo_that_was_written_anew(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"sub/a.jpg", 1), photo(folder_id, b"sub/copy.jpg", 1))
        join(
            store,
            beside(folder_id, b"sub/a.CR2", b"sub/a.jpg"),
            beside(folder_id, b"sub/copy.CR2", b"sub/copy.jpg"),
        )
        write(store, photo(folder_id, b"sub/a.jpg", 2, stamp=RAW))
        ids = ids_by_name(store)
        kinds = TextIs(TextField.NAME, "a.cr2")
        assert store.matching(kinds).tolist() == [ids["a.jpg"]]
        assert store.matching(TextIs(TextField.NAME, "copy.cr2")).tolist() == [ids["copy.jpg"]]

    def test_its_failures_are_forgotten(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        bad = failure(folder_id, b"a.cr2", FailureCode.DAMAGED)
        store.write(SPACE, IndexBatch(failures=[bad]))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        assert store.failures() == []

    def test_one_that_changed_is_said_again(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        newer = replace(RAW, mtime_ns=RAW.mtime_ns + 1)
        join(store, beside(folder_id, b"a.cr2", b"a.jpg", newer))
        assert store.known_files(folder_id, SPACE)[b"a.cr2"].stamp == newer

    def test_a_folder_goes_with_its_companions(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        join(store, beside(folder_id, b"a.cr2", b"a.jpg"))
        assert store.remove_folder(folder_id) == WriteCounts(removed=1)
        assert store.counts(SPACE).file_count == 0
        assert store.purge_unplaced() == 1
