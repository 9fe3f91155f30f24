"""Reads towers from their files into torch: one module for each on-disk layout.

Weights come from safetensors, or from torch's own files with `weights_only`; no code of a model
repository is ever run. Importing a loader loads torch.
"""

from __future__ import annotations

import os
import pickle
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from photosearch.embed import damage
from photosearch.embed.spec import Layout, TowerSpec
from photosearch.errors import ModelMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from photosearch.embed.loaders.loaded import LoadedTower

# Read when the packages are imported: nothing may ask the network while a model loads.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

_MODULES = {
    Layout.SENTENCE_TRANSFORMERS: "sentence_transformers",
    Layout.TRANSFORMERS: "transformers",
    Layout.MULTILINGUAL_CLIP: "multilingual_clip",
    Layout.OPEN_CLIP: "open_clip",
}


def load(spec: TowerSpec, directory: Path) -> LoadedTower:
    """Reads a tower.

    Args:
        spec: What it is.
        directory: Where its files lie.

    Returns:
        The tower on the CPU in float32.

    Raises:
        ModelMissingError: Files are missing or damaged, or memory ran out.
    """
    missing = [file.path for file in spec.files if not (directory / file.path).is_file()]
    if missing or not directory.is_dir():
        what = f": {', '.join(missing)} is missing" if missing else ""
        raise ModelMissingError(
            f"There is no whole model in {directory}{what}.",
            _hint(spec),
        )
    from safetensors import SafetensorError

    loader = cast(
        "Callable[[TowerSpec, Path], LoadedTower]",
        import_module(f"{__name__}.{_MODULES[spec.layout]}").load,
    )
    try:
        return loader(spec, directory)
    except (pickle.UnpicklingError, EOFError) as error:
        raise ModelMissingError(
            f"The model in {directory} holds something else than weights.", _hint(spec)
        ) from error
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        ImportError,
        SafetensorError,
    ) as error:
        raise ModelMissingError(
            f"The model in {directory} cannot be loaded: {error}.", _hint(spec)
        ) from error


def _hint(spec: TowerSpec) -> str:
    """Returns what the user can do about a tower's files."""
    if spec.path is None:
        model_id = damage.id_of_model(spec)
        again = f": photosearch models verify {model_id} --repair" if model_id else "."
        return f"Fetch {spec.repo} again{again}"
    if spec.path.is_absolute():
        return "It is a folder of yours: put its files back, or choose it again."
    return "It is part of Photosearch: install that again."
