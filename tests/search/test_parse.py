from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.query import ImageTerm, PhotoTerm, TextTerm
from photosearch.errors import QueryError
from photosearch.search.parse import MAX_TEXT_LENGTH, query_of, text_term


def test_text_in_any_script_is_kept() -> None:
    assert text_term("  犬の  写真\n") == TextTerm("犬の 写真")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_nothing_to_search_for_is_said(text: str) -> None:
    with pytest.raises(QueryError, match="nothing to search for"):
        query_of(text)


def test_a_text_too_long_is_said_with_its_length() -> None:
    with pytest.raises(QueryError, match=r"10,000 characters"):
        query_of("x" * 10_000)


def test_a_limit_below_one_is_said() -> None:
    with pytest.raises(QueryError, match="limit of 0"):
        query_of("dog", limit=0)


def test_text_examples_and_exclusions_become_terms() -> None:
    query = query_of("dog", excluded=["snow"], examples=[PhotoTerm(7)], limit=5)
    assert query.terms == (TextTerm("dog"), PhotoTerm(7), TextTerm("snow", -1.0))
    assert query.limit == 5


def test_an_example_needs_no_text(tmp_path) -> None:
    assert query_of(examples=[ImageTerm(tmp_path)]).terms == (ImageTerm(tmp_path),)


@given(st.text(max_size=MAX_TEXT_LENGTH))
def test_any_text_is_a_term_or_an_error(text: str) -> None:
    try:
        term = text_term(text)
    except QueryError:
        return
    assert term.text.strip() == term.text != ""
    term.text.encode("utf-8")
