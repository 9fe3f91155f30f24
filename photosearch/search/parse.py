"""Turns what stands in a search box into a query. Pure; any thread.

The window and the command line both come through here, so that they understand alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from photosearch.core.query import DEFAULT_LIMIT, Query, Reading, Term, TextTerm
from photosearch.errors import QueryError

#: Text towers read 77 to 128 tokens and drop the rest without a word; nothing this long is meant.
MAX_TEXT_LENGTH = 1_000


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


def query_of(
    text: str = "",
    *,
    excluded: Sequence[str] = (),
    examples: Sequence[Term] = (),
    limit: int = DEFAULT_LIMIT,
    reading: Reading = Reading.AUTO,
) -> Query:
    """Makes a query of all that the user gave.

    Args:
        text: What is to be seen; may be empty where there are examples.
        excluded: What is not to be seen.
        examples: Pictures to go by.
        limit: Most hits wanted.
        reading: Who reads the texts.

    Raises:
        QueryError: Nothing to search for, a text too long, or a limit under one.
    """
    if limit < 1:
        raise QueryError(f"A limit of {limit} finds nothing.", "Use 1 or more.")
    terms: list[Term] = list(examples)
    if excluded and not (text.strip() or terms):
        raise QueryError(
            "Only what is not to be seen was said.",
            "Say what is to be seen, too, or give a picture.",
        )
    if text.strip() or not terms:
        terms.insert(0, text_term(text, reading=reading))
    terms += [text_term(words, weight=-1.0, reading=reading) for words in excluded]
    return Query(tuple(terms), limit)


def _printable(text: str) -> str:
    """Drops control characters and lone surrogates: no tokenizer has a use for them."""
    return "".join(char if unicodedata.category(char) not in {"Cc", "Cs"} else " " for char in text)
