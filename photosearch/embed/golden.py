"""Compares a model's vectors with recorded ones: proves that real weights work on this machine.

`resources/golden/<model>.json` holds what the built-in pictures and texts of `probes` gave where
it was recorded. `photosearch models verify --golden` compares, with `--record` it writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch import resources
from photosearch.core.ports import Encoder
from photosearch.embed import probes
from photosearch.embed.spec import ModelSpec
from photosearch.errors import ModelError

#: Numbers at the beginning of each vector that are recorded: a mixed-up layer changes them all.
_LEADING = 8
#: Between two devices or two conversions of the same weights: bfloat16 on a GPU stays below it.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Compared:
    """How far a model's vectors are from the recorded ones.

    Attributes:
        values: The largest difference of a leading value.
        cosines: The largest difference of a cosine between a text and a picture.
        moved: Texts whose best picture is another one, by more than the tolerance.
    """

    values: float
    cosines: float
    moved: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """The weights are the recorded ones, and this machine computes them rightly."""
        return max(self.values, self.cosines) <= TOLERANCE and not self.moved


@dataclass(frozen=True, slots=True)
class _Values:
    """What is recorded, and what is compared with it."""

    images: npt.NDArray[np.float64]
    texts: npt.NDArray[np.float64]
    cosines: npt.NDArray[np.float64]


def golden_file(spec: ModelSpec) -> Path:
    """Returns where a model's recorded values lie, present or not."""
    return resources.root() / "golden" / f"{spec.id.replace('/', '--')}.json"


def record(spec: ModelSpec, encoder: Encoder, path: Path) -> None:
    """Writes what a model gives now.

    Args:
        spec: The model.
        encoder: Computes it.
        path: The JSON file.

    Raises:
        ModelError: It cannot be computed or written.
    """
    values = _measured(encoder)
    recorded = {
        "model": spec.id,
        "weights": {tower.kind: tower.weights for tower in (spec.image, spec.texts[0])},
        "images": values.images.round(5).tolist(),
        "texts": values.texts.round(5).tolist(),
        "cosines": values.cosines.round(4).tolist(),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(recorded) + "\n", encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror}.") from error


def compare(spec: ModelSpec, encoder: Encoder, path: Path) -> Compared | None:
    """Compares what a model gives now with what was recorded.

    Args:
        spec: The model.
        encoder: Computes it.
        path: From `golden_file`.

    Returns:
        The differences; None where nothing was recorded for this model.

    Raises:
        ModelError: It cannot be computed, or what was recorded is of other weights or damaged.
    """
    try:
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"The recorded values {path} cannot be read: {error}.") from error
    wanted = _wanted(spec, recorded, path)
    found = _measured(encoder)
    best = wanted.cosines.argmax(axis=1)
    rows = np.arange(len(best))
    moved = found.cosines.max(axis=1) - found.cosines[rows, best] > TOLERANCE
    return Compared(
        values=max(
            float(np.abs(found.images - wanted.images).max()),
            float(np.abs(found.texts - wanted.texts).max()),
        ),
        cosines=float(np.abs(found.cosines - wanted.cosines).max()),
        moved=tuple(text for text, is_moved in zip(probes.TEXTS, moved, strict=True) if is_moved),
    )


def _wanted(spec: ModelSpec, recorded: Any, path: Path) -> _Values:
    try:
        weights = {tower.kind: tower.weights for tower in (spec.image, spec.texts[0])}
        if recorded["weights"] != weights:
            raise ModelError(
                f"The values in {path} were recorded of other weights.",
                f"Record them anew: photosearch models verify {spec.id} --record {path}",
            )
        values = _Values(
            np.array(recorded["images"], dtype=np.float64),
            np.array(recorded["texts"], dtype=np.float64),
            np.array(recorded["cosines"], dtype=np.float64),
        )
        count = len(probes.TEXTS)
        if values.texts.shape != (count, _LEADING) or values.cosines.shape[0] != count:
            raise ModelError(f"The values in {path} were recorded of other texts.")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The recorded values {path} are damaged: {error}.") from error
    return values


def _measured(encoder: Encoder) -> _Values:
    images = encoder.encode_images(probes.crops(encoder.image_input.size_px)).astype(np.float64)
    texts = encoder.encode_texts(probes.TEXTS).astype(np.float64)
    return _Values(images[:, :_LEADING], texts[:, :_LEADING], texts @ images.T)
