"""What goes into a store and what comes out of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import NO_TRAITS, FileId, FilePlace, FileStamp, FileTraits, PhotoFacts
from photosearch.core.photo import GonePhoto as GonePhoto
from photosearch.core.ports import Vectors


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file that was read in whole: goes into the store as it is.

    Attributes:
        place: Where it is.
        stamp: Size and time of the bytes that were read.
        content_hash: 16 bytes.
        facts: What the header says.
        thumbnail: JPEG bytes; None where the store already holds this content's.
        vector: float32 (dim,), unit length; None where the store already holds this content's
            vector.
        traits: What else is known of the file.
        whole_hash: 16 bytes by which a content is known that an earlier program stored; it is
            given its new name. Empty where that is not known.
    """

    place: FilePlace
    stamp: FileStamp
    content_hash: bytes
    facts: PhotoFacts
    thumbnail: bytes | None
    vector: Vectors | None
    traits: FileTraits = NO_TRAITS
    whole_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file at a new place of which only the header was read so far.

    Where the store knows a file of the same quick hash and size, it is taken for the same content
    until it is read in whole. Else it is a content of its own, without a vector, whose hash is
    found out later.

    Attributes:
        place: Where it is.
        stamp: Size and time of the bytes that were read.
        facts: What the header says.
        thumbnail: JPEG bytes of what the file carries, if it does.
        traits: What else is known of the file, with its quick hash.
    """

    place: FilePlace
    stamp: FileStamp
    facts: PhotoFacts
    thumbnail: bytes | None
    traits: FileTraits


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file that was found at another place, by its number, size and time; nothing was read.

    Attributes:
        place: Where it is now.
        former: Where the store knows it; stays, unless it is among what was removed: a hard link.
        stamp: The same at both places.
        file_id: Likewise.
        is_link: The new place is a symbolic link.
    """

    place: FilePlace
    former: FilePlace
    stamp: FileStamp
    file_id: FileId
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class CompanionFile:
    """A file that belongs to another one's photo: the raw data beside a camera's JPEG.

    Attributes:
        place: Where it is.
        main: The file it belongs to, in the same directory.
        stamp: Its size and time.
        file_id: Which file it is.
    """

    place: FilePlace
    main: FilePlace
    stamp: FileStamp
    file_id: FileId | None = None


@dataclass(frozen=True, slots=True)
class IndexBatch:
    """What one transaction stores, in this order.

    Attributes:
        moved: Files at new places.
        removed: Places where no file is any more. A content that lost its last file stays until
            `Store.purge_unplaced`, so that a move costs no inference.
        listed: Files of which the header was read.
        files: Files that were read in whole. Their earlier failures are forgotten.
        companions: Files that belong to others. One whose main file is not stored is passed over.
        failures: Files that could not be taken in. What the store knew of them stays, unless only
            their header was ever read, and that for a reason that only a change can mend: they are
            no photos. A file that was read before and is broken by now is no copy of its photo.
    """

    files: Sequence[IndexedFile] = ()
    failures: Sequence[PhotoFailure] = ()
    removed: Sequence[FilePlace] = ()
    moved: Sequence[MovedFile] = ()
    listed: Sequence[ListedFile] = ()
    companions: Sequence[CompanionFile] = ()


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store knows of a file, for a scan to compare with the disk.

    Attributes:
        stamp: At the last time it was read or failed; None for a failure without one.
        is_done: The file needs nothing more until its stamp changes: it is stored and has its
            thumbnail and its vector in the space asked about, or it failed for a reason that only
            a change can mend.
        is_listed: What its header says is stored for this stamp.
        is_companion: It belongs to another file's photo.
        sidecar: Stamp of the XMP file that was read with it.
        is_failed: At the last time it could not be read or decoded.
    """

    stamp: FileStamp | None
    is_done: bool
    is_listed: bool = False
    is_companion: bool = False
    sidecar: FileStamp | None = None
    is_failed: bool = False


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """Where the store knows a file that is asked for by its number.

    Attributes:
        place: Where it lies, or lay when it was last seen.
        stamp: At the last time it was read or failed.
        is_read: It was read in whole, and needs nothing more than a place.
    """

    place: FilePlace
    stamp: FileStamp
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """What a transaction changed.

    Attributes:
        added: Photos that have a file now and had none before.
        removed: The reverse.
        changed: Ids of photos that were there before and have other thumbnails or facts now, or
            of which a file is broken now, or sound again.
    """

    added: int = 0
    removed: int = 0
    changed: tuple[int, ...] = ()


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
