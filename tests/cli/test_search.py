from __future__ import annotations

import json

import pytest

from photosearch.cli import session
from photosearch.cli.main import main
from photosearch.core.hits import Hits
from photosearch.core.query import DEFAULT_LIMIT, Query, TextTerm


class AskedClient:
    """An engine's client that finds nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.queries: list[Query] = []

    def find(self, query: Query) -> Hits:
        self.queries.append(query)
        return Hits((), "space", 0, 1.0)

    def close(self) -> None:
        pass


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
