"""The encoder the engine uses: loads each tower at its first use.

The index thread asks for pictures, the search threads for texts and example pictures. Importing
this module loads no torch.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photosearch.core.ports import Crops, Vectors
from photosearch.core.space import EmbeddingSpace, ImageInput
from photosearch.embed.catalogue import ModelSpec, TowerSpec
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
        """Where it computes, for people; "" until something was loaded."""
        return self._device.label if self._device else ""

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            ModelError: The image tower is missing, damaged or failed.
        """
        return self._checked(self._tower(self._spec.image).encode_images(crops))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embeds texts; returns float32 (n, dim), unit length.

        Raises:
            ModelError: The text tower is missing, damaged or failed.
        """
        return self._checked(self._tower(self._spec.texts[0]).encode_texts(texts))

    def close(self) -> None:
        """Lets the towers go."""
        with self._load_lock:
            self._towers.clear()

    def _tower(self, spec: TowerSpec) -> Tower:
        with self._load_lock:
            if spec.name not in self._towers:
                started_s = time.monotonic()
                from photosearch.embed import device, towers

                self._device = self._device or device.choose()
                self._towers[spec.name] = towers.Tower(
                    spec.directory(self._models_dir), self._device
                )
                log.info("loaded %s in %.1f s", spec.name, time.monotonic() - started_s)
            return self._towers[spec.name]

    def _checked(self, vectors: Vectors) -> Vectors:
        if vectors.shape[1] != self.space.dim:
            raise ModelMissingError(
                f"{self._spec.name} gives vectors of {vectors.shape[1]} numbers, "
                f"the catalogue says {self.space.dim}."
            )
        return vectors
