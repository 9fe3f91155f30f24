"""The contract of a store: files of which only the header was read, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from photosearch.core.failure import FailureCode
from photosearch.core.filters import Has, TakenIn, TextField, TextIs, Trait
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits, PhotoFacts
from photosearch.core.status import StoreCounts
from photosearch.core.store import Store
from photosearch.core.stored import (
    IndexBatch,
    IndexedFile,
    KnownFile,
    ListedFile,
    MovedFile,
    PlacedFile,
    WriteCounts,
)
from photosearch.core.userdata import UserChange, UserData

from .samples import (
    FACTS,
    OTHER_SPACE,
    SPACE,
    STAMP,
    content_hash,
    failure,
    ids_by_name,
    photo,
    taken,
    unit,
    write,
)

NEWER = FileStamp(STAMP.size_bytes, STAMP.mtime_ns + 10)
OLDER = FileStamp(STAMP.size_bytes, STAMP.mtime_ns - 10)


def quick(number: int, name: bytes = b"") -> FileTraits:
    return FileTraits(FileId(number, crc32(name)), b"quick %010d" % number)


def listed(
    folder_id: int,
    name: bytes,
    number: int,
    *,
    facts: PhotoFacts = FACTS,
    stamp: FileStamp = STAMP,
    thumbnail: bytes | None = b"tiny",
) -> ListedFile:
    return ListedFile(FilePlace(folder_id, name), stamp, facts, thumbnail, quick(number, name))


def read(folder_id: int, name: bytes, number: int, **others: object) -> IndexedFile:
    """The same file, read in whole."""
    return replace(photo(folder_id, name, number), traits=quick(number, name), **others)  # type: ignore[arg-type]


def list_files(store: Store, *files: ListedFile) -> WriteCounts:
    return store.write(SPACE, IndexBatch(listed=files))


class ListedContract:
    def test_a_listed_file_is_a_photo_without_a_vector(self, store: Store, folder_id: int) -> None:
        file = listed(folder_id, b"Rome/a.jpg", 1, facts=taken(2019, 5, 6))
        assert list_files(store, file) == WriteCounts(added=1)
        (photo_id,) = store.photo_ids().tolist()
        (found,) = store.photos([photo_id])
        assert (found.facts, found.stamp) == (taken(2019, 5, 6), STAMP)
        assert store.thumbnails([photo_id]) == {photo_id: b"tiny"}
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=1)
        assert store.missing_vectors(SPACE).tolist() == [photo_id]
        assert store.missing_count(SPACE) == 1
        assert store.matching(Has(Trait.DATE)).tolist() == [photo_id]
        assert store.matching(TakenIn(None, None)).tolist() == [photo_id]
        assert store.named(["rome"]).ids.tolist() == [photo_id]
        assert store.vocabulary().folders == ("photos", "Rome")
        assert store.scan(SPACE, unit(8)).waiting_count == 1
        assert store.known_files(folder_id, SPACE) == {
            b"Rome/a.jpg": KnownFile(STAMP, is_done=False, is_listed=True)
        }
        assert store.hashes_at([file.place]) == {}
        assert file.traits.file_id is not None
        number = file.traits.file_id
        assert store.places_of([number]) == {number: [PlacedFile(file.place, STAMP, is_read=False)]}

    def test_reading_it_keeps_the_photo(self, store: Store, folder_id: int) -> None:
        list_files(store, listed(folder_id, b"a.jpg", 1))
        (photo_id,) = store.photo_ids().tolist()
        said = UserChange(rating=4, add_tags=("x",))
        store.change_user_data([photo_id], said)
        counts = store.write(SPACE, IndexBatch([read(folder_id, b"a.jpg", 1)]))
        assert counts == WriteCounts(changed=(photo_id,))
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.id, found.content_hash) == (photo_id, content_hash(1))
        assert found.user == UserData(rating=4, tags=("x",))
        assert store.thumbnails([photo_id]) == {photo_id: b"jpeg 1"}
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        place = FilePlace(folder_id, b"a.jpg")
        assert store.hashes_at([place]) == {place: content_hash(1)}
        assert store.search(SPACE, unit(8, seed=1), 5).ids.tolist() == [photo_id]

    def test_its_thumbnail_goes_along_where_no_better_one_comes(
        self, store: Store, folder_id: int
    ) -> None:
        list_files(store, listed(folder_id, b"a.jpg", 1))
        write(store, read(folder_id, b"a.jpg", 1, thumbnail=None))
        assert list(store.thumbnails(store.photo_ids().tolist()).values()) == [b"tiny"]
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    def test_a_copy_of_what_is_known_is_known_at_once(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1))
        ids = store.photo_ids().tolist()
        file = listed(folder_id, b"copy.jpg", 1, facts=taken(1999, 1, 1))
        assert list_files(store, file) == WriteCounts()
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.id, found.copy_count, found.facts) == (ids[0], 2, FACTS)
        assert store.thumbnails(ids) == {ids[0]: b"jpeg 1"}
        assert not store.known_files(folder_id, SPACE)[b"copy.jpg"].is_done
        assert store.hashes_at([file.place]) == {file.place: content_hash(1)}
        # It was not: what differs lies in the middle.
        store.change_user_data(ids, UserChange(rating=3))
        counts = store.write(SPACE, IndexBatch([read(folder_id, b"copy.jpg", 2)]))
        assert counts.added == 1
        apart = ids_by_name(store)
        assert len(set(apart.values())) == 2
        assert store.photos([apart["copy.jpg"]])[0].user == UserData()

    def test_another_size_is_another_photo(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1))
        file = listed(folder_id, b"b.jpg", 1, stamp=FileStamp(77, STAMP.mtime_ns))
        assert list_files(store, file).added == 1

    def test_listed_copies_are_one_photo(self, store: Store, folder_id: int) -> None:
        files = [listed(folder_id, name, 1) for name in (b"a.jpg", b"b.jpg")]
        assert list_files(store, *files) == WriteCounts(added=1)
        write(store, read(folder_id, b"b.jpg", 1))
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=2, vector_count=1)
        known = store.known_files(folder_id, SPACE)
        assert (known[b"a.jpg"].is_done, known[b"b.jpg"].is_done) == (False, True)
        write(store, read(folder_id, b"a.jpg", 1, vector=None, thumbnail=None))
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    def test_files_without_a_quick_hash_are_apart(self, store: Store, folder_id: int) -> None:
        files = [
            replace(listed(folder_id, name, 1), traits=FileTraits())
            for name in (b"a.jpg", b"b.jpg")
        ]
        assert list_files(store, *files).added == 2
        assert list_files(store, *files) == WriteCounts(changed=tuple(sorted(store.photo_ids())))
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 1))
        assert store.counts(SPACE) == StoreCounts(photo_count=1, file_count=2, vector_count=1)

    def test_one_that_turns_out_to_be_known_becomes_that(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))  # by a program that made no quick hashes
        list_files(store, *(listed(folder_id, name, 1) for name in (b"b.jpg", b"c.jpg")))
        ids = ids_by_name(store)
        store.change_user_data([ids["a.jpg"]], UserChange(rating=2, add_tags=("one",)))
        change = UserChange(True, 5, add_tags=("two",), add_albums=("Best",))
        store.change_user_data([ids["b.jpg"]], change)
        read_again = read(folder_id, b"b.jpg", 1, vector=None, thumbnail=None)
        assert store.write(SPACE, IndexBatch([read_again])) == WriteCounts(removed=1)
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.id, found.copy_count) == (ids["a.jpg"], 3)
        assert found.user == UserData(True, 2, ("one", "two"), ("Best",))
        assert store.gone() == []
        assert store.thumbnails([ids["b.jpg"], found.id]) == {found.id: b"jpeg 1"}
        assert store.named(["two"]).ids.tolist() == [found.id]

    def test_a_photo_that_was_gone_is_known_by_its_header(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        write(store, read(folder_id, b"a.jpg", 1))
        (photo_id,) = store.photo_ids().tolist()
        store.change_user_data([photo_id], UserChange(rating=3))
        store.remove_folder(folder_id)
        again = store.add_folder(tmp_path / "photos").id
        file = listed(again, b"sub/b.jpg", 1)
        assert list_files(store, file) == WriteCounts(added=1)
        assert store.photo_ids().tolist() == [photo_id]
        assert store.photos([photo_id])[0].user.rating == 3
        assert store.search(SPACE, unit(8, seed=1), 5).ids.tolist() == [photo_id]
        assert store.hashes_at([file.place]) == {file.place: content_hash(1)}
        assert not store.known_files(again, SPACE)[b"sub/b.jpg"].is_done
        assert store.gone() == []

    def test_a_photo_that_was_gone_is_known_once_it_is_read(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        (photo_id,) = store.photo_ids().tolist()
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        list_files(store, listed(folder_id, b"b.jpg", 1))
        assert len(store.gone()) == 1
        file = read(folder_id, b"b.jpg", 1, vector=None, thumbnail=None)
        store.write(SPACE, IndexBatch([file]))
        assert store.photo_ids().tolist() == [photo_id]
        assert store.gone() == []
        assert store.known_files(folder_id, SPACE)[b"b.jpg"].is_done

    def test_a_file_that_cannot_be_read_after_all_is_no_photo(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"read.jpg", 9))
        names = (b"broken.jpg", b"shut.jpg", b"cloud.jpg", b"odd.jpg")
        list_files(store, *(listed(folder_id, name, n) for n, name in enumerate(names)))
        codes = (FailureCode.TRUNCATED, FailureCode.NO_PERMISSION, FailureCode.ONLINE_ONLY)
        failures = [
            *(failure(folder_id, name, code) for name, code in zip(names, codes, strict=False)),
            failure(folder_id, b"odd.jpg", FailureCode.ENCODE_FAILED, space_key=SPACE.key),
            failure(folder_id, b"read.jpg", FailureCode.DAMAGED),
        ]
        ids = ids_by_name(store)
        # Of these two it is known that nobody can read them now.
        changed = tuple(sorted(ids[name] for name in ("read.jpg", "shut.jpg")))
        counts = store.write(SPACE, IndexBatch(failures=failures))
        assert counts == WriteCounts(removed=1, changed=changed)
        assert set(ids_by_name(store)) == {"read.jpg", "shut.jpg", "cloud.jpg", "odd.jpg"}
        known = store.known_files(folder_id, SPACE)
        assert known[b"broken.jpg"] == KnownFile(STAMP, is_done=True, is_failed=True)
        shut = KnownFile(STAMP, is_done=False, is_listed=True, is_failed=True)
        assert known[b"shut.jpg"] == shut
        assert not known[b"odd.jpg"].is_failed
        assert store.gone() == []

    def test_a_known_file_is_not_listed_anew(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1))
        again = listed(folder_id, b"a.jpg", 2, facts=taken(2001, 1, 1), stamp=NEWER)
        assert list_files(store, again) == WriteCounts()
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.facts, found.stamp) == (FACTS, STAMP)

    def test_a_file_that_changes_between_two_listings(self, store: Store, folder_id: int) -> None:
        list_files(store, listed(folder_id, b"a.jpg", 1))
        store.change_user_data(store.photo_ids().tolist(), UserChange(rating=3))
        again = listed(folder_id, b"a.jpg", 2, stamp=NEWER)
        assert list_files(store, again) == WriteCounts(added=1, removed=1)
        (found,) = store.photos(store.photo_ids().tolist())
        assert (found.stamp, found.user.rating) == (NEWER, 3)
        assert store.gone() == []
        assert store.thumbnails([found.id]) == {found.id: b"tiny"}

    def test_a_listed_file_may_move(self, store: Store, folder_id: int) -> None:
        list_files(store, listed(folder_id, b"a.jpg", 1))
        former, place = FilePlace(folder_id, b"a.jpg"), FilePlace(folder_id, b"b.jpg")
        move = MovedFile(place, former, STAMP, FileId(1, 1))
        batch = IndexBatch(moved=[move], removed=[former])
        assert store.write(SPACE, batch) == WriteCounts()
        assert store.known_files(folder_id, SPACE) == {
            b"b.jpg": KnownFile(STAMP, is_done=False, is_listed=True)
        }

    def test_listing_and_reading_in_one_batch(self, store: Store, folder_id: int) -> None:
        batch = IndexBatch(
            [read(folder_id, b"a.jpg", 1, thumbnail=None)],
            listed=[listed(folder_id, b"a.jpg", 1)],
        )
        assert store.write(SPACE, batch) == WriteCounts(added=1)
        assert list(store.thumbnails(store.photo_ids().tolist()).values()) == [b"tiny"]
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    def test_a_library_of_old_gets_new_names(self, store: Store, folder_id: int) -> None:
        """Where contents were named by the whole file, nothing is computed again."""
        whole = [content_hash(100 + n) for n in range(3)]
        files = [photo(folder_id, b"%d.jpg" % n, 100 + n) for n in range(3)]
        write(store, *files)
        for n, file in enumerate(files):
            write(store, replace(file, vector=unit(12, seed=n)), space=OTHER_SPACE)
        ids = ids_by_name(store)
        store.change_user_data([ids["1.jpg"]], UserChange(add_tags=("one",)))
        # The first two differ in what was written into them only.
        again = [
            read(folder_id, b"%d.jpg" % n, max(n, 1), whole_hash=value, vector=None, thumbnail=None)
            for n, value in enumerate(whole)
        ]
        store.write(SPACE, IndexBatch(again))
        after = ids_by_name(store)
        assert after == {"0.jpg": ids["0.jpg"], "2.jpg": ids["2.jpg"]}
        photos = store.photos([ids["0.jpg"], ids["2.jpg"]])
        assert [found.content_hash for found in photos] == [content_hash(1), content_hash(2)]
        assert [found.copy_count for found in photos] == [2, 1]
        assert photos[0].user.tags == ("one",)
        assert store.has_vectors(SPACE, [content_hash(1), content_hash(2), *whole]) == {
            content_hash(1),
            content_hash(2),
        }
        assert all(known.is_done for known in store.known_files(folder_id, SPACE).values())
        assert all(known.is_done for known in store.known_files(folder_id, OTHER_SPACE).values())
        assert store.gone() == []
        assert set(store.thumbnails(list(ids.values()))) == {ids["0.jpg"], ids["2.jpg"]}

    def test_a_file_of_old_that_was_moved_and_listed(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 100))
        (photo_id,) = store.photo_ids().tolist()
        store.write(
            SPACE,
            IndexBatch(
                removed=[FilePlace(folder_id, b"a.jpg")], listed=[listed(folder_id, b"b.jpg", 1)]
            ),
        )
        moved = read(
            folder_id, b"b.jpg", 1, whole_hash=content_hash(100), vector=None, thumbnail=None
        )
        write(store, moved)
        assert ids_by_name(store) == {"b.jpg": photo_id}
        assert store.known_files(folder_id, SPACE)[b"b.jpg"].is_done
        assert np.allclose(store.vector(SPACE, photo_id), unit(8, seed=100), atol=1e-3)

    @pytest.mark.parametrize("was_read", [True, False])
    def test_what_was_said_under_another_name_comes_back(
        self, store: Store, folder_id: int, was_read: bool
    ) -> None:
        if was_read:  # by an earlier program
            write(store, photo(folder_id, b"a.jpg", 100))
        else:
            list_files(store, listed(folder_id, b"a.jpg", 1))
        store.change_user_data(store.photo_ids().tolist(), UserChange(rating=5, add_tags=("x",)))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert store.purge_unplaced() == 1
        write(store, read(folder_id, b"b.jpg", 1, whole_hash=content_hash(100)))
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.user == UserData(rating=5, tags=("x",))
        assert store.matching(TextIs(TextField.TAG, "x")).tolist() == [found.id]

    def test_a_vector_of_the_one_that_is_taken_over_is_not_lost(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 100, has_vector=False))
        write(store, photo(folder_id, b"b.jpg", 1, space=OTHER_SPACE), space=OTHER_SPACE)
        write(store, photo(folder_id, b"a.jpg", 100))
        again = read(folder_id, b"a.jpg", 1, whole_hash=content_hash(100), vector=None)
        write(store, again)
        for space in (SPACE, OTHER_SPACE):
            assert store.has_vectors(space, [content_hash(1)]) == {content_hash(1)}

    def test_what_changed_last_is_what_a_photo_says(self, store: Store, folder_id: int) -> None:
        first, second = replace(FACTS, caption="first"), replace(FACTS, caption="second")

        def caption() -> str | None:
            return store.photos(store.photo_ids().tolist())[0].facts.caption

        write(store, read(folder_id, b"a.jpg", 1, facts=first))
        write(store, read(folder_id, b"old.jpg", 1, facts=second, stamp=OLDER))
        assert caption() == "first"
        # What lies beside it is newer.
        sidecar = replace(quick(1), sidecar=FileStamp(9, NEWER.mtime_ns))
        copy = replace(read(folder_id, b"old.jpg", 1, facts=second, stamp=OLDER), traits=sidecar)
        write(store, copy)
        assert caption() == "second"
        write(store, read(folder_id, b"a.jpg", 1, facts=first))
        assert caption() == "second"
        # Nothing but itself: a backup with an earlier time was put in its place.
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        write(store, read(folder_id, b"old.jpg", 1, facts=first, stamp=OLDER))
        assert caption() == "first"

    def test_listed_files_do_not_hold_up_what_was_read(self, store: Store, folder_id: int) -> None:
        newest, other = replace(FACTS, caption="newest"), replace(FACTS, caption="b", rating=1)
        list_files(store, listed(folder_id, b"a.jpg", 1, facts=newest, stamp=NEWER))
        list_files(store, listed(folder_id, b"b.jpg", 1, facts=other))
        both = replace(newest, rating=1)
        assert store.photos(store.photo_ids().tolist())[0].facts == both
        known = replace(FACTS, caption="read")
        write(store, read(folder_id, b"b.jpg", 1, facts=known))
        assert store.photos(store.photo_ids().tolist())[0].facts == known

    def test_changed_photos_are_told(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1), read(folder_id, b"b.jpg", 2))
        (photo_id,) = (ids_by_name(store)[name] for name in ["a.jpg"])
        same = read(folder_id, b"a.jpg", 1, vector=None, thumbnail=None, stamp=NEWER)
        assert store.write(SPACE, IndexBatch([same])) == WriteCounts()
        for facts in (replace(FACTS, keywords=("x",)), replace(FACTS, city="Rome")):
            batch = IndexBatch([replace(same, facts=facts)])
            assert store.write(SPACE, batch) == WriteCounts(changed=(photo_id,))
            assert store.write(SPACE, batch) == WriteCounts()

    def test_a_folder_that_was_removed_takes_nothing_in(self, store: Store) -> None:
        store.ensure_space(SPACE)
        gone = store.add_folder(Path("/gone")).id
        store.remove_folder(gone)
        assert list_files(store, listed(gone, b"a.jpg", 1)) == WriteCounts()
        assert store.counts(SPACE) == StoreCounts()
