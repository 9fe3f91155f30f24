"""The sample model through the same code as the real ones."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from photosearch import resources
from photosearch.core.ports import Vectors
from photosearch.core.query import Reading
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.probes import centred_cosines
from photosearch.errors import ModelError
from photosearch.images.decode import decode

pytestmark = pytest.mark.model

PICTURE_COUNT = 24


@pytest.fixture(scope="module")
def encoder(models_dir: Path) -> Iterator[ModelEncoder]:
    encoder = ModelEncoder(catalogue.find("sample"), models_dir)
    yield encoder
    encoder.close()


@pytest.fixture(scope="module")
def pictures() -> list[Path]:
    every = sorted(resources.sample_pictures().rglob("*.jpg"))
    return every[:: len(every) // PICTURE_COUNT][:PICTURE_COUNT]


@pytest.fixture(scope="module")
def vectors(encoder: ModelEncoder, pictures: list[Path]) -> Vectors:
    crops = [decode(path, encoder.image_input).crop for path in pictures]
    return encoder.encode_images(np.stack(crops))


def test_vectors_are_unit_float32_of_the_catalogues_dim(
    encoder: ModelEncoder, vectors: Vectors
) -> None:
    assert vectors.dtype == np.float32
    assert vectors.shape == (PICTURE_COUNT, encoder.space.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    texts = encoder.encode_texts(["a dog", "犬", ""])
    assert texts.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(texts, axis=1), 1.0, atol=1e-5)


def test_our_preparation_gives_the_vectors_of_sentence_transformers_own(
    encoder: ModelEncoder, pictures: list[Path], vectors: Vectors
) -> None:
    from sentence_transformers import SentenceTransformer

    spec = catalogue.find("sample")
    model = SentenceTransformer(
        str(spec.image.directory(Path())), device="cpu", local_files_only=True
    )
    upright = []
    for path in pictures:
        with Image.open(path) as image:
            upright.append(ImageOps.exif_transpose(image).convert("RGB"))
    reference = model.encode(upright, normalize_embeddings=True, show_progress_bar=False)
    assert centred_cosines(vectors, reference).min() > 0.9995


def test_a_batch_gives_the_vectors_of_its_parts(
    encoder: ModelEncoder, pictures: list[Path], vectors: Vectors
) -> None:
    crop = decode(pictures[3], encoder.image_input).crop
    alone = encoder.encode_images(crop[None])
    np.testing.assert_allclose(alone[0], vectors[3], atol=1e-3)


def test_text_that_looks_like_an_address_is_text(encoder: ModelEncoder) -> None:
    assert encoder.encode_texts(["https://example.com/cat.jpg"]).shape == (1, encoder.space.dim)


def test_a_missing_model_is_said(tmp_path: Path) -> None:
    absent = ModelEncoder(catalogue.find("clip-ViT-B-32-multilingual-v1"), tmp_path)
    with pytest.raises(ModelError, match="There is no whole model in"):
        absent.encode_texts(["a dog"])


def test_a_damaged_model_is_said(tmp_path: Path) -> None:
    spec = catalogue.find("sample")
    broken = replace(spec.texts[0], id="broken", repo="broken", path=None)
    directory = broken.directory(tmp_path)
    directory.mkdir(parents=True)
    for path in spec.texts[0].directory(tmp_path).iterdir():
        if path.is_file():
            (directory / path.name).write_bytes(path.read_bytes())
    (directory / "model.safetensors").write_bytes(b"no weights")
    encoder = ModelEncoder(replace(spec, texts=(broken,)), tmp_path)
    with pytest.raises(ModelError, match="cannot be loaded"):
        encoder.encode_texts(["a dog"])


def test_a_catalogue_that_mistakes_the_dim_is_said(models_dir: Path) -> None:
    spec = catalogue.find("sample")
    wrong = replace(spec, space=replace(spec.space, dim=spec.space.dim + 1))
    with pytest.raises(ModelError, match="the catalogue says"):
        ModelEncoder(wrong, models_dir).encode_texts(["a dog"])


def test_loading_opens_no_internet_socket(models_dir: Path) -> None:
    code = f"""
import socket
real = socket.socket
class Local(real):
    def __init__(self, family=socket.AF_INET, *rest, **more):
        assert family not in (socket.AF_INET, socket.AF_INET6), "the network was touched"
        super().__init__(family, *rest, **more)
socket.socket = Local
from pathlib import Path
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.probes import centred_cosines
encoder = ModelEncoder(catalogue.find("sample"), Path({str(models_dir)!r}))
print(encoder.encode_texts(["a dog"]).shape)
import sys
assert "torch" not in sys.modules, "torch was imported"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_towers_that_were_let_go_are_loaded_again(
    models_dir: Path, vectors: Vectors, pictures: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    encoder = ModelEncoder(catalogue.find("sample"), models_dir)
    before = encoder.encode_texts(["a dog"])
    for _ in range(2):
        encoder.release_images()
        np.testing.assert_array_equal(encoder.encode_texts(["a dog"]), before)
    encoder.release_texts()
    np.testing.assert_array_equal(encoder.encode_texts(["a dog"]), before)
    crop = decode(pictures[0], encoder.image_input).crop
    np.testing.assert_allclose(encoder.encode_images(crop[None])[0], vectors[0], atol=1e-3)
    encoder.release_texts()
    encoder.encode_images(crop[None])
    loads = [line for line in caplog.messages if " on CPU" in line]
    assert len(loads) == 3, "texts twice, pictures once"


@pytest.fixture
def with_english(encoder: ModelEncoder, models_dir: Path) -> ModelEncoder:
    """The sample model with a second text tower, as if that read English."""
    spec = catalogue.find("sample")
    english = replace(
        spec.texts[0],
        id="sample-english",
        repo="photosearch-sample",
        path=spec.image.path,
        languages=("en",),
        max_tokens=77,
    )
    multilingual = replace(spec.texts[0], languages=("de", "en", "es", "fr", "ru"))
    return ModelEncoder(replace(spec, texts=(multilingual, english)), models_dir)


def test_english_goes_to_its_own_tower_and_doubtful_words_to_the_other(
    with_english: ModelEncoder,
) -> None:
    def read(text: str, reading: Reading = Reading.AUTO) -> Vectors:
        return with_english.encode_texts([text], reading)

    sentence = "a dog in the snow"
    assert with_english.reading_of(sentence) is Reading.ENGLISH
    np.testing.assert_array_equal(read(sentence), read(sentence, Reading.ENGLISH))
    assert read(sentence, Reading.ENGLISH) @ read(sentence, Reading.MULTILINGUAL).T < 0.999
    assert with_english.reading_of("собака на снегу") is Reading.MULTILINGUAL
    assert with_english.reading_of("enfants jouant au ballon dans le jardin") is (
        Reading.MULTILINGUAL
    )
    assert with_english.reading_of("chat") is Reading.MULTILINGUAL
    both = read("car", Reading.ENGLISH) + read("car", Reading.MULTILINGUAL)
    fused = read("car", Reading.BOTH)
    np.testing.assert_allclose(fused, both / np.linalg.norm(both), atol=1e-6)


def test_a_model_with_one_text_tower_has_no_choice(encoder: ModelEncoder) -> None:
    assert encoder.reading_of("a dog in the snow") is Reading.AUTO
