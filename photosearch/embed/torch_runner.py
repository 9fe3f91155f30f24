"""Computes towers by torch: on GPUs, and on the CPU where conversion to ONNX failed.

Imports torch, which takes seconds: imported at the first use, never where ONNX Runtime serves.
"""

from __future__ import annotations

import torch
from torch import nn

from photosearch.core.ports import Vectors
from photosearch.embed.runners import Inputs, as_fault, as_float32


class TorchRunner:
    """A `Runner` over a module of torch.

    Args:
        module: Takes the inputs of `Runner.run` as tensors; its part `body` holds the weights.
        device: torch's name of the device.
        exact: Compute in float32, whatever the device could do faster.
    """

    def __init__(self, module: nn.Module, device: str, *, exact: bool = False) -> None:
        self._device = torch.device(device)
        # GPUs compute in float16 and add up in float32; the CPU in bfloat16 where it has it.
        self._half = device == "cpu" and not exact and _has_bfloat16()
        try:
            module = module.eval().to(self._device)
            if device != "cpu" and not exact:
                module.get_submodule("body").half()
        except (RuntimeError, torch.OutOfMemoryError) as error:
            raise as_fault(error) from error
        self._module = module

    def run(self, *inputs: Inputs) -> Vectors:
        """Computes one batch; see `Runner`."""
        try:
            with (
                torch.inference_mode(),
                torch.autocast("cpu", torch.bfloat16, enabled=self._half),
            ):
                vectors = self._module(*map(self._sent, inputs))
            return as_float32(vectors.float().cpu().numpy())
        except (RuntimeError, torch.OutOfMemoryError) as error:
            raise as_fault(error) from error

    def _sent(self, array: Inputs) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self._device.type == "cuda":
            # From pinned memory the copy goes on while the next batch is prepared.
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device)


def _has_bfloat16() -> bool:
    """Whether the CPU computes in bfloat16; elsewhere it is emulated and slower."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
