from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosearch.cli import session
from photosearch.cli.main import main
from photosearch.core.chip import Chip, ChipKind
from photosearch.core.hits import Hit, Hits
from photosearch.core.photo import FileStamp, Photo, PhotoFacts
from photosearch.core.query import DEFAULT_LIMIT, Query, TextTerm


class AskedClient:
    """An engine's client that finds nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.queries: list[Query] = []
        self.answer = Hits((), "space", 0, 1.0)
        self.photo_count = 1
        self.places: dict[int, list[Path]] = {}
        self.places_asked: list[int] = []

    def find(self, query: Query) -> Hits:
        self.queries.append(query)
        return self.answer

    def status(self) -> SimpleNamespace:
        return SimpleNamespace(counts=SimpleNamespace(photo_count=self.photo_count))

    def paths_of(self, photo_id: int) -> list[Path]:
        self.places_asked.append(photo_id)
        return self.places[photo_id]

    def close(self) -> None:
        pass


def photo(name: str) -> Photo:
    facts = PhotoFacts("JPEG", 4, 3)
    return Photo(1, 1, Path("/photos") / name, FileStamp(1, 1), bytes(16), facts)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> AskedClient:
    client = AskedClient()
    monkeypatch.setattr(session, "connect", lambda _library, *, warm: client)
    return client


@pytest.mark.parametrize(
    ("arguments", "limit", "excluded"),
    [
        (["a dog"], DEFAULT_LIMIT, []),
        (["a", "dog"], DEFAULT_LIMIT, []),
        (["--limit", "3", "a", "dog"], 3, []),
        (["a", "dog", "--limit=3"], 3, []),
        (["a", "--not", "the snow", "dog", "--limit", "3"], 3, ["the snow"]),
    ],
)
def test_words_need_no_quotes_wherever_the_options_stand(
    client: AskedClient,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    limit: int,
    excluded: list[str],
) -> None:
    assert main(["search", *arguments, "--json"]) == 0
    (query,) = client.queries
    assert query.limit == limit
    assert query.text == "a dog"
    assert query.terms == tuple(TextTerm(words, -1.0) for words in excluded)
    assert json.loads(capsys.readouterr().out)["query"] == "a dog"


@pytest.mark.parametrize("arguments", [[], [""], ["", " "]])
def test_no_words_are_no_question(
    client: AskedClient, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["search", *arguments]) == 2
    assert client.queries == []
    assert "nothing to search for" in capsys.readouterr().err


def test_a_word_with_a_minus_is_no_option(client: AskedClient) -> None:
    assert main(["search", "beach", "-people", "date:2021", "--limit", "3"]) == 0
    assert main(["search", "-people date:2021"]) == 0
    first, second = client.queries
    assert (first.text, first.limit) == ("beach -people date:2021", 3)
    assert second.text == "-people date:2021"


def test_an_option_that_does_not_exist_is_said(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "dog", "--limt", "3"]) == 2
    assert "no option --limt" in capsys.readouterr().err
    assert client.queries == []


def test_how_well_photos_fit_stands_before_them(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.answer = Hits(
        (
            Hit(photo("tagged.jpg"), 0.2, 0.02, "named", ("tag",), burst_count=3),
            Hit(photo("sure.jpg"), 0.6, 0.934, "strong", ("image",)),
        ),
        "space",
        12_480,
        7.0,
        total_count=1_000,
        waiting_count=35_733,
        chips=(Chip(ChipKind.FILTER, "2021", "date:2021", 0, 4, is_guess=True),),
    )
    assert main(["search", "dog 2021"]) == 0
    out, told = capsys.readouterr()
    named, strong = out.splitlines()
    assert named == "named          /photos/tagged.jpg  (tag, +2 of the same moment)"
    assert strong == "strong    93%  /photos/sure.jpg"
    assert "Understood as: 2021" in told
    assert "12,480 of 48,213 compared so far" in told


def test_where_nothing_is_found_it_is_said_why(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    chips = (Chip(ChipKind.FILTER, "2030", "date:2030", 0, 9),)
    client.answer = Hits((), "space", 0, 1.0, chips=chips)
    assert main(["search", "date:2030"]) == 0
    assert "No photo is so: 2030." in capsys.readouterr().err
    hit = Hit(photo("a.jpg"), 0.1, 0.01, "weak", ("image",))
    client.answer = Hits((hit,), "space", 5, 1.0, 5, no_good_match=True)
    assert main(["search", "unicorn"]) == 0
    assert "Nothing stands out for “unicorn”" in capsys.readouterr().err


def test_an_empty_library_says_how_to_fill_it(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.photo_count = 0
    assert main(["search", "dog"]) == 0
    told = capsys.readouterr().err
    assert "The library holds no photos yet." in told
    assert "photosearch index FOLDER" in told


def test_where_none_is_sure_enough_the_switch_is_named(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.answer = Hits((), "space", 500, 1.0)
    assert main(["search", "dog", "--min-confidence", "0.9"]) == 0
    told = capsys.readouterr().err
    assert "No photo is as sure as 90%" in told
    assert "--min-confidence" in told


def test_json_names_all_places_of_a_photo(
    client: AskedClient, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = replace(photo("a.jpg"), id=2, copy_count=2)
    client.answer = Hits(
        (Hit(photo("b.jpg"), 0.5, 0.5, "strong", ()), Hit(twice, 0.5, 0.5, "strong", ())),
        "space",
        2,
        1.0,
    )
    client.places = {2: [Path("/photos/a.jpg"), Path(os.fsdecode(b"/away/\xff.jpg"))]}
    assert main(["search", "a dog", "--json"]) == 0
    one, two = json.loads(capsys.readouterr().out)["hits"]
    assert (one["path"], one["paths"]) == ("/photos/b.jpg", ["/photos/b.jpg"])
    assert two["paths"] == ["/photos/a.jpg", "/away/\\xff.jpg"]
    assert [base64.b64decode(path) for path in two["paths_bytes"]] == [
        b"/photos/a.jpg",
        b"/away/\xff.jpg",
    ]
    assert client.places_asked == [2], "one place is known without asking"
