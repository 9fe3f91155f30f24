"""Computes towers by torch: on GPUs, and on the CPU where conversion to ONNX failed.

Imports torch, which takes seconds: imported at the first use, never where ONNX Runtime serves.
"""

from __future__ import annotations

import torch
from torch import nn

from photosearch.core.ports import Vectors
from photosearch.embed.runners import Inputs, as_float32, as_model_error


class TorchRunner:
    """A `Runner` over a module of torch.

    Args:
        module: Takes the inputs of `Runner.run` as tensors; its part `body` holds the weights.
        device: torch's name of the device.
        dtype: What to compute in; None takes the fastest that the device computes well in.

    Raises:
        ModelMemoryError: The weights do not fit.
        ModelError: The device cannot be used.
    """

    def __init__(self, module: nn.Module, device: str, dtype: torch.dtype | None = None) -> None:
        self._device = torch.device(device)
        dtype = dtype or fastest_dtype(device, cpu_has_bfloat16=_cpu_has_bfloat16())
        self._is_mixed = dtype is torch.bfloat16
        if self._device.type == "cuda":
            # A setting of the process's: products of float16 are added up in float32 throughout.
            torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        try:
            self._module = module.eval().to(self._device)
            if dtype is torch.float16:
                self._module.get_submodule("body").half()
        except Exception as error:  # a torch without this device's support raises AssertionError
            raise as_model_error(error) from error

    def run(self, *inputs: Inputs) -> Vectors:
        """Computes one batch; see `Runner`."""
        try:
            with (
                torch.inference_mode(),
                torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_mixed),
            ):
                vectors = self._module(*map(self._sent, inputs))
            return as_float32(vectors.float().cpu().numpy())
        except (RuntimeError, MemoryError) as error:
            raise as_model_error(error) from error

    def _sent(self, array: Inputs) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self._device.type == "cuda":
            # From pinned memory the copy goes on while the next batch is prepared.
            return tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device)


def fastest_dtype(device: str, *, cpu_has_bfloat16: bool) -> torch.dtype:
    """Returns what a device computes fastest in, of what keeps the vectors.

    Args:
        device: torch's name of it.
        cpu_has_bfloat16: Elsewhere bfloat16 is emulated, and slower than float32.

    Returns:
        float16 weights on GPUs; on the CPU bfloat16 products over float32 weights, else float32.
    """
    if device != "cpu":
        return torch.float16
    return torch.bfloat16 if cpu_has_bfloat16 else torch.float32


def _cpu_has_bfloat16() -> bool:
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
