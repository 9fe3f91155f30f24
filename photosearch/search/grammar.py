"""Puts tokens together: what is one concept, what are alternatives, what is negated. Pure.

A blank binds least, then OR, then AND, then NOT and the minus: `dog date:2019 OR date:2020` asks
for a dog in one of two years, `a AND b OR c` for both of the first or the last.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from photosearch.core.chip import Chip
from photosearch.errors import QueryError
from photosearch.search.tokens import Kind, Token, shown

#: Nobody nests deeper by hand; Python's stack ends at some hundreds.
MAX_DEPTH = 40
#: Between two things; where one of them has been removed, they are passed over.
_JOINS = {Kind.AND, Kind.PLUS}
_SAYS_NOTHING = {*_JOINS, Kind.OPEN, Kind.CLOSE}


@dataclass(frozen=True, slots=True)
class Words:
    """Neighbouring words without quotes."""

    tokens: tuple[Token, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Single:
    """A phrase, a field, or a word with a weight.

    Attributes:
        within: What a distance says of the place before it, None where none follows.
    """

    token: Token
    start: int
    end: int
    within: Token | None = None


@dataclass(frozen=True, slots=True)
class Negated:
    """What is not to be."""

    part: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """Parts that all count.

    Attributes:
        is_and: They are joined by AND.
    """

    parts: tuple[Node, ...]
    start: int
    end: int
    is_and: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """Parts of which one is enough."""

    parts: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plus:
    """Another concept begins."""

    start: int
    end: int


Node = Words | Single | Negated | Row | Either | Plus


def tree(text: str, found: list[Token]) -> Row:
    """Puts the tokens of a text together.

    Raises:
        QueryError: An operator stands alone, or there are too many parentheses.
    """
    sign = next((token for token in found if token.kind is Kind.AND), None)
    if sign and all(token.kind in _SAYS_NOTHING for token in found):
        raise _missing(text, sign)
    return _Parser(text, found).row(0)


def widened(chips: tuple[Chip, ...], found: list[Token]) -> tuple[Chip, ...]:
    """Gives chips the signs that would be left alone without them: they are removed together.

    Those are an AND or a plus at an end of the text, and a NOT with another, or with a minus.

    Args:
        chips: In the order of the text.
        found: The text's tokens.
    """
    if not chips:
        return ()
    wide = [replace(chip, start=_with_signs(chip.start, found)) for chip in chips]
    if found[0].kind in _JOINS:
        wide[0] = replace(wide[0], start=found[0].start)
    if found[-1].kind in _JOINS:
        wide[-1] = replace(wide[-1], end=found[-1].end)
    return tuple(wide)


def _with_signs(start: int, found: list[Token]) -> int:
    """Returns where the signs before a chip begin."""
    at = bisect_right(found, start, key=lambda token: token.end)
    if at < len(found) and found[at].is_negative and start == found[at].start + 1:
        start = found[at].start
    while at and found[at - 1].kind is Kind.NOT and found[at - 1].end <= start <= found[at].start:
        at -= 1
        start = found[at].start
    return start


def _missing(text: str, sign: Token) -> QueryError:
    return QueryError(
        f"Something is missing beside {shown(text, sign.start, sign.end)}.",
        "AND and OR stand between two things, NOT before one; "
        "put them in quotes if they are meant as plain words.",
    )


class _Parser:
    def __init__(self, text: str, found: list[Token]) -> None:
        self._typed = text
        self._tokens = found
        self._at = 0

    def row(self, depth: int) -> Row:
        if depth > MAX_DEPTH:
            raise QueryError(
                f"Parentheses are nested more than {MAX_DEPTH} deep.", "Say it with fewer."
            )
        start = self._tokens[self._at].start if self._at < len(self._tokens) else 0
        parts: list[Node] = []
        while (token := self._peek()) and token.kind is not Kind.CLOSE:
            if token.kind is Kind.AND:
                self._at += 1  # what was before it has been removed
            elif token.kind is Kind.PLUS:
                self._at += 1
                parts.append(Plus(token.start, token.end))
            else:
                parts.append(self._either(depth))
        return Row(tuple(parts), start, parts[-1].end if parts else start)

    def _either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._takes(Kind.OR):
            parts.append(self._both(depth))
        if len(parts) == 1:
            return parts[0]
        return Either(tuple(parts), parts[0].start, parts[-1].end)

    def _both(self, depth: int) -> Node:
        parts = [self._item(depth)]
        while self._takes(Kind.AND):
            while self._takes(Kind.AND):
                pass
            if (token := self._peek()) is None or token.kind in {Kind.CLOSE, Kind.PLUS}:
                break  # what was behind it has been removed
            parts.append(self._item(depth))
        if len(parts) == 1:
            return parts[0]
        return Row(tuple(parts), parts[0].start, parts[-1].end, is_and=True)

    def _item(self, depth: int) -> Node:
        """Reads what AND, OR and NOT stand between."""
        start = self._at
        negations = 0
        while self._takes(Kind.NOT):
            negations += 1
        token = self._peek()
        if token is None or token.kind in {Kind.CLOSE, Kind.AND, Kind.OR, Kind.PLUS}:
            sign = self._tokens[max(self._at - 1, 0)] if token is None else token
            if sign.kind not in {Kind.AND, Kind.OR, Kind.NOT}:
                sign = self._tokens[self._at - 1]
            raise _missing(self._typed, sign)
        negations += token.is_negative
        node = self._primary(token, depth, is_single=negations > 0)
        if negations % 2:
            return Negated(node, self._tokens[start].start, node.end)
        return node

    def _primary(self, token: Token, depth: int, *, is_single: bool) -> Node:
        self._at += 1
        if token.kind is Kind.OPEN:
            inner = self.row(depth + 1)
            closing = self._tokens[self._at]
            self._at += 1
            return Row(inner.parts, token.start, closing.end)
        if token.kind is Kind.WORD and token.weight is None:
            words = [token]
            while not is_single and (word := self._plain_word()):
                words.append(word)
            return Words(tuple(words), token.start, words[-1].end)
        if token.field == "within":
            raise QueryError(
                f"{shown(self._typed, token.start, token.end)} belongs behind a place.",
                'Write near:"Rome" within:10km.',
            )
        distance = self._peek()
        if token.field == "near" and distance and distance.field == "within":
            self._at += 1
            return Single(token, token.start, distance.end, distance)
        return Single(token, token.start, token.end)

    def _plain_word(self) -> Token | None:
        token = self._peek()
        if (
            token is None
            or token.kind is not Kind.WORD
            or token.is_negative
            or token.weight is not None
        ):
            return None
        self._at += 1
        return token

    def _takes(self, kind: Kind) -> Token | None:
        token = self._peek()
        if token is None or token.kind is not kind:
            return None
        self._at += 1
        return token

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None
