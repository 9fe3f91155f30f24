"""What files are to a scan, by their suffixes alone: each suffix is judged once. Index thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum, auto

from photosearch.core.stored import IgnoredCounts
from photosearch.images.formats import FileKind, kind_of, suffix_of
from photosearch.images.sidecars import is_sidecar
from photosearch.index.relatives import is_raw
from photosearch.index.rules import is_left_out_name


class SuffixKind(Enum):
    """What a suffix says of a file."""

    PICTURE = auto()
    RAW = auto()
    SIDECAR = auto()
    OTHER = auto()  #: no photo: counted
    LEFT_OUT = auto()


class SuffixKinds(dict[bytes, SuffixKind]):
    """Kinds by suffix, as it is written, with its dot; any suffix may be asked for."""

    def __missing__(self, suffix: bytes) -> SuffixKind:
        """Judges a suffix that was not met before."""
        kind = self[suffix] = _judged(b"a" + suffix)
        return kind


def ignored_counts(counts: Mapping[bytes, int]) -> IgnoredCounts:
    """Sorts counts of files that are no photos, by suffix as written, into what we say of them."""
    ignored: Counter[str] = Counter()
    not_yet: Counter[str] = Counter()
    for suffix, count in counts.items():
        name = b"a" + suffix
        by_suffix = not_yet if kind_of(name) is FileKind.NOT_YET else ignored
        by_suffix[suffix_of(name)] += count
    return IgnoredCounts(dict(ignored), dict(not_yet))


def _judged(name: bytes) -> SuffixKind:
    if is_left_out_name(name):
        return SuffixKind.LEFT_OUT
    if is_sidecar(name):
        return SuffixKind.SIDECAR
    if is_raw(name):
        return SuffixKind.RAW
    return SuffixKind.PICTURE if kind_of(name) is FileKind.PHOTO else SuffixKind.OTHER
