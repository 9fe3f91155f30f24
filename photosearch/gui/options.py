"""How an answer is wanted, beside what is looked for: order, scope, how sure. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from photosearch.core.query import Order, Query, Scope
from photosearch.gui.example import Example

#: Photos that are asked for first: some screens of them, so that the first answer is quick.
FIRST_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Options:
    """The switches beside the search box; each as in `Query`.

    Attributes:
        order: In which order.
        scope: Where words may be found.
        understands: Dates, places, cameras and exclusions in plain words count as such.
        min_confidence: Photos below are left out, 0..1.
        collapses_bursts: Photos of one moment are shown as one.
    """

    order: Order = Order.RELEVANCE
    scope: Scope = Scope.ALL
    understands: bool = True
    min_confidence: float = 0.0
    collapses_bursts: bool = False

    @property
    def is_narrowed(self) -> bool:
        """True where photos may be missing because of a switch."""
        return self.scope is not Scope.ALL or self.min_confidence > 0 or self.collapses_bursts

    def applied_to(self, query: Query) -> Query:
        """The same question, answered as these say."""
        return replace(
            query,
            order=self.order,
            scope=self.scope,
            understands=self.understands,
            min_confidence=self.min_confidence,
            collapses_bursts=self.collapses_bursts,
        )

    def question(self, text: str, example: Example | None) -> Query | None:
        """What is asked; None where nothing is."""
        examples = () if example is None else (example.term,)
        if not text.strip() and not examples:
            return None
        return self.applied_to(Query(examples, FIRST_LIMIT, text=text))
