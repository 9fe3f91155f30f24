"""The contract of a store: photos by words that stand somewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photosearch.core.filters import NumberField, NumberIn
from photosearch.core.photo import FilePlace
from photosearch.core.result import Why
from photosearch.core.store import NAMED_MAX, Store
from photosearch.core.stored import IndexBatch
from photosearch.core.userdata import UserChange

from .samples import FACTS, SPACE, ids_by_name, photo, write


def found(store: Store, *words: str) -> dict[str, Why]:
    """Why each photo was found, by its name."""
    answer = store.named(words)
    assert (answer.ids.dtype, answer.whys.dtype) == ("int64", "uint8")
    photos = store.photos(answer.ids.tolist())
    assert len(photos) == len(answer.ids)
    return {shown.path.name: Why(int(why)) for shown, why in zip(photos, answer.whys, strict=True)}


class NamesContract:
    def test_words_are_found_wherever_they_stand(self, store: Store, folder_id: int) -> None:
        captioned = replace(FACTS, caption="Oma in Rome")
        write(
            store,
            photo(folder_id, b"Rome 1.jpg", 1),
            photo(folder_id, b"2019/Rome/IMG_1234.jpg", 2),
            photo(folder_id, b"tagged.jpg", 3),
            photo(folder_id, b"captioned.jpg", 4, facts=captioned),
            photo(folder_id, b"album.jpg", 5),
            photo(folder_id, b"other.jpg", 6),
        )
        ids = ids_by_name(store)
        store.change_user_data([ids["tagged.jpg"]], UserChange(add_tags=("Rome",)))
        store.change_user_data([ids["album.jpg"]], UserChange(add_albums=("To Rome and back",)))
        assert found(store, "rome") == {
            "tagged.jpg": Why.TAG,
            "album.jpg": Why.ALBUM,
            "captioned.jpg": Why.CAPTION,
            "Rome 1.jpg": Why.NAME,
            "IMG_1234.jpg": Why.FOLDER,
        }

    def test_what_files_say_is_found(self, store: Store, folder_id: int) -> None:
        tagged = replace(FACTS, keywords=("Roma", "città", "Dog park"))
        write(
            store,
            photo(folder_id, b"keyword.jpg", 1, facts=tagged),
            photo(folder_id, b"person.jpg", 2, facts=replace(FACTS, people=("Roma Müller",))),
            photo(folder_id, b"place.jpg", 3, facts=replace(FACTS, city="Roma", country="Italy")),
            photo(folder_id, b"country.jpg", 4, facts=replace(FACTS, country="Italy")),
        )
        ids = ids_by_name(store)
        assert found(store, "roma") == {
            "keyword.jpg": Why.TAG,
            "person.jpg": Why.PERSON,
            "place.jpg": Why.PLACE,
        }
        assert found(store, "roma", "muller") == {"person.jpg": Why.PERSON}
        assert set(found(store, "italy")) == {"place.jpg", "country.jpg"}
        # The user's own tags are his: his taking one off leaves what the file says.
        store.change_user_data([ids["keyword.jpg"]], UserChange(add_tags=("roma",)))
        assert store.photos([ids["keyword.jpg"]])[0].user.tags == ("Roma",)
        store.change_user_data([ids["keyword.jpg"]], UserChange(remove_tags=("Roma",)))
        assert store.photos([ids["keyword.jpg"]])[0].user.tags == ()
        assert set(store.photos([ids["keyword.jpg"]])[0].facts.keywords) == set(tagged.keywords)
        assert found(store, "roma")["keyword.jpg"] == Why.TAG
        # And what the file does not say any more is not found.
        write(store, photo(folder_id, b"keyword.jpg", 1), photo(folder_id, b"person.jpg", 2))
        assert set(found(store, "roma")) == {"place.jpg"}

    def test_all_words_are_needed_and_may_stand_apart(self, store: Store, folder_id: int) -> None:
        write(
            store,
            photo(folder_id, b"Rome/beach.jpg", 1),
            photo(folder_id, b"Rome/church.jpg", 2),
            photo(folder_id, b"beach.jpg", 3),
        )
        assert found(store, "beach", "rome") == {"beach.jpg": Why.NAME | Why.FOLDER}
        assert len(store.named(["beach", "rome"]).ids) == 1
        assert found(store, "rome", "a", "beach") == {}
        assert found(store) == found(store, "") == found(store, "?!") == {}

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("Roma Termini.jpg", "rom"),
            ("Été à Nîmes.jpg", "ete a nimes"),
            ("E\u0301te\u0301.jpg", "été"),
            ("STRASSE.jpg", "straße"),
            ("\uff32\uff2f\uff2d\uff25.jpg", "rome"),
            ("Москва зимой.jpg", "москв"),
            ("IMG_1234.jpg", "1234"),
            ("IMG_1234.jpg", "img"),
            ("IMG_1234.jpg", "IMG_1234.JPG"),
            ("IMG_1234.jpg", "img 1234"),
            ("東京タワー.jpg", "京タ"),
            ("東京タワー.jpg", "東"),
            ("서울여행.jpg", "울여"),
            ("ภาพทะเล.jpg", "ทะเล"),
            ("trip.to.rome.jpg", "trip.to.rome"),
            ("x - 'y' \"zed\".jpg", '"zed"'),
            ("plan AND NOT(c).jpg", "AND NOT"),
            ("100 %_.jpg", "100 %"),
        ],
    )
    def test_ways_to_write(self, store: Store, folder_id: int, name: str, word: str) -> None:
        write(store, photo(folder_id, name.encode(), 1), photo(folder_id, b"zzz.jpg", 2))
        assert len(store.named([word]).ids) == 1

    @pytest.mark.parametrize(
        "word",
        [
            "12",  # a number is not the beginning of another
            "ome",  # inside a word
            "jpg",  # what kind of file it is
            "x",  # one letter alone
            "京東",  # the other way round
            "termini roma",  # a phrase has an order
            'name : "rome"',
            "*",
            "rome*) OR (zzz",
            "\0",
            "\udcff",
        ],
    )
    def test_what_is_not_found(self, store: Store, folder_id: int, word: str) -> None:
        names = ["Roma Termini x.jpg", "IMG_1234.jpg", "東京.jpg", "home.jpg"]
        write(store, *(photo(folder_id, name.encode(), n) for n, name in enumerate(names)))
        assert found(store, word) == {}

    def test_every_file_of_a_photo_counts_as_long_as_it_is_there(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"Rome/a.jpg", 1), photo(folder_id, b"Best/portrait.jpg", 1))
        assert [len(store.named([word]).ids) for word in ("rome", "portrait", "best")] == [1] * 3
        assert len(store.named(["rome portrait"]).ids) == 0, "a phrase ends with a name"
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"Rome/a.jpg")]))
        assert [len(store.named([word]).ids) for word in ("rome", "portrait", "best")] == [0, 1, 1]
        store.write(SPACE, IndexBatch(removed=[FilePlace(folder_id, b"Best/portrait.jpg")]))
        assert len(store.named(["portrait"]).ids) == 0
        write(store, photo(folder_id, b"Paris/b.jpg", 1))
        assert found(store, "paris") == {"b.jpg": Why.FOLDER}

    def test_words_of_a_folder_go_with_it(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"rome.jpg", 1))
        assert len(store.named(["photos"]).ids) == 1, "the watched folder's own name"
        store.remove_folder(folder_id)
        assert len(store.named(["rome"]).ids) == 0

    def test_where_restricts(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"rome 1.jpg", 1), photo(folder_id, b"rome 2.jpg", 2))
        ids = ids_by_name(store)
        store.change_user_data([ids["rome 2.jpg"]], UserChange(rating=5))
        stars = NumberIn(NumberField.RATING, low=4)
        assert store.named(["rome"], stars).ids.tolist() == [ids["rome 2.jpg"]]
        assert store.named(["rome"], NumberIn(NumberField.RATING, high=3)).ids.tolist() == [
            ids["rome 1.jpg"]
        ]

    def test_many_are_found_with_the_surest_first(self, store: Store, folder_id: int) -> None:
        names = [b"rome/%d.jpg" % n for n in range(2100)]
        write(store, *(photo(folder_id, name, n) for n, name in enumerate(names)))
        ids = ids_by_name(store)
        store.change_user_data([ids["7.jpg"]], UserChange(add_tags=("Rome",)))
        answer = store.named(["rome"])
        assert len(answer.ids) == len(set(answer.ids.tolist())) == 2100
        assert answer.ids[0] == ids["7.jpg"]
        assert Why(int(answer.whys[0])) == Why.TAG | Why.FOLDER
        assert set(answer.whys[1:].tolist()) == {Why.FOLDER}

    def test_whole_words_come_instead_of_longer_ones(self, store: Store, folder_id: int) -> None:
        write(store, photo(folder_id, b"bustard.jpg", 1), photo(folder_id, b"bus stop.jpg", 2))
        assert set(found(store, "bus")) == {"bus stop.jpg"}
        assert set(found(store, "bust")) == {"bustard.jpg"}
        assert found(store, "bu") == found(store, "bu", "stop") == {}, "two letters begin too much"
        assert set(found(store, "bus", "sto")) == {"bus stop.jpg"}

    def test_longer_words_come_where_the_filter_leaves_no_whole_one(
        self, store: Store, folder_id: int
    ) -> None:
        write(store, photo(folder_id, b"bustard.jpg", 1), photo(folder_id, b"bus stop.jpg", 2))
        ids = ids_by_name(store)
        store.change_user_data([ids["bustard.jpg"]], UserChange(rating=5))
        stars = NumberIn(NumberField.RATING, low=4)
        assert store.named(["bus"], stars).ids.tolist() == [ids["bustard.jpg"]]

    def test_of_very_many_the_last_ones_come_and_all_that_are_tagged(
        self, store: Store, folder_id: int
    ) -> None:
        names = [b"rome/%d.jpg" % n for n in range(NAMED_MAX + 200)]
        write(store, *(photo(folder_id, name, n) for n, name in enumerate(names)))
        ids = ids_by_name(store)
        store.change_user_data([ids["7.jpg"]], UserChange(add_tags=("Rome",), rating=5))
        answer = store.named(["rome"])
        assert answer.ids[:2].tolist() == [ids["7.jpg"], max(ids.values())]
        assert len(answer.ids) == NAMED_MAX
        assert len(store.named(["rome"], most=None).ids) == len(names)
        stars = NumberIn(NumberField.RATING, low=4)
        assert store.named(["rome"], stars).ids.tolist() == [ids["7.jpg"]]
        unrated = store.named(["rome"], NumberIn(NumberField.RATING, high=3)).ids.tolist()
        assert unrated == sorted(unrated, reverse=True)
        assert len(unrated) == NAMED_MAX
        assert ids["7.jpg"] not in unrated
