"""Which photos a scan has seen, and which known ones it has not. Index thread."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from photosearch.core.stored import KnownFile


class Seen(Collection[bytes]):
    """Places where a photo was seen, by relative path.

    Nearly all are known, so that those are kept that are *not* seen: of the paths that the store
    told there is no second copy, and what is missing at the end need not be looked for.

    Args:
        known: What the store knows of the files. Must not change meanwhile.

    Attributes:
        missing: Known places that were not seen.
    """

    def __init__(self, known: Mapping[bytes, KnownFile]) -> None:
        self.missing: set[bytes] = set(known)
        self._known = known
        self._new: set[bytes] = set()

    def add(self, rel_path: bytes) -> None:
        """Takes note of a photo; harmless when repeated."""
        if rel_path in self._known:
            self.missing.discard(rel_path)
        else:
            self._new.add(rel_path)

    def __contains__(self, rel_path: object) -> bool:
        """True where a photo was seen."""
        return rel_path in self._new or (rel_path in self._known and rel_path not in self.missing)

    def __iter__(self) -> Iterator[bytes]:
        """Yields the places, known ones first."""
        yield from (rel_path for rel_path in self._known if rel_path not in self.missing)
        yield from self._new

    def __len__(self) -> int:
        """How many photos were seen."""
        return len(self._known) - len(self.missing) + len(self._new)
