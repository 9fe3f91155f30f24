"""Rounds a converted network to eight bits: a quarter of its size, about twice as fast on a CPU.

Weights are rounded once, one scale for each output; inputs of a product as they come (dynamic
quantisation). Only matrix products are: they are nearly all of the work and of the weights.
Runs in the child that converts.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from photosearch.embed.packs import NETWORK_FILE, WEIGHTS_FILE

_PRODUCTS = ["MatMul", "Gemm"]
_LARGEST_INPUT, _LARGEST_WEIGHT = 255, 127
#: More terms than any instruction adds up at once.
_TERMS = 64


def quantise(network: Path, directory: Path) -> None:
    """Writes the rounded form of a network, its weights beside it.

    Args:
        network: A pack's; is only read.
        directory: Gets the network and its weights, under the names that packs have.

    Raises:
        RuntimeError: ONNX Runtime cannot read it.
        ValueError: It holds what cannot be rounded.
        ImportError: ONNX Runtime came without its quantisation.
        OSError: The disk refuses.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    drafts = Path(tempfile.mkdtemp(dir=directory))
    exact, rounded = drafts / "exact", drafts / NETWORK_FILE
    try:
        # A copy: drafts are written beside it, and onnx refuses weights with more than one name
        # on the disk, as some backups make them.
        exact.mkdir()
        for name in (NETWORK_FILE, WEIGHTS_FILE):
            shutil.copyfile(network.with_name(name), exact / name)
        with _without_advice():
            quantize_dynamic(
                exact / NETWORK_FILE,
                rounded,
                op_types_to_quantize=_PRODUCTS,
                per_channel=True,
                reduce_range=sums_saturate(),
                weight_type=QuantType.QInt8,
            )
        onnx.save(
            onnx.load(str(rounded)),
            str(directory / NETWORK_FILE),
            save_as_external_data=True,
            location=WEIGHTS_FILE,
        )
    finally:
        shutil.rmtree(drafts)


def sums_saturate() -> bool:
    """Whether products of eight-bit numbers come out wrong here where they are large.

    Without VNNI an x86 processor adds two of them in sixteen bits, and a sum that does not fit is
    cut. Weights then have to do with seven bits. ONNX Runtime is asked for such a sum: the names
    of a processor's abilities are told in another way by each system.
    https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    """
    import onnxruntime as ort
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("inputs", TensorProto.UINT8, [1, _TERMS]),
        helper.make_tensor_value_info("weights", TensorProto.INT8, [_TERMS, _TERMS]),
    ]
    sums = helper.make_tensor_value_info("sums", TensorProto.INT32, [1, _TERMS])
    node = helper.make_node("MatMulInteger", ["inputs", "weights"], ["sums"])
    model = helper.make_model(
        helper.make_graph([node], "product", inputs, [sums]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(
        None,
        {
            "inputs": np.full((1, _TERMS), _LARGEST_INPUT, dtype=np.uint8),
            "weights": np.full((_TERMS, _TERMS), _LARGEST_WEIGHT, dtype=np.int8),
        },
    )
    return bool(np.any(found != _TERMS * _LARGEST_INPUT * _LARGEST_WEIGHT))


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keeps back what ONNX Runtime tells the root logger: to optimise the network before.

    That would change nothing here: the session that runs it optimises it anyway.
    """
    root = logging.getLogger()

    def is_foreign(record: logging.LogRecord) -> bool:
        return record.name != root.name

    root.addFilter(is_foreign)
    try:
        yield
    finally:
        root.removeFilter(is_foreign)
