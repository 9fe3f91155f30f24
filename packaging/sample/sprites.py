"""Many ready-made renderings of every sprite, so that composing a training picture is one blend.

A *variant* is a sprite at some scale, turn and lightness, with or without a soft shadow, stored
with premultiplied alpha.  `augment.py` draws millions of pictures from a bank of some thirty
thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]
#: Variants smaller or larger than this (long side in px of a 96 px picture) are never needed.
SMALLEST_PX, LARGEST_PX = 20, 90
SHADOW_STRENGTH = 0.45


@dataclass(frozen=True, slots=True)
class VariantBank:
    """Premultiplied RGBA variants in one flat buffer.

    Attributes:
        pixels: uint8 (n_bytes,), each variant's rows one after the other.
        offsets: int64 (n_variants,), where each begins.
        shapes: int32 (n_variants, 2), height and width in px.
        per_concept: Variants of concept c are numbers c * per_concept and following,
            ordered by rising size.
    """

    pixels: Bytes
    offsets: npt.NDArray[np.int64]
    shapes: npt.NDArray[np.int32]
    per_concept: int

    def variant(self, number: int) -> Bytes:
        """Return one variant as uint8 (height, width, 4), premultiplied."""
        height, width = (int(side) for side in self.shapes[number])
        start = int(self.offsets[number])
        return self.pixels[start : start + height * width * 4].reshape(height, width, 4)

    def save(self, path: Path) -> None:
        """Write the bank to one .npz file."""
        np.savez(
            path,
            pixels=self.pixels,
            offsets=self.offsets,
            shapes=self.shapes,
            per_concept=self.per_concept,
        )


def load_bank(path: Path) -> VariantBank:
    """Read a bank that `VariantBank.save` wrote."""
    with np.load(path) as stored:
        return VariantBank(
            stored["pixels"], stored["offsets"], stored["shapes"], int(stored["per_concept"])
        )


def render_variant(
    sprite: Image.Image, long_side_px: float, rng: np.random.Generator, *, plain: bool = False
) -> Bytes:
    """Render a sprite once.

    Args:
        sprite: RGBA, cropped to its ink.
        long_side_px: Wanted longer side.
        rng: Source of the variation.
        plain: No turn and no change of shape or lightness, mirrored at most.

    Returns:
        uint8 (height, width, 4) with premultiplied alpha.
    """
    aspect = 1.0 if plain else rng.uniform(0.9, 1.1)
    scale = long_side_px / max(sprite.width * aspect, sprite.height)
    size = (max(6, round(sprite.width * aspect * scale)), max(6, round(sprite.height * scale)))
    picture = sprite.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BICUBIC)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if not plain and rng.random() < 0.5:
        picture = picture.rotate(rng.normal(0, 9), Image.Resampling.BICUBIC, expand=True)
    rgba = np.asarray(picture).astype(np.float32)
    if not plain:
        rgba[..., :3] = rgba[..., :3] * rng.uniform(0.8, 1.12) + rng.uniform(-12, 12)
        rgba[..., :3] *= rng.uniform(0.94, 1.06, 3)
    rgba = np.clip(rgba, 0, 255)
    rgba[..., :3] *= rgba[..., 3:] / 255
    return with_shadow(rgba) if rng.random() < 0.6 else rgba.astype(np.uint8)


def with_shadow(premultiplied: npt.NDArray[np.float32]) -> Bytes:
    """Put a soft contact shadow under a premultiplied sprite (float32, 0-255)."""
    height, width = premultiplied.shape[:2]
    extra = max(1, round(0.07 * height))
    canvas = np.zeros((height + extra, width, 4), np.float32)
    y, x = np.mgrid[0 : height + extra, 0:width].astype(np.float32)
    across = (x - width / 2) / (0.42 * width)
    down = (y - (height - 0.03 * height)) / (0.075 * height)
    shade = 255 * SHADOW_STRENGTH * np.exp(-(across**4) - down**2)
    canvas[:height] = premultiplied
    canvas[..., 3] += shade * (1 - canvas[..., 3] / 255)
    return cast(Bytes, np.clip(canvas, 0, 255).astype(np.uint8))


def build_bank(sprites: list[Image.Image], per_concept: int, seed: int) -> VariantBank:
    """Render every sprite `per_concept` times, sizes spread evenly on a log scale.

    Args:
        sprites: One RGBA picture per concept.
        per_concept: Variants of each.
        seed: Seed of the variation.

    Returns:
        The bank.
    """
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(SMALLEST_PX, LARGEST_PX, per_concept)
    parts, shapes = [], []
    for sprite in sprites:
        for size in sizes:
            variant = render_variant(sprite, float(size * rng.uniform(0.96, 1.04)), rng)
            parts.append(variant.reshape(-1))
            shapes.append(variant.shape[:2])
    lengths = np.array([len(part) for part in parts], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    return VariantBank(np.concatenate(parts), offsets, np.array(shapes, np.int32), per_concept)
