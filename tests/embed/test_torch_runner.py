"""What torch computes in half precision is what it computes in full, nearly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from photosearch import resources
from photosearch.core.vectors import unit_length
from photosearch.embed import catalogue, loaders, probes
from photosearch.embed.runners import DeviceLostError
from photosearch.embed.torch_runner import TorchRunner, fastest_dtype
from photosearch.errors import ModelError, ModelMemoryError
from photosearch.images.decode import decode

LEAST_COSINE = 0.999


@pytest.mark.model
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_keeps_the_vectors(dtype: torch.dtype, models_dir: Path) -> None:
    spec = catalogue.find("sample")
    pictures = sorted(resources.sample_pictures().rglob("*.jpg"))[::20]
    crops = np.stack([decode(path, spec.image_input).crop for path in pictures])

    def computed(dtype: torch.dtype) -> np.ndarray:
        module = loaders.load(spec.image, spec.image.directory(models_dir)).module
        return unit_length(TorchRunner(module, "cpu", dtype).run(crops))

    full, half = computed(torch.float32), computed(dtype)
    assert half.dtype == np.float32
    assert (half != full).any(), "it was computed in half precision"
    cosines = (full * half).sum(axis=1)
    print(f"{dtype}: least cosine {cosines.min():.6f} of {len(pictures)}, ", end="")
    print(f"centred {probes.centred_cosines(half, full).min():.6f}")
    assert cosines.min() >= LEAST_COSINE


def test_the_weights_are_of_the_precision_that_is_computed_in(models_dir: Path) -> None:
    spec = catalogue.find("sample")
    module = loaders.load(spec.image, spec.image.directory(models_dir)).module
    TorchRunner(module, "cpu", torch.float16)
    assert {part.dtype for part in module.get_submodule("body").parameters()} == {torch.float16}


def test_a_processor_computes_in_bfloat16_only_where_it_has_it() -> None:
    assert fastest_dtype("cpu", cpu_has_bfloat16=True) is torch.bfloat16
    assert fastest_dtype("cpu", cpu_has_bfloat16=False) is torch.float32
    assert fastest_dtype("cuda", cpu_has_bfloat16=True) is torch.float16
    assert fastest_dtype("mps", cpu_has_bfloat16=False) is torch.float16


class Failing(torch.nn.Module):
    """Has no weights, and raises what it is told to."""

    def __init__(self, fail: Callable[[], None]) -> None:
        super().__init__()
        self.body = torch.nn.Identity()
        self._fail = fail

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        self._fail()
        return crops


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"), ModelMemoryError),
        (MemoryError("Unable to allocate 3 GiB"), ModelMemoryError),
        (torch.AcceleratorError("CUDA error: device-side assert triggered"), DeviceLostError),
        (NotImplementedError("The operator 'aten::x' is not implemented for MPS"), ModelError),
    ],
)
def test_an_error_of_torchs_becomes_ours(error: Exception, kind: type[ModelError]) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(ModelError) as caught:
        TorchRunner(Failing(fail), "cpu").run(np.zeros((1, 8, 8, 3), np.uint8))
    assert type(caught.value) is kind
