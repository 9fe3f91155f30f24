from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.query import ImageTerm, PhotoTerm, Query, TextTerm
from photosearch.errors import QueryError
from photosearch.search.parse import MAX_TEXT_LENGTH, plan_of, text_term


def test_text_in_any_script_is_kept() -> None:
    assert text_term("  犬の  写真\n") == TextTerm("犬の 写真")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_nothing_to_search_for_is_said(text: str) -> None:
    with pytest.raises(QueryError, match="nothing to search for"):
        plan_of(Query(text=text))


def test_a_text_too_long_is_said_with_its_length() -> None:
    with pytest.raises(QueryError, match=r"10,000 characters"):
        plan_of(Query(text="x" * 10_000))


def test_a_limit_below_one_is_said() -> None:
    with pytest.raises(QueryError, match="limit of 0"):
        plan_of(Query(text="dog", limit=0))


def test_text_examples_and_exclusions_become_terms() -> None:
    plan = plan_of(Query((PhotoTerm(7), TextTerm("snow", -1.0)), text="dog"))
    assert plan.terms == (TextTerm("dog"), PhotoTerm(7), TextTerm("snow", -1.0))


def test_an_example_needs_no_text(tmp_path) -> None:
    assert plan_of(Query((ImageTerm(tmp_path),))).terms == (ImageTerm(tmp_path),)


@given(st.text(max_size=MAX_TEXT_LENGTH))
def test_any_text_is_a_term_or_an_error(text: str) -> None:
    try:
        term = text_term(text)
    except QueryError:
        return
    assert term.text.strip() == term.text != ""
    term.text.encode("utf-8")
