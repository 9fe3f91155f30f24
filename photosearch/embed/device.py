"""Chooses where a model computes, and says why. Imports torch only where it may find a GPU.

On the CPU ONNX Runtime computes; on a GPU torch, or a provider of ONNX Runtime where such a build
of it is installed. `PHOTOSEARCH_DEVICE` (cpu, cuda, mps, or a provider's name) overrules.
"""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from photosearch.embed.runners import brief

log = logging.getLogger(__name__)

DEVICE_VARIABLE = "PHOTOSEARCH_DEVICE"
#: Of ONNX Runtime, those that are faster than its CPU; in the order they are tried.
_PROVIDERS = {
    "CUDAExecutionProvider": "GPU, CUDA by ONNX Runtime",
    "DmlExecutionProvider": "GPU, DirectML",
    "CoreMLExecutionProvider": "Apple Neural Engine and GPU, CoreML",
}


class Compute(StrEnum):
    """What computes."""

    ONNX = "onnx"
    TORCH = "torch"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model computes.

    Attributes:
        compute: ONNX Runtime or torch.
        name: ONNX Runtime's provider, or torch's device.
        label: For people, e.g. "CPU, 2 threads".
        why: Why not a faster one, or "".
    """

    compute: Compute
    name: str
    label: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.label} ({self.why})" if self.why else self.label

    @property
    def is_cpu(self) -> bool:
        """True where the processor computes, by whichever library."""
        return self.name in {"cpu", "CPUExecutionProvider"}


def cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu(why: str = "") -> Device:
    """Returns the processor, by ONNX Runtime."""
    return Device(Compute.ONNX, "CPUExecutionProvider", cpu_label(cores()), why)


def cpu_by_torch(why: str) -> Device:
    """Returns the processor, by torch: for towers that cannot be converted."""
    return Device(Compute.TORCH, "cpu", f"{cpu_label(cores())}, torch", why)


class UnusableGpuError(Exception):
    """There is a GPU, and it cannot be used: says why."""


def torch_gpu() -> Device | None:
    """Looks for a GPU by torch; imports it only where there is hope.

    Raises:
        UnusableGpuError: This torch is built without its support.
        RuntimeError: Its driver does not work with this torch.
    """
    if sys.platform == "darwin":
        if platform.machine() != "arm64":
            return None
        import torch

        if torch.backends.mps.is_available():
            return Device(Compute.TORCH, "mps", "GPU, Apple")
        return None
    if not _has_nvidia_driver():
        return None
    if "+cpu" in importlib.metadata.version("torch"):
        raise UnusableGpuError("the torch that is installed is built for the CPU only")
    import torch

    # Computes something, and so raises what is wrong, where `is_available` would only say no.
    (torch.ones(1, device="cuda") + 1).item()
    return Device(Compute.TORCH, "cuda", f"GPU, {torch.cuda.get_device_name()}")


def onnx_providers() -> Sequence[str]:
    """Returns what the ONNX Runtime that is installed says it can compute by."""
    import onnxruntime

    return tuple(onnxruntime.get_available_providers())


def choose(
    find_gpu: Callable[[], Device | None] = torch_gpu,
    list_providers: Callable[[], Sequence[str]] = onnx_providers,
) -> Device:
    """Returns the fastest device of this machine that works.

    Args:
        find_gpu: Looks for a GPU by torch, and may raise anything: drivers do.
        list_providers: Returns ONNX Runtime's providers.
    """
    wanted = os.environ.get(DEVICE_VARIABLE, "")
    if wanted == "cpu":
        return cpu(f"{DEVICE_VARIABLE} asks for it")
    why = f"{DEVICE_VARIABLE}={wanted} is not here" if wanted else "no GPU was found"
    if wanted in {"", "cuda", "mps"}:
        try:
            found = find_gpu()
        except Exception as error:  # noqa: BLE001 - a broken driver raises anything at all
            why = f"the GPU cannot be used: {brief(error)}"
            log.warning("the GPU cannot be used: %s", error)
        else:
            if found is not None and wanted in {"", found.name}:
                return found
    if wanted in {"", *_PROVIDERS}:
        available = list_providers()
        for name, label in _PROVIDERS.items():
            if name in available and wanted in {"", name}:
                return Device(Compute.ONNX, name, label)
    return cpu(why)


def _has_nvidia_driver() -> bool:
    return ctypes.util.find_library("nvcuda" if sys.platform == "win32" else "cuda") is not None


def cpu_label(count: int) -> str:
    """Says that the processor computes, with so many threads."""
    return f"CPU, {count} thread{'s' if count != 1 else ''}"
