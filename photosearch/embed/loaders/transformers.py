"""Loads CLIP and SigLIP models as transformers writes them: `config.json` and one of weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import normalizers
from torch import nn
from transformers import AutoConfig, AutoModel

from photosearch.embed.loaders.loaded import ImageModule, LoadedTower, TextModule, fitted
from photosearch.embed.loaders.tokenizer_files import read_tokenizer
from photosearch.embed.loaders.weights import check_nothing_missing
from photosearch.embed.spec import TRANSFORMERS_TYPES, TowerKind, TowerSpec

_PARTS_OF_PICTURES = ("vision_model", "visual_projection")
_PARTS_OF_TEXTS = ("text_model", "text_projection")


def load(spec: TowerSpec, directory: Path) -> LoadedTower:
    """Reads a tower; see `loaders.load`."""
    config = AutoConfig.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
    if config.model_type not in TRANSFORMERS_TYPES:
        raise ValueError(f"a model of the type {config.model_type} is not known")
    model, found = AutoModel.from_pretrained(
        directory,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        dtype=torch.float32,
        output_loading_info=True,
    )
    check_nothing_missing(found)
    if spec.kind is TowerKind.IMAGE:
        _forget(model, _PARTS_OF_TEXTS)
        return LoadedTower(ImageModule(_Pictures(model), spec.mean, spec.std))
    _forget(model, _PARTS_OF_PICTURES)
    tokenizer, pad_id = read_tokenizer(directory)
    if config.model_type == "siglip":
        # SigLIP learned from small letters; the fast tokenizer of SigLIP 2 comes without that step
        # (https://github.com/huggingface/transformers/issues/43054).
        steps = [normalizers.Lowercase(), tokenizer.normalizer]
        tokenizer.normalizer = normalizers.Sequence([step for step in steps if step])
    return LoadedTower(
        TextModule(_PaddedTexts(model, pad_id) if spec.pads_to_max else _Texts(model)),
        fitted(tokenizer, spec.max_tokens, pad_id, pads_to_max=spec.pads_to_max),
    )


class _Pictures(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.model.get_image_features(pixel_values=pixels).pooler_output
        return vectors


class _Texts(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        output = self.model.get_text_features(input_ids=ids, attention_mask=mask)
        vectors: torch.Tensor = output.pooler_output
        return vectors


class _PaddedTexts(nn.Module):
    """Sees the padding as it saw it in training: the mask says only where it is."""

    def __init__(self, model: nn.Module, pad_id: int) -> None:
        super().__init__()
        self.model: Any = model
        self._pad_id = pad_id

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        padded = ids.masked_fill(mask == 0, self._pad_id)
        vectors: torch.Tensor = self.model.get_text_features(input_ids=padded).pooler_output
        return vectors


def _forget(model: nn.Module, parts: tuple[str, ...]) -> None:
    """Lets the half go that this tower does not need."""
    for part in parts:
        if hasattr(model, part):
            setattr(model, part, None)
