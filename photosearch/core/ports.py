"""The seams between the layers: what indexing and searching need of a model, a store and a decoder.

`index`, `search` and `annotate` see these protocols only; `library` puts the real things in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.core.failure import FailureReason, PhotoFailure, Stage
from photosearch.core.photo import DecodedPhoto, FilePlace, FileStamp, Folder, Photo, PhotoFacts
from photosearch.core.query import Reading
from photosearch.core.space import EmbeddingSpace, ImageInput
from photosearch.core.status import StoreCounts

Vectors = npt.NDArray[np.float32]
Crops = npt.NDArray[np.uint8]


class Encoder(Protocol):
    """A model: pictures and texts in, unit vectors of one space out.

    Methods may be called from any thread.
    """

    @property
    def space(self) -> EmbeddingSpace:
        """The space of the vectors."""
        ...

    @property
    def image_input(self) -> ImageInput:
        """The crop that `encode_images` expects."""
        ...

    @property
    def batch_size(self) -> int:
        """How many pictures `encode_images` takes best at once; may change with each batch."""
        ...

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds pictures.

        Args:
            crops: uint8 (n, size_px, size_px, 3), upright sRGB.

        Returns:
            float32 (n, dim), unit length.

        Raises:
            ModelMissingError: The model cannot be loaded.
            ModelMemoryError: There is not enough memory.
            ModelError: The model failed on these pictures.
        """
        ...

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        """Embeds texts in any language the model knows.

        Args:
            texts: What was typed.
            reading: Who reads them; AUTO decides for each by itself.

        Returns:
            float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
        """
        ...

    def reading_of(self, text: str) -> Reading:
        """Says who would read a text; AUTO where the model has no choice."""
        ...

    def release_images(self) -> None:
        """Frees the memory of the part that sees pictures; it is loaded again at its next use."""
        ...

    def release_texts(self) -> None:
        """Frees the memory of the part that reads texts; it is loaded again at its next use."""
        ...

    def close(self) -> None:
        """Frees the model's memory. Calling it twice is harmless."""
        ...


class DecodeError(Exception):
    """A file could not be read or decoded; it travels between processes, so it holds plain values.

    Attributes:
        stage: READ or DECODE.
        reason: Why.
        stamp: Size and time of the file, None where even that could not be read.
    """

    def __init__(self, stage: Stage, reason: FailureReason, stamp: FileStamp | None) -> None:
        super().__init__(stage, reason, stamp)
        self.stage = stage
        self.reason = reason
        self.stamp = stamp

    def __str__(self) -> str:
        return self.reason.sentence()


class Decoder(Protocol):
    """Reads files away from the caller's process, so that a hostile one costs itself only."""

    def submit(self, source: Path | bytes, image_input: ImageInput) -> Future[DecodedPhoto]:
        """Starts reading a picture.

        Args:
            source: A file, or the bytes of one that lies nowhere (its stamp's time is then 0).
            image_input: The crop that is wanted.

        Returns:
            A future that gives the photo, or raises `DecodeError`.
        """
        ...

    def close(self) -> None:
        """Ends the children. Calling it twice is harmless."""
        ...


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


@dataclass(frozen=True, slots=True)
class IgnoredCounts:
    """Files below a folder that are no photos, by lower-case suffix with its dot ("" for none)."""

    ignored: Mapping[str, int] = field(default_factory=dict)
    not_yet: Mapping[str, int] = field(default_factory=dict)


class Store(Protocol):
    """Where a library keeps what it knows. Every method may be called from any thread.

    Every write is one transaction: all of it or nothing. Everything raises `StoreError` where the
    disk or the database refuses.
    """

    def ensure_space(self, space: EmbeddingSpace) -> None:
        """Makes room for a space's vectors; harmless where it exists.

        Raises:
            StoreError: The space exists with another dim.
        """
        ...

    def drop_space(self, space: EmbeddingSpace) -> int:
        """Forgets a space with its vectors and failures, and gives their disk space back.

        Returns:
            How many vectors were dropped; 0 where the space does not exist.

        Raises:
            StoreError: The space exists with another dim.
        """
        ...

    def add_folder(self, path: Path) -> Folder:
        """Remembers a folder; returns the known one where it is already there.

        Raises:
            UsageError: The folder lies inside a watched one, or around one.
        """
        ...

    def remove_folder(self, folder_id: int) -> WriteCounts:
        """Forgets a folder, its files, and the photos that were only there.

        The disk is not touched.
        """
        ...

    def set_folder_online(self, folder_id: int, *, is_online: bool) -> None:
        """Notes whether a folder can be reached."""
        ...

    def folders(self) -> list[Folder]:
        """All watched folders, in the order they were added."""
        ...

    def known_files(self, folder_id: int, space: EmbeddingSpace) -> dict[bytes, KnownFile]:
        """What is known of each file below a folder, failures included, by relative path."""
        ...

    def has_vectors(self, space: EmbeddingSpace, hashes: Sequence[bytes]) -> set[bytes]:
        """Which of these contents already have a vector in the space."""
        ...

    def missing_vectors(
        self, space: EmbeddingSpace, *, only_offline: bool = False
    ) -> npt.NDArray[np.int64]:
        """Photos that lack a vector in the space and never failed in it, newest first: (n,).

        Args:
            space: Which space.
            only_offline: Only those of which no file lies in a folder that is online.
        """
        ...

    def write(self, space: EmbeddingSpace, batch: IndexBatch) -> WriteCounts:
        """Stores a batch in one transaction: files, vectors, thumbnails, failures, removals."""
        ...

    def set_ignored(self, folder_id: int, counts: IgnoredCounts) -> None:
        """Replaces what is known of the files below a folder that are no photos."""
        ...

    def purge_unplaced(self) -> int:
        """Drops contents that have no file left, and all that hangs on them; returns how many."""
        ...

    def search(self, space: EmbeddingSpace, vector: Vectors, limit: int) -> Ranking:
        """Finds the photos that are nearest to a vector.

        Args:
            space: Where to look.
            vector: float32 (dim,), unit length.
            limit: Most photos wanted.
        """
        ...

    def vector(self, space: EmbeddingSpace, photo_id: int) -> Vectors | None:
        """A photo's stored vector: float32 (dim,), unit length; None where it has none."""
        ...

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """All photos, newest first (capture time, else file time): int64 (n,)."""
        ...

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; unknown ids are left out."""
        ...

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """JPEG bytes by photo id; photos without a thumbnail are left out."""
        ...

    def failures(self) -> list[PhotoFailure]:
        """Every file that could not be taken in, newest failure first, with its path."""
        ...

    def counts(self, space: EmbeddingSpace | None) -> StoreCounts:
        """Numbers of the store; `vector_count` is of this space."""
        ...

    def close(self) -> None:
        """Closes the database. Calling it twice is harmless."""
        ...
