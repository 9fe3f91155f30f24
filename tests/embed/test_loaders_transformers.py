"""CLIP and SigLIP against transformers' own processors and features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer, CLIPTokenizer

from photosearch.core.ports import Vectors
from photosearch.embed import loaders, probes
from photosearch.errors import ModelMissingError
from photosearch.images.decode import decode
from tests.embed import parity, tiny_clip, tiny_models

pytestmark = pytest.mark.model


def text_features(
    directory: Path, tokenizer: object, texts: Sequence[str], **more: object
) -> Vectors:
    model = AutoModel.from_pretrained(directory, local_files_only=True).eval()
    inputs = tokenizer(list(texts), truncation=True, return_tensors="pt", **more)  # type: ignore[operator]
    with torch.inference_mode():
        return model.get_text_features(**inputs).pooler_output.numpy()


def image_features(directory: Path, pixels: torch.Tensor) -> Vectors:
    model = AutoModel.from_pretrained(directory, local_files_only=True).eval()
    with torch.inference_mode():
        return model.get_image_features(pixel_values=pixels).pooler_output.numpy()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_clip.clip(tmp_path_factory.mktemp("clip") / "clip")


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_clip.siglip(tmp_path_factory.mktemp("siglip") / "siglip")


def test_clip_pictures(clip: tiny_models.Tiny, tmp_path: Path) -> None:
    assert clip.image
    reference = image_features(clip.directory, parity.pixels(clip.image))
    parity.assert_pictures_match(clip.image, tmp_path, reference)


def test_clip_texts(clip: tiny_models.Tiny, tmp_path: Path) -> None:
    assert clip.text
    tokenizer = CLIPTokenizer.from_pretrained(clip.directory, local_files_only=True)
    reference = text_features(clip.directory, tokenizer, probes.TEXTS, padding=True)
    parity.assert_texts_match(clip.text, tmp_path, reference)


def test_clip_cuts_long_texts_where_transformers_does(clip: tiny_models.Tiny) -> None:
    assert clip.text
    long = "a dog in the snow, " * 40
    tokenizer = CLIPTokenizer.from_pretrained(clip.directory, local_files_only=True)
    loaded = loaders.load(clip.text, clip.directory)
    assert loaded.tokenizer
    ids = tokenizer([long], truncation=True, max_length=77)["input_ids"][0]
    assert loaded.tokenizer.encode(long).ids == ids
    assert len(ids) == 77


def test_siglip_pictures(siglip: tiny_models.Tiny, tmp_path: Path) -> None:
    assert siglip.image
    reference = image_features(siglip.directory, parity.pixels(siglip.image))
    parity.assert_pictures_match(siglip.image, tmp_path, reference)


def test_siglip_texts_are_padded_to_64_unmasked_and_in_small_letters(
    siglip: tiny_models.Tiny, tmp_path: Path
) -> None:
    assert siglip.text
    tokenizer = AutoTokenizer.from_pretrained(siglip.directory, local_files_only=True)
    tokenizer.model_input_names = ["input_ids"]
    reference = text_features(
        siglip.directory,
        tokenizer,
        [text.lower() for text in probes.TEXTS],
        padding="max_length",
        max_length=64,
    )
    parity.assert_texts_match(siglip.text, tmp_path, reference)
    spoken = loaders.load(siglip.text, siglip.directory).tokenizer
    assert spoken
    assert spoken.encode("DOG").ids == spoken.encode("dog").ids
    assert len(spoken.encode("dog").ids) == 64


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_pictures_are_prepared_as_by_transformers(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    tiny: tiny_models.Tiny = request.getfixturevalue(kind)
    assert tiny.image
    assert tiny.image.image_input
    processor = AutoImageProcessor.from_pretrained(
        tiny.directory, local_files_only=True, backend="pil"
    )
    module = loaders.load(tiny.image, tiny.directory).module
    for number, whole in enumerate(probes.crops(120)):
        picture = Image.fromarray(whole[:90])
        path = tmp_path / f"{number}.png"
        picture.save(path)
        crop = torch.from_numpy(decode(path, tiny.image.image_input).crop)
        ours = (crop.permute(2, 0, 1) * module.scale + module.shift).numpy()
        theirs = processor([picture], return_tensors="np")["pixel_values"][0]
        # In steps of the pixels' 256 values.
        assert np.abs(ours - theirs).mean() * 255 * min(tiny.image.std) < 0.05


def test_missing_weights_are_said_and_never_made_up(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tiny = tiny_clip.clip(tmp_path / "clip")
    path = tiny.directory / "model.safetensors"
    weights = load_file(path)
    del weights["text_projection.weight"]
    save_file(weights, path, metadata={"format": "pt"})
    assert tiny.text
    with pytest.raises(ModelMissingError, match=r"text_projection\.weight"):
        loaders.load(tiny.text, tiny.directory)


def test_weights_that_are_code_are_refused(tmp_path: Path) -> None:
    tiny = tiny_clip.clip(tmp_path / "clip")
    (tiny.directory / "model.safetensors").unlink()
    (tiny.directory / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert tiny.image
    with pytest.raises(ModelMissingError, match="something else than weights"):
        loaders.load(tiny.image, tiny.directory)


def test_another_type_of_model_is_said(tmp_path: Path) -> None:
    tiny = tiny_clip.clip(tmp_path / "clip")
    tiny_models.write_json(tiny.directory / "config.json", {"model_type": "bert"})
    assert tiny.image
    with pytest.raises(ModelMissingError, match="type bert is not known"):
        loaders.load(tiny.image, tiny.directory)
