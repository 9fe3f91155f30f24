"""What goes into a store and what comes out of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FilePlace, FileStamp, PhotoFacts
from photosearch.core.ports import Vectors


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file that was read: goes into the store as it is.

    Attributes:
        place: Where it is.
        stamp: Size and time of the bytes that were read.
        content_hash: 16 bytes.
        facts: What the header says.
        thumbnail: JPEG bytes.
        vector: float32 (dim,), unit length; None where the store already holds this content's
            vector.
    """

    place: FilePlace
    stamp: FileStamp
    content_hash: bytes
    facts: PhotoFacts
    thumbnail: bytes
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class IndexBatch:
    """What one transaction stores.

    Attributes:
        files: Read files. A file's earlier failures are forgotten.
        failures: Files that could not be taken in. Whatever the store knew of them stays.
        removed: Places where no file is any more. A content that lost its last file stays until
            `Store.purge_unplaced`, so that a move costs no inference.
    """

    files: Sequence[IndexedFile] = ()
    failures: Sequence[PhotoFailure] = ()
    removed: Sequence[FilePlace] = ()


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store knows of a file, for a scan to compare with the disk.

    Attributes:
        stamp: At the last time it was read or failed; None for a failure without one.
        is_done: The file needs nothing more until its stamp changes: it is stored and has its
            thumbnail and its vector in the space asked about, or it failed for a reason that only
            a change can mend.
    """

    stamp: FileStamp | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a transaction changed."""

    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Photos in order of likeness to a vector.

    Attributes:
        ids: int64 (n,), best first; equal scores by id.
        scores: float32 (n,), exact cosine similarity.
        searched_count: How many vectors were compared.
    """

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    searched_count: int


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """How near photos are to a direction.

    Attributes:
        ids: int64 (n,), the photos that were compared, in no order; not to be written to.
        scores: float32 (n,), cosine similarity, within 0.01.
        waiting_count: Photos that pass the filter and have no vector yet.
    """

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    waiting_count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class NamedPhotos:
    """Photos found by words that stand somewhere.

    Attributes:
        ids: int64 (n,), best first.
        whys: uint8 (n,), flags of `result.Why`: what of each holds the words.
    """

    ids: npt.NDArray[np.int64]
    whys: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class IgnoredCounts:
    """Files below a folder that are no photos, by lower-case suffix with its dot ("" for none)."""

    ignored: Mapping[str, int] = field(default_factory=dict)
    not_yet: Mapping[str, int] = field(default_factory=dict)
