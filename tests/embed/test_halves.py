"""Weights in half precision and back, without any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from photosearch.embed import halves
from photosearch.embed.onnx_runner import OnnxRunner
from photosearch.embed.packs import NETWORK_FILE, WEIGHTS_FILE

WIDTH = 64


def network(directory: Path, mask: float = 0.0) -> Path:
    """Writes a product and a sum, whose weights lie in a file of their own."""
    rng = np.random.default_rng(3)
    weights = rng.standard_normal((WIDTH, WIDTH)).astype(np.float32)
    bias = np.full((1, WIDTH * 8), mask, dtype=np.float32)
    shape = np.array([1, WIDTH * 8] * 100, dtype=np.int64)
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["product"]),
        helper.make_node("Tile", ["product", "repeats"], ["tiled"]),
        helper.make_node("Max", ["tiled", "bias"], ["vectors"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, WIDTH])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [1, WIDTH * 8])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(bias, "bias"),
            numpy_helper.from_array(np.array([1, 8], dtype=np.int64), "repeats"),
            numpy_helper.from_array(shape, "unused"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    directory.mkdir()
    path = directory / NETWORK_FILE
    onnx.save(model, str(path), save_as_external_data=True, location=WEIGHTS_FILE)
    return path


def there_and_back(path: Path, tmp_path: Path) -> tuple[Path, Path]:
    half, whole = tmp_path / "half", tmp_path / "whole"
    half.mkdir()
    whole.mkdir()
    halves.halve(path, half)
    halves.widen(half / NETWORK_FILE, whole)
    return half / NETWORK_FILE, whole / NETWORK_FILE


def test_weights_come_back_to_three_digits_from_half_the_bytes(tmp_path: Path) -> None:
    path = network(tmp_path / "pack")
    half, whole = there_and_back(path, tmp_path)
    x = np.random.default_rng(4).standard_normal((1, WIDTH)).astype(np.float32)
    before, after = OnnxRunner(path, 1).run(x), OnnxRunner(whole, 1).run(x)
    assert after == pytest.approx(before, rel=1e-2, abs=1e-2)
    assert not np.array_equal(before, after)
    types = {one.name: one.data_type for one in onnx.load(half).graph.initializer}
    assert types["weights"] == TensorProto.FLOAT16
    assert types["unused"] == TensorProto.INT64
    sizes = [one.with_name(WEIGHTS_FILE).stat().st_size for one in (half, path)]
    assert sizes[0] < 0.75 * sizes[1]


def test_what_no_half_can_hold_stays_whole(tmp_path: Path) -> None:
    least = float(np.finfo(np.float32).min)
    half, whole = there_and_back(network(tmp_path / "pack", least), tmp_path)
    types = {one.name: one.data_type for one in onnx.load(half).graph.initializer}
    assert types["bias"] == TensorProto.FLOAT
    (bias,) = (one for one in onnx.load(whole).graph.initializer if one.name == "bias")
    assert (numpy_helper.to_array(bias) == np.float32(least)).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"location": "../../etc/passwd"}, "lies outside"),
        ({"offset": "1000000"}, "lies outside"),
        ({"length": "-1"}, "lies outside"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, change: dict[str, str], said: str) -> None:
    path = network(tmp_path / "pack")
    model = onnx.load(str(path), load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        entry.value = change.get(entry.key, entry.value)
    onnx.save(model, str(path))
    (tmp_path / "whole").mkdir()
    with pytest.raises(ValueError, match=said):
        halves.widen(path, tmp_path / "whole")


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    path = network(tmp_path / "pack")
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match="is no network"):
        halves.halve(path, tmp_path)
