"""The contract of a store: what each file of a photo says, and what the photo says by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photosearch.core.filters import TextField, TextIs
from photosearch.core.photo import FileId, FilePlace, FileStamp, PhotoFacts
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch, IndexedFile, MovedFile

from .contract_listed import listed, read
from .samples import FACTS, SPACE, STAMP, ids_by_name, taken, write

NEWER = FileStamp(STAMP.size_bytes, STAMP.mtime_ns + 10)
RICH = replace(
    taken(2001, 2, 3),
    camera_make="Canon",
    camera_model="EOS 7D",
    latitude_deg=41.9,
    longitude_deg=12.5,
    city="Rome",
    country="Italy",
    iso=200,
    rating=3,
    caption="Oma",
    keywords=("sea",),
    people=("Oma",),
)


def says(store: Store) -> PhotoFacts:
    (found,) = store.photos(store.photo_ids().tolist())
    return found.facts


def remove(store: Store, folder_id: int, *names: bytes) -> None:
    store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, name) for name in names]))


def copy(folder_id: int, name: bytes, facts: PhotoFacts, **others: object) -> IndexedFile:
    """A copy that changed later, read in whole."""
    return read(folder_id, name, 1, facts=facts, **{"stamp": NEWER, "vector": None, **others})


class SayingContract:
    def test_a_copy_without_metadata_takes_nothing_away(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=RICH))
        write(store, copy(folder_id, b"zz.jpg", FACTS))
        assert says(store) == RICH
        remove(store, folder_id, b"zz.jpg")
        assert says(store) == RICH
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    def test_a_copy_takes_along_what_it_alone_said(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=taken(2001, 2, 3)))
        tagged = replace(RICH, taken=None, keywords=("sea", "sun"), rating=5)
        write(store, copy(folder_id, b"b.jpg", tagged))
        both = replace(tagged, taken=taken(2001, 2, 3).taken)
        assert says(store) == both
        assert len(store.named(["sun"]).ids) == 1
        remove(store, folder_id, b"b.jpg")
        assert says(store) == taken(2001, 2, 3)
        assert len(store.named(["sun"]).ids) == 0
        assert store.matching(TextIs(TextField.TAG, "sun")).tolist() == []
        # And back again.
        write(store, copy(folder_id, b"b.jpg", tagged))
        remove(store, folder_id, b"a.jpg")
        assert says(store) == tagged

    def test_of_each_fact_the_file_changed_last_counts(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=RICH))
        said = replace(FACTS, caption="Grandma", keywords=("sun",), city="Ostia", camera_model="X")
        write(store, copy(folder_id, b"b.jpg", said))
        assert says(store) == replace(
            RICH, caption="Grandma", keywords=("sea", "sun"), camera_make=None, camera_model="X"
        )
        # The first is written to once more.
        last = replace(STAMP, mtime_ns=NEWER.mtime_ns + 1)
        write(store, copy(folder_id, b"a.jpg", RICH, stamp=last))
        assert says(store) == replace(RICH, keywords=("sea", "sun"))

    def test_a_time_in_a_name_gives_way(self, store: Store, folder_id: int) -> None:
        assert RICH.taken is not None
        write(store, read(folder_id, b"a.jpg", 1, facts=RICH))
        by_name = taken(2020, 1, 1)
        assert by_name.taken is not None
        by_name = replace(by_name, taken=replace(by_name.taken, source="name"))
        write(store, copy(folder_id, b"IMG_20200101.jpg", by_name))
        assert says(store).taken == RICH.taken
        before = store.times(store.photo_ids()).tolist()
        remove(store, folder_id, b"a.jpg")
        assert says(store).taken == by_name.taken
        assert store.times(store.photo_ids()).tolist() > before

    @pytest.mark.parametrize("in_one_batch", [True, False])
    def test_moves_and_links_take_it_along(
        self, store: Store, folder_id: int, in_one_batch: bool
    ) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=RICH))
        link = MovedFile(
            FilePlace(folder_id, b"link.jpg"), FilePlace(folder_id, b"a.jpg"), STAMP, FileId(1, 1)
        )
        move = MovedFile(
            FilePlace(folder_id, b"c.jpg"), FilePlace(folder_id, b"b.jpg"), NEWER, FileId(1, 2)
        )
        write(store, copy(folder_id, b"b.jpg", replace(FACTS, keywords=("sun",))))
        if in_one_batch:
            store.write(SPACE, IndexBatch(moved=[link, move], removed=[move.former]))
        else:
            store.write(SPACE, IndexBatch(moved=[link]))
            store.write(SPACE, IndexBatch(moved=[move], removed=[move.former]))
        remove(store, folder_id, b"a.jpg")
        assert says(store) == replace(RICH, keywords=("sea", "sun"))
        remove(store, folder_id, b"c.jpg")
        assert says(store) == RICH

    def test_a_folder_takes_along_what_its_files_said(self, store: Store, folder_id: int) -> None:
        other = store.add_folder(store.folders()[0].path.with_name("other")).id
        write(store, read(folder_id, b"a.jpg", 1, facts=FACTS))
        write(store, copy(other, b"a.jpg", RICH))
        assert says(store) == RICH
        store.remove_folder(other)
        assert says(store) == FACTS
        assert len(store.named(["oma"]).ids) == 0

    def test_one_that_becomes_another_photo_takes_it_along(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=FACTS), copy(folder_id, b"b.jpg", RICH))
        write(store, read(folder_id, b"b.jpg", 2, facts=RICH))
        ids = ids_by_name(store)
        facts = {name: store.photos([key])[0].facts for name, key in ids.items()}
        assert facts == {"a.jpg": FACTS, "b.jpg": RICH}

    def test_a_companion_says_nothing(self, store: Store, folder_id: int) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=FACTS), copy(folder_id, b"a.dng", RICH))
        raw, main = FilePlace(folder_id, b"a.dng"), FilePlace(folder_id, b"a.jpg")
        store.write(SPACE, IndexBatch(companions=[CompanionFile(raw, main, STAMP)]))
        assert says(store) == FACTS

    def test_listed_copies_say_nothing_beside_one_that_was_read(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, read(folder_id, b"a.jpg", 1, facts=FACTS))
        store.write(SPACE, IndexBatch(listed=[listed(folder_id, b"b.jpg", 1, facts=RICH)]))
        assert says(store) == FACTS
        write(store, copy(folder_id, b"b.jpg", RICH))
        assert says(store) == RICH

    def test_what_an_earlier_program_read_is_read_again_from_each_file(
        self, store: Store, folder_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from photosearch.store.sqlite import contents, known, saying

        write(store, read(folder_id, b"a.jpg", 1, facts=RICH), copy(folder_id, b"b.jpg", FACTS))
        for module in (contents, known, saying):
            monkeypatch.setattr(module, "FACTS_VERSION", saying.FACTS_VERSION + 1)
        defaults = contents.put_facts.__defaults__
        monkeypatch.setattr(contents.put_facts, "__defaults__", (saying.FACTS_VERSION,))
        assert defaults is not None

        def is_done() -> dict[bytes, bool]:
            return {
                name: file.is_done for name, file in store.known_files(folder_id, SPACE).items()
            }

        assert is_done() == {b"a.jpg": False, b"b.jpg": False}
        write(store, copy(folder_id, b"b.jpg", replace(FACTS, iso=100)))
        # The other one is still away: what was known of it stands.
        assert says(store) == replace(RICH, iso=100)
        assert is_done() == {b"a.jpg": False, b"b.jpg": True}
        write(store, copy(folder_id, b"a.jpg", replace(RICH, caption="Opa"), stamp=STAMP))
        assert says(store) == replace(RICH, iso=100, caption="Opa")
        assert is_done() == {b"a.jpg": True, b"b.jpg": True}

    def test_a_file_that_is_left_and_was_not_read_again_is(
        self, store: Store, folder_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from photosearch.store.sqlite import contents, known, saying

        write(store, read(folder_id, b"a.jpg", 1, facts=FACTS), copy(folder_id, b"b.jpg", RICH))
        for module in (contents, known, saying):
            monkeypatch.setattr(module, "FACTS_VERSION", saying.FACTS_VERSION + 1)
        monkeypatch.setattr(contents.put_facts, "__defaults__", (saying.FACTS_VERSION,))
        write(store, copy(folder_id, b"b.jpg", RICH))
        remove(store, folder_id, b"b.jpg")
        assert not store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        write(store, read(folder_id, b"a.jpg", 1, vector=None))
        assert says(store) == FACTS
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
