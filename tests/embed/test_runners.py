"""What errors mean, as torch and ONNX Runtime word them."""

from __future__ import annotations

import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from photosearch.embed.runners import DeviceLostError, as_model_error
from photosearch.errors import ModelError, ModelMemoryError

#: torch adds this below every error of CUDA's.
ADVICE = (
    "\nCUDA kernel errors might be asynchronously reported at some other API call, so the "
    "stacktrace below might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\n"
    "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total"),
        torch.AcceleratorError("CUDA error: out of memory" + ADVICE),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("MPS backend out of memory (MPS allocated: 5.56 GB, other allocations: 1 GB)"),
        RuntimeError(
            "Error: command buffer exited with error status. Insufficient Memory "
            "(00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)"
        ),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("[enforce fail] data. DefaultCPUAllocator: not enough memory: you tried to"),
        RuntimeException(
            "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while "
            "running Conv node. bfc_arena.cc:376 onnxruntime::BFCArena::AllocateRawInternal "
            "Failed to allocate memory for requested buffer of size 939524096"
        ),
        RuntimeException("[ONNXRuntimeError] : 6 : CUDA failure 2: out of memory ; GPU=0"),
        Fail("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&handle_);"),
        RuntimeException("MLOperatorAuthorImpl.cpp(1978) Exception(3) tid(4304) 8007000E Nicht"),
        RuntimeException("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation"),
        MemoryError(),
    ],
)
def test_memory_that_ran_out_is_known_in_every_wording(error: Exception) -> None:
    assert isinstance(as_model_error(error), ModelMemoryError)


@pytest.mark.parametrize(
    "error",
    [
        torch.AcceleratorError("CUDA error: device-side assert triggered" + ADVICE),
        torch.AcceleratorError("CUDA error: unspecified launch failure" + ADVICE),
        torch.AcceleratorError("CUDA error: the launch timed out and was terminated" + ADVICE),
        RuntimeError("CUDA error: no kernel image is available for execution on the device"),
        RuntimeError("No CUDA GPUs are available: no CUDA-capable device is detected"),
        RuntimeError("CUDA driver error: device not ready"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
        Fail("CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; line=63"),
        Fail("CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0 ; hostname=LED-PC"),
        Fail(
            "ExecutionProvider.cpp(962) Exception(3) tid(5a68) 887A0005 The GPU device instance "
            "has been suspended. Use GetDeviceRemovedReason to determine the appropriate action."
        ),
        Fail("DmlGraphFusionHelper.cpp(1078) 887A0006 Die GPU reagiert nicht mehr auf Befehle"),
        RuntimeError("Error: command buffer exited with error status. Internal Error (0000000e)"),
    ],
)
def test_a_device_that_is_gone_is_known_in_every_wording(error: Exception) -> None:
    assert isinstance(as_model_error(error), DeviceLostError)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (4x3 and 5x6)"),
        Fail("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input"),
        ValueError("zip() argument 2 is longer than argument 1"),
    ],
)
def test_any_other_error_is_the_models(error: Exception) -> None:
    assert type(as_model_error(error)) is ModelError


def test_the_sentence_is_short_and_leaves_out_the_advice_to_programmers() -> None:
    error = torch.AcceleratorError("CUDA error: unspecified launch failure" + ADVICE)
    said = as_model_error(error).message
    assert said == "The device is gone: CUDA error: unspecified launch failure."
    assert as_model_error(MemoryError()).message == "There is not enough memory: MemoryError."
    long = Fail("CUDA failure 700: an illegal memory access " * 20)
    assert len(as_model_error(long).message) < 200
