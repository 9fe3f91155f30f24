"""Turns what was typed into a plan. Pure; any thread.

The search box and the command line both come through here, in the engine, so that they understand
alike. `docs/query-language.md` is the page for people.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from photosearch.core.filters import EVERY_PHOTO
from photosearch.core.query import Query, Reading, TextTerm
from photosearch.core.userdata import Vocabulary
from photosearch.errors import QueryError
from photosearch.search.draft import Draft
from photosearch.search.grammar import tree, widened
from photosearch.search.plan import Combine, Plan
from photosearch.search.tokens import printable, tokens

#: Text towers read 77 to 128 tokens and drop the rest without a word; nothing this long is meant.
MAX_TEXT_LENGTH = 1_000
#: With all its filters and paths.
MAX_QUERY_LENGTH = 8_000
_NO_WORDS = Vocabulary()
_ONE_THING = "The text of one thing to be seen"


def plan_of(query: Query, vocabulary: Vocabulary = _NO_WORDS, today: date | None = None) -> Plan:
    """Understands a query.

    Args:
        query: What is asked.
        vocabulary: The library's own words.
        today: What "last summer" is counted from; None for the real day.

    Raises:
        QueryError: There is nothing to search for, a text is too long, a part cannot be read, or a
            limit is under one.
    """
    if query.limit < 1:
        raise QueryError(f"A limit of {query.limit} finds nothing.", "Use 1 or more.")
    _check_length("The search", query.text, MAX_QUERY_LENGTH)
    pieces = tokens(query.text)
    found = tree(query.text, pieces)
    draft = Draft(query.text, query.reading, vocabulary, today or date.today())
    draft.take(found, understands=query.understands)
    plan = draft.plan()
    if query.understands and not _asks(plan, query):
        # "Without people" alone: taken as it stands, it is at least a search.
        draft = Draft(query.text, query.reading, vocabulary, today or date.today())
        draft.take(found, understands=False)
        plan = draft.plan()
    plan = replace(_with_given(plan, query), chips=widened(plan.chips, pieces))
    for term in plan.terms:
        if isinstance(term, TextTerm):
            _check_length(_ONE_THING, term.text, MAX_TEXT_LENGTH)
    return plan


def text_term(text: str, *, weight: float = 1.0, reading: Reading = Reading.AUTO) -> TextTerm:
    """Makes a term of text that is taken literally.

    Raises:
        QueryError: The text says nothing, or is too long.
    """
    cleaned = " ".join(printable(text).split())
    if not cleaned:
        raise _nothing()
    _check_length(_ONE_THING, cleaned, MAX_TEXT_LENGTH)
    return TextTerm(cleaned, weight, reading)


def _with_given(plan: Plan, query: Query) -> Plan:
    """Adds the terms that came beside the text.

    Raises:
        QueryError: There is nothing to search for.
    """
    given = tuple(
        text_term(term.text, weight=term.weight, reading=term.reading)
        if isinstance(term, TextTerm)
        else term
        for term in query.terms
    )
    terms = (*plan.terms, *given)
    if not _asks(plan, query):
        if not terms:
            raise _nothing()
        raise QueryError(
            "Only what is not to be seen was said.",
            "Say what is to be seen, too, or give a picture.",
        )
    literal = (term.text for term in given if isinstance(term, TextTerm) and term.weight > 0)
    is_weighted = plan.combine is Combine.SUM or any(abs(term.weight) != 1 for term in terms)
    if is_weighted and plan.alternatives:
        raise QueryError(
            "Weights and OR between things to be seen do not go together.",
            "Leave the numbers or the OR out.",
        )
    return replace(
        plan,
        terms=terms,
        words=() if plan.alternatives else (*plan.words, *literal),
        combine=Combine.SUM if is_weighted else Combine.AND,
    )


def _asks(plan: Plan, query: Query) -> bool:
    """Tells whether something is to be seen, or it is said which photos are asked about."""
    terms = (*plan.terms, *query.terms)
    return any(term.weight > 0 for term in terms) or plan.where != EVERY_PHOTO


def _check_length(what: str, text: str, length_max: int) -> None:
    if len(text) > length_max:
        raise QueryError(
            f"{what} is {len(text):,} characters long; at most {length_max:,} are understood.",
            "Say it in fewer words.",
        )


def _nothing() -> QueryError:
    return QueryError(
        "There is nothing to search for.",
        "Say what is to be seen in a few words, or give a picture.",
    )
