"""Loads what OpenCLIP publishes: `open_clip_config.json` and one file of weights.

Image towers are CLIP's ResNets and plain vision transformers; text towers are those that OpenCLIP
takes from transformers. Its own code is not needed, and neither is torchvision
(https://github.com/mlfoundations/open_clip, `model.py` and `hf_model.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    PreTrainedModel,
)

from photosearch.embed.loaders.clip_resnet import ClipResNet
from photosearch.embed.loaders.loaded import ImageModule, LoadedTower, TextModule, fitted
from photosearch.embed.loaders.mean_text import MeanText, mean_encoder
from photosearch.embed.loaders.tokenizer_files import read_tokenizer
from photosearch.embed.loaders.weights import filled, read_weights
from photosearch.embed.spec import TowerKind, TowerSpec

_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
#: What this loader heeds. Any other key changes what a tower computes.
_VISION_KEYS = {"image_size", "layers", "width", "patch_size", "head_width", "mlp_ratio"}
_TEXT_KEYS = {"hf_model_name", "hf_tokenizer_name", "hf_pooler_type", "hf_proj_type"}
_HARMLESS_KEYS = {"context_length", "vocab_size"}
_HEAD_WIDTH = 64


def load(spec: TowerSpec, directory: Path) -> LoadedTower:
    """Reads a tower; see `loaders.load`."""
    path = directory / "open_clip_config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["model_cfg"]
    dim = int(config["embed_dim"])
    if spec.kind is TowerKind.IMAGE:
        vision = config["vision_cfg"]
        _refuse_unknown(vision, _VISION_KEYS)
        weights = read_weights(directory, _WEIGHTS, "visual.")
        body: nn.Module
        if isinstance(vision["layers"], list):
            body = _resnet(vision, dim, weights)
        else:
            body = _Transformer(_vision_transformer(config, weights))
        return LoadedTower(ImageModule(body, spec.mean, spec.std))
    text = config["text_cfg"]
    _refuse_unknown(text, _TEXT_KEYS | _HARMLESS_KEYS)
    # The encoder's own configuration lies in a folder named as the encoder is.
    base = directory / Path(text["hf_model_name"]).name
    tokenizer, pad_id = read_tokenizer(base)
    return LoadedTower(
        TextModule(_mean_text(text, dim, base, read_weights(directory, _WEIGHTS, "text."))),
        fitted(tokenizer, spec.max_tokens, pad_id, pads_to_max=spec.pads_to_max),
    )


def _refuse_unknown(config: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(key for key, value in config.items() if value and key not in known)
    if unknown:
        raise ValueError(f"a tower of OpenCLIP with {unknown[0]} is not known")


def _resnet(vision: dict[str, Any], dim: int, weights: dict[str, torch.Tensor]) -> ClipResNet:
    first, second, third, fourth = vision["layers"]
    width = int(vision["width"])
    tower = ClipResNet(
        (first, second, third, fourth),
        width=width,
        dim=dim,
        heads=width * 32 // _HEAD_WIDTH,
        size_px=int(vision["image_size"]),
    )
    tower.load_state_dict(weights)
    return tower


def _vision_transformer(
    config: dict[str, Any], weights: dict[str, torch.Tensor]
) -> PreTrainedModel:
    vision = config["vision_cfg"]
    width = int(vision["width"])
    return filled(
        CLIPVisionModelWithProjection,
        CLIPVisionConfig(
            hidden_size=width,
            intermediate_size=int(width * vision.get("mlp_ratio", 4)),
            num_hidden_layers=int(vision["layers"]),
            num_attention_heads=width // int(vision.get("head_width", _HEAD_WIDTH)),
            image_size=int(vision["image_size"]),
            patch_size=int(vision["patch_size"]),
            projection_dim=int(config["embed_dim"]),
            hidden_act="quick_gelu" if config.get("quick_gelu") else "gelu",
        ),
        _as_transformers_names(weights),
    )


def _as_transformers_names(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Renames the weights of OpenCLIP's vision transformer to those of transformers' CLIP."""
    renamed = {
        "visual_projection.weight": weights["proj"].T,
        "vision_model.embeddings.class_embedding": weights["class_embedding"],
        "vision_model.embeddings.position_embedding.weight": weights["positional_embedding"],
        "vision_model.embeddings.patch_embedding.weight": weights["conv1.weight"],
    }
    for name, value in weights.items():
        part, _, rest = name.partition(".")
        if part in {"ln_pre", "ln_post"}:
            norm = "pre_layrnorm" if part == "ln_pre" else "post_layernorm"
            renamed[f"vision_model.{norm}.{rest}"] = value
        elif part == "transformer":
            _, number, inner = rest.split(".", 2)
            for theirs, its in _of_block(inner, value).items():
                renamed[f"vision_model.encoder.layers.{number}.{theirs}"] = its
    return renamed


def _of_block(name: str, value: torch.Tensor) -> dict[str, torch.Tensor]:
    part, _, kind = name.rpartition(".")
    if part == "attn":  # in_proj_weight, in_proj_bias: of the three projections in one
        kind = kind.removeprefix("in_proj_")
        thirds = zip("qkv", value.chunk(3), strict=True)
        return {f"self_attn.{letter}_proj.{kind}": third for letter, third in thirds}
    names = {
        "attn.out_proj": "self_attn.out_proj",
        "ln_1": "layer_norm1",
        "ln_2": "layer_norm2",
        "mlp.c_fc": "mlp.fc1",
        "mlp.c_proj": "mlp.fc2",
    }
    return {f"{names[part]}.{kind}": value}


class _Transformer(nn.Module):
    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        vectors: torch.Tensor = self.model(pixel_values=pixels).image_embeds
        return vectors


def _mean_text(
    text: dict[str, Any], dim: int, base: Path, weights: dict[str, torch.Tensor]
) -> MeanText:
    pooler, projection = text.get("hf_pooler_type"), text.get("hf_proj_type", "mlp")
    if pooler != "mean_pooler" or projection != "mlp":
        raise ValueError(f"a text tower with {pooler} and the projection {projection} is not known")
    config = AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    encoder = mean_encoder(config, _below(weights, "transformer."))
    width = encoder.config.hidden_size
    middle = (width + dim) // 2
    head = nn.Sequential(
        nn.Linear(width, middle, bias=False), nn.GELU(), nn.Linear(middle, dim, bias=False)
    )
    head.load_state_dict(_below(weights, "proj."))
    return MeanText(encoder, head)


def _below(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
