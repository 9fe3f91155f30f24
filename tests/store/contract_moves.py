"""The contract of a store: files that were found at other places, and what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from photosearch.core.filters import EVERY_PHOTO, Filter, NumberField, NumberIn, TextField, TextIs
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits, GonePhoto
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

from .samples import (
    FACTS,
    OTHER_SPACE,
    SPACE,
    STAMP,
    content_hash,
    failure,
    ids_by_name,
    photo,
    unit,
    write,
)

SIDECAR = FileStamp(30, STAMP.mtime_ns + 5)


def traits(number: int, *, quick: bytes = b"") -> FileTraits:
    return FileTraits(FileId(2**64 - 1, number), quick or b"quick %010d" % number, SIDECAR)


def moved(folder_id: int, former: bytes, name: bytes, number: int) -> MovedFile:
    return MovedFile(
        FilePlace(folder_id, name),
        FilePlace(folder_id, former),
        STAMP,
        FileId(2**64 - 1, number),
    )


class MovesContract:
    def test_a_file_is_found_again_by_its_number(self, store: Store, folder_id: int) -> None:
        large = FileId(2**64 - 1, 2**63 + 7)
        file = replace(photo(folder_id, b"a.jpg", 1), traits=FileTraits(large))
        other = replace(photo(folder_id, b"b.jpg", 2), traits=FileTraits(FileId(1, 1)))
        write(store, file, other, photo(folder_id, b"unnumbered.jpg", 3))
        assert store.places_of([large, FileId(2**64 - 1, 7), FileId(2**70, 1)]) == {
            large: [PlacedFile(FilePlace(folder_id, b"a.jpg"), STAMP)]
        }
        assert store.places_of([]) == {}

    def test_a_moved_file_keeps_all_that_is_known_of_it(self, store: Store, folder_id: int) -> None:
        write(store, replace(photo(folder_id, b"a.jpg", 1), traits=traits(1)))
        (photo_id,) = store.photo_ids().tolist()
        store.change_user_data([photo_id], UserChange(rating=4))
        batch = IndexBatch(
            moved=[moved(folder_id, b"a.jpg", b"new dir/b.jpg", 1)],
            removed=[FilePlace(folder_id, b"a.jpg")],
        )
        assert store.write(SPACE, batch) == WriteCounts()
        assert store.known_files(folder_id, SPACE) == {
            b"new dir/b.jpg": KnownFile(STAMP, is_done=True, is_listed=True, sidecar=SIDECAR)
        }
        assert ids_by_name(store) == {"b.jpg": photo_id}
        assert store.photos([photo_id])[0].user.rating == 4
        assert store.search(SPACE, unit(8, seed=1), 5).ids.tolist() == [photo_id]
        assert store.named(["new dir"]).ids.tolist() == [photo_id]
        assert "new dir" in store.vocabulary().folders
        assert store.places_of([FileId(2**64 - 1, 1)]) == {
            FileId(2**64 - 1, 1): [PlacedFile(FilePlace(folder_id, b"new dir/b.jpg"), STAMP)]
        }
        assert store.gone() == []

    def test_a_hard_link_is_another_place_and_no_copy(self, store: Store, folder_id: int) -> None:
        write(store, replace(photo(folder_id, b"a.jpg", 1), traits=traits(1)))
        batch = IndexBatch(moved=[moved(folder_id, b"a.jpg", b"link.jpg", 1)])
        assert store.write(SPACE, batch) == WriteCounts()
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.copy_count == 1
        assert len(store.paths_of(found.id)) == 2
        assert len(store.places_of([FileId(2**64 - 1, 1)])[FileId(2**64 - 1, 1)]) == 2

    def test_links_are_no_copies(self, store: Store, folder_id: int, tmp_path: Path) -> None:
        """Whatever lies on a card only does so, though something elsewhere is a link to it."""
        card = store.add_folder(tmp_path / "card").id
        write(
            store,
            replace(photo(card, b"a.jpg", 1), traits=traits(1)),
            replace(photo(card, b"b.jpg", 2), traits=traits(2)),
            replace(photo(card, b"c.jpg", 3), traits=traits(3)),
        )
        link = moved(folder_id, b"", b"a.jpg", 1)
        link = replace(link, former=FilePlace(card, b"a.jpg"), is_link=True)
        linked = replace(traits(2), is_link=True)
        copied = traits(30)
        store.write(
            SPACE,
            IndexBatch(
                [
                    replace(photo(folder_id, b"b.jpg", 2), traits=linked),
                    replace(photo(folder_id, b"c.jpg", 3), traits=copied),
                    replace(photo(folder_id, b"d.jpg", 4), traits=replace(traits(4), is_link=True)),
                ],
                moved=[link],
            ),
        )
        every = store.photos(store.photo_ids().tolist())
        numbers = {known.id: known.content_hash for known in every}

        def found(where: Filter) -> set[int]:
            return {int.from_bytes(numbers[key]) for key in store.matching(where).tolist()}

        assert found(NumberIn(NumberField.COPIES, low=2)) == {3}
        assert found(NumberIn(NumberField.COPIES, low=1, high=1)) == {1, 2, 4}
        assert found(TextIs(TextField.ONLY_ON, "card")) == {1, 2}
        # Nothing that is only a link lies there.
        assert found(TextIs(TextField.ONLY_ON, "photos")) == set()
        assert found(TextIs(TextField.FOLDER, "photos")) == {1, 2, 3, 4}
        store.write(SPACE, IndexBatch(removed=[FilePlace(card, b"c.jpg")]))
        assert found(TextIs(TextField.ONLY_ON, "photos")) == {3}

    def test_files_change_places_with_each_other(self, store: Store, folder_id: int) -> None:
        files = [photo(folder_id, b"%d.jpg" % n, n) for n in (1, 2, 3)]
        write(store, *(replace(file, traits=traits(n + 1)) for n, file in enumerate(files)))
        before = ids_by_name(store)
        ring = [
            moved(folder_id, b"1.jpg", b"2.jpg", 1),
            moved(folder_id, b"2.jpg", b"3.jpg", 2),
            moved(folder_id, b"3.jpg", b"1.jpg", 3),
        ]
        assert store.write(SPACE, IndexBatch(moved=ring)) == WriteCounts()
        after = ids_by_name(store)
        assert after == {
            "2.jpg": before["1.jpg"],
            "3.jpg": before["2.jpg"],
            "1.jpg": before["3.jpg"],
        }

    def test_a_file_moves_over_another(self, store: Store, folder_id: int, tmp_path: Path) -> None:
        write(store, replace(photo(folder_id, b"a.jpg", 1), traits=traits(1)))
        write(store, photo(folder_id, b"b.jpg", 2))
        before = ids_by_name(store)
        batch = IndexBatch(
            moved=[moved(folder_id, b"a.jpg", b"b.jpg", 1)],
            removed=[FilePlace(folder_id, b"a.jpg")],
        )
        assert store.write(SPACE, batch) == WriteCounts(removed=1)
        assert ids_by_name(store) == {"b.jpg": before["a.jpg"]}
        assert [found.path for found in store.gone()] == [tmp_path / "photos" / "b.jpg"]

    def test_what_is_not_known_any_more_does_not_move(self, store: Store, folder_id: int) -> None:
        gone = store.add_folder(Path("/elsewhere")).id
        write(store, photo(folder_id, b"a.jpg", 1))
        store.remove_folder(gone)
        batch = IndexBatch(
            moved=[
                moved(folder_id, b"never.jpg", b"b.jpg", 1),
                replace(moved(folder_id, b"a.jpg", b"c.jpg", 1), place=FilePlace(gone, b"c.jpg")),
            ]
        )
        assert store.write(SPACE, batch) == WriteCounts()
        assert list(ids_by_name(store)) == ["a.jpg"]

    def test_thousands_move_at_once(self, store: Store, folder_id: int) -> None:
        names = [b"old/%04d.jpg" % n for n in range(3000)]
        files = [photo(folder_id, name, n) for n, name in enumerate(names)]
        write(store, *(replace(file, traits=traits(n)) for n, file in enumerate(files)))
        store.warm(SPACE)
        before = ids_by_name(store)
        moves = [
            moved(folder_id, name, b"new/" + name.rpartition(b"/")[2], n)
            for n, name in enumerate(names)
        ]
        batch = IndexBatch(moved=moves, removed=[FilePlace(folder_id, name) for name in names])
        assert store.write(SPACE, batch) == WriteCounts()
        assert ids_by_name(store) == before
        assert all(known.is_done for known in store.known_files(folder_id, SPACE).values())
        assert store.counts(SPACE).file_count == 3000
        assert len(store.named(["old"]).ids) == 0
        assert len(store.scan(SPACE, unit(8)).ids) == 3000
        assert store.missing_count(SPACE) == 0

    def test_a_photo_without_a_file_is_kept_for_a_while(
        self, store: Store, open_again: Callable[[], Store], folder_id: int, tmp_path: Path
    ) -> None:
        began_ns = time.time_ns()
        write(store, photo(folder_id, b"sub/a\xff.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = store.photo_ids().tolist()
        store.change_user_data(ids, UserChange(rating=3))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"sub/a\xff.jpg")]))
        store = open_again()
        (gone,) = store.gone()
        assert gone == GonePhoto(gone.id, tmp_path / "photos" / "sub" / "a\udcff.jpg", gone.gone_ns)
        # The database's clock has steps of a millisecond.
        assert began_ns - 10**6 <= gone.gone_ns <= time.time_ns()
        assert store.gone_count() == 1
        assert store.purge_unplaced(began_ns - 10**9) == 0
        assert store.counts(SPACE).photo_count == 1
        assert store.matching(EVERY_PHOTO).tolist() == [ids_by_name(store)["b.jpg"]]
        assert store.matching(NumberIn(NumberField.COPIES, high=0)).tolist() == []
        assert store.missing_vectors(SPACE).tolist() == []

        back = replace(photo(folder_id, b"c.jpg", 1, has_vector=False), thumbnail=None)
        assert store.write(SPACE, IndexBatch([back])).added == 1
        assert store.gone() == []
        assert ids_by_name(store)["c.jpg"] == gone.id
        assert store.photos([gone.id])[0].user.rating == 3
        assert store.known_files(folder_id, SPACE)[b"c.jpg"].is_done
        assert store.purge_unplaced() == 0

    def test_what_another_took_the_place_of_is_not_gone(self, store: Store, folder_id: int) -> None:
        began_ns = time.time_ns()
        names = (b"edited.tif", b"raw.dng", b"main.jpg", b"gone.jpg")
        write(store, *(photo(folder_id, name, n) for n, name in enumerate(names)))
        ids = ids_by_name(store)
        raw, main = FilePlace(folder_id, b"raw.dng"), FilePlace(folder_id, b"main.jpg")
        edited = photo(folder_id, b"edited.tif", 10)
        store.write(SPACE, IndexBatch([edited], companions=[CompanionFile(raw, main, STAMP)]))
        assert (store.gone(), store.gone_count()) == ([], 0)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"gone.jpg")]))
        assert [gone.id for gone in store.gone()] == [ids["gone.jpg"]]
        assert store.gone_count() == 1
        # They are kept all the same: the edit may be taken back.
        assert store.purge_unplaced(began_ns - 10**9) == 0
        write(store, photo(folder_id, b"edited.tif", 0, has_vector=False))
        assert ids_by_name(store)["edited.tif"] == ids["edited.tif"]
        assert store.purge_unplaced(for_good=True) == 1
        assert store.purge_unplaced() == 2

    def test_a_wrong_guess_by_the_header_changes_nothing_of_what_is_gone(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        write(store, replace(photo(folder_id, b"a.jpg", 1), traits=traits(1)))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        (gone,) = store.gone()
        for name, action in ((b"b.jpg", "read"), (b"c.jpg", "remove"), (b"d.jpg", "fail")):
            seems = ListedFile(FilePlace(folder_id, name), STAMP, FACTS, None, traits(1))
            store.write(SPACE, IndexBatch(listed=[seems]))
            assert store.gone() == []
            assert gone.id in store.photo_ids()
            match action:
                case "read":
                    other = replace(photo(folder_id, name, 2), traits=traits(9))
                    store.write(SPACE, IndexBatch([other]))
                case "remove":
                    store.write(SPACE, IndexBatch(removed=[seems.place]))
                case "fail":
                    store.write(SPACE, IndexBatch(failures=[failure(folder_id, name)]))
            assert store.gone() == [gone]
        back = ListedFile(FilePlace(folder_id, b"e.jpg"), STAMP, FACTS, None, traits(1))
        store.write(SPACE, IndexBatch(listed=[back]))
        assert ids_by_name(store)["e.jpg"] == gone.id

    def test_what_was_gone_for_long_enough_is_forgotten(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert store.purge_unplaced(time.time_ns() + 10**9) == 1
        assert store.gone() == []
        assert store.has_vectors(SPACE, [content_hash(1)]) == set()

    def test_a_folder_that_is_added_again_needs_nothing_new(
        self, store: Store, tmp_path: Path, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        ids = store.photo_ids().tolist()
        assert store.remove_folder(folder_id) == WriteCounts(removed=1)
        assert [gone.path for gone in store.gone()] == [tmp_path / "photos" / "a.jpg"]
        again = store.add_folder(tmp_path / "photos").id
        assert store.complete(SPACE, [content_hash(1), content_hash(2)]) == {content_hash(1)}
        assert store.complete(OTHER_SPACE, [content_hash(1)]) == set()
        back = replace(photo(again, b"a.jpg", 1, has_vector=False), thumbnail=None, facts=FACTS)
        write(store, back)
        assert store.photo_ids().tolist() == ids
        assert store.known_files(again, SPACE)[b"a.jpg"].is_done

    def test_places_of_a_photo(self, store: Store, folder_id: int, tmp_path: Path) -> None:
        disk = store.add_folder(tmp_path / "disk")
        write(store, photo(folder_id, b"a.jpg", 1), photo(disk.id, b"b.jpg", 1))
        (photo_id,) = store.photo_ids().tolist()
        here, there = tmp_path / "photos" / "a.jpg", tmp_path / "disk" / "b.jpg"
        assert store.paths_of(photo_id) == [here, there]
        store.set_folder_online(folder_id, is_online=False)
        assert store.paths_of(photo_id) == [there, here]
        assert store.paths_of(99) == []

    def test_a_part_of_a_folder_is_known(self, store: Store, folder_id: int) -> None:
        names = [b"a/1.jpg", b"a/2.jpg", b"a b.jpg", b"b/\xff.jpg", b"b/\xff\xff2.jpg", b"c.jpg"]
        write(store, *(photo(folder_id, name, n) for n, name in enumerate(names)))
        every = store.known_files(folder_id, SPACE)
        for prefixes in (
            [b"a/"],
            [b"a"],
            [b"b/\xff"],
            [b"\xff"],
            [b"a/1", b"a/", b"c.jpg"],
            [b""],
            [],
        ):
            begun = {name for name in names if name.startswith(tuple(prefixes))}
            known = store.known_files(folder_id, SPACE, prefixes)
            assert known == {name: every[name] for name in begun}
