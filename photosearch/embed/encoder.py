"""The encoder the engine uses: readies each tower at its first use, and again where a device fails.

The index thread asks for pictures, the search threads for texts and example pictures. Importing
this module loads neither torch nor ONNX Runtime.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from photosearch.core.ports import Crops, Vectors
from photosearch.core.query import Reading
from photosearch.core.space import EmbeddingSpace, ImageInput
from photosearch.core.vectors import unit_length
from photosearch.embed.spec import ModelSpec, TowerSpec
from photosearch.errors import ModelMissingError

if TYPE_CHECKING:
    from photosearch.embed.device import Device
    from photosearch.embed.towers import Tower

log = logging.getLogger(__name__)


class ModelEncoder:
    """An `Encoder` over a model of the catalogue.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
    """

    def __init__(self, spec: ModelSpec, models_dir: Path) -> None:
        self._spec = spec
        self._models_dir = models_dir
        self._english = next((text for text in spec.texts[1:] if text.languages == ("en",)), None)
        self._towers: dict[str, Tower] = {}
        self._device: Device | None = None
        # One lock for both: two threads importing torch at once gain nothing and may deadlock.
        self._load_lock = threading.Lock()

    @property
    def space(self) -> EmbeddingSpace:
        """The space of the vectors."""
        return self._spec.space

    @property
    def image_input(self) -> ImageInput:
        """The crop that `encode_images` expects."""
        return self._spec.image_input

    @property
    def device_label(self) -> str:
        """Where it computes and why there, for people; "" until something was loaded."""
        device = self._device
        if device is None:
            return ""
        return f"{device.label} ({device.why})" if device.why else device.label

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            ModelMissingError: The image tower is missing or damaged.
            ModelError: It failed.
        """
        return self._encode(self._spec.image, lambda tower: tower.encode_images(crops))

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        """Embeds texts; returns float32 (n, dim), unit length.

        Args:
            texts: What was typed.
            reading: Who reads them; AUTO decides for each by itself.

        Raises:
            ModelMissingError: The text tower is missing or damaged.
            ModelError: It failed.
        """
        if self._english is None:
            return self._read(self._spec.texts[0], texts)
        rows: list[Vectors] = []
        for text in texts:
            chosen = self.reading_of(text) if reading is Reading.AUTO else reading
            readers = {
                Reading.ENGLISH: [self._english],
                Reading.BOTH: [self._english, self._spec.texts[0]],
            }.get(chosen, [self._spec.texts[0]])
            rows.append(unit_length(sum(self._read(reader, [text]) for reader in readers)))
        return np.concatenate(rows)

    def reading_of(self, text: str) -> Reading:
        """Says who would read a text; AUTO where the model has no choice."""
        if self._english is None:
            return Reading.AUTO
        from photosearch.embed.routing import reading_of

        return reading_of(text, self._spec.languages)

    def release_images(self) -> None:
        """Lets the image tower's memory go; it is loaded again at the next use."""
        with self._load_lock:
            self._towers.pop(self._spec.image.id, None)

    def close(self) -> None:
        """Lets the towers go."""
        with self._load_lock:
            self._towers.clear()

    def _read(self, spec: TowerSpec, texts: Sequence[str]) -> Vectors:
        return self._encode(spec, lambda tower: tower.encode_texts(texts))

    def _encode(self, spec: TowerSpec, encode: Callable[[Tower], Vectors]) -> Vectors:
        from photosearch.embed.runners import DeviceLostError

        tower = self._tower(spec)
        try:
            vectors = encode(tower)
        except DeviceLostError as error:
            self._go_on_by_cpu(tower, f"the GPU was lost: {error}")
            vectors = encode(self._tower(spec))
        if vectors.shape[1] != self.space.dim:
            raise ModelMissingError(
                f"{self._spec.name} gives vectors of {vectors.shape[1]} numbers, "
                f"the catalogue says {self.space.dim}."
            )
        return vectors

    def _tower(self, spec: TowerSpec) -> Tower:
        with self._load_lock:
            if spec.id not in self._towers:
                started_s = time.monotonic()
                from photosearch.embed.opening import open_tower

                self._towers[spec.id], used = open_tower(
                    spec, self._spec.towers, self._models_dir, self._device
                )
                if spec is self._spec.image or self._device is None:
                    self._device = used
                log.info("%s on %s in %.1f s", spec.id, used, time.monotonic() - started_s)
            return self._towers[spec.id]

    def _go_on_by_cpu(self, lost: Tower, why: str) -> None:
        from photosearch.embed import device

        with self._load_lock:
            if lost in self._towers.values():  # else another thread was quicker
                log.warning("going on by the CPU: %s", why)
                self._device = device.cpu(why)
                self._towers.clear()
