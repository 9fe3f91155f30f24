"""The sample model through the same code as the real ones."""

from __future__ import annotations

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
