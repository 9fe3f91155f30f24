"""Which model answers, and which one fills its space meanwhile. Changing it never empties anything.

The library asks this, on any thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from photosearch.core.ports import Encoder
from photosearch.core.probe import PROBE_TEXT, probe_crop
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import Filling
from photosearch.core.store import Store
from photosearch.embed import catalogue
from photosearch.embed.spec import ModelSpec
from photosearch.errors import ModelError
from photosearch.settings import DEFAULT_MODEL, LibrarySettings

log = logging.getLogger(__name__)


class LoadedEncoder(Encoder, Protocol):
    """An encoder that also says where it computes."""

    @property
    def device_label(self) -> str:
        """Where it computes, for people; "" while unknown."""
        ...


OnDeviceLost = Callable[[str], None]
MakeEncoder = Callable[[ModelSpec, OnDeviceLost], LoadedEncoder]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model in use.

    Attributes:
        spec: What it is.
        encoder: What computes it; loads at its first use.
    """

    spec: ModelSpec
    encoder: LoadedEncoder

    @property
    def space(self) -> EmbeddingSpace:
        """Where its vectors lie."""
        return self.encoder.space


class ModelSwitch:
    """The model that was chosen, and the one that answers until the chosen one knows every photo.

    Args:
        settings_path: The library's settings, where both are kept.
        store: Where their spaces are.
        make_encoder: Makes an encoder of a model, loading nothing yet.
        on_device_lost: Told why, on any thread, when a GPU failed and the CPU goes on.

    A model of the settings that cannot be found stays in them: its disk may come back. The other
    one of the settings answers meanwhile, or else the sample model; `trouble` says so.

    Raises:
        ModelError: The catalogue cannot be read.
        UsageError: The settings cannot be read.
        StoreError: The database failed.
    """

    def __init__(
        self,
        settings_path: Path,
        store: Store,
        make_encoder: MakeEncoder,
        on_device_lost: OnDeviceLost,
    ) -> None:
        self._settings_path = settings_path
        self._store = store
        self._make_encoder = make_encoder
        self._on_device_lost = on_device_lost
        self._lock = threading.Lock()
        settings = LibrarySettings.load(settings_path)
        for slip in LibrarySettings.unknown_keys(settings_path):
            log.warning("%s", slip)
        #: Which model of the settings cannot be found or used, and why.
        self.trouble = ""
        #: Whether it is about the chosen one, which was found.
        self._has_failed = False
        chosen = self._found(settings.model)
        before = self._found(settings.answering) if settings.answering else None
        self.chosen = chosen or before or self._ready(catalogue.find(DEFAULT_MODEL))
        is_other = before is not None and before.space.key != self.chosen.space.key
        self.answering = before if before is not None and is_other else self.chosen
        if self.trouble:
            self.trouble += f" {self.answering.spec.name} answers until then."
            log.warning("%s", self.trouble)

    def note_failure(self, why: str) -> None:
        """Remembers that the chosen model could not be used, until it can or another is chosen."""
        self._has_failed = True
        self.trouble = f"{self.chosen.spec.name} cannot be used: {why}"

    def note_success(self) -> None:
        """Forgets what was wrong with the chosen model: it understood photos."""
        if self._has_failed:
            self.trouble, self._has_failed = "", False

    def filling(self) -> Filling | None:
        """Returns how far the chosen model is, None where it answers."""
        chosen = self.chosen
        if chosen is self.answering:
            return None
        return Filling(
            chosen.spec.id,
            chosen.spec.name,
            self._store.counts(chosen.space).vector_count,
            self._store.missing_count(chosen.space),
            self._store.missing_count(chosen.space, only_offline=True),
        )

    def choose(self, spec: ModelSpec, *, at_once: bool = False) -> None:
        """Chooses a model. The one that answers goes on until the chosen one knows every photo.

        Args:
            spec: The model.
            at_once: It answers from now on, with the photos that it knows.

        Raises:
            UsageError: The settings cannot be written.
            StoreError: The database failed.
        """
        with self._lock:
            former, before = self.chosen, self.answering
            self.chosen = before if spec.id == before.spec.id else self._ready(spec)
            if at_once or self.chosen.space.key == before.space.key:
                self.answering = self.chosen
            self._save()
            self.trouble = ""
        for model in {former, before} - {self.chosen, self.answering}:
            model.encoder.close()

    def settle(self) -> bool:
        """Lets the chosen model answer if it knows every photo; returns whether that is new.

        It is tried first, which may take as long as loading it.

        Raises:
            ModelError: It can understand no picture or no text: the other one goes on.
            UsageError: The settings cannot be written.
            StoreError: The database failed.
        """
        with self._lock:
            before, chosen = self.answering, self.chosen
        if chosen is before or not self._knows_photos(chosen.space):
            return False
        # Without the lock: nobody who changes his mind has to wait for it.
        chosen.encoder.encode_images(probe_crop(chosen.encoder.image_input))
        chosen.encoder.encode_texts([PROBE_TEXT])
        with self._lock:
            if (self.answering, self.chosen) != (before, chosen):
                return False
            self.answering = chosen
            self._save()
        log.info("%s answers from now on, instead of %s", chosen.spec.id, before.spec.id)
        before.encoder.close()
        return True

    def release_images(self) -> None:
        """Lets the memory of the image towers go."""
        for model in {self.chosen, self.answering}:
            model.encoder.release_images()

    def release_texts(self) -> None:
        """Lets the memory of the text towers go."""
        for model in {self.chosen, self.answering}:
            model.encoder.release_texts()

    def close(self) -> None:
        """Lets the models go."""
        for model in {self.chosen, self.answering}:
            model.encoder.close()

    def _knows_photos(self, space: EmbeddingSpace) -> bool:
        """Whether no photo waits for its vector; where all of them failed, the model did."""
        if self._store.missing_count(space):
            return False
        counts = self._store.counts(space)
        return counts.vector_count > 0 or counts.photo_count == 0

    def _found(self, model_id: str) -> Model | None:
        try:
            spec = catalogue.find(model_id)
        except ModelError as error:
            self.trouble = self.trouble or f"The model {model_id} cannot be found: {error.message}"
            return None
        return self._ready(spec)

    def _ready(self, spec: ModelSpec) -> Model:
        model = Model(spec, self._make_encoder(spec, self._on_device_lost))
        self._store.ensure_space(model.space)
        return model

    def _save(self) -> None:
        settings = LibrarySettings.load(self._settings_path)
        answering = "" if self.answering is self.chosen else self.answering.spec.id
        replace(settings, model=self.chosen.spec.id, answering=answering).save(self._settings_path)
