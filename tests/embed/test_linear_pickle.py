from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from photosearch.embed.loaders.linear_pickle import read_linear_pickle

KERNEL = np.arange(12, dtype=np.float32).reshape(4, 3)
BIAS = np.array([0.5, -1, 2], dtype=np.float32)


def written(path: Path, value: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [KERNEL, np.asfortranarray(KERNEL), KERNEL.astype(">f8")])
def test_what_numpy_wrote_is_read(tmp_path: Path, protocol: int, kernel: np.ndarray) -> None:
    path = written(tmp_path / "linear.pkl", [kernel, BIAS], protocol)
    read, bias = read_linear_pickle(path)
    np.testing.assert_array_equal(read, KERNEL)
    np.testing.assert_array_equal(bias, BIAS)
    assert read.dtype == np.float32


def test_numpy_1s_names_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "linear.pkl", (KERNEL, BIAS), 2)
    path.write_bytes(path.read_bytes().replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    np.testing.assert_array_equal(read_linear_pickle(path)[0], KERNEL)


class Hostile:
    """Runs what it is told when an ordinary reader unpickles it."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call[0], tuple(self.call[1:])


def test_a_pickle_that_calls_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = written(tmp_path / "linear.pkl", [Hostile(Path.mkdir, mark), BIAS])
    with pytest.raises(ValueError, match="is refused"):
        read_linear_pickle(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR.",
        b"P1\n.",
        b"\x80\x04\x95",
        b"",
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "linear.pkl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"refused|damaged|no floats"):
        read_linear_pickle(path)


@pytest.mark.parametrize(
    "value",
    [
        [KERNEL],
        {"kernel": KERNEL},
        [KERNEL, [1.0, 2.0]],
        [KERNEL, np.array([object()])],
        [KERNEL, np.zeros(4, dtype=np.float32)],
        [KERNEL, np.array(["a", "b", "c"])],
        [BIAS, BIAS],
    ],
)
def test_other_values_than_a_layers_are_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(ValueError, match=r"pickle|holds"):
        read_linear_pickle(written(tmp_path / "linear.pkl", value))


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "linear.pkl"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(ValueError, match="too large"):
        read_linear_pickle(path)
