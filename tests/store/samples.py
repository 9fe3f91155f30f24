"""Small values for the store's tests."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import CaptureTime, FilePlace, FileStamp, PhotoFacts
from photosearch.core.ports import Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, IndexedFile

SPACE = EmbeddingSpace("small@1+p1", 8, "small", ("small-text",), logit_scale=50.0)
OTHER_SPACE = EmbeddingSpace("other@1+p1", 12, "other", ("a", "b"), is_sample=True)
STAMP = FileStamp(1000, 1_700_000_000_123_456_789)
FACTS = PhotoFacts("JPEG", 640, 480)


def content_hash(number: int) -> bytes:
    return number.to_bytes(16, "big")


def unit(*shape: int, seed: int = 0) -> Vectors:
    """Random vectors (..., dim) of unit length."""
    vectors = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors


def as_stored(vectors: Vectors) -> Vectors:
    """What remains of vectors in float16, at unit length again."""
    rows = vectors.astype(np.float16).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows


def photo(
    folder_id: int,
    name: bytes,
    number: int,
    *,
    stamp: FileStamp = STAMP,
    facts: PhotoFacts = FACTS,
    vector: Vectors | None = None,
    has_vector: bool = True,
    space: EmbeddingSpace = SPACE,
) -> IndexedFile:
    """A file with content `number`, and the vector that goes with that number."""
    if vector is None and has_vector:
        vector = unit(space.dim, seed=number)
    return IndexedFile(
        place=FilePlace(folder_id, name),
        stamp=stamp,
        content_hash=content_hash(number),
        facts=facts,
        thumbnail=b"jpeg %d" % number,
        vector=vector,
    )


def failure(
    folder_id: int,
    name: bytes,
    code: FailureCode = FailureCode.DAMAGED,
    *,
    stamp: FileStamp | None = STAMP,
    space_key: str = "",
    **args: str | int | float,
) -> PhotoFailure:
    return PhotoFailure(
        place=FilePlace(folder_id, name),
        stamp=stamp,
        stage=Stage.ENCODE if space_key else Stage.DECODE,
        reason=FailureReason(code, args),
        space_key=space_key,
    )


def taken(*when: int, offset_min: int | None = None) -> PhotoFacts:
    """Facts with a capture time: year, month, day, hour, ..."""
    local = datetime(*when)  # type: ignore[arg-type]
    return PhotoFacts("JPEG", 640, 480, taken=CaptureTime(local, offset_min, "exif"))


def ids_by_name(store: Store) -> dict[str, int]:
    """Photo ids by file name."""
    return {found.path.name: found.id for found in store.photos(store.photo_ids().tolist())}


def write(store: Store, *files: IndexedFile, space: EmbeddingSpace = SPACE) -> None:
    store.write(space, IndexBatch(files))
