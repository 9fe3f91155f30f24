"""Cuts what was typed into words, phrases, filters and signs. Pure; any thread.

A quote opens a phrase only where a word could begin, and a minus, a plus, a weight or a field name
counts only where one stands directly before what it is about. So "8x10", "e-mail", "-5", "16:9",
"4:30 pm" and "Star Wars: A New Hope" are plain words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from photosearch.errors import QueryError
from photosearch.search import field_names
from photosearch.search.field_names import LIKE
from photosearch.search.one_line import one_line

#: Signs that open a phrase, with those that close it. Keyboards "correct" the plain quote.
QUOTES = {
    '"': '"',
    "“": '”"',
    "”": '”"',
    "„": '“”"',
    "«": "»",
    "「": "」",
    "『": "』",
}
#: Of weights; more decimals say nothing.
_WEIGHT_MIN, _WEIGHT_MAX = 0.01, 99.99
_MINUS = "-\N{MINUS SIGN}"
_WEIGHT = re.compile(r"([0-9]{1,400}(?:[.,][0-9]{1,400})?):")
_BOX = re.compile(r"\[([^\[\]\"]*)\]")
#: Invisible signs at which words part: they come along from copied text.
_INVISIBLE = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"
    OPEN = "("
    CLOSE = ")"
    PLUS = "+"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"


_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of what was typed.

    Attributes:
        kind: What it is.
        text: The word, the phrase, or the field's value; without quotes.
        start: Where it begins in what was typed, in characters, signs before it included.
        end: Where it ends.
        field: The field's name; "" where it is none.
        is_negative: A minus stands before it.
        weight: The number before it, None where there is none.
        box: What stands in the brackets behind a picture, None where there are none.
    """

    kind: Kind
    text: str
    start: int
    end: int
    field: str = ""
    is_negative: bool = False
    weight: float | None = None
    box: str | None = None


def tokens(text: str) -> list[Token]:
    """Cuts a text.

    Raises:
        QueryError: Quotes or parentheses are not closed, there is no such field, or a weight is too
            small or too large.
    """
    return _Lexer(text).run()


def is_plain(word: str) -> bool:
    """Tells whether a text is one word that means nothing but itself."""
    try:
        return tokens(word) == [Token(Kind.WORD, word, 0, len(word))]
    except QueryError:
        return False


def printable(text: str) -> str:
    """Puts a blank for each sign without meaning: no tokenizer of a model has a use for them."""
    return "".join(
        " " if char in _INVISIBLE or unicodedata.category(char) in {"Cc", "Cs"} else char
        for char in text
    )


def shown(text: str, start: int, end: int) -> str:
    """Names a part of what was typed, for messages: quoted, shortened, with its place."""
    return f"“{one_line(printable(text[start:end]), 40)}” (at character {start + 1})"


class _Lexer:
    def __init__(self, text: str) -> None:
        self._typed = text
        self._text = printable(text)
        self._at = 0
        self._open: list[int] = []
        self._found: list[Token] = []

    def run(self) -> list[Token]:
        while self._skip_blanks():
            self._next()
        if self._open:
            at = self._open[-1]
            raise QueryError(
                f"The parenthesis {shown(self._typed, at, len(self._typed))} is never closed.",
                'Close it with ")", or put the text in quotes.',
            )
        return self._found

    def _skip_blanks(self) -> bool:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _next(self) -> None:
        text, start = self._text, self._at
        if text[start] == ")":
            self._close()
            return
        if text[start] == "+" and (self._is_blank(start + 1) or self._begins(start + 1)):
            self._at += 1
            self._add(Kind.PLUS, "+", start)
            return
        is_negative = text[start] in _MINUS and self._begins(start + 1)
        at = start + is_negative
        weight = None
        if (found := _WEIGHT.match(text, at)) and self._begins_thing(found.end()):
            weight = self._weight(found)
            at = found.end()
        if self._begins_group(at) and weight is None:
            self._open.append(at)
            self._at = at + 1
            self._add(Kind.OPEN, "(", start, is_negative=is_negative)
        elif self._is_quote(at):
            self._at = at
            phrase = self._quoted()
            self._check_no_field(phrase, at)
            self._add(Kind.PHRASE, phrase, start, is_negative=is_negative, weight=weight)
        elif (found := field_names.at(text, at)) and (
            name := field_names.field_of(text, found, shown(self._typed, *found.span()))
        ):
            self._at = found.end()
            self._field(name, start, is_negative=is_negative, weight=weight)
        else:
            self._word(start, at, is_negative=is_negative, weight=weight)

    def _weight(self, found: re.Match[str]) -> float:
        """Reads the number before a thing.

        Raises:
            QueryError: It is too small, too large or too exact.
        """
        weight = float(found[1].replace(",", "."))
        if not _WEIGHT_MIN <= weight <= _WEIGHT_MAX or weight != round(weight, 2):
            raise QueryError(
                f"{shown(self._typed, *found.span())} is no weight: "
                f"weights go from {_WEIGHT_MIN} to {_WEIGHT_MAX}.",
                "Two decimals are enough. Put it in quotes if it is meant as plain text.",
            )
        return weight

    def _check_no_field(self, phrase: str, start: int) -> None:
        """Refuses a field's name in quotes, as in `"date":2021`."""
        if not (self._text.startswith(":", self._at) and not self._is_blank(self._at + 1)):
            return
        if name := field_names.known(phrase.strip()):
            raise QueryError(
                f"A field stands without quotes: {shown(self._typed, start, self._at + 1)}.",
                f"Write {name}: and then its value; the value may be in quotes.",
            )

    def _field(self, name: str, start: int, *, is_negative: bool, weight: float | None) -> None:
        if self._is_quote(self._at):
            value = self._quoted(is_path=name == LIKE)
        else:
            end = self._end_of_word(self._at, stop="[" if name == LIKE else "")
            value = (self._typed if name == LIKE else self._text)[self._at : end]
            self._at = end
        box = None
        if name == LIKE and (found := _BOX.match(self._text, self._at)):
            box = found[1]
            self._at = found.end()
        self._add(
            Kind.FIELD, value, start, field=name, is_negative=is_negative, weight=weight, box=box
        )

    def _word(self, start: int, at: int, *, is_negative: bool, weight: float | None) -> None:
        self._at = self._end_of_word(at)
        word = self._text[at : self._at]
        kind = Kind.WORD
        if word in _OPERATORS and at == start:
            kind = _OPERATORS[word]
        self._add(kind, word, start, is_negative=is_negative, weight=weight)

    def _end_of_word(self, at: int, stop: str = "") -> int:
        """Returns where the word ends: at a blank, or at a parenthesis that it did not open."""
        inside = 0
        while at < len(self._text) and not self._text[at].isspace():
            char = self._text[at]
            if char == ")" and not inside:
                break
            if stop and char == stop:
                break
            inside += (char == "(") - (char == ")")
            at += 1
        return at

    def _quoted(self, *, is_path: bool = False) -> str:
        """Reads a phrase; two plain quotes in a row stand for one."""
        start = self._at
        opener = self._text[start]
        closers = QUOTES[opener]
        source = self._typed if is_path else self._text
        said: list[str] = []
        at = start + 1
        while at < len(self._text):
            char = self._text[at]
            if char == opener == '"' and self._text.startswith('""', at):
                said.append('"')
                at += 2
            elif char in closers:
                self._at = at + 1
                return "".join(said)
            else:
                said.append(source[at])
                at += 1
        raise QueryError(
            f"The quotes {shown(self._typed, start, len(self._typed))} are never closed.",
            f"Close them with {closers[0]}.",
        )

    def _close(self) -> None:
        if not self._open:
            raise QueryError(
                f"Nothing opens the parenthesis {shown(self._typed, self._at, len(self._typed))}.",
                'Open it with "(", or put the text in quotes.',
            )
        self._open.pop()
        self._at += 1
        self._add(Kind.CLOSE, ")", self._at - 1)

    def _add(
        self,
        kind: Kind,
        text: str,
        start: int,
        *,
        field: str = "",
        is_negative: bool = False,
        weight: float | None = None,
        box: str | None = None,
    ) -> None:
        self._found.append(Token(kind, text, start, self._at, field, is_negative, weight, box))

    def _is_blank(self, at: int) -> bool:
        return at >= len(self._text) or self._text[at].isspace() or self._text[at] == ")"

    def _is_quote(self, at: int) -> bool:
        return at < len(self._text) and self._text[at] in QUOTES

    def _begins_group(self, at: int) -> bool:
        return self._text.startswith("(", at)

    def _begins_thing(self, at: int) -> bool:
        """Tells whether a word or a phrase begins here."""
        return self._is_quote(at) or (at < len(self._text) and self._text[at].isalpha())

    def _begins(self, at: int) -> bool:
        """Tells whether something begins here that a sign may stand before."""
        if self._begins_thing(at) or self._begins_group(at):
            return True
        found = _WEIGHT.match(self._text, at)
        return found is not None and self._begins_thing(found.end())
