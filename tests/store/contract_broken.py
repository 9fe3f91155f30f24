"""The contract of a store: files that were read once and hold something broken by now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.failure import FailureCode, Stage
from photosearch.core.filters import Filter, Has, NumberField, NumberIn, TextField, TextIs, Trait
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits
from photosearch.core.store import Store
from photosearch.core.stored import (
    CompanionFile,
    IndexBatch,
    KnownFile,
    ListedFile,
    MovedFile,
    PlacedFile,
    WriteCounts,
)
from photosearch.core.userdata import UserChange
from photosearch.store.sqlite import thumbs

from .samples import FACTS, SPACE, STAMP, failure, ids_by_name, photo, write

#: What a file is like after somebody has written over it.
SPOILT = FileStamp(400, STAMP.mtime_ns + 1)
MENDED = FileStamp(1000, STAMP.mtime_ns + 2)
NO_COPY = NumberIn(NumberField.COPIES, high=0)
ONE_COPY = NumberIn(NumberField.COPIES, low=1, high=1)
COPIES = NumberIn(NumberField.COPIES, low=2)


def only_on(name: str) -> Filter:
    return TextIs(TextField.ONLY_ON, name)


def break_file(store: Store, folder_id: int, name: bytes) -> WriteCounts:
    """A known file turns out to be broken."""
    spoilt = failure(folder_id, name, FailureCode.TRUNCATED, stamp=SPOILT)
    return store.write(SPACE, IndexBatch(failures=[spoilt]))


class BrokenContract:
    @pytest.fixture
    def nas_id(self, store: Store, tmp_path: Path) -> int:
        return store.add_folder(tmp_path / "NAS").id

    def test_a_broken_file_is_no_copy(
        self, store: Store, folder_id: int, nas_id: int, tmp_path: Path
    ) -> None:
        """What lies on a card is not taken for saved where the other file is broken."""
        write(store, photo(nas_id, b"a.jpg", 1), photo(folder_id, b"a.jpg", 1))
        (only,) = ids = store.photo_ids().tolist()
        store.change_user_data(ids, UserChange(rating=5, add_tags=("Rome",)))
        shown, vector = store.thumbnails(ids), store.vector(SPACE, only)
        assert store.matching(COPIES).tolist() == ids

        break_file(store, nas_id, b"a.jpg")
        assert store.matching(COPIES).tolist() == []
        assert store.matching(ONE_COPY).tolist() == ids
        assert store.matching(only_on("photos")).tolist() == ids
        assert store.matching(only_on("NAS")).tolist() == []
        assert store.matching(TextIs(TextField.FOLDER, "NAS")).tolist() == ids
        (found,) = store.photos(ids)
        assert (found.copy_count, found.path) == (1, tmp_path / "photos" / "a.jpg")
        assert store.paths_of(only) == [found.path]
        assert (found.user.rating, found.user.tags) == (5, ("Rome",))
        assert store.thumbnails(ids) == shown
        assert (store.vector(SPACE, only) == vector).all()

        write(store, photo(nas_id, b"a.jpg", 1, stamp=MENDED))
        assert store.failures() == []
        assert store.matching(COPIES).tolist() == ids
        assert store.photos(ids)[0].copy_count == 2
        assert store.paths_of(only) == [tmp_path / "NAS" / "a.jpg", found.path]

    def test_a_photo_of_which_every_file_is_broken_has_no_copy_and_stays(
        self, store: Store, folder_id: int, nas_id: int, tmp_path: Path
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(nas_id, b"a.jpg", 1))
        write(store, photo(folder_id, b"b.jpg", 2))
        only, other = ids_by_name(store)["a.jpg"], ids_by_name(store)["b.jpg"]
        store.change_user_data([only], UserChange(is_favourite=True))
        for place in (folder_id, nas_id):
            break_file(store, place, b"a.jpg")
        assert store.matching(NO_COPY).tolist() == [only]
        assert store.matching(only_on("photos")).tolist() == [other]
        assert store.matching(only_on("NAS")).tolist() == []
        assert store.matching(Has(Trait.FAVOURITE)).tolist() == [only]
        assert only in store.scan(SPACE, store.vector(SPACE, only)).ids
        assert store.photos([only])[0].copy_count == 0
        paths = [tmp_path / "photos" / "a.jpg", tmp_path / "NAS" / "a.jpg"]
        assert store.paths_of(only) == paths
        assert store.photos_at(paths) == dict.fromkeys(paths, only)
        # Another photo takes the place of one of them, as of any file.
        write(store, photo(nas_id, b"a.jpg", 3, stamp=MENDED))
        assert store.photos([only])[0].copy_count == 0
        write(store, photo(folder_id, b"a.jpg", 3, stamp=MENDED))
        assert store.photos([only]) == []
        assert store.photos([ids_by_name(store)["a.jpg"]])[0].user.is_favourite

    @pytest.mark.parametrize(
        ("code", "stage", "stamp", "copy_count"),
        [
            (FailureCode.DAMAGED, Stage.DECODE, STAMP, 0),  # while its time stayed
            (FailureCode.EMPTY, Stage.READ, SPOILT, 0),
            (FailureCode.READ_ERROR, Stage.READ, SPOILT, 0),
            (FailureCode.UNSUPPORTED, Stage.DECODE, SPOILT, 0),
            (FailureCode.OUT_OF_MEMORY, Stage.DECODE, SPOILT, 0),
            (FailureCode.READ_ERROR, Stage.READ, STAMP, 1),
            (FailureCode.TIMED_OUT, Stage.DECODE, STAMP, 1),
            (FailureCode.NO_PERMISSION, Stage.READ, None, 1),
            (FailureCode.ONLINE_ONLY, Stage.READ, None, 1),
            (FailureCode.ONLINE_ONLY, Stage.READ, SPOILT, 1),
            (FailureCode.DANGLING_LINK, Stage.READ, None, 1),
        ],
    )
    def test_what_proves_that_a_file_is_broken(
        self,
        store: Store,
        folder_id: int,
        code: FailureCode,
        stage: Stage,
        stamp: FileStamp | None,
        copy_count: int,
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        failed = replace(failure(folder_id, b"a.jpg", code, stamp=stamp), stage=stage)
        store.write(SPACE, IndexBatch(failures=[failed]))
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.copy_count == copy_count
        assert len(store.matching(NO_COPY)) == 1 - copy_count

    @pytest.mark.parametrize("code", [FailureCode.OUT_OF_MEMORY, FailureCode.ENCODE_FAILED])
    def test_what_the_model_fails_at_is_sound(
        self, store: Store, folder_id: int, code: FailureCode
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        failed = failure(folder_id, b"a.jpg", code, stamp=SPOILT, space_key=SPACE.key)
        changed = photo(folder_id, b"a.jpg", 2, stamp=SPOILT, has_vector=False)
        store.write(SPACE, IndexBatch([changed], failures=[failed]))
        assert len(store.matching(ONE_COPY)) == 1

    def test_a_file_that_is_read_well_upon_request_is_a_copy_again(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        ids = store.photo_ids().tolist()
        store.write(SPACE, IndexBatch(failures=[failure(folder_id, b"a.jpg")]))
        assert store.forget_failures() == 1
        assert store.matching(NO_COPY).tolist() == ids, "it was not tried yet"
        write(store, photo(folder_id, b"a.jpg", 1))
        assert store.matching(ONE_COPY).tolist() == ids

    def test_a_sound_file_that_is_away_is_shown_before_a_broken_one(
        self, store: Store, folder_id: int, nas_id: int, tmp_path: Path
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(nas_id, b"a.jpg", 1))
        ids = store.photo_ids().tolist()
        store.set_folder_online(nas_id, is_online=False)
        assert store.matching(Has(Trait.OFFLINE)).tolist() == []
        break_file(store, folder_id, b"a.jpg")
        assert store.photos(ids)[0].path == tmp_path / "NAS" / "a.jpg"
        assert store.matching(Has(Trait.OFFLINE)).tolist() == ids
        break_file(store, nas_id, b"a.jpg")
        assert store.photos(ids)[0].path == tmp_path / "photos" / "a.jpg"
        assert store.matching(Has(Trait.OFFLINE)).tolist() == []

    def test_whoever_shows_photos_is_told_that_a_file_is_broken_or_mended(
        self, store: Store, folder_id: int, nas_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(nas_id, b"a.jpg", 1))
        (only,) = store.photo_ids().tolist()
        assert break_file(store, folder_id, b"a.jpg") == WriteCounts(changed=(only,))
        assert break_file(store, folder_id, b"a.jpg") == WriteCounts()
        assert break_file(store, folder_id, b"never.jpg") == WriteCounts()
        mended = photo(folder_id, b"a.jpg", 1, stamp=MENDED, has_vector=False)
        mended = replace(mended, thumbnail=None)
        assert store.write(SPACE, IndexBatch([mended])) == WriteCounts(changed=(only,))
        assert store.write(SPACE, IndexBatch([mended])) == WriteCounts()

    def test_names_of_a_broken_file_are_broken_and_links_to_it_are_no_copies(
        self, store: Store, folder_id: int, nas_id: int
    ) -> None:
        file_id, other_id = FileId(1, 1), FileId(1, 2)
        write(
            store,
            replace(photo(folder_id, b"a.jpg", 1), traits=FileTraits(file_id)),
            replace(photo(folder_id, b"b.jpg", 1), traits=FileTraits(file_id)),
            replace(photo(nas_id, b"a.jpg", 1), traits=FileTraits(other_id)),
            replace(photo(folder_id, b"c.jpg", 1), traits=FileTraits(other_id, is_link=True)),
        )
        ids = store.photo_ids().tolist()
        break_file(store, folder_id, b"a.jpg")
        assert store.photos(ids)[0].copy_count == 2, "its other name was not looked at yet"
        break_file(store, folder_id, b"b.jpg")
        assert store.photos(ids)[0].copy_count == 1
        assert store.matching(only_on("NAS")).tolist() == ids

    def test_what_belongs_to_a_broken_file_is_no_copy(self, store: Store, folder_id: int) -> None:
        main, raw = FilePlace(folder_id, b"a.jpg"), FilePlace(folder_id, b"a.cr2")
        companion = CompanionFile(raw, main, STAMP)
        store.write(SPACE, IndexBatch([photo(folder_id, b"a.jpg", 1)], companions=[companion]))
        assert len(store.matching(only_on("photos"))) == 1
        break_file(store, folder_id, b"a.jpg")
        assert len(store.matching(only_on("photos"))) == 0
        assert len(store.matching(NO_COPY)) == 1

    def test_a_file_that_was_never_read_in_whole_and_fails_is_no_copy(
        self, store: Store, folder_id: int
    ) -> None:
        known = replace(photo(folder_id, b"a.jpg", 1), traits=FileTraits(None, b"quick"))
        seems = FilePlace(folder_id, b"b.jpg")
        listed = ListedFile(seems, STAMP, FACTS, None, FileTraits(None, b"quick"))
        store.write(SPACE, IndexBatch([known], listed=[listed]))
        store.write(SPACE, IndexBatch(listed=[listed]))
        assert len(store.matching(COPIES)) == 1
        failed = failure(folder_id, b"b.jpg", FailureCode.OUT_OF_MEMORY)
        store.write(SPACE, IndexBatch(failures=[failed]))
        assert len(store.matching(ONE_COPY)) == 1

    def test_the_thumbnail_of_a_photo_whose_file_is_broken_is_kept(
        self, store: Store, folder_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(thumbs, "_NEWEST_KEPT", 0)
        large = [
            replace(photo(folder_id, b"%02d.jpg" % number, number), thumbnail=b"x" * 20_000)
            for number in range(30)
        ]
        write(store, *large)
        ids = ids_by_name(store)
        break_file(store, folder_id, b"03.jpg")
        store.limit_thumbnails(1)
        assert set(store.missing_thumbnails(list(ids.values()))) == set(ids.values()) - {
            ids["03.jpg"]
        }

    @pytest.mark.parametrize("stamp", [STAMP, SPOILT])
    def test_a_broken_file_stays_broken_where_it_is_moved(
        self, store: Store, folder_id: int, tmp_path: Path, stamp: FileStamp
    ) -> None:
        """Nothing reads it again there, and its photo is not lost."""
        file_id = FileId(1, 1)
        write(store, replace(photo(folder_id, b"a.jpg", 1), traits=FileTraits(file_id)))
        (only,) = ids = store.photo_ids().tolist()
        former, place = FilePlace(folder_id, b"a.jpg"), FilePlace(folder_id, b"sub/b.jpg")
        failed = failure(folder_id, b"a.jpg", FailureCode.TRUNCATED, stamp=stamp)
        store.write(SPACE, IndexBatch(failures=[failed]))
        assert store.places_of([file_id]) == {file_id: [PlacedFile(former, stamp)]}
        moved = MovedFile(place, former, stamp, file_id)
        store.write(SPACE, IndexBatch(moved=[moved], removed=[former]))
        path = tmp_path / "photos" / "sub" / "b.jpg"
        assert store.photos_at([path]) == {path: only}
        assert store.matching(NO_COPY).tolist() == ids
        assert [(told.place, told.stamp) for told in store.failures()] == [(place, stamp)]
        assert store.known_files(folder_id, SPACE) == {
            b"sub/b.jpg": KnownFile(stamp, True, is_listed=stamp == STAMP, is_failed=True)
        }
        write(store, photo(folder_id, b"sub/b.jpg", 1, stamp=MENDED))
        assert store.matching(ONE_COPY).tolist() == ids

    def test_a_sound_file_that_is_moved_over_a_broken_one_is_sound(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        break_file(store, folder_id, b"b.jpg")
        former, place = FilePlace(folder_id, b"a.jpg"), FilePlace(folder_id, b"b.jpg")
        moved = MovedFile(place, former, STAMP, FileId(1, 1))
        store.write(SPACE, IndexBatch(moved=[moved], removed=[former]))
        assert store.failures() == []
        assert len(store.matching(ONE_COPY)) == 1
