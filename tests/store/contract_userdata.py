"""The contract of a store: what the user says of photos, and the library's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.photo import FilePlace, FileStamp
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch
from photosearch.core.userdata import NOTHING_SAID, UserChange, UserData, Vocabulary
from photosearch.errors import UsageError

from .samples import FACTS, SPACE, ids_by_name, photo, taken, write

NEWER = FileStamp(2000, 1_800_000_000_000_000_000)
SAID = UserData(True, 4, ("rome", "Été"), ("Best of",))
SAY = UserChange(is_favourite=True, rating=4, add_tags=("rome", "Été"), add_albums=("Best of",))


def said(store: Store, name: str) -> UserData:
    return store.photos([ids_by_name(store)[name]])[0].user


class UserDataContract:
    def test_what_is_said_stays(
        self, store: Store, open_again: Callable[[], Store], folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        photo_id = ids_by_name(store)["a.jpg"]
        for changed_count in (1, 0):  # saying it again changes nothing
            assert store.change_user_data([photo_id, 999], SAY) == changed_count
            assert said(store, "a.jpg") == SAID
        store = open_again()
        assert said(store, "a.jpg") == SAID
        assert said(store, "b.jpg") == NOTHING_SAID

    def test_what_is_said_can_be_taken_back_bit_by_bit(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        (photo_id,) = store.photo_ids().tolist()
        store.change_user_data([photo_id], SAY)
        store.change_user_data([photo_id], UserChange(remove_tags=("ÉTÉ", "unknown")))
        assert said(store, "a.jpg") == replace(SAID, tags=("rome",))
        store.change_user_data([photo_id], UserChange(is_favourite=False, rating=0))
        store.change_user_data([photo_id], UserChange(remove_albums=("best OF",)))
        assert said(store, "a.jpg") == UserData(tags=("rome",))
        store.change_user_data([photo_id], UserChange(remove_tags=("rome",)))
        assert said(store, "a.jpg") == NOTHING_SAID
        assert store.vocabulary().tags == store.vocabulary().albums == ()

    def test_photos_count_that_are_different_afterwards(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        both = [*ids.values()]
        assert store.change_user_data(both, UserChange(remove_tags=("nosuch",))) == 0
        assert store.change_user_data([ids["a.jpg"]], UserChange(add_tags=("Rome",))) == 1
        assert store.change_user_data(both, UserChange(add_tags=("ROME",))) == 1
        assert store.change_user_data([ids["a.jpg"]], UserChange(add_albums=("Best",))) == 1
        assert store.change_user_data(both, UserChange(remove_albums=("best",))) == 1
        assert store.change_user_data(both, UserChange(is_favourite=False, rating=0)) == 0
        assert store.change_user_data(both, UserChange(is_favourite=True)) == 2
        assert store.change_user_data(both, UserChange(rating=3, remove_tags=("rome",))) == 2

    def test_what_a_file_says_need_not_be_said_again(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1, facts=replace(FACTS, rating=3)))
        (photo_id,) = store.photo_ids().tolist()
        assert store.change_user_data([photo_id], UserChange(rating=3)) == 0
        write(store, photo(folder_id, b"a.jpg", 1, facts=replace(FACTS, rating=5)))
        assert said(store, "a.jpg").rating == 3, "it was said all the same"

    def test_tags_that_differ_in_case_are_one_and_names_are_trimmed(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        store.change_user_data([ids["a.jpg"]], UserChange(add_tags=("  New\n York ", "STRASSE")))
        store.change_user_data(
            [ids["b.jpg"]], UserChange(add_tags=("new york", "straße", "E\u0301"))
        )
        assert said(store, "a.jpg").tags == ("New York", "STRASSE")
        assert said(store, "b.jpg").tags == ("New York", "STRASSE", "E\u0301")
        store.change_user_data([ids["b.jpg"]], UserChange(remove_tags=("é",)))
        assert said(store, "b.jpg").tags == ("New York", "STRASSE")

    @pytest.mark.parametrize(
        "change",
        [
            UserChange(rating=6),
            UserChange(rating=-1),
            UserChange(add_tags=(" ",)),
            UserChange(add_tags=("ok", "x" * 201)),
            UserChange(add_albums=("",)),
            UserChange(add_albums=("a\x00b",)),
            UserChange(remove_albums=("x" * 5000,)),
            UserChange(add_tags=("a\x1b[31mb",)),
            UserChange(add_tags=("a\u202eb",)),
        ],
    )
    def test_nonsense_is_refused_whole(
        self, store: Store, folder_id: int, change: UserChange
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        with pytest.raises(UsageError) as caught:
            store.change_user_data(store.photo_ids().tolist(), replace(change, is_favourite=True))
        assert caught.value.hint
        assert said(store, "a.jpg") == NOTHING_SAID

    def test_odd_names_are_fine(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        odd = ("100 %_", "'; DROP TABLE tag; --", "\udcff", "👨‍👩‍👧", "東京", 'say "cheese"')
        store.change_user_data(store.photo_ids().tolist(), UserChange(add_tags=odd))
        assert set(said(store, "a.jpg").tags) == {*odd, "?"} - {"\udcff"}

    def test_a_file_says_its_rating_until_the_user_says_another(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1, facts=replace(FACTS, rating=3)))
        (photo_id,) = store.photo_ids().tolist()
        assert said(store, "a.jpg").rating == 3
        store.change_user_data([photo_id], UserChange(rating=0))
        assert said(store, "a.jpg").rating == 0
        write(store, photo(folder_id, b"a.jpg", 1, facts=replace(FACTS, rating=5)))
        assert said(store, "a.jpg").rating == 0

    def test_a_copy_a_move_and_another_reading_keep_it(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        store.change_user_data(store.photo_ids().tolist(), SAY)
        write(store, photo(folder_id, b"copy.jpg", 1))
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert said(store, "copy.jpg") == SAID
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"copy.jpg")]))
        write(store, photo(folder_id, b"sub/moved.jpg", 1, facts=replace(FACTS, caption="new")))
        store.purge_unplaced()
        assert said(store, "moved.jpg") == SAID

    def test_a_file_that_another_program_tagged_keeps_it(
        self, store: Store, folder_id: int
    ) -> None:
        before = taken(2001, 1, 1, 12)
        write(store, photo(folder_id, b"a.jpg", 1, facts=before))
        store.change_user_data(store.photo_ids().tolist(), SAY)
        tagged = replace(before, caption="Oma", width_px=320)
        write(store, photo(folder_id, b"a.jpg", 2, facts=tagged, stamp=NEWER))
        assert said(store, "a.jpg") == SAID
        assert store.named(["ete"]).ids.tolist() == [ids_by_name(store)["a.jpg"]]

    def test_another_photo_under_a_name_of_old_does_not_inherit(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"IMG_1.jpg", 1, facts=taken(2001, 1, 1, 12)))
        store.change_user_data(store.photo_ids().tolist(), SAY)
        later = taken(2020, 1, 1, 12)
        write(store, photo(folder_id, b"IMG_1.jpg", 2, facts=later, stamp=NEWER))
        assert said(store, "IMG_1.jpg") == NOTHING_SAID

    def test_a_photo_that_comes_back_is_as_it_was(
        self, store: Store, open_again: Callable[[], Store], folder_id: int, tmp_path: Path
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        store.change_user_data([ids_by_name(store)["a.jpg"]], SAY)
        store.remove_folder(folder_id)
        assert store.vocabulary() == Vocabulary()
        store = open_again()
        assert store.counts(SPACE).photo_count == 0
        again = store.add_folder(tmp_path / "photos").id
        write(store, photo(again, b"b.jpg", 2), photo(again, b"a.jpg", 1))
        assert said(store, "a.jpg") == SAID
        assert said(store, "b.jpg") == NOTHING_SAID
        assert store.named(["best of"]).ids.tolist() == [ids_by_name(store)["a.jpg"]]
        # And only once: what is said meanwhile is the truth.
        store.change_user_data(store.photo_ids().tolist(), UserChange(rating=1))
        write(store, photo(again, b"a.jpg", 1))
        assert said(store, "a.jpg").rating == 1

    def test_what_is_forgotten_for_good_does_not_come_back(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        store.change_user_data(store.photo_ids().tolist(), SAY)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        assert store.purge_unplaced(for_good=True) == 1
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"b.jpg")]))
        assert store.purge_unplaced() == 1
        assert store.vocabulary() == Vocabulary()
        write(store, photo(folder_id, b"a.jpg", 1), photo(folder_id, b"b.jpg", 2))
        assert said(store, "a.jpg") == NOTHING_SAID
        assert said(store, "b.jpg") == SAID

    def test_many_photos_are_changed_at_once(self, store: Store, folder_id: int) -> None:
        write(store, *(photo(folder_id, b"%d.jpg" % n, n) for n in range(1500)))
        ids = store.photo_ids().tolist()
        change = UserChange(is_favourite=True, add_tags=("all",))
        assert store.change_user_data([*ids, *ids], change) == 1500
        assert {found.user for found in store.photos(ids)} == {UserData(True, 0, ("all",))}
        assert len(store.named(["all"]).ids) == 1500
        assert store.change_user_data([], change) == 0

    def test_facts_of_the_camera_come_back(self, store: Store, folder_id: int) -> None:
        facts = replace(
            FACTS,
            lens="EF24-105mm \udcff",
            iso=2**70,
            aperture=2.8,
            exposure_s=1 / 200,
            focal_mm=105.0,
            rating=2,
            caption="Oma",
        )
        write(store, photo(folder_id, b"a.jpg", 1, facts=facts))
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.facts == replace(facts, lens="EF24-105mm ?", iso=2**63 - 1)

    def test_the_vocabulary_is_what_stands_in_the_library(
        self, store: Store, folder_id: int
    ) -> None:
        assert store.vocabulary() == Vocabulary()
        canon = replace(FACTS, camera_make="Canon", camera_model="Canon EOS 7D", lens="EF 50mm")
        sony = replace(FACTS, camera_make="SONY", camera_model="ILCE-7")
        write(
            store,
            photo(folder_id, b"2019/Rome/a.jpg", 1, facts=canon),
            photo(folder_id, b"2019/b.jpg", 2, facts=sony),
            photo(folder_id, b"caf\xe9/c.jpg", 3),
        )
        ids = ids_by_name(store)
        store.change_user_data([ids["a.jpg"]], SAY)
        assert store.vocabulary() == Vocabulary(
            cameras=("Canon EOS 7D", "SONY ILCE-7"),
            lenses=("EF 50mm",),
            folders=("2019", "caf\ufffd", "photos", "Rome"),
            tags=("rome", "Été"),
            albums=("Best of",),
        )
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"2019/Rome/a.jpg")]))
        assert store.vocabulary().tags == ()
        store.purge_unplaced()
        assert store.vocabulary() == Vocabulary(
            cameras=("SONY ILCE-7",), folders=("2019", "caf\ufffd", "photos")
        )

    def test_the_vocabulary_has_what_files_say(
        self, store: Store, open_again: Callable[[], Store], folder_id: int
    ) -> None:
        facts = replace(
            FACTS, keywords=("Été", "dog"), people=("Zoë", "Oma"), city="Rome", country="Italy"
        )
        write(store, photo(folder_id, b"a.jpg", 1, facts=facts))
        known = open_again().vocabulary()
        assert known == Vocabulary(
            folders=("photos",),
            tags=("dog", "Été"),
            people=("Oma", "Zoë"),
            places=("Italy", "Rome"),
        )

    def test_odd_names_in_files_do_not_cost_the_batch(self, store: Store, folder_id: int) -> None:
        odd = ("", " \0 ", "two\nlines", "\udcff", "Dog", "DOG", "x" * 5000)
        facts = replace(FACTS, keywords=odd, people=odd, city="\udcff", country="")
        write(store, photo(folder_id, b"a.jpg", 1, facts=facts))
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.facts.keywords == found.facts.people == ("?", "Dog", "two lines", "x" * 200)
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"a.jpg")]))
        store.purge_unplaced()
        assert store.vocabulary() == Vocabulary()

    def test_the_vocabulary_says_whether_photos_have_positions(
        self, store: Store, open_again: Callable[[], Store], folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        assert not store.vocabulary().has_positions
        placed = replace(FACTS, latitude_deg=51.5, longitude_deg=-0.13)
        write(store, photo(folder_id, b"b.jpg", 2, facts=placed))
        assert store.vocabulary().has_positions
        write(store, photo(folder_id, b"c.jpg", 3))
        store = open_again()
        assert store.vocabulary().has_positions
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"b.jpg")]))
        store.purge_unplaced()
        assert not store.vocabulary().has_positions

    def test_photos_are_found_by_their_path(
        self, store: Store, folder_id: int, tmp_path: Path
    ) -> None:
        root = tmp_path / "photos"
        root.mkdir()
        (tmp_path / "link").symlink_to(root)
        write(store, photo(folder_id, b"sub/a b.jpg", 1), photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        known = root / "sub" / "a b.jpg"
        asked = [known, tmp_path / "link" / "b.jpg", root / "c.jpg", tmp_path / "b.jpg", root]
        assert store.photos_at(asked) == {known: ids["a b.jpg"], asked[1]: ids["b.jpg"]}

    def test_a_photo_whose_header_an_older_program_read_is_read_again(
        self, store: Store, folder_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(store, photo(folder_id, b"a.jpg", 1))
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        from photosearch.store.sqlite import known

        monkeypatch.setattr(known, "FACTS_VERSION", known.FACTS_VERSION + 1)
        assert not store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        assert np.array_equal(store.missing_vectors(SPACE), [])
