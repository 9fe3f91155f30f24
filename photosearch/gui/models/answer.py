"""What the grid shows: the ids that have come, how well each fits, and the bands they fall into.

Plain values; `PhotosModel` holds one. An answer may come in parts: the first photos at once, the
others when somebody scrolls there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from photosearch.core.chip import ChipKind
from photosearch.core.query import Order
from photosearch.core.result import Band, SearchResult, Why

#: Each gap costs a pass over all photos.
_MOST_GAPS = 64

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Section:
    """Photos of one band, in a row.

    Attributes:
        band: How well they fit.
        start: First row.
        stop: Row after the last.
        is_open: Its last photos have not come yet: some of them may be of the next band.
    """

    band: Band
    start: int
    stop: int
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """How well one photo fits.

    Attributes:
        band: In which band.
        confidence: How surely it shows what was asked for, 0..1.
        why: What of it fits.
        burst_count: How many photos it stands for.
        is_judged: Something was to be seen; where only filters were given, nothing is more or less
            sure.
    """

    band: Band
    confidence: float
    why: Why
    burst_count: int
    is_judged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Photos in order.

    Attributes:
        ids: int64 (n,), those that have come.
        count: How many there are; rows from n on have not come yet.
        result: Says how well each of `ids` fits; None where all photos are shown.
    """

    ids: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    count: int = 0
    result: SearchResult | None = None

    @property
    def is_complete(self) -> bool:
        """True where all of it has come."""
        return len(self.ids) >= self.count

    @property
    def is_judged(self) -> bool:
        """True where something was to be seen; False for filters alone, and for all photos."""
        result = self.result
        if result is None:
            return False
        kinds = {chip.kind for chip in result.chips}
        return bool(result.query.terms) or kinds != {ChipKind.FILTER}

    @property
    def sections(self) -> tuple[Section, ...]:
        """The bands, best first; none where photos are not in the order of likeness."""
        result = self.result
        if (
            result is None
            or not self.is_judged
            or result.query.order is not Order.RELEVANCE
            or not len(self.ids)
        ):
            return ()
        if result.no_good_match and result.bands[0] != Band.NAMED:
            return ()  # names that fit stand out, whatever their pictures show
        changes = np.flatnonzero(np.diff(result.bands)) + 1
        starts = [0, *changes.tolist()]
        stops = [*starts[1:], self.count]
        found = [
            Section(Band(int(result.bands[start])), start, stop)
            for start, stop in zip(starts, stops, strict=True)
        ]
        last = found[-1]
        found[-1] = replace(last, is_open=not self.is_complete and last.band is not Band.WEAK)
        return tuple(found)

    def match(self, row: int) -> Match | None:
        """How well a photo fits; None where nothing was asked, or it has not come."""
        result = self.result
        if result is None or row >= len(self.ids):
            return None
        bursts = result.burst_counts
        return Match(
            Band(int(result.bands[row])),
            float(result.confidences[row]),
            Why(int(result.whys[row])),
            int(bursts[row]) if len(bursts) else 1,
            self.is_judged,
        )

    def gone_rows(self, present: Ids) -> list[range]:
        """The rows of photos that are not among these, in runs.

        Args:
            present: int64 (m,), photos that there are.
        """
        rows = np.flatnonzero(~np.isin(self.ids, present))
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        return [range(int(run[0]), int(run[-1]) + 1) for run in runs if len(run)]

    def thinned(self, present: Ids) -> Answer | None:
        """The same without photos that are gone; None where so many are that all is to be asked.

        Args:
            present: int64 (m,), photos that there are.
        """
        gone = self.gone_rows(present)
        if self.result is not None or len(gone) > _MOST_GAPS:
            return None
        return all_photos(self.ids[np.isin(self.ids, present)])

    def extended(self, longer: SearchResult) -> Answer:
        """The same with more photos: what has come keeps its place, whatever changed meanwhile.

        Args:
            longer: The answer to the same question with a higher limit.
        """
        result = self.result
        if result is None:
            return self
        new = np.flatnonzero(~np.isin(longer.ids, self.ids))
        ids = np.concatenate((self.ids, longer.ids[new]))
        bands = np.concatenate((result.bands, longer.bands[new]))
        if result.query.order is Order.RELEVANCE:
            # A photo that came to the library meanwhile may be better than those above it.
            bands = np.maximum.accumulate(bands)
        has_bursts = bool(len(result.burst_counts)) and bool(len(longer.burst_counts))
        merged = replace(
            longer,
            ids=ids,
            scores=np.concatenate((result.scores, longer.scores[new])),
            confidences=np.concatenate((result.confidences, longer.confidences[new])),
            bands=bands,
            whys=np.concatenate((result.whys, longer.whys[new])),
            burst_counts=(
                np.concatenate((result.burst_counts, longer.burst_counts[new]))
                if has_bursts
                else result.burst_counts[:0]
            ),
        )
        is_all = len(longer.ids) < longer.query.limit
        count = len(ids) if is_all else max(longer.total_count, len(ids))
        return Answer(ids, count, merged)


def all_photos(ids: Ids) -> Answer:
    """Every photo of the library."""
    return Answer(ids, len(ids))


def answer_to(result: SearchResult) -> Answer:
    """What a search found, as far as it has come."""
    # Where bursts are shown as one there are fewer to show than photos.
    is_all = len(result.burst_counts) > 0 and len(result.ids) < result.query.limit
    count = len(result.ids) if is_all else max(result.total_count, len(result.ids))
    return Answer(result.ids, count, result)


def starts_of(sections: Sequence[Section]) -> tuple[int, ...]:
    """Rows with a heading above them: all but the first section's."""
    return tuple(section.start for section in sections[1:])
