from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.embed import catalogue
from photosearch.errors import ModelError


def test_the_shipped_catalogue_has_the_sample_and_the_default() -> None:
    models = catalogue.load()
    assert models["sample"].space.is_sample
    assert models["sample"].note.startswith(
        "Sample model: understands the sample album's kind of picture only, not photos."
    )
    assert "huggingface.co/sentence-transformers" in models["sample"].note
    assert models["clip-ViT-B-32-multilingual-v1"].space.dim == 512
    assert models["clip-ViT-B-32-multilingual-v1"].image_input.size_px == 224


def test_the_sample_lies_in_the_shipped_files(tmp_path: Path) -> None:
    spec = catalogue.find("sample")
    assert (spec.image.directory(tmp_path) / "modules.json").is_file()
    assert (spec.texts[0].directory(tmp_path) / "modules.json").is_file()


def test_an_unknown_model_is_said_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match='no model "nope"') as caught:
        catalogue.find("nope")
    assert "sample" in caught.value.hint


@pytest.mark.parametrize("text", ["[[model", "", '[[model]]\nid = "x"\n'])
def test_a_bad_catalogue_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=str(path)):
        catalogue.load(path)
