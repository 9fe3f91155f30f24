"""The layouts of the default model against sentence-transformers' `encode`."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from sentence_transformers import SentenceTransformer

from photosearch.embed import probes
from tests.embed import parity, tiny_models

pytestmark = pytest.mark.model


def reference(directory: Path) -> SentenceTransformer:
    return SentenceTransformer(
        str(directory), device="cpu", local_files_only=True, processor_kwargs={"backend": "pil"}
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_models.sentence_clip(tmp_path_factory.mktemp("sentence") / "clip")


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
    tiny = tiny_models.sentence_distilbert(tmp_path / "distilbert")
    assert tiny.text
    vectors = reference(tiny.directory).encode(list(probes.TEXTS))
    parity.assert_texts_match(tiny.text, tmp_path, vectors)
