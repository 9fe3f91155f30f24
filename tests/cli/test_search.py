from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from photosearch.cli import session
from photosearch.cli.main import main
from photosearch.core.photo import Photo
from photosearch.core.query import DEFAULT_LIMIT, Query, TextTerm
from photosearch.core.result import SearchResult


class AskedClient:
    """An engine's client that finds nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.queries: list[Query] = []

    def search(self, query: Query) -> SearchResult:
        self.queries.append(query)
        none = np.empty(0)
        return SearchResult(query, "space", none.astype(np.int64), none.astype(np.float32), 0, 1.0)

    def photos(self, _ids: Sequence[int]) -> list[Photo]:
        return []

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
    assert query.terms == (TextTerm("a dog"), *(TextTerm(words, -1.0) for words in excluded))
    assert json.loads(capsys.readouterr().out)["query"] == "a dog"


@pytest.mark.parametrize("arguments", [[], [""], ["", " "]])
def test_no_words_are_no_question(
    client: AskedClient, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["search", *arguments]) == 2
    assert client.queries == []
    assert "nothing to search for" in capsys.readouterr().err
