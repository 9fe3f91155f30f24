"""What a model gives that is no vector is never stored, and costs its own picture only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.core.events import DeviceLost, IndexFinished, WorkerError
from photosearch.core.failure import FailureCode
from photosearch.core.ports import Crops, Vectors
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.fake import FakeEncoder
from photosearch.embed.runners import Inputs
from tests.conftest import MakePicture
from tests.embed.faulty import LOST, OUT_OF_MEMORY, FakeRunner, use
from tests.test_library import Opened

COUNT = 7
WHITE_FROM = 240


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    """Dark pictures and a white one."""
    root = tmp_path / "photos"
    for number in range(COUNT):
        make_picture(root / f"{number}.png", (30 * number, 0, 20))
    make_picture(root / "white.png", (255, 255, 255))
    return root


def is_white(crops: Inputs) -> np.ndarray:
    return crops.mean(axis=(1, 2, 3)) > WHITE_FROM


def open_with(directory: Path) -> Opened:
    encoder = ModelEncoder(
        catalogue.find("sample"), directory / "models", lambda why: opened.on_device_lost(why)
    )
    opened = Opened(directory / "library", encoder)  # type: ignore[arg-type]
    return opened


def index(opened: Opened, photos: Path) -> IndexFinished:
    return opened.wait_for_run(opened.library.start_index([photos]))


def vectors_in(opened: Opened) -> np.ndarray:
    vectors = [
        opened.store.vector(opened.encoder.space, int(photo_id))
        for photo_id in opened.library.photo_ids()
    ]
    return np.stack([vector for vector in vectors if vector is not None])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0])
def test_a_vector_without_direction_is_its_pictures_failure(
    value: float, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(crops: Inputs, vectors: Vectors) -> None:
        vectors[is_white(crops)] = value

    use(monkeypatch, None, FakeRunner(spoil=spoil))
    opened = open_with(tmp_path)
    run = index(opened, photos)
    assert (run.encoded, run.failed, run.was_stopped) == (COUNT, 1, False)
    (failure,) = opened.library.failures()
    assert failure.path == photos / "white.png"
    assert failure.reason.sentence() == (
        "The model could not take it: The model gave a vector without direction."
    )
    stored = vectors_in(opened)
    assert stored.shape == (COUNT, opened.encoder.space.dim)
    np.testing.assert_allclose(np.linalg.norm(stored, axis=1), 1.0, atol=1e-3)
    opened.library.close()


def test_a_tower_that_gives_nothing_else_fails_the_run_not_the_photos(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(_crops: Inputs, vectors: Vectors) -> None:
        vectors[:] = np.nan

    damaged = FakeRunner(spoil=spoil)
    use(monkeypatch, None, damaged)
    opened = open_with(tmp_path)
    assert index(opened, photos).was_stopped
    (trouble,) = [event for event in opened.seen if isinstance(event, WorkerError)]
    assert "is damaged" in trouble.message
    assert trouble.hint == "photosearch models verify sample --repair"
    assert damaged.sizes == [8, 4, 2, 1, 1], "one failed picture and the built-in one are enough"
    assert opened.library.failures() == []
    assert opened.library.status().counts.photo_count == 0
    opened.encoder.release_images()
    use(monkeypatch, None, FakeRunner())
    assert opened.wait_for_run(opened.library.start_index()).encoded == COUNT + 1
    opened.library.close()


def test_a_single_number_that_is_none_spoils_its_vector_only(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(crops: Inputs, vectors: Vectors) -> None:
        vectors[is_white(crops), 3] = np.nan

    use(monkeypatch, None, FakeRunner(spoil=spoil))
    opened = open_with(tmp_path)
    assert index(opened, photos).failed == 1
    assert np.isfinite(vectors_in(opened)).all()
    opened.library.close()


def test_vectors_of_another_dim_end_the_run_and_harm_nothing(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, None, FakeRunner())
    opened = open_with(tmp_path)
    index(opened, photos)
    before = vectors_in(opened)
    opened.encoder.release_images()
    use(monkeypatch, None, FakeRunner(dim=7))
    (photos / "0.png").rename(photos / "moved.png")
    Image.new("RGB", (40, 30), (3, 4, 5)).save(photos / "1.png")
    assert opened.wait_for_run(opened.library.start_index()).was_stopped
    (trouble,) = [event for event in opened.seen if isinstance(event, WorkerError)]
    assert "gives vectors of 7 numbers, the catalogue says" in trouble.message
    np.testing.assert_array_equal(vectors_in(opened), before)
    assert opened.library.failures() == []
    opened.library.close()


class Careless(FakeEncoder):
    """Breaks the promise of `Encoder` for white pictures."""

    def __init__(self, bad: Vectors) -> None:
        super().__init__()
        self._bad = bad

    def encode_images(self, crops: Crops) -> Vectors:
        vectors = super().encode_images(crops)
        return np.stack([self._bad] * len(crops)) if is_white(crops).any() else vectors


@pytest.mark.parametrize(
    "bad", [np.full(49, np.nan), np.full(49, np.inf), np.zeros(49), np.ones(49), np.eye(50)[0]]
)
def test_the_store_refuses_what_a_careless_encoder_lets_through(
    bad: np.ndarray, tmp_path: Path, photos: Path
) -> None:
    opened = Opened(tmp_path / "library", Careless(bad.astype(np.float32)))
    assert index(opened, photos).was_stopped
    assert any(isinstance(event, WorkerError) for event in opened.seen)
    assert opened.library.status().counts.vector_count == 0
    opened.library.close()


def test_too_little_memory_fails_a_picture_until_there_is_more(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(_number: int, crops: Inputs) -> None:
        if is_white(crops).any():
            raise OUT_OF_MEMORY

    use(monkeypatch, None, FakeRunner(fail=fill))
    opened = open_with(tmp_path)
    assert index(opened, photos).encoded == COUNT
    (failure,) = opened.library.failures()
    assert failure.reason.code is FailureCode.OUT_OF_MEMORY
    assert failure.path == photos / "white.png"
    opened.encoder.release_images()
    use(monkeypatch, None, FakeRunner())
    assert opened.wait_for_run(opened.library.start_index()).encoded == 1
    assert opened.library.failures() == []
    opened.library.close()


def test_a_picture_that_the_model_fails_at_costs_itself_only(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_number: int, crops: Inputs) -> None:
        if is_white(crops).any():
            raise RuntimeError("shapes cannot be multiplied\nand more of that")

    use(monkeypatch, None, FakeRunner(fail=refuse))
    opened = open_with(tmp_path)
    assert index(opened, photos).encoded == COUNT
    (failure,) = opened.library.failures()
    assert failure.reason.sentence() == (
        "The model could not take it: The model failed: shapes cannot be multiplied."
    )
    opened.library.close()


def test_a_gpu_lost_in_mid_run_loses_no_picture(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(number: int, _crops: Inputs) -> None:
        if number:
            raise LOST

    gpu, processor = FakeRunner(most=4, fail=lose), FakeRunner()
    use(monkeypatch, gpu, processor)
    opened = open_with(tmp_path)
    run = index(opened, photos)
    assert (run.encoded, run.failed, run.was_stopped) == (COUNT + 1, 0, False)
    (lost,) = [event for event in opened.seen if isinstance(event, DeviceLost)]
    assert lost.why == "the GPU failed: The device is gone: CUDA error: unspecified launch failure"
    assert opened.library.status().device.endswith(f"({lost.why})")
    assert processor.sizes == [COUNT + 1], "the same batch was finished"
    opened.library.close()
