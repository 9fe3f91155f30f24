"""The layouts of the default model against sentence-transformers' `encode`."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from sentence_transformers import SentenceTransformer

from photosearch.embed import loaders, probes
from photosearch.errors import ModelMissingError
from tests.embed import parity, tiny_clip, tiny_models, tiny_texts

pytestmark = pytest.mark.model


def reference(directory: Path) -> SentenceTransformer:
    return SentenceTransformer(
        str(directory), device="cpu", local_files_only=True, processor_kwargs={"backend": "pil"}
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_clip.sentence_clip(tmp_path_factory.mktemp("sentence") / "clip")


def test_clip_pictures(clip: tiny_models.Tiny, tmp_path: Path) -> None:
    assert clip.image
    pictures = [Image.fromarray(crop) for crop in probes.crops(tiny_models.SIZE_PX)]
    vectors = reference(clip.directory).encode(pictures)
    parity.assert_pictures_match(clip.image, tmp_path, vectors)


def test_clips_own_texts(clip: tiny_models.Tiny, tmp_path: Path) -> None:
    assert clip.text
    vectors = reference(clip.directory).encode([{"text": text} for text in probes.TEXTS])
    parity.assert_texts_match(clip.text, tmp_path, vectors)


def test_multilingual_texts(tmp_path: Path) -> None:
    tiny = tiny_texts.sentence_distilbert(tmp_path / "distilbert")
    assert tiny.text
    vectors = reference(tiny.directory).encode(list(probes.TEXTS))
    parity.assert_texts_match(tiny.text, tmp_path, vectors)


def test_a_layer_that_is_code_is_refused(tmp_path: Path) -> None:
    tiny = tiny_texts.sentence_distilbert(tmp_path / "distilbert")
    (tiny.directory / "2_Dense" / "model.safetensors").unlink()
    (tiny.directory / "2_Dense" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert tiny.text
    with pytest.raises(ModelMissingError, match="something else than weights"):
        loaders.load(tiny.text, tiny.directory)
