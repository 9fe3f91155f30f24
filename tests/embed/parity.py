"""Compares a tower with its reference, through torch and through its conversion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from photosearch.core.ports import Vectors
from photosearch.core.vectors import unit_length
from photosearch.embed import loaders, probes
from photosearch.embed.convert import convert_here
from photosearch.embed.onnx_runner import OnnxRunner
from photosearch.embed.spec import TowerSpec
from photosearch.embed.tokens import read_tokenizer
from photosearch.embed.torch_runner import TorchRunner
from photosearch.embed.towers import Tower

#: Largest difference of one number, of vectors of unit length.
MOST_DIFFERENCE = 1e-3
LEAST_CENTRED_COSINE = 0.9995


def both_ways(spec: TowerSpec, models_dir: Path) -> Iterator[Tower]:
    """Loads a tower by torch, then converts it and loads the conversion."""
    loaded = loaders.load(spec, spec.directory(models_dir))
    yield Tower(TorchRunner(loaded.module, "cpu", torch.float32), loaded.tokenizer)
    pack = convert_here(spec, models_dir)
    tokenizer = read_tokenizer(pack.tokenizer) if pack.tokenizer.is_file() else None
    yield Tower(OnnxRunner(pack.network, 1), tokenizer)


def assert_pictures_match(spec: TowerSpec, models_dir: Path, reference: object) -> None:
    """Compares the vectors of the built-in pictures."""
    assert spec.image_input is not None
    crops = probes.crops(spec.image_input.size_px)
    for tower in both_ways(spec, models_dir):
        assert_same(tower.encode_images(crops), reference)
        assert_same(tower.encode_images(crops[:1]), np.asarray(reference)[:1])


def assert_texts_match(spec: TowerSpec, models_dir: Path, reference: object) -> None:
    """Compares the vectors of the built-in texts, in one batch and one text at a time."""
    for tower in both_ways(spec, models_dir):
        together = tower.encode_texts(probes.TEXTS)
        assert_same(together, reference)
        alone = np.concatenate([tower.encode_texts([text]) for text in probes.TEXTS])
        assert_same(alone, reference)


def assert_same(ours: Vectors, reference: object) -> None:
    theirs = unit_length(np.asarray(reference, dtype=np.float32))
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < MOST_DIFFERENCE
    if len(ours) > 1:
        # Rows that the reference cannot tell from the mean have no direction around it.
        assert theirs.std(axis=0).max() > 10 * MOST_DIFFERENCE
        assert probes.centred_cosines(ours, theirs).min() >= LEAST_CENTRED_COSINE


def pixels(spec: TowerSpec) -> torch.Tensor:
    """The built-in pictures as float (n, 3, size_px, size_px), prepared as the model cards say."""
    assert spec.image_input is not None
    crops = torch.from_numpy(probes.crops(spec.image_input.size_px))
    mean, std = (torch.tensor(part)[:, None, None] for part in (spec.mean, spec.std))
    return (crops.permute(0, 3, 1, 2) / 255 - mean) / std
