"""Loads the text towers of Multilingual-CLIP: a BERT or XLM-R, the mean of its tokens, a layer.

The newer models hold the layer among their weights and name the encoder they grew from; the older
ones have it in a pickle of its own (https://github.com/FreddeFrallan/Multilingual-CLIP).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig

from photosearch.embed.loaders.linear_pickle import read_linear_pickle
from photosearch.embed.loaders.loaded import LoadedTower, TextModule, fitted
from photosearch.embed.loaders.mean_text import MeanText, mean_encoder
from photosearch.embed.loaders.tokenizer_files import read_tokenizer
from photosearch.embed.loaders.weights import read_weights
from photosearch.embed.spec import TowerKind, TowerSpec

LINEAR_PICKLE = "linear.pkl"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def load(spec: TowerSpec, directory: Path) -> LoadedTower:
    """Reads a tower; see `loaders.load`."""
    if spec.kind is not TowerKind.TEXT:
        raise ValueError("Multilingual-CLIP has towers for texts only")
    settings: dict[str, Any] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    if base := settings.get("modelBase"):
        config = AutoConfig.from_pretrained(
            directory / Path(base).name, local_files_only=True, trust_remote_code=False
        )
        weights = read_weights(directory, _WEIGHTS, "transformer.")
        layer = read_weights(directory, _WEIGHTS, "LinearTransformation.")
    else:
        config = AutoConfig.from_pretrained(
            directory, local_files_only=True, trust_remote_code=False
        )
        weights = read_weights(directory, _WEIGHTS)
        kernel, bias = read_linear_pickle(directory / LINEAR_PICKLE)
        layer = {"weight": torch.from_numpy(kernel.T.copy()), "bias": torch.from_numpy(bias)}
    encoder = mean_encoder(config, weights)
    tokenizer, pad_id = read_tokenizer(directory)
    return LoadedTower(
        TextModule(MeanText(encoder, _linear(layer))),
        fitted(tokenizer, spec.max_tokens, pad_id, pads_to_max=spec.pads_to_max),
    )


def _linear(layer: dict[str, torch.Tensor]) -> nn.Linear:
    dim, width = layer["weight"].shape
    linear = nn.Linear(width, dim)
    linear.load_state_dict(layer)
    return linear
