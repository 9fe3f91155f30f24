"""Which device is chosen, and why, on machines that only pretend."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from photosearch.embed import device as devices
from photosearch.embed.device import DEVICE_VARIABLE, Compute, Device, UnusableGpuError

CUDA = Device(Compute.TORCH, "cuda", "GPU, Fake 1000")
MPS = Device(Compute.TORCH, "mps", "GPU, Apple")
CPU_ONLY = ("AzureExecutionProvider", "CPUExecutionProvider")
OLD_DRIVER = RuntimeError(
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU "
    "driver.\nAlternatively, go to a web site."
)
NO_KERNEL = RuntimeError(
    "CUDA error: no kernel image is available for execution on the device\nCompile with"
)


def choose(gpu: Device | Exception | None = None, providers: tuple[str, ...] = CPU_ONLY) -> Device:
    def find() -> Device | None:
        if isinstance(gpu, Exception):
            raise gpu
        return gpu

    return devices.choose(find, lambda: providers)


@pytest.fixture(autouse=True)
def _no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)


def test_torchs_gpu_goes_first_then_a_provider_then_the_processor() -> None:
    providers = ("DmlExecutionProvider", *CPU_ONLY)
    assert choose(CUDA, providers) == CUDA
    assert choose(None, providers).name == "DmlExecutionProvider"
    both = ("DmlExecutionProvider", "CUDAExecutionProvider", *CPU_ONLY)
    assert choose(None, both).name == "CUDAExecutionProvider"
    assert choose() == devices.cpu("no GPU was found")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OLD_DRIVER, "The NVIDIA driver on your system is too old (found version 11040)"),
        (NO_KERNEL, "CUDA error: no kernel image is available for execution on the device"),
        (UnusableGpuError("the torch that is installed is built for the CPU only"), "the torch"),
        (ImportError("DLL load failed while importing _C"), "DLL load failed"),
    ],
)
def test_a_gpu_that_cannot_be_used_says_why(error: Exception, why: str) -> None:
    chosen = choose(error)
    assert chosen.is_cpu
    assert chosen.why.startswith(f"the GPU cannot be used: {why}")
    assert "\n" not in chosen.why
    assert str(chosen) == f"{chosen.label} ({chosen.why})"
    assert choose(error, ("CUDAExecutionProvider",)).name == "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("wish", "gpu", "providers", "name", "why"),
    [
        ("cpu", CUDA, CPU_ONLY, "CPUExecutionProvider", "PHOTOSEARCH_DEVICE asks for it"),
        ("cuda", CUDA, CPU_ONLY, "cuda", ""),
        ("cuda", MPS, CPU_ONLY, "CPUExecutionProvider", "PHOTOSEARCH_DEVICE=cuda is not here"),
        ("mps", None, CPU_ONLY, "CPUExecutionProvider", "PHOTOSEARCH_DEVICE=mps is not here"),
        ("DmlExecutionProvider", CUDA, ("DmlExecutionProvider",), "DmlExecutionProvider", ""),
        (
            "DmlExecutionProvider",
            CUDA,
            CPU_ONLY,
            "CPUExecutionProvider",
            "PHOTOSEARCH_DEVICE=DmlExecutionProvider is not here",
        ),
        ("toaster", CUDA, CPU_ONLY, "CPUExecutionProvider", "PHOTOSEARCH_DEVICE=toaster is not"),
        ("cuda", NO_KERNEL, CPU_ONLY, "CPUExecutionProvider", "the GPU cannot be used: CUDA error"),
    ],
)
def test_the_environment_overrules_as_far_as_it_can(
    monkeypatch: pytest.MonkeyPatch,
    wish: str,
    gpu: Device | Exception | None,
    providers: tuple[str, ...],
    name: str,
    why: str,
) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, wish)
    chosen = choose(gpu, providers)
    assert chosen.name == name
    assert chosen.why.startswith(why)
    assert bool(chosen.why) == bool(why)


def test_a_wish_for_the_processor_looks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    looked: list[str] = []

    def noting(what: str) -> Callable[[], None]:
        return lambda: looked.append(what)

    assert devices.choose(noting("gpu"), noting("providers")).is_cpu  # type: ignore[arg-type]
    assert looked == []
