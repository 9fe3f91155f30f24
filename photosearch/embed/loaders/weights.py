"""Reads weights from safetensors, or from torch's own files without running what they hold."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import PreTrainedConfig, PreTrainedModel


def read_weights(
    directory: Path, names: Sequence[str], prefix: str = ""
) -> dict[str, torch.Tensor]:
    """Reads a file of weights.

    Args:
        directory: Where it lies.
        names: What it may be called, preferred first.
        prefix: Only weights whose name begins with it are read; it is cut off.

    Returns:
        Weights by name, mapped from the file until they are used.

    Raises:
        FileNotFoundError: There is none of these names.
        pickle.UnpicklingError: The file holds something else than weights.
    """
    path = next((directory / name for name in names if (directory / name).is_file()), None)
    if path is None:
        raise FileNotFoundError(f"{directory} holds none of {', '.join(names)}")
    if path.suffix == ".safetensors":
        with safe_open(path, framework="pt") as file:
            return {
                name.removeprefix(prefix): file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118 - not iterable itself
                if name.startswith(prefix)
            }
    state: dict[str, Any] = torch.load(
        path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
    )
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }


def filled(
    model_class: Any, config: PreTrainedConfig, weights: dict[str, torch.Tensor], **more: Any
) -> PreTrainedModel:
    """Returns a model of transformers that has these weights, and all of its own.

    Args:
        model_class: A class of transformers with `from_pretrained`.
        config: The model's shape.
        weights: By the names of transformers; more than needed is no fault.
        more: Further arguments of the class.

    Raises:
        ValueError: Weights are missing or of another shape.
    """
    model: PreTrainedModel
    model, found = model_class.from_pretrained(
        None,
        config=config,
        state_dict=weights,
        dtype=torch.float32,
        output_loading_info=True,
        **more,
    )
    check_nothing_missing(found)
    return model


def check_nothing_missing(found: dict[str, Any]) -> None:
    """Makes sure that transformers found every weight, for it fills the others with noise.

    Args:
        found: From `from_pretrained(output_loading_info=True)`.

    Raises:
        ValueError: Weights are missing or of another shape.
    """
    missing = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
    if missing:
        raise ValueError(f"{len(missing)} weights are missing, {missing[0]} among them")
