from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photosearch.core.chip import ChipKind
from photosearch.core.filters import (
    EVERY_PHOTO,
    AllOf,
    AnyOf,
    Has,
    Near,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.core.query import Box, ImageTerm, PhotoTerm, Query, Reading, TextTerm
from photosearch.core.userdata import Vocabulary
from photosearch.errors import QueryError
from photosearch.search.parse import MAX_TEXT_LENGTH, plan_of, text_term
from photosearch.search.plan import Combine, Plan
from photosearch.search.printed import printed
from tests.search.plans import plans


def parsed(text: str) -> Plan:
    return plan_of(Query(text=text, understands=False))


def without_chips(plan: Plan) -> Plan:
    return replace(plan, chips=())


def refused(text: str) -> str:
    try:
        parsed(text)
    except QueryError as error:
        return error.message
    return ""


def texts(plan: Plan) -> list[tuple[str, float]]:
    return [(term.text, term.weight) for term in plan.terms if isinstance(term, TextTerm)]


VOCABULARY = Vocabulary(("Canon EOS 5D",), folders=("Rome",), has_positions=True)
ITALY, USA = (TextIs(TextField.PLACE, name) for name in ("Italy", "United States"))
YEAR = TakenIn(date(2019, 1, 1), date(2019, 12, 31))
NEXT_YEAR = TakenIn(date(2020, 1, 1), date(2020, 12, 31))


def test_text_in_any_script_is_kept() -> None:
    assert text_term("  犬の  写真\n") == TextTerm("犬の 写真")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", '""', "+", "()", "\ufeff"])
def test_nothing_to_search_for_is_said(text: str) -> None:
    with pytest.raises(QueryError, match="nothing to search for"):
        parsed(text)


def test_a_text_too_long_is_said_with_its_length() -> None:
    with pytest.raises(QueryError, match=r"The search is 10,000 characters.*8,000"):
        parsed("x" * 10_000)
    with pytest.raises(QueryError, match=r"one thing to be seen is 1,001 characters.*1,000"):
        parsed("x" * 1_001)


def test_a_limit_below_one_is_said() -> None:
    with pytest.raises(QueryError, match="limit of 0"):
        plan_of(Query(text="dog", limit=0))


def test_text_examples_and_exclusions_become_terms() -> None:
    plan = plan_of(Query((PhotoTerm(7), TextTerm("snow", -1.0)), text="dog"))
    assert plan.terms == (TextTerm("dog"), PhotoTerm(7), TextTerm("snow", -1.0))
    assert plan.combine is Combine.AND


def test_an_example_needs_no_text(tmp_path) -> None:
    assert plan_of(Query((ImageTerm(tmp_path),))).terms == (ImageTerm(tmp_path),)


def test_only_exclusions_are_refused_unless_a_filter_says_of_what() -> None:
    with pytest.raises(QueryError, match="not to be seen"):
        parsed("-people")
    assert texts(parsed("-people date:2019")) == [("people", -1.0)]


def test_the_reading_reaches_the_words() -> None:
    plan = plan_of(Query(text='dog -"cat"', reading=Reading.BOTH))
    assert {term.reading for term in plan.terms if isinstance(term, TextTerm)} == {Reading.BOTH}


@pytest.mark.parametrize(
    ("text", "terms", "words"),
    [
        ("red boat", [("red boat", 1)], ("red", "boat")),
        ('"red boat"', [("red boat", 1)], ("red boat",)),
        ('dog + "red boat"', [("dog", 1), ("red boat", 1)], ("dog", "red boat")),
        ("red boat + old dog", [("red boat", 1), ("old dog", 1)], ("red", "boat", "old", "dog")),
        ("dog +cat", [("dog", 1), ("cat", 1)], ("dog", "cat")),
        ("“red boat” «mer» 「海」", [("red boat", 1), ("mer", 1), ("海", 1)], None),
        ('"say ""hi"""', [('say "hi"', 1)], ('say "hi"',)),
        ("Hund -Katze", [("Hund", 1), ("Katze", -1)], ("Hund",)),
        ('海 -"赤い 船"', [("海", 1), ("赤い 船", -1)], ("海",)),
        ("sea NOT dog boat", [("sea boat", 1), ("dog", -1)], ("sea", "boat")),
        ("sea -(dog OR cat)", [("sea", 1), ("dog", -1), ("cat", -1)], ("sea",)),
        ("sea NOT -dog", [("sea dog", 1)], None),
        ("red date:2019 boat", [("red boat", 1)], ("red", "boat")),
        ("dog AND cat", [("dog", 1), ("cat", 1)], ("dog", "cat")),
        ("AND dog AND AND cat AND", [("dog", 1), ("cat", 1)], ("dog", "cat")),
        ("dog (old cat)", [("dog", 1), ("old cat", 1)], None),
        ("e-mail -5 a - b c++ -- IMG(1)", [("e-mail -5 a - b c++ -- IMG(1)", 1)], None),
        ("16:9 4:30 pm Star Wars: A New Hope", [("16:9 4:30 pm Star Wars: A New Hope", 1)], None),
        ("http://x C:\\x std::sort game: over", [("http://x C:\\x std::sort game: over", 1)], None),
        ("標題：海", [("標題：海", 1)], None),  # noqa: RUF001 - the colon there
        ("date: in: the garden", [("date in the garden", 1)], None),
        ('8" x 10"', [('8" x 10"', 1)], None),
        ("and or not", [("and or not", 1)], None),
    ],
)
def test_words_and_phrases(text: str, terms: list, words: tuple[str, ...] | None) -> None:
    plan = parsed(text)
    assert texts(plan) == terms
    assert plan.combine is Combine.AND
    if words is not None:
        assert plan.words == words


def test_weights_make_a_sum() -> None:
    plan = parsed('2:sunset 0.5:"red boat" -0.5:x beach')
    assert texts(plan) == [("sunset", 2), ("red boat", 0.5), ("x", -0.5), ("beach", 1)]
    assert plan.combine is Combine.SUM
    assert plan_of(Query((TextTerm("x", 0.3),), text="dog")).combine is Combine.SUM


def test_pictures_by_path() -> None:
    plan = parsed('like:"/a b/c.jpg"[0.1,0.2,0.5,0.6] -like:/x.png 2:like:"C:\\d.png" dog')
    assert plan.terms == (
        ImageTerm(Path("/a b/c.jpg"), 1.0, Box(0.1, 0.2, 0.5, 0.6)),
        ImageTerm(Path("/x.png"), -1.0),
        ImageTerm(Path("C:\\d.png"), 2.0),
        TextTerm("dog"),
    )


def test_a_path_that_is_no_unicode_is_kept() -> None:
    assert parsed('like:"/a\udcff.jpg"').terms == (ImageTerm(Path("/a\udcff.jpg")),)


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("USERPROFILE", "/somewhere")
    assert parsed("like:~/a.jpg").terms == (ImageTerm(Path("/somewhere/a.jpg")),)
    assert parsed("like:~nobody.of.this.name/a.jpg").terms != ()


def test_alternatives() -> None:
    plan = parsed('beach (dog OR "big cat" OR like:/x.png) date:2019')
    assert len(plan.terms) == 4
    assert plan.alternatives == ((1, 2, 3),)
    assert plan.words == ()
    assert plan.where == YEAR


def number(field: NumberField, low: float | None, high: float | None) -> NumberIn:
    return NumberIn(field, low, high)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("date:2019", YEAR),
        ("DATE:2019", YEAR),
        ("date:2021-07..2021-08", TakenIn(date(2021, 7, 1), date(2021, 8, 31))),
        ("date:2021-7-4", TakenIn(date(2021, 7, 4), date(2021, 7, 4))),
        ("date:2021..", TakenIn(date(2021, 1, 1))),
        ("date:..2021-02", TakenIn(None, date(2021, 2, 28))),
        ("date:>2021", TakenIn(date(2022, 1, 1))),
        ("after:2021-07", TakenIn(date(2021, 7, 1))),
        ("before:2021-07", TakenIn(None, date(2021, 6, 30))),
        ("month:7", number(NumberField.MONTH, 7, 7)),
        ("month:July", number(NumberField.MONTH, 7, 7)),
        ("month:juillet", number(NumberField.MONTH, 7, 7)),
        ("month:марта", number(NumberField.MONTH, 3, 3)),
        ("month:7月", number(NumberField.MONTH, 7, 7)),
        ("month:6..8", number(NumberField.MONTH, 6, 8)),
        (
            "month:nov..2",
            AnyOf((number(NumberField.MONTH, 11, 12), number(NumberField.MONTH, 1, 2))),
        ),
        ("weekday:sat", number(NumberField.WEEKDAY, 6, 6)),
        ("weekday:Montag", number(NumberField.WEEKDAY, 1, 1)),
        ("weekday:6..7", number(NumberField.WEEKDAY, 6, 7)),
        (
            "hour:22..4",
            AnyOf((number(NumberField.HOUR, 22, 23), number(NumberField.HOUR, 0, 4))),
        ),
        ('in:"Folder/Sub"', TextIs(TextField.FOLDER, "Folder/Sub")),
        (r"in:Folder\Sub/", TextIs(TextField.FOLDER, "Folder/Sub")),
        ("name:IMG_*.jpg", TextIs(TextField.NAME, "IMG_*.jpg")),
        ("type:.HEIC", TextIs(TextField.TYPE, "heic")),
        ("camera:“Canon EOS”", TextIs(TextField.CAMERA, "Canon EOS")),
        ("lens:50mm", TextIs(TextField.LENS, "50mm")),
        ("tag:père", TextIs(TextField.TAG, "père")),
        ('album:"x ""y"""', TextIs(TextField.ALBUM, 'x "y"')),
        ("caption:x", TextIs(TextField.CAPTION, "x")),
        ("person:Oma", TextIs(TextField.PERSON, "Oma")),
        ('Person:"Marie  Curie"', TextIs(TextField.PERSON, "Marie Curie")),
        ("people:Oma", TextIs(TextField.PERSON, "Oma")),
        ("place:Rome", TextIs(TextField.PLACE, "Rome")),
        ("place:Wien", AnyOf((TextIs(TextField.PLACE, "Wien"), TextIs(TextField.PLACE, "Vienna")))),
        ("country:Италия", AnyOf((TextIs(TextField.PLACE, "Италия"), ITALY))),
        ("place:Italien OR place:Italy", AnyOf((TextIs(TextField.PLACE, "Italien"), ITALY))),
        ("place:Ital", TextIs(TextField.PLACE, "Ital")),
        ("place:USA", AnyOf((TextIs(TextField.PLACE, "USA"), USA))),
        ("city:Rome", TextIs(TextField.PLACE, "Rome")),
        ('country:"United Kingdom"', TextIs(TextField.PLACE, "United Kingdom")),
        ('only-on:"Disk A"', TextIs(TextField.ONLY_ON, "Disk A")),
        ("Only-On:Disk/DCIM/", TextIs(TextField.ONLY_ON, "Disk/DCIM")),
        ("-only-on:NAS", Not(TextIs(TextField.ONLY_ON, "NAS"))),
        ("has:person", Has(Trait.PERSON)),
        ("copies:>1", NumberIn(NumberField.COPIES, 2)),
        ("copies:1", NumberIn(NumberField.COPIES, 1, 1)),
        ("iso:>800", number(NumberField.ISO, 801, None)),
        ("iso:>=800", number(NumberField.ISO, 800, None)),
        ("iso:<800", number(NumberField.ISO, None, 799)),
        ("iso:100..400", number(NumberField.ISO, 100, 400)),
        ("iso:=400", number(NumberField.ISO, 400, 400)),
        ("rating:>=3", number(NumberField.RATING, 3, None)),
        ("rating:0", number(NumberField.RATING, 0, 0)),
        ("aperture:f/2.8", number(NumberField.APERTURE, 2.75, 2.85)),
        ("aperture:1.4..2.8", number(NumberField.APERTURE, 1.4, 2.8)),
        ("exposure:1/4..2", number(NumberField.EXPOSURE, 0.25, 2)),
        ("focal:50mm", number(NumberField.FOCAL, 49.5, 50.5)),
        ("width:>=4000", number(NumberField.WIDTH, 4000, None)),
        ("height:<=3000", number(NumberField.HEIGHT, None, 3000)),
        ("copies:>1", number(NumberField.COPIES, 2, None)),
        ("size:>5MB", number(NumberField.SIZE, 5_000_001, None)),
        ("size:<=1.5KiB", number(NumberField.SIZE, None, 1536)),
        ("size:500kB..2mb", number(NumberField.SIZE, 500_000, 2_000_000)),
        ("size:5MB", number(NumberField.SIZE, 4_500_000, 5_500_000)),
        ("size:1234", number(NumberField.SIZE, 1234, 1234)),
        ("size:>=12mp", number(NumberField.MEGAPIXELS, 12, None)),
        ("megapixels:12..24", number(NumberField.MEGAPIXELS, 12, 24)),
        ("has:gps", Has(Trait.GPS)),
        ("has:tag", Has(Trait.TAG)),
        ("is:favourite", Has(Trait.FAVOURITE)),
        ("is:favorite", Has(Trait.FAVOURITE)),
        ("orientation:portrait", Has(Trait.PORTRAIT)),
        ("near:48.85,-2.35", Near(48.85, -2.35, 10)),
        ('near:"48.85, 2.35" within:500m', Near(48.85, 2.35, 0.5)),
        ('near:"48.85,2.35" within:10mi', Near(48.85, 2.35, 16.09344)),
        ("-type:png", Not(TextIs(TextField.TYPE, "png"))),
        ("NOT type:png", Not(TextIs(TextField.TYPE, "png"))),
        ("NOT NOT date:2019", YEAR),
        ("date:2019 OR date:2020", AnyOf((YEAR, NEXT_YEAR))),
        ("date:2019 AND has:gps", AllOf((YEAR, Has(Trait.GPS)))),
        ("date:2019 has:gps", AllOf((YEAR, Has(Trait.GPS)))),
        ("-(date:2019 OR date:2020)", Not(AnyOf((YEAR, NEXT_YEAR)))),
        (
            "has:gps date:2019 OR date:2020",
            AllOf((Has(Trait.GPS), AnyOf((YEAR, NEXT_YEAR)))),
        ),
        (
            "has:gps AND date:2019 OR date:2020",
            AnyOf((AllOf((Has(Trait.GPS), YEAR)), NEXT_YEAR)),
        ),
        ("((date:2019))", YEAR),
    ],
)
def test_filters(text: str, where) -> None:
    plan = parsed(text)
    assert plan.where == where
    assert plan.terms == ()
    assert without_chips(parsed(f"dog {text}")) == Plan((TextTerm("dog"),), where, words=("dog",))


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("dog datee:2021", r"no field “datee:” \(at character 5\)", 'mean "date:"'),
        ("camara:x", "no field “camara:”", '"camera:"'),
        ("dog year:2021", r"no field “year:” \(at character 5\)", 'mean "date:"'),
        ("filename:x", "no field", '"name:"'),
        ("ext:jpg", "no field", '"type:"'),
        ("path:/tmp", "no field", '"in:"'),
        ("Make:Canon", "no field “Make:”", '"camera:"'),
        ("star:5", "no field", '"rating:"'),
        ("location:x", "no field", "near:"),
        ("gps:yes", "no field", "has:gps"),
        ("datum:2021", "no field", '"date:"'),
        ("favourite:yes", "no field", '"is:favourite"'),
        ("filenam:x", "no field", '"name:"'),
        ("face:Anna", "no field", '"person:"'),
        ("wer:Anna", "no field", '"person:"'),
        ("лицо:Анна", "no field", '"person:"'),
        ("人物:花子", "no field", '"person:"'),
        ("Ort:Rom", "no field", '"place:"'),
        ("ciudad:Roma", "no field", '"place:"'),
        ("onlyon:x", "no field", '"only-on:"'),
        ("only-on:", "“only-on:”.*says nothing", "a disk"),
        ("person:", "“person:”.*says nothing", "named in pictures"),
        ('person:" "', "it is empty", "named in pictures"),
        ("colour:red", "no field", "in words"),
        ("2:game:over", r"“game:” \(at character 3\)", "put them in quotes"),
        ("-game:over", "no field", "put them in quotes"),
        ("हिन्दी:x", "no field “हिन्दी:”", "put them in quotes"),
        ("date:", "“date:”.*says nothing", "2021-07"),
        ("dog (in: ) cat", "“in:”.*says nothing", "a folder"),
        ("like:", "says nothing", "path of a picture"),
        ("100:dog", "“100:”.*from 0.01 to 99.99", "quotes"),
        ("cat -0:dog", "“0:”.*from 0.01 to 99.99", "quotes"),
        ("0.001:dog", "no weight", "decimals"),
        ('"date":2021', 'without quotes: “"date":”', "date:"),
        ("dog date:2021-13", r"“date:2021-13” \(at character 5\).*no month 13", "2021-07-14"),
        ("date:2021-02-30", "28 days", "a day"),
        ("date:0000", "no year 0", "a year"),
        ("date:last", "no date", "a year"),
        ("date:2021..2019", "ends before it begins", "range"),
        ("date:..", "both ends", "range"),
        ("before:0001", "calendar ends", "a year"),
        ("date:>9999", "calendar ends", "a year"),
        ("iso:abc", "“abc” is no number", ">800"),
        ("iso:400..100", "ends before", ">800"),
        ("iso:<0", "from 0", ">800"),
        ("iso:1.5", "no whole number", ">800"),
        ("rating:6", "from 0 to 5", "stars"),
        ("rating:>5", "from 0 to 5", "stars"),
        ("month:13", "between 1 and 12", "july"),
        ("month:>12", "from 1 to 12", "july"),
        ("weekday:funday", "“funday” is no day of the week", "mon, tue, wed"),
        ("month:x", "“x” is no month", "july"),
        ("hour:24", "between 0 and 23", "22..4"),
        ("size:5xx", "known unit", ">5MB"),
        ("exposure:1/0", "divided by 0", "1/200"),
        ("has:wings", "not among them", "gps"),
        ("is:gps", "not among them", "favourite"),
        ("orientation:round", "not among them", "portrait"),
        ('in:""', "it is empty", "folder"),
        ("type:a/b", "no format", "heic"),
        ("near:91,0", "latitudes", "48.85"),
        ('near:"48.85,2.35" within:10ft', "“within:10ft”.*known unit", "10km"),
        ('near:"48.85,2.35" within:0', "above 0", "10km"),
        ('near:"48.85,2.35" within:-5km', "above 0", "10km"),
        ('near:"48.85,2.35" within:90000km', "no distance on Earth", "10km"),
        ("dog within:5km", "belongs behind a place", "near:"),
        ("2:date:2019", "no weight", "number out"),
        ('like:""', "names no file", "like:"),
        ('like:"x"[1,2]', "not four numbers", "0.1"),
        ('like:"x"[0.5,0,0.1,1]', "no part of a picture", "0.1"),
        ('like:"x"[nan,0,1,1]', "no part of a picture", "0.1"),
        ('dog "red boat', r"quotes “\"red boat” \(at character 5\)", "Close them"),
        ("dog (cat", r"parenthesis “\(cat” \(at character 5\)", "Close it"),
        ("dog) cat", r"“\) cat” \(at character 4\)", "Open it"),
        ("Portland OR", "missing beside “OR”", "quotes"),
        ("OR dog", "missing beside “OR”", "quotes"),
        ("dog OR AND cat", "missing beside “AND”", "quotes"),
        ("AND", "missing beside “AND”", "between two things"),
        ("OR", "missing beside “OR”", "between two things"),
        ("+ (AND)", r"“AND” \(at character 4\)", "quotes"),
        ("dog NOT", "missing beside “NOT”", "quotes"),
        ("dog OR date:2019", "“date:2019”.*one of several", "single things"),
        ("dog OR -cat", "“-cat”.*one of several", "single things"),
        ("x -(dog date:2019)", "excluded together", "single things"),
        ("2:dog (cat OR bird)", "Weights and OR", "Leave"),
        ("(" * 60 + "x" + ")" * 60, "40 deep", "fewer"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, said: str, hint: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        parsed(text)
    assert hint in caught.value.hint


def test_what_cannot_be_read_is_told_on_one_short_line() -> None:
    with pytest.raises(QueryError) as caught:
        parsed(f'iso:"a\u2028b\n{"x" * 5000}"')
    assert "“a b xxx" in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    assert len(caught.value.message) < 200


def test_chips_tell_what_stands_where() -> None:
    text = 'Hund -Katze date:2019..2021 near:"1,2" within:5km "rotes Boot" AND like:/a/b.jpg'
    chips = parsed(text).chips
    assert [(chip.kind, chip.label, text[chip.start : chip.end]) for chip in chips] == [
        (ChipKind.CONCEPT, "Hund", "Hund"),
        (ChipKind.EXCLUDED, "without Katze", "-Katze"),
        (ChipKind.FILTER, "2019 to 2021", "date:2019..2021"),
        (ChipKind.FILTER, "within 5 km of 1°N 2°E", 'near:"1,2" within:5km'),
        (ChipKind.CONCEPT, "rotes Boot", '"rotes Boot"'),
        (ChipKind.CONCEPT, "like b.jpg", "like:/a/b.jpg"),
    ]
    assert not any(chip.is_guess for chip in chips)


@pytest.mark.parametrize(
    "text",
    [
        "red boat -dog date:2019 + old cat",
        'dog AND "cat" AND has:gps AND -x',
        "(dog OR cat) NOT (type:png OR type:gif) beach",
        '2:sunset -0.5:"x" like:"/a b.jpg"[0,0,1,1]',
        "-(a OR b) sea iso:>800 OR iso:<100",
        "sea NOT NOT date:2019 NOT -has:gps NOT NOT NOT dog",
        '"sea" NOT -dog "boat"',
        '"sea" AND "dog" + "boat"',
    ],
)
def test_removing_a_chip_leaves_the_others(text: str) -> None:
    chips = parsed(text).chips
    for chip in chips:
        rest = text[: chip.start] + text[chip.end :]
        others = [other.source for other in chips if other is not chip]
        assert [other.source for other in parsed(rest).chips] == others


@pytest.mark.parametrize("text", ["dog AND", "AND AND dog", "+ dog +", "dog AND date:2019 AND"])
def test_removing_every_chip_leaves_nothing(text: str) -> None:
    while text:
        first = parsed(text).chips[0]
        text = f"{text[: first.start].rstrip()} {text[first.end :].lstrip()}".strip()


@given(st.text(max_size=MAX_TEXT_LENGTH))
def test_any_text_is_a_term_or_an_error(text: str) -> None:
    try:
        term = text_term(text)
    except QueryError:
        return
    assert term.text.strip() == term.text != ""
    term.text.encode("utf-8")


#: What the language is made of, so that random text has some of it.
PIECES = st.one_of(
    st.sampled_from(
        [
            "dog",
            "海",
            "( ",
            " )",
            "(",
            ")",
            '"',
            '""',
            ' "',
            '" ',
            "-",
            "\N{MINUS SIGN}",
            " -",
            " + ",
            "+",
            ":",
            "2:",
            "0.5:",
            "-2:",
            "AND",
            " AND ",
            " OR ",
            " NOT ",
            "date:",
            "2019",
            "2021-07",
            "..",
            ">",
            ">=",
            "<",
            "=",
            "iso:",
            "800",
            "near:",
            "48.85,2.35",
            " within:",
            "10km",
            "like:",
            "[0.1,0.2,0.5,0.6]",
            "month:",
            "nov",
            "tag:",
            "is:",
            "favourite",
            "has:",
            "gps",
            "size:",
            "5MB",
            "12mp",
            "exposure:",
            "1/60",
            "2.8",
            "aperture:",
            "in:",
            "a/b",
            "\\",
            "“",
            "”",
            "«",
            "»",
            '8"',
            "last summer",
            "in Rome",
            "без людей",
            "人のいない",
            " 东京 ",
            "canon",
            "png",
            "ohne ",
            "2019",
            " ",
            "\u200b",
            "́",
            "�",
            "\x00",
            "weekday:",
            "hour:",
            "22..4",
            "type:",
            "raw",
            "letzten Sommer",
            "year:",
            "in: ",
            "100:",
            "aber keine ",
            "[2021]: ",
        ]
    ),
    st.text(max_size=4),
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=14).map("".join)), st.booleans())
@example('1:""0 0', False)
@example('like:"/a\udcff\n""b.jpg" x', False)
def test_any_text_is_understood_or_refused_and_its_print_says_the_same(
    text: str, understands: bool
) -> None:
    try:
        plan = plan_of(Query(text=text, understands=understands), VOCABULARY, date(2026, 11, 21))
    except QueryError:
        return
    assert without_chips(parsed(printed(plan))) == without_chips(plan)
    for chip in plan.chips:
        assert 0 <= chip.start < chip.end <= len(text)
        assert chip.label
        assert chip.source
        rest = f"{text[: chip.start].rstrip()} {text[chip.end :].lstrip()}"
        assert len(plan.chips) == 1 or "missing" not in refused(rest)
    ends = [(chip.start, chip.end) for chip in plan.chips]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


@given(plans())
def test_the_print_of_any_plan_says_the_same(plan: Plan) -> None:
    again = parsed(printed(plan))
    assert without_chips(again) == plan
    assert printed(again) == printed(plan)


def test_every_photo_is_asked_about_without_filters() -> None:
    assert parsed("dog").where == EVERY_PHOTO


def test_words_given_beside_the_text_are_cleaned_and_must_say_something() -> None:
    plan = plan_of(Query((TextTerm(" the\x00 snow\n", -1.0),), text="dog"))
    assert plan.terms == (TextTerm("dog"), TextTerm("the snow", -1.0))
    with pytest.raises(QueryError, match="nothing to search for"):
        plan_of(Query((TextTerm(" \t", -1.0),), text="dog"))
