"""The image tower of CLIP's ResNets, in plain torch: torchvision is not needed.

After "Learning Transferable Visual Models From Natural Language Supervision" (Radford et al. 2021,
section 2.4): three convolutions as the stem, every stride is an average pooling, and attention
pools at the end. The parts have the names that OpenAI's weights have.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

_EXPANSION = 4
#: How far the tower shrinks a picture before attention pools it.
_SHRINKS = 32


class ClipResNet(nn.Module):
    """Pixels in, vectors out.

    Args:
        layers: How many blocks each of the four stages has.
        width: Channels after the stem.
        dim: Length of a vector.
        heads: Of the attention at the end.
        size_px: Side of the square that it sees.
    """

    def __init__(
        self, layers: tuple[int, int, int, int], width: int, dim: int, heads: int, size_px: int
    ) -> None:
        super().__init__()
        half = width // 2
        self.conv1 = nn.Conv2d(3, half, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = nn.Conv2d(half, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.layer1 = _stage(width, width, layers[0], stride=1)
        self.layer2 = _stage(width * 4, width * 2, layers[1], stride=2)
        self.layer3 = _stage(width * 8, width * 4, layers[2], stride=2)
        self.layer4 = _stage(width * 16, width * 8, layers[3], stride=2)
        self.attnpool = _AttentionPool(size_px // _SHRINKS, width * 32, heads, dim)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embeds float (n, 3, size_px, size_px), normalised; returns (n, dim)."""
        values = functional.relu(self.bn1(self.conv1(pixels)))
        values = functional.relu(self.bn2(self.conv2(values)))
        values = functional.relu(self.bn3(self.conv3(values)))
        values = functional.avg_pool2d(values, 2)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            values = stage(values)
        vectors: torch.Tensor = self.attnpool(values)
        return vectors


def _stage(channels: int, planes: int, blocks: int, stride: int) -> nn.Sequential:
    first = _Block(channels, planes, stride)
    return nn.Sequential(
        first, *(_Block(planes * _EXPANSION, planes, 1) for _ in range(blocks - 1))
    )


class _Block(nn.Module):
    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        wide = planes * _EXPANSION
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, wide, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.downsample: nn.Sequential | None = None
        if stride > 1 or channels != wide:
            self.downsample = nn.Sequential()
            self.downsample.add_module("-1", nn.AvgPool2d(stride))
            self.downsample.add_module("0", nn.Conv2d(channels, wide, 1, bias=False))
            self.downsample.add_module("1", nn.BatchNorm2d(wide))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        beside = values if self.downsample is None else self.downsample(values)
        values = functional.relu(self.bn1(self.conv1(values)))
        values = functional.relu(self.bn2(self.conv2(values)))
        values = self.bn3(self.conv3(self.pool(values)))
        return functional.relu(values + beside)


class _AttentionPool(nn.Module):
    """The mean of all places asks every place, and itself, what it sees."""

    def __init__(self, side: int, width: int, heads: int, dim: int) -> None:
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.zeros(side**2 + 1, width))
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.c_proj = nn.Linear(width, dim)
        self._heads = heads

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        places = values.flatten(2).transpose(1, 2)
        places = torch.cat([places.mean(1, keepdim=True), places], 1) + self.positional_embedding
        asked = self._by_head(self.q_proj(places[:, :1]))
        seen = functional.scaled_dot_product_attention(
            asked, self._by_head(self.k_proj(places)), self._by_head(self.v_proj(places))
        )
        vectors: torch.Tensor = self.c_proj(seen.transpose(1, 2).flatten(1))
        return vectors

    def _by_head(self, values: torch.Tensor) -> torch.Tensor:
        """Float (n, places, width) to (n, heads, places, width of a head)."""
        count, places, width = values.shape
        return values.reshape(count, places, self._heads, width // self._heads).transpose(1, 2)
