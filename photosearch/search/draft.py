"""Makes terms, filters and chips of the tree of what was typed. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from photosearch.core.chip import Chip, ChipKind
from photosearch.core.filters import Filter, Near
from photosearch.core.query import Reading, Term, TextTerm
from photosearch.core.userdata import Vocabulary
from photosearch.errors import QueryError
from photosearch.search import labels
from photosearch.search.amounts import DISTANCES, read_distance_km
from photosearch.search.field_names import LIKE, without_colon
from photosearch.search.fields import FIELDS
from photosearch.search.grammar import Either, Negated, Node, Plus, Row, Single, Words
from photosearch.search.one_line import one_line
from photosearch.search.pictures import picture
from photosearch.search.plan import Combine, Plan
from photosearch.search.printed import filter_text, term_text
from photosearch.search.tokens import QUOTES, Kind, Token, is_plain, printable, shown
from photosearch.search.understand import understand
from photosearch.search.understanding.stretch import Found
from photosearch.search.wheres import all_of, any_of, negated

#: What means something at the edge of a word.
_SIGNS = "".join(QUOTES) + "».()[]{}+-\N{MINUS SIGN}"


@dataclass(slots=True)
class _Said:
    """A concept as far as it is known: the words of a run gather piece by piece.

    Attributes:
        term: What it is, None while it is a run of words.
        words: The run's words.
        group: Which alternatives it is among, None for none.
    """

    term: Term | None = None
    words: list[str] = field(default_factory=list)
    group: int | None = None


class Draft:
    """A plan in the making.

    Args:
        typed: What was typed.
        reading: Who reads its words.
        vocabulary: The library's own words.
        today: What "last summer" is counted from.
    """

    def __init__(self, typed: str, reading: Reading, vocabulary: Vocabulary, today: date) -> None:
        self._typed = typed
        self._reading = reading
        self._vocabulary = vocabulary
        self._today = today
        self._said: list[_Said] = []
        self._run: _Said | None = None
        self._wheres: list[Filter] = []
        self._chips: list[Chip] = []
        self._is_weighted = False
        self._group_count = 0

    def take(self, row: Row, *, understands: bool) -> None:
        """Takes in what a tree says.

        Args:
            row: The tree.
            understands: Plain words may be dates, places and so on.

        Raises:
            QueryError: A part cannot be read, or parts do not go together.
        """
        for part in row.parts:
            before = len(self._chips)
            self._take(part, understands=understands and not row.is_and)
            if row.is_and and any(chip.kind is ChipKind.CONCEPT for chip in self._chips[before:]):
                self._run = None

    def plan(self) -> Plan:
        """Returns what has been taken in."""
        terms: list[Term] = []
        words: list[str] = []
        groups: dict[int, list[int]] = {}
        for said in self._said:
            term = said.term
            if term is None:
                if not said.words:
                    continue
                term = TextTerm(" ".join(said.words), 1.0, self._reading)
                words.extend(said.words)
            elif isinstance(term, TextTerm) and term.weight > 0:
                words.append(term.text)
            if said.group is not None:
                groups.setdefault(said.group, []).append(len(terms))
            terms.append(term)
        alternatives = tuple(tuple(group) for group in groups.values() if len(group) > 1)
        return Plan(
            tuple(terms),
            all_of(self._wheres),
            Combine.SUM if self._is_weighted else Combine.AND,
            () if alternatives else tuple(words),
            tuple(sorted(self._chips, key=lambda chip: chip.start)),
            alternatives,
        )

    def _take(self, node: Node, *, understands: bool) -> None:
        if isinstance(node, Plus):
            self._run = None
        elif isinstance(node, Words):
            self._take_words(node, understands=understands)
        elif isinstance(node, Row):
            self._run = None if not self._where(node) else self._run
            self.take(node, understands=understands)
            self._run = None if not self._where(node) else self._run
        elif where := self._where(node):
            self._wheres.append(where)
            self._add_chip(
                ChipKind.FILTER, labels.of_filter(where), filter_text(where), node.start, node.end
            )
        elif isinstance(node, Either):
            self._take_alternatives(node)
        elif isinstance(node, Negated):
            self._exclude(node.part, node)
        elif term := self._term(node.token):
            self._say(term, node)

    def _take_words(self, node: Words, *, understands: bool) -> None:
        text = printable(self._typed[node.start : node.end])
        pieces: tuple[tuple[int, int], ...] = ((0, len(text)),)
        found: tuple[Found, ...] = ()
        if node.tokens[0].is_negative:  # a minus that a NOT took back
            pieces = ((len(text) - len(node.tokens[0].text), len(text)),)
        elif understands:
            understood = understand(text, self._vocabulary, self._today)
            found, pieces = understood.found, understood.rest
        if pieces and self._run is None:
            self._run = _Said()
            self._said.append(self._run)
        for start, end in pieces:
            said = [without_colon(word) for word in text[start:end].split()]
            if found:  # what stood amid a word may look like a sign now
                said = [word for word in (one.strip(_SIGNS) for one in said) if is_plain(word)]
            if self._run:
                self._run.words.extend(said)
            if piece := " ".join(said):
                place = (node.start + start, node.start + end)
                self._add_chip(ChipKind.CONCEPT, one_line(piece), piece, *place)
        for one in found:
            self._take_found(one, node.start)

    def _take_found(self, found: Found, offset: int) -> None:
        """Takes in what plain words were understood as."""
        start, end = offset + found.start, offset + found.end
        if found.where:
            self._wheres.append(found.where)
            label, source = labels.of_filter(found.where), filter_text(found.where)
            self._add_chip(ChipKind.FILTER, label, source, start, end, is_guess=True)
        for what in found.excluded:
            term = TextTerm(" ".join(what.split()), -1.0, self._reading)
            self._said.append(_Said(term))
            label, source = labels.of_term(term), term_text(term)
            self._add_chip(ChipKind.EXCLUDED, label, source, start, end, is_guess=True)

    def _take_alternatives(self, node: Either) -> None:
        found = [term for part in node.parts for term in self._concepts(part)]
        self._group_count += 1
        self._run = None
        for term in found:
            self._said.append(_Said(term, group=self._group_count))
        if found:
            self._add_chip(
                ChipKind.CONCEPT,
                labels.of_alternatives(found),
                " OR ".join(map(term_text, found)),
                node.start,
                node.end,
            )

    def _concepts(self, node: Node) -> list[Term]:
        """Returns the concepts of which one is enough.

        Raises:
            QueryError: It is something else.
        """
        if isinstance(node, Words):
            return [TextTerm(" ".join(one.text for one in node.tokens), 1.0, self._reading)]
        if isinstance(node, Either):
            return [term for part in node.parts for term in self._concepts(part)]
        if isinstance(node, Row) and len(node.parts) == 1:
            return self._concepts(node.parts[0])
        if isinstance(node, Single) and not self._where(node):
            term = self._term(node.token)
            return [term] if term else []
        raise self._cannot(node, "be one of several")

    def _exclude(self, node: Node, outer: Node) -> None:
        """Takes in what is not to be seen."""
        if isinstance(node, Plus):
            return
        if isinstance(node, Words):
            said = " ".join(one.text for one in node.tokens)
            self._say(TextTerm(said, -1.0, self._reading), outer)
        elif isinstance(node, Single):
            if term := self._term(node.token):
                self._say(replace(term, weight=-term.weight), outer)
        elif isinstance(node, Either) or (isinstance(node, Row) and len(node.parts) <= 1):
            for part in node.parts:  # neither of them is to be seen
                self._exclude(part, outer)
        else:
            raise self._cannot(node, "be excluded together")

    def _say(self, term: Term, node: Node) -> None:
        self._run = None if term.weight > 0 else self._run
        self._said.append(_Said(term))
        kind = ChipKind.CONCEPT if term.weight > 0 else ChipKind.EXCLUDED
        source = term_text(term, is_weighted=self._is_weighted)
        self._add_chip(kind, labels.of_term(term), source, node.start, node.end)

    def _add_chip(
        self,
        kind: ChipKind,
        label: str,
        source: str,
        start: int,
        end: int,
        *,
        is_guess: bool = False,
    ) -> None:
        chip = Chip(kind, label, source, start, end, is_guess)
        last = self._chips[-1] if self._chips else None
        if last and (last.start, last.end, last.kind) == (start, end, kind):
            # Several exclusions of one group: they go together.
            both = replace(chip, label=f"{last.label}, {label}", source=f"{last.source} {source}")
            self._chips[-1] = both
        else:
            self._chips.append(chip)

    def _where(self, node: Node) -> Filter | None:
        """Returns the filter that a part is, None where it is none.

        Raises:
            QueryError: A filter's value cannot be read.
        """
        if isinstance(node, Single):
            if node.token.kind is not Kind.FIELD or node.token.field == LIKE:
                return None
            return self._filter(node.token, node.within)
        if isinstance(node, Negated):
            where = self._where(node.part)
            return negated(where) if where else None
        if isinstance(node, Row | Either):
            wheres = [self._where(part) for part in node.parts]
            parts = [where for where in wheres if where]
            if not parts or len(parts) < len(wheres):
                return None
            return all_of(parts) if isinstance(node, Row) else any_of(parts)
        return None

    def _filter(self, token: Token, within: Token | None) -> Filter:
        if token.weight is not None:
            raise QueryError(
                f"A filter has no weight: {shown(self._typed, token.start, token.end)}.",
                "Leave the number out.",
            )
        valid, at = FIELDS[token.field].valid, token
        try:
            where = FIELDS[token.field].read(token.text)
            if within and isinstance(where, Near):
                valid, at = DISTANCES, within
                where = replace(where, within_km=read_distance_km(within.text))
        except ValueError as error:
            raise QueryError(
                f"{shown(self._typed, at.start, at.end)} cannot be read: {error}.",
                f"Valid is {valid}.",
            ) from error
        return where

    def _term(self, token: Token) -> Term | None:
        """Makes a term; its minus is the caller's. None where the quotes hold nothing."""
        text = " ".join(token.text.split())
        if not text and token.field != LIKE:
            return None
        weight = 1.0 if token.weight is None else token.weight
        self._is_weighted |= token.weight is not None
        if token.field == LIKE:
            return picture(self._typed, token, weight)
        return TextTerm(text, weight, self._reading)

    def _cannot(self, node: Node, what: str) -> QueryError:
        return QueryError(
            f"{shown(self._typed, node.start, node.end)} cannot {what}.",
            "OR and NOT stand between filters, or between single things to be seen, "
            "never between both.",
        )
