"""Turns what was typed into a plan. Pure; any thread.

The search box, the command line and saved searches all come through here, in the engine, so that
they understand alike.
"""

from __future__ import annotations

import unicodedata

from photosearch.core.query import Query, Reading, TextTerm
from photosearch.errors import QueryError
from photosearch.search.plan import Plan

#: Text towers read 77 to 128 tokens and drop the rest without a word; nothing this long is meant.
MAX_TEXT_LENGTH = 1_000


def plan_of(query: Query) -> Plan:
    """Understands a query.

    Raises:
        QueryError: There is nothing to search for, a text is too long, or a limit is under one.
    """
    if query.limit < 1:
        raise QueryError(f"A limit of {query.limit} finds nothing.", "Use 1 or more.")
    terms = list(query.terms)
    if query.text.strip() or not terms:
        terms.insert(0, text_term(query.text, reading=query.reading))
    if all(term.weight < 0 for term in terms):
        raise QueryError(
            "Only what is not to be seen was said.",
            "Say what is to be seen, too, or give a picture.",
        )
    words = tuple(term.text for term in terms if isinstance(term, TextTerm) and term.weight > 0)
    return Plan(tuple(terms), words=words)


def text_term(text: str, *, weight: float = 1.0, reading: Reading = Reading.AUTO) -> TextTerm:
    """Makes a term of typed text.

    Raises:
        QueryError: The text says nothing, or is too long.
    """
    cleaned = " ".join(_printable(text).split())
    if not cleaned:
        raise QueryError(
            "There is nothing to search for.",
            "Say what is to be seen in a few words, or give a picture.",
        )
    if len(cleaned) > MAX_TEXT_LENGTH:
        raise QueryError(
            f"The search text is {len(cleaned):,} characters long; "
            f"at most {MAX_TEXT_LENGTH:,} are understood.",
            "Say it in a sentence.",
        )
    return TextTerm(cleaned, weight, reading)


def _printable(text: str) -> str:
    """Drops control characters and lone surrogates: no tokenizer has a use for them."""
    return "".join(char if unicodedata.category(char) not in {"Cc", "Cs"} else " " for char in text)
