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

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Crops, Vectors
from photosearch.core.query import Reading
from photosearch.core.space import EmbeddingSpace, ImageInput
from photosearch.core.vectors import unit_length
from photosearch.embed import memory
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE
from photosearch.embed.spec import ModelSpec, TowerSpec
from photosearch.errors import ModelError, ModelMissingError

if TYPE_CHECKING:
    from photosearch.embed.device import Device
    from photosearch.embed.towers import Tower

log = logging.getLogger(__name__)


class ModelEncoder:
    """An `Encoder` over a model of the catalogue.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        on_device_lost: Told why, on the thread that met it, when a GPU failed in mid-run and the
            CPU goes on.
        threads: Most that compute on the CPU; 0 for one per core.
    """

    def __init__(
        self,
        spec: ModelSpec,
        models_dir: Path,
        on_device_lost: Callable[[str], None] | None = None,
        threads: int = 0,
    ) -> None:
        self._spec = spec
        self._models_dir = models_dir
        self._on_device_lost = on_device_lost
        self._threads = threads
        self._english = next((text for text in spec.texts[1:] if text.languages == ("en",)), None)
        self._towers: dict[str, Tower] = {}
        #: Where each tower computes or, while it is let go, did: there it is opened again.
        self._devices: dict[str, Device] = {}
        # One lock for both: two threads importing torch at once gain nothing and may deadlock.
        self._load_lock = threading.Lock()
        #: Of the two tables, never held for long: a conversion takes minutes.
        self._lock = threading.Lock()
        #: Set by `close`: nothing is converted any more, and nothing kept.
        self._closed = CancelToken()

    @property
    def model_id(self) -> str:
        """What commands call the model, for messages."""
        return self._spec.id

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
        # Pictures are the work; until there were any, what texts say must do.
        device = next(
            (self._devices[t.id] for t in self._spec.towers if t.id in self._devices), None
        )
        return str(device or "")

    @property
    def batch_size(self) -> int:
        """How many pictures `encode_images` takes best at once, as far as is known."""
        tower = self._towers.get(self._spec.image.id)
        return DEFAULT_BATCH_SIZE if tower is None else tower.batch_size

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            Cancelled: It was closed, and would have to be converted first.
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
            Cancelled: It was closed, and would have to be converted first.
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
        with self._lock:
            self._towers.pop(self._spec.image.id, None)
        memory.give_back()

    def release_texts(self) -> None:
        """Lets the text towers' memory go; they are loaded again at the next use."""
        with self._lock:
            for text in self._spec.texts:
                self._towers.pop(text.id, None)
        memory.give_back()

    def close(self) -> None:
        """Lets the towers go, and ends a conversion under way; waits for nobody.

        Who is still at work may finish it, unless that needs a conversion: that is `Cancelled`.
        """
        self._closed.cancel()
        with self._lock:
            self._towers.clear()

    def _read(self, spec: TowerSpec, texts: Sequence[str]) -> Vectors:
        return self._encode(spec, lambda tower: tower.encode_texts(texts))

    def _encode(self, spec: TowerSpec, encode: Callable[[Tower], Vectors]) -> Vectors:
        tower = self._tower(spec)
        try:
            vectors = encode(tower)
        except ModelError as error:
            self._go_on_by_cpu(spec, tower, error)
            vectors = encode(self._tower(spec))
        if vectors.shape[1] != self.space.dim:
            raise ModelMissingError(
                f"{self._spec.name} gives vectors of {vectors.shape[1]} numbers, "
                f"the catalogue says {self.space.dim}."
            )
        return vectors

    def _tower(self, spec: TowerSpec) -> Tower:
        if tower := self._towers.get(spec.id):
            return tower  # without a lock: the other tower's conversion is nothing to wait for
        with self._load_lock:
            if tower := self._towers.get(spec.id):
                return tower
            started_s = time.monotonic()
            from photosearch.embed.opening import open_tower

            tower, device = open_tower(
                spec,
                self._spec.towers,
                self._models_dir,
                self._devices.get(spec.id),
                self._closed,
                self._threads,
            )
            with self._lock:
                self._devices[spec.id] = device
                if not self._closed.is_cancelled:
                    self._towers[spec.id] = tower
            log.info("%s on %s in %.1f s", spec.id, device, time.monotonic() - started_s)
            return tower

    def _go_on_by_cpu(self, spec: TowerSpec, failed: Tower, error: ModelError) -> None:
        """Leaves a GPU that failed, whatever at: what the CPU fails at too is the input's fault.

        Raises:
            ModelError: The error, where the CPU met it.
        """
        from photosearch.embed import device

        with self._lock:
            is_closed = self._closed.is_cancelled
            if self._towers.get(spec.id) is not failed and not is_closed:
                return  # another thread was quicker
            if self._devices[spec.id].is_cpu:
                raise error
            why = f"the GPU failed: {error.message.rstrip('.')}"
            log.warning("%s goes on by the CPU: %s", spec.id, why)
            self._devices[spec.id] = device.cpu(why)
            self._towers.pop(spec.id, None)
        if self._on_device_lost is not None:
            self._on_device_lost(why)
