"""A tower is opened on a device that works, whatever was hoped for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.ports import Vectors
from photosearch.embed import catalogue, loaders, opening, packs, probes
from photosearch.embed.convert import ConversionError
from photosearch.embed.device import Compute, Device, cpu, cpu_by_torch
from photosearch.embed.onnx_runner import OnnxRunner
from photosearch.embed.opening import open_tower
from photosearch.embed.spec import ModelSpec
from photosearch.embed.towers import Tower
from photosearch.errors import ModelMissingError

pytestmark = pytest.mark.model

#: Of a kind that no machine of these tests has.
NO_CUDA = Device(Compute.TORCH, "cuda:99", "GPU, Fake 1000")
NO_PROVIDER = Device(Compute.ONNX, "CUDAExecutionProvider", "GPU, CUDA by ONNX Runtime")


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    return catalogue.find("sample")


@pytest.fixture(scope="module")
def reference(spec: ModelSpec, models_dir: Path) -> Vectors:
    tower, _ = open_tower(spec.image, spec.towers, models_dir, cpu())
    return vectors_of(tower, spec)


def vectors_of(tower: Tower, spec: ModelSpec) -> Vectors:
    return tower.encode_images(probes.crops(spec.image_input.size_px))


def refuse(*_: object, **__: object) -> None:
    raise ConversionError("This tower cannot be converted.")


@pytest.mark.parametrize("device", [NO_CUDA, NO_PROVIDER])
def test_a_device_that_cannot_be_used_leaves_it_to_the_processor(
    device: Device, spec: ModelSpec, models_dir: Path, reference: Vectors
) -> None:
    tower, used = open_tower(spec.image, spec.towers, models_dir, device)
    assert used.name == "CPUExecutionProvider"
    assert used.why.startswith(f"{device.label} cannot be used: ")
    assert not used.why.endswith(".")
    np.testing.assert_array_equal(vectors_of(tower, spec), reference)
    assert tower.batch_size == 32


def test_a_gpu_without_the_models_files_leaves_it_to_the_pack(
    spec: ModelSpec, models_dir: Path, reference: Vectors
) -> None:
    moved = replace(spec.image, path=Path("nowhere"))
    assert packs.find_pack(moved, models_dir)
    tower, used = open_tower(moved, (moved,), models_dir, NO_CUDA)
    assert used == cpu("only the model's pack for the CPU is here")
    np.testing.assert_array_equal(vectors_of(tower, spec), reference)


def test_texts_are_the_processors(spec: ModelSpec, models_dir: Path) -> None:
    _, used = open_tower(spec.texts[0], spec.towers, models_dir, None)
    assert used == cpu()


def test_what_cannot_be_converted_is_torchs(
    spec: ModelSpec, tmp_path: Path, reference: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "convert", refuse)
    tower, used = open_tower(spec.image, spec.towers, tmp_path, cpu("no GPU was found"))
    assert used == cpu_by_torch("the model cannot be converted")
    assert used.label.endswith(", torch")
    assert probes.centred_cosines(vectors_of(tower, spec), reference).min() > 0.999
    monkeypatch.undo()
    again, used = open_tower(spec.image, spec.towers, tmp_path, used)
    assert used == cpu_by_torch("the model cannot be converted"), "it is not tried again"
    np.testing.assert_array_equal(vectors_of(again, spec), vectors_of(tower, spec))
    assert packs.find_pack(spec.image, tmp_path) is None


def test_a_tower_that_cannot_be_converted_keeps_no_other_from_it(
    spec: ModelSpec, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "convert", refuse)
    lone = replace(spec.texts[0], id="never-converted")
    _, used = open_tower(spec.image, (spec.image, lone), models_dir, None)
    assert used.compute is Compute.ONNX
    _, used = open_tower(lone, (spec.image, lone), models_dir, None)
    assert used.compute is Compute.TORCH


def test_a_gpu_with_damaged_files_says_what_is_damaged(
    spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_to_load(*_: object) -> None:
        raise ModelMissingError("The model in there cannot be loaded: no header.")

    monkeypatch.setattr(loaders, "load", refuse_to_load)
    monkeypatch.setattr(opening, "convert", refuse)
    with pytest.raises(ModelMissingError, match="cannot be loaded: no header"):
        open_tower(spec.image, spec.towers, tmp_path, NO_CUDA)


def test_no_more_threads_compute_than_are_allowed(
    monkeypatch: pytest.MonkeyPatch, spec: ModelSpec, models_dir: Path, reference: Vectors
) -> None:
    monkeypatch.setattr("photosearch.embed.device.cores", lambda: 8)
    counts: list[int] = []

    class Counting(OnnxRunner):
        def __init__(self, network: Path, threads: int, name: str, *, is_urgent: bool) -> None:
            counts.append(threads)
            super().__init__(network, 1, name, is_urgent=is_urgent)

    monkeypatch.setattr("photosearch.embed.opening.OnnxRunner", Counting)
    tower, used = open_tower(spec.image, spec.towers, models_dir, cpu(), threads=3)
    assert np.allclose(vectors_of(tower, spec), reference, atol=1e-5)
    assert used.label == "CPU, 3 threads"
    open_tower(spec.texts[0], spec.towers, models_dir, cpu(), threads=1)
    open_tower(spec.image, spec.towers, models_dir, cpu(), threads=100)
    _, used = open_tower(spec.image, spec.towers, models_dir, cpu())
    assert counts == [3, 1, 8, 8]
    assert used.label == "CPU, 8 threads"
