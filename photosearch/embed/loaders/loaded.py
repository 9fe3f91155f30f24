"""What every loader gives: a network whose inputs are the same whatever the model."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import nn


@dataclass(frozen=True, slots=True)
class LoadedTower:
    """A tower in torch.

    Attributes:
        module: An `ImageModule` or a `TextModule`.
        tokenizer: Cuts and pads as the model wants it; None for an image tower.
    """

    module: nn.Module
    tokenizer: Tokenizer | None = None


class ImageModule(nn.Module):
    """Crops in, vectors out.

    Args:
        body: Takes float (n, 3, size_px, size_px), normalised; gives (n, dim).
        mean: Of each colour, 0..1.
        std: Of each colour, 0..1.
    """

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(
        self, body: nn.Module, mean: tuple[float, float, float], std: tuple[float, float, float]
    ) -> None:
        super().__init__()
        self.body = body
        scale = [1 / (255 * part) for part in std]
        shift = [-part / width for part, width in zip(mean, std, strict=True)]
        self.register_buffer("scale", torch.tensor(scale).reshape(3, 1, 1))
        self.register_buffer("shift", torch.tensor(shift).reshape(3, 1, 1))

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Embeds uint8 (n, size_px, size_px, 3); returns (n, dim), of any length."""
        pixels = crops.permute(0, 3, 1, 2).to(torch.float32) * self.scale + self.shift
        vectors: torch.Tensor = self.body(pixels.to(next(self.body.parameters()).dtype))
        return vectors


class TextModule(nn.Module):
    """Token numbers in, vectors out.

    Args:
        body: Takes int64 (n, tokens) numbers and int64 (n, tokens) mask; gives (n, dim).
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Embeds int64 (n, tokens); returns (n, dim), of any length."""
        vectors: torch.Tensor = self.body(ids, mask)
        return vectors


def fitted(tokenizer: Tokenizer, max_tokens: int, pad_id: int, *, pads_to_max: bool) -> Tokenizer:
    """Returns a tokenizer that cuts and pads as the model wants it.

    Args:
        tokenizer: Changed in place.
        max_tokens: Longer texts are cut.
        pad_id: Number of the token that fills up.
        pads_to_max: Pads every text to `max_tokens` instead of to the longest of its batch.
    """
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(
        pad_id=pad_id,
        pad_token=tokenizer.id_to_token(pad_id) or "[PAD]",
        length=max_tokens if pads_to_max else None,
    )
    return tokenizer
