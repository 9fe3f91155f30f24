from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from photosearch import paths
from photosearch.core.space import ImageInput, Resampling, Resize
from photosearch.embed import catalogue, fingerprint, probes
from photosearch.embed.convert import convert_here
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.folder import spec_of_folder
from photosearch.embed.spec import Layout
from photosearch.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as transformers would see it; the weights are never read here."""
    path = tmp_path / "my model"
    path.mkdir()
    write(path / "config.json", {"model_type": "clip", "projection_dim": 96})
    (path / "model.safetensors").write_bytes(b"weights")
    return path


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def test_what_transformers_leaves_out_of_its_files_is_known(folder: Path) -> None:
    spec = spec_of_folder(folder)
    assert spec.id == str(folder)
    assert spec.image.layout is Layout.TRANSFORMERS
    assert (spec.space.dim, spec.image_input.size_px) == (96, 224)
    assert spec.image_input.resize is Resize.CENTRE_CROP
    assert spec.image.mean[0] == pytest.approx(0.48145466)
    assert (spec.texts[0].max_tokens, spec.texts[0].pads_to_max) == (77, False)
    assert spec.image.directory(Path("elsewhere")) == folder


def test_siglip_is_prepared_as_siglip(folder: Path) -> None:
    vision = {"image_size": 256, "patch_size": 32, "model_type": "siglip_vision_model"}
    write(folder / "config.json", {"model_type": "siglip", "vision_config": vision})
    spec = spec_of_folder(folder)
    assert (spec.space.dim, spec.image_input.size_px) == (768, 256)
    assert spec.image_input.resize is Resize.SQUASH
    assert (spec.image.mean, spec.image.std) == ((0.5,) * 3, (0.5,) * 3)
    assert (spec.texts[0].max_tokens, spec.texts[0].pads_to_max) == (64, True)


@pytest.mark.parametrize("name", ["preprocessor_config.json", "processor_config.json"])
def test_the_processors_values_count(folder: Path, name: str) -> None:
    values = {
        "image_mean": [0.1, 0.2, 0.3],
        "image_std": [1, 1, 1],
        "do_center_crop": False,
        "resample": 2,
    }
    write(folder / name, values if name.startswith("pre") else {"image_processor": values})
    spec = spec_of_folder(folder)
    assert spec.image.mean == (0.1, 0.2, 0.3)
    assert spec.image_input == ImageInput(224, Resize.SQUASH, Resampling.BILINEAR)


def test_sentence_transformers_last_layer_gives_the_dim(folder: Path) -> None:
    (folder / "config.json").rename(folder / "moved.json")
    write(folder / "0_CLIPModel" / "config.json", {"model_type": "clip"})
    write(folder / "1_Dense" / "config.json", {"in_features": 512, "out_features": 64})
    modules = [
        {"path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"},
        {"path": "1_Dense", "type": "sentence_transformers.models.Dense"},
    ]
    write(folder / "modules.json", modules)
    spec = spec_of_folder(folder)
    assert spec.image.layout is Layout.SENTENCE_TRANSFORMERS
    assert spec.space.dim == 64


def test_parts_that_are_not_sentence_transformers_are_refused(folder: Path) -> None:
    write(folder / "modules.json", [{"path": "", "type": "os.path.join"}])
    with pytest.raises(ModelError, match=r"os\.path\.join"):
        spec_of_folder(folder)


def test_other_files_make_another_space(folder: Path) -> None:
    before = spec_of_folder(folder)
    assert spec_of_folder(folder) == before
    (folder / "model.safetensors").write_bytes(b"further")
    after = spec_of_folder(folder)
    assert after.space.key != before.space.key
    assert after.image.key != before.image.key


def test_a_change_far_inside_the_weights_makes_another_space(folder: Path) -> None:
    weights = bytearray(3 << 20)
    (folder / "model.safetensors").write_bytes(weights)
    before = spec_of_folder(folder)
    weights[-1] = 1
    (folder / "model.safetensors").write_bytes(weights)
    assert spec_of_folder(folder).space.key != before.space.key


@pytest.mark.parametrize(
    "config",
    [
        {"_comment": "seen by nobody", "transformers_version": "9"},
        {"vision_config": {"image_size": 224, "attention_dropout": 0.1}},
        {"text_config": {"_name_or_path": "elsewhere", "eos_token_id": 3}},
    ],
)
def test_what_does_not_concern_pictures_keeps_their_space(
    folder: Path, config: dict[str, object]
) -> None:
    before = spec_of_folder(folder)
    write(folder / "config.json", {"model_type": "clip", "projection_dim": 96, **config})
    write(folder / "notes.json", {"by": "me"})
    after = spec_of_folder(folder)
    assert after.space == before.space
    assert after.image == before.image
    assert after.texts[0].key != before.texts[0].key, "a text's tower is made anew"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("config.json", {"vision_config": {"hidden_act": "gelu"}}),
        ("config.json", {"vision_config_dict": {"layer_norm_eps": 1e-3}}),
        ("preprocessor_config.json", {"image_mean": [0, 0, 0]}),
    ],
)
def test_what_concerns_pictures_makes_another_space(
    folder: Path, name: str, values: dict[str, object]
) -> None:
    before = spec_of_folder(folder)
    base = {"model_type": "clip", "projection_dim": 96} if name == "config.json" else {}
    write(folder / name, base | values)
    assert spec_of_folder(folder).space.key != before.space.key


def test_weights_that_are_not_read_do_not_count(folder: Path) -> None:
    before = spec_of_folder(folder)
    (folder / "pytorch_model.bin").write_bytes(b"the same, in torch's own form")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.safetensors").write_bytes(b"another form")
    (folder / "model.safetensors").rename(folder / "weights.safetensors")
    assert spec_of_folder(folder).space == before.space


def test_weights_are_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = folder / "model.safetensors"
    long_ago = time.time() - 3600
    os.utime(weights, (long_ago, long_ago))
    before = spec_of_folder(folder)
    read: list[Path] = []
    real = fingerprint.sha256
    monkeypatch.setattr(fingerprint, "sha256", lambda path: read.append(path) or real(path))
    assert spec_of_folder(folder) == before
    assert weights not in read
    weights.write_bytes(b"changed")
    os.utime(weights, (long_ago, long_ago))
    assert spec_of_folder(folder).space.key != before.space.key, "of the same size and time"
    (paths.models_dir() / fingerprint.CACHE_FILE).write_text("damaged", encoding="utf-8")
    weights.write_bytes(b"weights")
    assert spec_of_folder(folder) == before


@pytest.mark.parametrize("length", [1, 250])
def test_names_of_files_made_of_it_are_short(folder: Path, length: int) -> None:
    moved = folder.rename(folder.with_name("m" * length))
    assert len(spec_of_folder(moved).image.key) < 100


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "bert"}, "of the type bert"),
        ({}, "of the type an unknown type"),
        ([], "not understood"),
        ({"model_type": "clip", "projection_dim": "many"}, "not understood"),
        ({"model_type": "clip", "vision_config": 3}, "not understood"),
    ],
)
def test_what_is_no_model_for_pictures_and_texts_is_said(
    folder: Path, config: object, message: str
) -> None:
    write(folder / "config.json", config)
    with pytest.raises(ModelError, match=message) as caught:
        spec_of_folder(folder)
    assert str(folder) in caught.value.message
    assert "sentence-transformers or transformers" in caught.value.hint


def test_a_folder_without_weights_or_without_anything_is_said(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="holds no weights"):
        spec_of_folder(folder)
    (folder / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="not understood"):
        spec_of_folder(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match="holds no model"):
        spec_of_folder(folder)
    with pytest.raises(ModelError, match="is no folder"):
        catalogue.find(str(folder / "missing"))


@pytest.mark.model
@pytest.mark.parametrize("kind", ["clip", "siglip", "sentence_clip"])
def test_a_folder_works_from_end_to_end(tmp_path: Path, kind: str) -> None:
    from tests.embed import tiny_clip

    tiny = getattr(tiny_clip, kind)(tmp_path / kind)
    spec = catalogue.find(str(tiny.directory))
    expected = tiny.model()
    assert spec.image_input == expected.image_input
    assert spec.image.mean == pytest.approx(expected.image.mean)
    assert spec.texts[0].max_tokens == expected.texts[0].max_tokens
    for tower in spec.towers:
        convert_here(tower, tmp_path / "models")
    encoder = ModelEncoder(spec, tmp_path / "models")
    try:
        texts = encoder.encode_texts(["a dog", "two cats"])
        pictures = encoder.encode_images(probes.crops(spec.image_input.size_px)[:2])
    finally:
        encoder.close()
    assert texts.shape == pictures.shape == (2, spec.space.dim)
    assert not np.allclose(pictures[0], pictures[1])
