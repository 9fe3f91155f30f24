"""Writes OpenCLIP's layouts: a vision transformer with an XLM-R, and a ResNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import (
    XLMRobertaModel,
)

from photosearch.embed.spec import Layout
from tests.embed.tiny_models import (
    CLIP_MEAN,
    CLIP_STD,
    DIM,
    SIZE_PX,
    WIDTH,
    Tiny,
    fill,
    image_tower,
    text_tower,
    write_json,
    xlm_roberta,
)

OPEN_CLIP_VISION = {"image_size": SIZE_PX, "layers": 2, "width": WIDTH, "patch_size": 32}
OPEN_CLIP_TEXT = {
    "hf_model_name": "xlm-roberta-base",
    "hf_tokenizer_name": "xlm-roberta-base",
    "hf_pooler_type": "mean_pooler",
}
OPEN_CLIP_RESNET = {"image_size": SIZE_PX, "layers": [1, 2, 1, 2], "width": 16, "patch_size": None}


def open_clip_xlm(directory: Path, seed: int = 6) -> Tiny:
    """A vision transformer and an XLM-R with two layers on top, in torch's own file."""
    config = xlm_roberta(directory / "xlm-roberta-base")
    text = nn.ModuleDict({"transformer": XLMRobertaModel(config, add_pooling_layer=False)})
    middle = (WIDTH + DIM) // 2
    shapes = {f"visual.{name}": shape for name, shape in _vision_transformer_shapes().items()}
    shapes |= {"text.proj.0.weight": (middle, WIDTH), "text.proj.2.weight": (DIM, middle)}
    state = {name: torch.empty(shape) for name, shape in shapes.items()}
    state |= {f"text.{name}": value for name, value in text.state_dict().items()}
    state["logit_scale"] = torch.empty(())
    torch.save(fill(state, seed), directory / "open_clip_pytorch_model.bin")
    _open_clip_config(directory, OPEN_CLIP_VISION, OPEN_CLIP_TEXT)
    return Tiny(
        directory,
        image_tower(Layout.OPEN_CLIP, directory),
        text_tower(Layout.OPEN_CLIP, directory, 77),
    )


def _vision_transformer_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "class_embedding": (WIDTH,),
        "positional_embedding": ((SIZE_PX // 32) ** 2 + 1, WIDTH),
        "proj": (WIDTH, DIM),
        "conv1.weight": (WIDTH, 3, 32, 32),
    }
    norms = ["ln_pre", "ln_post"]
    for number in range(2):
        block = f"transformer.resblocks.{number}"
        norms += [f"{block}.ln_1", f"{block}.ln_2"]
        shapes |= {
            f"{block}.attn.in_proj_weight": (3 * WIDTH, WIDTH),
            f"{block}.attn.in_proj_bias": (3 * WIDTH,),
            f"{block}.attn.out_proj.weight": (WIDTH, WIDTH),
            f"{block}.attn.out_proj.bias": (WIDTH,),
            f"{block}.mlp.c_fc.weight": (4 * WIDTH, WIDTH),
            f"{block}.mlp.c_fc.bias": (4 * WIDTH,),
            f"{block}.mlp.c_proj.weight": (WIDTH, 4 * WIDTH),
            f"{block}.mlp.c_proj.bias": (WIDTH,),
        }
    for norm in norms:
        shapes |= {f"{norm}.weight": (WIDTH,), f"{norm}.bias": (WIDTH,)}
    return shapes


def open_clip_resnet(directory: Path, seed: int = 7) -> Tiny:
    """One of OpenAI's ResNets, in safetensors; its text tower is there and never read."""
    from photosearch.embed.loaders.clip_resnet import ClipResNet

    directory.mkdir(parents=True, exist_ok=True)
    tower = ClipResNet((1, 2, 1, 2), width=16, dim=DIM, heads=8, size_px=SIZE_PX)
    state = {f"visual.{name}": value for name, value in tower.state_dict().items()}
    save_file(fill(state, seed), directory / "open_clip_model.safetensors")
    _open_clip_config(
        directory, OPEN_CLIP_RESNET, {"context_length": 77, "vocab_size": 99, "width": 64}
    )
    return Tiny(directory, image_tower(Layout.OPEN_CLIP, directory), None)


def _open_clip_config(directory: Path, vision: dict[str, Any], text: dict[str, Any]) -> None:
    write_json(
        directory / "open_clip_config.json",
        {
            "model_cfg": {"embed_dim": DIM, "vision_cfg": vision, "text_cfg": text},
            "preprocess_cfg": {"mean": CLIP_MEAN, "std": CLIP_STD},
        },
    )
