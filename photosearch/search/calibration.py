"""What is learnt of a space from the reference set, and the text by which the store keeps it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Encoder, Vectors
from photosearch.core.space import EmbeddingSpace
from photosearch.search import examples, reference
from photosearch.search.background import Background
from photosearch.search.examples import QueryKind
from photosearch.search.logistic import Logistic

#: Of the text and of what it was made from: another one is not used.
VERSION = 2
#: Texts are read in parts, so that giving up need not wait for all of them.
_TEXTS_AT_ONCE = 64
#: A score that counted against a find would turn the order round.
_SLOPE_MIN = 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores of a space become confidences.

    Attributes:
        background: The reference set in the space.
        kinds: For each kind of query what a score and the query's numbers say together.
    """

    background: Background
    kinds: dict[QueryKind, Logistic]

    def judgement(self, kind: QueryKind, direction: Vectors) -> tuple[float, float]:
        """Returns the slope, above 0, and the offset of a query's log odds over its scores."""
        fit = self.kinds[kind]
        numbers = examples.numbers_of(self.background, kind, direction)
        return max(fit.weights[0], _SLOPE_MIN), fit.bias + float(np.dot(fit.weights[1:], numbers))


def calibrated(encoder: Encoder, cancel: CancelToken | None = None) -> Calibration:
    """Calibrates a space on the reference set: some seconds with a small model.

    Args:
        encoder: The model.
        cancel: Looked at between batches.

    Raises:
        Cancelled: The calibration is no longer wanted.
        ModelError: The model failed.
        DecodeError: A picture of the reference set is missing or damaged.
    """
    known = reference.load()
    own_names = list(known.names.values())
    cancel = cancel or CancelToken()
    neutral = _read(encoder, known.neutral, cancel)
    names = iter(_read(encoder, [name for own in own_names for name in own], cancel))
    background = Background(_seen(encoder, known, cancel), neutral)
    vectors = {
        thing: np.stack([next(names) for _ in own])
        for thing, own in zip(known.names, own_names, strict=True)
    }
    kinds = {kind: examples.fit(background, known, vectors, kind) for kind in QueryKind}
    return Calibration(background, kinds)


def _seen(encoder: Encoder, known: reference.Reference, cancel: CancelToken) -> Vectors:
    def batches() -> Iterator[Vectors]:
        for crops in reference.crops(known.pictures, encoder.image_input, encoder.batch_size):
            cancel.raise_if_cancelled()
            yield encoder.encode_images(crops)

    return np.concatenate(list(batches()))


def _read(encoder: Encoder, texts: Sequence[str], cancel: CancelToken) -> Vectors:
    def batches() -> Iterator[Vectors]:
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            cancel.raise_if_cancelled()
            yield encoder.encode_texts(texts[first : first + _TEXTS_AT_ONCE])

    return np.concatenate(list(batches()))


def written(calibration: Calibration, space: EmbeddingSpace) -> str:
    """Returns the text that `read_calibration` reads: a megabyte at most."""
    return json.dumps(
        {
            "version": VERSION,
            "space": space.key,
            "pictures": _packed(calibration.background.pictures),
            "neutral": _packed(calibration.background.neutral),
            "kinds": {
                kind.value: [list(fit.weights), fit.bias] for kind, fit in calibration.kinds.items()
            },
        }
    )


def read_calibration(text: str | None, space: EmbeddingSpace) -> Calibration | None:
    """Reads what `written` wrote; None where it is of another version or space, or damaged."""
    try:
        table: dict[str, Any] = json.loads(text or "{}")
        if table.get("version") != VERSION or table["space"] != space.key:
            return None
        kinds = {
            QueryKind(kind): Logistic(tuple(map(float, weights)), float(bias))
            for kind, (weights, bias) in table["kinds"].items()
        }
        background = Background(
            _unpacked(table["pictures"], space.dim), _unpacked(table["neutral"], space.dim)
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return None
    return Calibration(background, kinds) if set(kinds) == set(QueryKind) else None


def _packed(vectors: Vectors) -> str:
    return base64.b64encode(vectors.astype("<f2").tobytes()).decode("ascii")


def _unpacked(text: str, dim: int) -> Vectors:
    rows: Vectors = np.frombuffer(base64.b64decode(text), "<f2").reshape(-1, dim).astype(np.float32)
    return rows
