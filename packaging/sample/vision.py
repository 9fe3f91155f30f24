"""The image tower: a small CLIP vision transformer, and where its learning starts.

It is Hugging Face's own `CLIPVisionModelWithProjection`, so what is trained is what is loaded.  A
vision transformer learns slowly on little data; three starting points shorten that a lot: patch
filters from the principal components of real patches, position codes in dimensions of their own,
and attention heads that begin by looking at a fixed neighbour as a convolution does (Zheng et al.
2024, *Structured Initialization for Vision Transformers*).
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from augment import FRAME_PX, GRID, PATCH_PX
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

WIDTH = 160
LAYERS = 5
HEADS = 5
MLP_WIDTH = 512
SPACE_DIM = 160
#: Every head is this wide, and so is the part of the residual stream that holds the position.
HEAD_DIM = WIDTH // HEADS
#: What the preprocessing of the checkpoint subtracts and divides by.
PIXEL_MEAN, PIXEL_STD = 0.5, 0.5
#: (row, column) at which each head looks when training starts, by layer; None is anywhere.
OFFSETS: tuple[tuple[tuple[int, int] | None, ...], ...] = (
    ((0, 1), (0, -1), (1, 0), (-1, 0), None),
    ((1, 1), (1, -1), (-1, 1), (-1, -1), None),
    ((0, 2), (0, -2), (2, 0), (-2, 0), None),
    (None, None, None, None, None),
    (None, None, None, None, None),
)


def vision_config() -> CLIPVisionConfig:
    """Return the architecture."""
    return CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=MLP_WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        image_size=FRAME_PX,
        patch_size=PATCH_PX,
        projection_dim=SPACE_DIM,
        hidden_act="gelu",
    )


def position_code(offset: tuple[int, int] = (0, 0)) -> torch.Tensor:
    """Return float32 (grid * grid, head dim): sines and cosines of row and column plus `offset`."""
    frequencies = torch.arange(1, HEAD_DIM // 4 + 1) * math.pi / GRID
    row, column = torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")
    parts = []
    for axis, shift in ((row, offset[0]), (column, offset[1])):
        angle = (axis.reshape(-1, 1) + shift) * frequencies
        parts += [angle.cos(), angle.sin()]
    return torch.cat(parts, 1)


def _shift_matrix(offset: tuple[int, int]) -> torch.Tensor:
    """Return the matrix M with M code(p) = code(p + offset)."""
    count = HEAD_DIM // 4
    frequencies = torch.arange(1, count + 1) * math.pi / GRID
    matrix = torch.zeros(HEAD_DIM, HEAD_DIM)
    for axis, shift in enumerate(offset):
        base = axis * 2 * count
        cos, sin = (frequencies * shift).cos(), (frequencies * shift).sin()
        index = torch.arange(count)
        matrix[base + index, base + index] = cos
        matrix[base + index, base + count + index] = -sin
        matrix[base + count + index, base + index] = sin
        matrix[base + count + index, base + count + index] = cos
    return matrix


def new_tower(patches: torch.Tensor) -> CLIPVisionModelWithProjection:
    """Build the tower with its starting weights.

    Args:
        patches: float32 (n, 3 * patch * patch), normalised pixels of many training patches.

    Returns:
        The module, in training mode.
    """
    tower = CLIPVisionModelWithProjection(vision_config())
    vision = tower.vision_model
    with torch.no_grad():
        for name, weight in tower.named_parameters():
            if weight.ndim == 2 and "embedding" not in name:
                nn.init.trunc_normal_(weight, std=0.5 / math.sqrt(weight.shape[1]))
        _start_embeddings(vision, patches)
        for layer, offsets in zip(vision.encoder.layers, OFFSETS, strict=True):
            _start_attention(layer.self_attn, offsets)
            layer.mlp.fc2.weight.mul_(0.5)
    return cast(CLIPVisionModelWithProjection, tower.train())


def _start_embeddings(vision: Any, patches: torch.Tensor) -> None:
    free = WIDTH - HEAD_DIM
    centred = patches - patches.mean(0)
    _, spread, basis = torch.linalg.svd(centred, full_matrices=False)
    spread = spread / math.sqrt(len(patches))
    filters = basis[:free] / (spread[:free, None] + 0.15 * spread[0] / math.sqrt(free))
    projected = centred @ filters.T
    filters = filters / projected.std() * 0.8
    embeddings = vision.embeddings
    weight = torch.zeros(WIDTH, 3 * PATCH_PX * PATCH_PX)
    weight[HEAD_DIM:] = filters
    embeddings.patch_embedding.weight.copy_(weight.view(WIDTH, 3, PATCH_PX, PATCH_PX))
    positions = torch.zeros(GRID * GRID + 1, WIDTH)
    positions[1:, :HEAD_DIM] = position_code()
    embeddings.position_embedding.weight.copy_(positions)
    nn.init.normal_(embeddings.class_embedding, std=0.5)
    embeddings.class_embedding[:HEAD_DIM] = 0


def _start_attention(attention: Any, offsets: tuple[tuple[int, int] | None, ...]) -> None:
    sharpness = 1.6
    for head, offset in enumerate(offsets):
        rows = slice(head * HEAD_DIM, (head + 1) * HEAD_DIM)
        if offset is None:
            # Same content attends to same content (mimetic initialisation, Trockman & Kolter 2023).
            start = torch.randn(HEAD_DIM, WIDTH) / math.sqrt(WIDTH)
            attention.q_proj.weight[rows] = start + 0.05 * torch.randn(HEAD_DIM, WIDTH)
            attention.k_proj.weight[rows] = start + 0.05 * torch.randn(HEAD_DIM, WIDTH)
            continue
        attention.q_proj.weight[rows] *= 0.1
        attention.k_proj.weight[rows] *= 0.1
        attention.q_proj.weight[rows, :HEAD_DIM] = sharpness * _shift_matrix(offset)
        attention.k_proj.weight[rows, :HEAD_DIM] = sharpness * torch.eye(HEAD_DIM)


def embed(
    tower: CLIPVisionModelWithProjection, pixels: torch.Tensor, patches: torch.Tensor | None = None
) -> torch.Tensor:
    """Embed whole frames, or some of their patches.

    Args:
        tower: The image tower.
        pixels: uint8 (n, side, side, 3); smaller than a frame for windows.
        patches: int64 (n, k), positions in the frame's grid of the patches to look at; for windows
            the positions of all of theirs, None for all of a frame's.

    Returns:
        float32 (n, `SPACE_DIM`), not normalised.
    """
    vision = tower.vision_model
    scaled = (pixels.permute(0, 3, 1, 2).float() / 255 - PIXEL_MEAN) / PIXEL_STD
    if patches is None or patches.shape[1] == GRID * GRID:
        return cast(torch.Tensor, tower(pixel_values=scaled).image_embeds)
    tokens = vision.embeddings.patch_embedding(scaled).flatten(2).transpose(1, 2)
    if tokens.shape[1] != patches.shape[1]:
        tokens = tokens.gather(1, patches[..., None].expand(-1, -1, tokens.shape[2]))
    positions = vision.embeddings.position_embedding.weight
    tokens = tokens + positions[patches + 1]
    head = (vision.embeddings.class_embedding + positions[0]).expand(len(tokens), 1, -1)
    hidden = vision.pre_layrnorm(torch.cat([head, tokens], 1))
    for layer in vision.encoder.layers:
        hidden = layer(hidden, attention_mask=None)
        if isinstance(hidden, tuple):
            hidden = hidden[0]
    return cast(torch.Tensor, tower.visual_projection(vision.post_layernorm(hidden[:, 0])))
