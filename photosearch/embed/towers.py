"""A tower: one half of a model, from inputs to unit vectors.

Imports sentence-transformers, which takes seconds: `encoder.py` imports this module at the first
use, inside the engine only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

# Both are read when the packages are imported: nothing may ask the network while a model loads.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from safetensors import SafetensorError

from photosearch.core.ports import Crops, Vectors
from photosearch.core.vectors import unit_length
from photosearch.embed.device import Device
from photosearch.embed.quick_import import without_scikit_learn
from photosearch.errors import ModelError, ModelMissingError

with without_scikit_learn():
    from sentence_transformers import SentenceTransformer


class Tower:
    """Weights on a device. May be used from several threads at once.

    Args:
        directory: Files in the layout of sentence-transformers.
        device: Where to compute.

    Raises:
        ModelMissingError: The files are missing or damaged, or memory ran out.
    """

    def __init__(self, directory: Path, device: Device) -> None:
        if not (directory / "modules.json").is_file():
            raise ModelMissingError(
                f"There is no model in {directory}.",
                "Fetch it first, or go on with the sample model.",
            )
        try:
            self._model = SentenceTransformer(
                str(directory),
                device=device.name,
                local_files_only=True,
                # Without the pin, an installed torchvision silently brings other pixels.
                processor_kwargs={"backend": "pil"},
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
            raise ModelMissingError(
                f"The model in {directory} cannot be loaded: {error}.", "Fetch it again."
            ) from error
        self._model.eval()

    def encode_images(self, crops: Crops) -> Vectors:
        """Embeds uint8 (n, size_px, size_px, 3); returns float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
        """
        return self._encode(list(crops))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embeds texts; returns float32 (n, dim), unit length.

        Raises:
            ModelError: The model failed.
        """
        return self._encode(list(texts))

    def _encode(self, inputs: list[Crops] | list[str]) -> Vectors:
        try:
            vectors = self._model.encode(
                inputs,
                batch_size=len(inputs),
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        except (RuntimeError, ValueError, torch.OutOfMemoryError) as error:
            raise ModelError(f"The model failed: {error}.") from error
        try:
            return unit_length(vectors)
        except ValueError as error:
            raise ModelError("The model gave a vector without direction.") from error
