"""Runners that fail as devices do, and a model of one tower that uses them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from photosearch.core.ports import Vectors
from photosearch.embed import catalogue, opening
from photosearch.embed.device import Compute, Device, cpu
from photosearch.embed.runners import Inputs, as_model_error
from photosearch.embed.spec import TowerKind, TowerSpec
from photosearch.embed.towers import Tower

DIM = catalogue.find("sample").space.dim
GPU = Device(Compute.TORCH, "cuda", "GPU, Fake 1000")

OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
LOST = torch.AcceleratorError("CUDA error: unspecified launch failure\nFor debugging consider")


class FakeRunner:
    """Gives each picture a vector of its own, until it fails.

    Args:
        most: A batch larger than this does not fit the memory.
        dim: Length of a vector.
        fail: Called with the number of the run, from 0, and its pictures; raises or does nothing.
        spoil: Changes the vectors.
    """

    def __init__(
        self,
        most: int = 1000,
        dim: int = DIM,
        fail: Callable[[int, Inputs], None] = lambda _number, _crops: None,
        spoil: Callable[[Inputs, Vectors], None] = lambda _crops, _vectors: None,
    ) -> None:
        self._most = most
        self._dim = dim
        self._fail = fail
        self._spoil = spoil
        self.sizes: list[int] = []

    def run(self, *inputs: Inputs) -> Vectors:
        (crops,) = inputs
        self.sizes.append(len(crops))
        try:
            self._fail(len(self.sizes) - 1, crops)
            if len(crops) > self._most:
                raise OUT_OF_MEMORY
        except RuntimeError as error:
            raise as_model_error(error) from error
        vectors = expected(crops, self._dim)
        self._spoil(crops, vectors)
        return vectors


def expected(crops: npt.NDArray[np.generic], dim: int = DIM) -> Vectors:
    """What a `FakeRunner` gives for crops."""
    means = crops.reshape(len(crops), -1).astype(np.float64).mean(axis=1, keepdims=True)
    vectors: Vectors = np.sin(np.arange(1, dim + 1) * (1 + means)).astype(np.float32)
    return vectors


def crops(count: int) -> npt.NDArray[np.uint8]:
    """Pictures that differ."""
    shades = np.arange(count, dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(shades[:, None, None, None], (count, 8, 8, 3)))


def lose_at(number: int) -> Callable[[int, Inputs], None]:
    """Loses the device at a run."""

    def fail(now: int, _crops: Inputs) -> None:
        if now == number:
            raise LOST

    return fail


def use(
    monkeypatch: pytest.MonkeyPatch, gpu: FakeRunner | None, processor: FakeRunner
) -> list[Device | None]:
    """Lets every encoder open these instead of a model's towers.

    Returns:
        The devices that were asked for, as they are.
    """
    asked: list[Device | None] = []

    def open_tower(
        spec: TowerSpec, _towers: object, _models_dir: object, device: Device | None, *_: object
    ) -> tuple[Tower, Device]:
        asked.append(device)
        is_image = spec.kind is TowerKind.IMAGE
        if gpu is not None and is_image and (device is None or not device.is_cpu):
            return Tower(gpu, largest_batch=128), GPU
        return Tower(processor), device or cpu()

    monkeypatch.setattr(opening, "open_tower", open_tower)
    return asked
