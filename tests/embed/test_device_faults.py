"""What an encoder does where memory runs out or a device goes, with devices that only pretend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosearch.core.vectors import unit_length
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.runners import Inputs
from photosearch.embed.towers import Tower
from photosearch.errors import ModelError, ModelMemoryError, ModelMissingError
from tests.embed.faulty import GPU, FakeRunner, crops, expected, lose_at, use


def encoder_of(told: list[str] | None = None) -> ModelEncoder:
    tell = None if told is None else told.append
    return ModelEncoder(catalogue.find("sample"), Path("nowhere"), tell)


@pytest.mark.parametrize("most", [1, 3, 16, 31])
def test_memory_that_runs_out_halves_the_batch_and_is_remembered(most: int) -> None:
    runner = FakeRunner(most)
    tower = Tower(runner)
    np.testing.assert_array_equal(tower.encode_images(crops(40)), unit_length(expected(crops(40))))
    fitting = tower.batch_size
    assert fitting <= most < 2 * fitting
    runner.sizes.clear()
    tower.encode_images(crops(40))
    assert max(runner.sizes) == fitting, "no batch was too large a second time"


def test_memory_that_is_too_little_for_one_is_said() -> None:
    with pytest.raises(ModelMemoryError, match=r"not enough memory: CUDA out of memory"):
        Tower(FakeRunner(0)).encode_images(crops(32))


def test_on_a_gpu_batches_grow_while_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FakeRunner(most=100), FakeRunner())
    encoder = encoder_of()
    assert encoder.batch_size == 32
    seen = []
    for _ in range(6):
        encoder.encode_images(crops(encoder.batch_size))
        seen.append(encoder.batch_size)
    assert seen == [64, 128, 64, 64, 64, 64]


def test_on_a_processor_batches_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, None, FakeRunner())
    encoder = encoder_of()
    for _ in range(3):
        encoder.encode_images(crops(encoder.batch_size))
    assert encoder.batch_size == 32


def test_a_device_lost_in_mid_batch_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, processor = FakeRunner(most=16, fail=lose_at(3)), FakeRunner()
    use(monkeypatch, gpu, processor)
    told: list[str] = []
    encoder = encoder_of(told)
    vectors = encoder.encode_images(crops(60))
    np.testing.assert_array_equal(vectors, unit_length(expected(crops(60))))
    assert gpu.sizes == [32, 16, 16, 16], "it was lost at the third part that fitted"
    why = "the GPU failed: The device is gone: CUDA error: unspecified launch failure"
    assert told == [why]
    assert encoder.device_label.startswith("CPU, ")
    assert encoder.device_label.endswith(f"({why})")
    encoder.encode_images(crops(5))
    encoder.release_images()
    encoder.encode_images(crops(5))
    assert len(gpu.sizes) == 4, "it is not tried again"
    assert told == [why]


def test_a_gpu_too_full_for_one_picture_leaves_the_work_to_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu, processor = FakeRunner(most=0), FakeRunner()
    use(monkeypatch, gpu, processor)
    encoder = encoder_of()
    assert len(encoder.encode_images(crops(32))) == 32
    assert gpu.sizes == [32, 16, 8, 4, 2, 1]
    assert "not enough memory: CUDA out of memory" in encoder.device_label


def test_half_precision_that_overflows_leaves_the_work_to_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overflow(_crops: Inputs, vectors: np.ndarray) -> None:
        vectors[2] = np.nan

    use(monkeypatch, FakeRunner(spoil=overflow), FakeRunner())
    encoder = encoder_of()
    assert np.isfinite(encoder.encode_images(crops(4))).all()
    assert "a vector without direction" in encoder.device_label


def test_what_the_processor_fails_at_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_number: int, _crops: Inputs) -> None:
        raise RuntimeError("no kernel for this")

    processor = FakeRunner(fail=refuse)
    asked = use(monkeypatch, None, processor)
    told: list[str] = []
    encoder = encoder_of(told)
    with pytest.raises(ModelError, match="The model failed: no kernel for this"):
        encoder.encode_images(crops(4))
    assert (processor.sizes, asked, told) == ([4], [None], [])


def test_a_wrong_dim_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, None, FakeRunner(dim=7))
    with pytest.raises(ModelMissingError, match="vectors of 7 numbers, the catalogue says"):
        encoder_of().encode_images(crops(4))


def test_a_text_before_the_first_picture_does_not_choose_where_pictures_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = use(monkeypatch, FakeRunner(), FakeRunner())
    encoder = encoder_of()
    with pytest.raises(ModelError, match="reads no texts"):  # this pretended tower, that is
        encoder.encode_texts(["a dog"])
    assert encoder.device_label.startswith("CPU, ")
    encoder.encode_images(crops(4))
    assert asked == [None, None]
    assert encoder.device_label == str(GPU)
