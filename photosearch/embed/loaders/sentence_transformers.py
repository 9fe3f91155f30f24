"""Loads what sentence-transformers writes: `modules.json` names the parts, each in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from photosearch.embed.loaders.loaded import ImageModule, LoadedTower, TextModule, fitted
from photosearch.embed.loaders.quick_import import without_scikit_learn
from photosearch.embed.spec import TowerKind, TowerSpec

with without_scikit_learn():
    from sentence_transformers import SentenceTransformer

_VECTOR = "sentence_embedding"


def load(spec: TowerSpec, directory: Path) -> LoadedTower:
    """Reads a tower; see `loaders.load`."""
    model = SentenceTransformer(
        str(directory),
        device="cpu",
        local_files_only=True,
        # Without the pin, an installed torchvision silently brings other pixels.
        processor_kwargs={"backend": "pil"},
    ).eval()
    if spec.kind is TowerKind.IMAGE:
        return LoadedTower(ImageModule(_Pictures(model), spec.mean, spec.std))
    tokenizer: Any = model.tokenizer
    return LoadedTower(
        TextModule(_Texts(model)),
        fitted(
            tokenizer.backend_tokenizer,
            spec.max_tokens,
            tokenizer.pad_token_id,
            pads_to_max=spec.pads_to_max,
        ),
    )


class _Pictures(nn.Module):
    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.parts = nn.ModuleList(model.children())

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return _through(self.parts, {"pixel_values": pixels, "modality": "image"})


class _Texts(nn.Module):
    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.parts = nn.ModuleList(model.children())

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return _through(self.parts, {"input_ids": ids, "attention_mask": mask, "modality": "text"})


def _through(parts: nn.ModuleList, features: dict[str, Any]) -> torch.Tensor:
    for part in parts:
        features = part(features)
    vectors: torch.Tensor = features[_VECTOR]
    return vectors
