from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch import gazetteer
from photosearch.core.chip import ChipKind
from photosearch.core.filters import AnyOf, Near, Not, TakenIn, TextField, TextIs
from photosearch.core.query import Query, TextTerm
from photosearch.core.userdata import Vocabulary
from photosearch.search.parse import plan_of
from photosearch.search.plan import Plan
from photosearch.search.printed import printed
from photosearch.search.understand import prepare
from photosearch.search.understanding import dates, places, words
from photosearch.search.understanding.stretch import Stretch
from tests.search.sentences import SENTENCES

TODAY = date(2026, 11, 21)  # a Saturday
VOCABULARY = Vocabulary(
    cameras=("Canon EOS 5D", "Apple iPhone 12", "NIKON CORPORATION NIKON D750"),
    lenses=("EF 50mm f/1.8",),
    folders=("Lyon 2019", "lyonnais", "holidays"),
    tags=("Hamburg",),
    has_positions=True,
)


#: The same with people in it.
FAMILY = replace(
    VOCABULARY,
    tags=("Marie Curie", "Hamburg"),
    people=("Oma", "Marie Curie", "Paris Hilton", "Jürgen van der Vaart", "山田花子"),
)


def understood(text: str, vocabulary: Vocabulary = VOCABULARY, today: date = TODAY) -> Plan:
    return plan_of(Query(text=text), vocabulary, today)


def concept(plan: Plan) -> str:
    seen = [term.text for term in plan.terms if isinstance(term, TextTerm) and term.weight > 0]
    return " + ".join(seen)


def guesses(plan: Plan) -> list[str]:
    return [chip.label for chip in plan.chips if chip.is_guess]


CASES = [
    pytest.param(text, left, labels, id=f"{language}-{text}")
    for language, rows in SENTENCES.items()
    for text, left, labels in rows
]


@pytest.mark.parametrize(("text", "left", "labels"), CASES)
def test_sentences(text: str, left: str, labels: list[str]) -> None:
    plan = understood(text)
    assert (concept(plan), guesses(plan)) == (left, labels)


@pytest.mark.parametrize(
    ("text", "left", "labels"),
    [
        ("dog but no cat", "dog", ["without cat"]),
        ("dog and no cats", "dog", ["without cats"]),
        ("Hund aber keine Katze", "Hund", ["without Katze"]),
        ("Hund, aber keine Katze", "Hund", ["without Katze"]),
        ("Hund und keinen Ball", "Hund", ["without Ball"]),
        ("Strand ohne Hund und keine Autos", "Strand", ["without Hund, without Autos"]),
        ("chien mais pas de chat", "chien", ["without chat"]),
        ("chien mais pas d’arbres", "chien", ["without arbres"]),  # noqa: RUF001
        ("perro pero sin gato", "perro", ["without gato"]),
        ("perro pero no gato", "perro", ["without gato"]),
        ("cane ma senza gatto", "cane", ["without gatto"]),
        ("cane ma non gatto", "cane", ["without gatto"]),
        ("cachorro mas sem gato", "cachorro", ["without gato"]),
        ("собака, но без кошки", "собака", ["without кошки"]),
        ("犬だけど猫なし", "犬", ["without 猫"]),
        ("狗但没有猫", "狗", ["without 猫"]),
        ("yes and no", "yes and no", []),
    ],
)
def test_but_no_is_without(text: str, left: str, labels: list[str]) -> None:
    plan = understood(text)
    assert (concept(plan), guesses(plan)) == (left, labels)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("dog im Juli: 2021 cat", "dog cat"),
        ("cat: in July 2021", "cat"),
        ("dog [2021] cat", "dog cat"),
        ("dog 2021 - cat", "dog cat"),
        ("2021!", ""),
        ("🐶 2021", "🐶"),
    ],
)
def test_no_marks_are_stranded(text: str, left: str) -> None:
    assert concept(understood(text)) == left


def test_every_language_has_its_sentences() -> None:
    assert set(SENTENCES) == set(words.LANGUAGES)
    assert min(len(rows) for rows in SENTENCES.values()) >= 12
    for rows in SENTENCES.values():
        assert sum(not labels for _, _, labels in rows) >= 2


@pytest.mark.parametrize(("text", "left", "labels"), CASES)
def test_removing_a_guess_leaves_the_rest(text: str, left: str, labels: list[str]) -> None:
    plan = understood(text)
    for chip in plan.chips:
        if not chip.is_guess or len(plan.chips) == 1:
            continue
        rest = text[: chip.start] + " " + text[chip.end :]
        others = [label for label in labels if label != chip.label]
        again = understood(rest)
        if concept(again) or again.where != Plan().where:
            assert guesses(again) == others
            assert concept(again).rstrip(",").replace(" ", "") == left.replace(" ", "")


def test_the_switch_turns_it_off() -> None:
    plan = plan_of(Query(text="Rom 2019 Canon", understands=False), VOCABULARY, TODAY)
    assert concept(plan) == "Rom 2019 Canon"
    assert plan.where == Plan().where


def test_a_phrase_is_left_alone() -> None:
    assert concept(understood('"Rom 2019" "last summer"')) == "Rom 2019 + last summer"
    assert guesses(understood('"Rom 2019" Canon')) == ["Canon"]


def test_alternatives_and_what_is_excluded_by_sign_are_left_alone() -> None:
    assert guesses(understood("Rom OR 2019")) == []
    assert guesses(understood("sea -Canon")) == []


def test_what_is_found_goes_with_filters_that_were_typed() -> None:
    plan = understood("Strand 2019 type:png -Hund")
    assert plan.where.parts == (
        TakenIn(date(2019, 1, 1), date(2019, 12, 31)),
        TextIs(TextField.TYPE, "png"),
    )
    assert plan.terms == (TextTerm("Strand"), TextTerm("Hund", -1.0))
    assert plan.words == ("Strand",)


def test_a_filter_without_what() -> None:
    plan = understood("Strand ohne Canon")
    assert plan.where == Not(TextIs(TextField.CAMERA, "Canon"))
    assert concept(plan) == "Strand"


def test_chips_stand_where_the_words_stand() -> None:
    text = 'like:"/x.png" Strand letzten Sommer ohne Menschen'
    chips = understood(text).chips
    assert [(chip.kind, text[chip.start : chip.end], chip.source) for chip in chips] == [
        (ChipKind.CONCEPT, 'like:"/x.png"', 'like:"/x.png"'),
        (ChipKind.CONCEPT, "Strand", "Strand"),
        (ChipKind.FILTER, "letzten Sommer", "date:2026-06..2026-08"),
        (ChipKind.EXCLUDED, "ohne Menschen", '-"Menschen"'),
    ]


@pytest.mark.parametrize(
    ("today", "text", "first", "last"),
    [
        (date(2026, 11, 21), "last summer", date(2026, 6, 1), date(2026, 8, 31)),
        (date(2026, 7, 1), "last summer", date(2025, 6, 1), date(2025, 8, 31)),
        (date(2026, 1, 15), "last winter", date(2024, 12, 1), date(2025, 2, 28)),
        (date(2026, 1, 15), "this winter", date(2025, 12, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), "last winter", date(2025, 12, 1), date(2026, 2, 28)),
        (date(2026, 7, 1), "last July", date(2025, 7, 1), date(2025, 7, 31)),
        (date(2026, 8, 1), "last July", date(2026, 7, 1), date(2026, 7, 31)),
        (date(2026, 1, 31), "last month", date(2025, 12, 1), date(2025, 12, 31)),
        (date(2024, 3, 1), "yesterday", date(2024, 2, 29), date(2024, 2, 29)),
        (date(2026, 11, 21), "last Saturday", date(2026, 11, 14), date(2026, 11, 14)),
        (date(2026, 11, 21), "last weekend", date(2026, 11, 14), date(2026, 11, 15)),
        (date(2026, 11, 22), "last week", date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 21), "two years ago", date(2024, 1, 1), date(2024, 12, 31)),
        (date(2026, 1, 5), "3 months ago", date(2025, 10, 1), date(2025, 10, 31)),
        (date(2026, 11, 21), "winter 2020", date(2020, 12, 1), date(2021, 2, 28)),
        (date(2026, 11, 21), "before 2015", None, date(2014, 12, 31)),
        (date(2026, 11, 21), "since 2015", date(2015, 1, 1), None),
    ],
)
def test_days_are_counted_from_today(
    today: date, text: str, first: date | None, last: date | None
) -> None:
    assert understood(text, today=today).where == TakenIn(first, last)


@pytest.mark.parametrize(
    "text", ["2027", "2031 sea", "summer 2027", "1850", "31.02.2020 x", "3/4/2021 x", "2000 m run"]
)
def test_what_is_no_date_stays(text: str) -> None:
    assert guesses(understood(text)) == []


def test_words_are_no_places_where_no_photo_says_its_place() -> None:
    plan = understood("Rom 2019", replace(VOCABULARY, has_positions=False))
    assert concept(plan) == "Rom"


def test_folders_tags_and_albums_are_no_filters() -> None:
    assert concept(understood("holidays cat")) == "holidays cat"


def test_what_is_called_after_a_city_is_of_it_too() -> None:
    # By the place alone, photos there that do not say where they were taken would be hidden.
    plan = understood("cat in lyon")
    assert guesses(plan) == ["near Lyon, or called so"]
    assert isinstance(plan.where, AnyOf)
    near, *called = plan.where.parts
    assert isinstance(near, Near)
    assert called == [TextIs(TextField.FOLDER, "Lyon 2019")]
    assert understood("Hamburg").where.parts[1:] == (TextIs(TextField.TAG, "Hamburg"),)
    again = plan_of(Query(text=printed(plan), understands=False))
    assert again.where == plan.where


def test_cameras_of_others_are_only_words() -> None:
    assert concept(understood("Rom Canon", Vocabulary())) == "Rom Canon"
    assert guesses(understood("apple on a desk")) == []
    assert understood("IPHONE 12 cat").where == TextIs(TextField.CAMERA, "iPhone 12")
    assert understood("d750 cat").where == TextIs(TextField.CAMERA, "D750")
    assert understood("ef 50mm f/1.8 cat").where == TextIs(TextField.LENS, "EF 50mm f/1.8")


def test_a_city_in_many_languages_is_one() -> None:
    names = ["Munich", "München", "munchen", "Múnich", "Мюнхен", "ミュンヘン", "慕尼黑"]
    found = {
        (place.latitude_deg, place.longitude_deg)
        for name in names
        if (place := places.near(name)) is not None
    }
    assert len(found) == 1
    assert all(places.near(name) for name in names)
    latitude_deg, longitude_deg = found.pop()
    assert abs(latitude_deg - 48.14) < 0.1
    assert abs(longitude_deg - 11.58) < 0.1


def test_a_city_may_stand_in_a_filter() -> None:
    plan = understood('near:"Rome" within:5km')
    assert isinstance(plan.where, Near)
    assert (plan.where.name, plan.where.within_km) == ("Rome", 5)
    assert understood("near:rome").where == replace(plan.where, within_km=25)


def test_only_what_is_not_to_be_seen_is_searched_as_it_stands() -> None:
    assert concept(understood("without people")) == "without people"
    assert concept(understood("犬なしの写真")) == "犬なしの写真"


def test_what_has_been_prepared_is_not_read_again() -> None:
    prepare()
    read = (words.of.cache_info().misses, gazetteer.places.cache_info().misses)
    understood("Hund in Wien 2019")
    assert (words.of.cache_info().misses, gazetteer.places.cache_info().misses) == read
    assert read == (len(words.LANGUAGES), 1)


@given(st.text())
def test_any_text_has_dates_within_it(text: str) -> None:
    stretch = Stretch(text)
    dates.find(stretch, TODAY)
    ends = [0, *(end for found in stretch.found for end in (found.start, found.end)), len(text)]
    assert ends == sorted(ends)


@given(st.text())
def test_the_flat_text_is_as_long_as_the_text(text: str) -> None:
    assert len(words.flat(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "left", "labels"),
    [
        ("Marie Curie 2019", "", ["with Marie Curie, or called so", "2019"]),
        ("marie  curie am Strand", "am Strand", ["with Marie Curie, or called so"]),
        ("Strand mit Jürgen van der Vaart", "Strand", ["with Jürgen van der Vaart, or called so"]),
        ("Jurgen van der Vaart", "", ["with Jürgen van der Vaart, or called so"]),
        ("Paris Hilton in Paris", "", ["with Paris Hilton, or called so", "near Paris"]),
        ("beach without Marie Curie", "beach", ["not with Marie Curie, or called so"]),
        ("山田花子の海", "海", ["with 山田花子, or called so"]),
        ("Marie Antoinette", "Marie Antoinette", []),
        ("Oma am Strand", "Oma am Strand", []),  # a word before it is somebody
        ('"Marie Curie" beach', "Marie Curie + beach", []),
    ],
)
def test_people_by_their_full_names(text: str, left: str, labels: list[str]) -> None:
    plan = understood(text, FAMILY)
    assert (concept(plan), guesses(plan)) == (left, labels)


def test_who_is_named_in_words_is_found_in_tags_and_captions_too() -> None:
    assert understood("Marie Curie", FAMILY).where == AnyOf(
        (
            TextIs(TextField.PERSON, "Marie Curie"),
            TextIs(TextField.CAPTION, "Marie Curie"),
            TextIs(TextField.TAG, "Marie Curie"),
        )
    )
    assert understood("Marie Curie").where == Plan().where  # nobody of that name is there


@pytest.mark.parametrize(
    ("text", "left", "labels"),
    [
        ("Italien 2019", "", ["taken in Italien", "2019"]),
        ("beach in Italy", "beach", ["taken in Italy"]),
        ("plage en Italie", "plage", ["taken in Italie"]),
        ("пляж Италия", "пляж", ["taken in Италия"]),
        ("イタリアの海", "海", ["taken in イタリア"]),
        ("South Africa", "", ["taken in South Africa, or called so"]),
        ("Roma in Italia", "", ["near Roma", "taken in Italia"]),
        ("italy", "italy", []),  # turkey and china are words
        ("France 2019", "France", ["2019"]),  # no photo was taken there
    ],
)
def test_countries_where_photos_were_taken(text: str, left: str, labels: list[str]) -> None:
    been = replace(
        VOCABULARY, places=("Italy", "Rome", "South Africa"), folders=("South Africa 2020",)
    )
    plan = understood(text, been)
    assert (concept(plan), guesses(plan)) == (left, labels)
