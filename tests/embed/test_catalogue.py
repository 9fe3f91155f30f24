from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.embed import catalogue, languages
from photosearch.errors import ModelError


def test_the_shipped_catalogue_has_the_sample_and_the_default() -> None:
    models = catalogue.load()
    assert models["sample"].space.is_sample
    assert models["sample"].note.startswith(
        "Sample model: understands the sample album's kind of picture only, not photos."
    )
    assert "huggingface.co/sentence-transformers" in models["sample"].note
    assert '"photosearch models"' in models["sample"].note, "how to get a real one"
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


MODELS = {
    "clip-ViT-B-32-multilingual-v1": 512,
    "clip-ViT-B-32": 512,
    "openai/clip-vit-base-patch32": 512,
    "M-CLIP/M-BERT-Base-ViT-B": 512,
    "M-CLIP/M-BERT-Base-69": 640,
    "M-CLIP/XLM-Roberta-Large-Vit-B-32": 512,
    "google/siglip2-base-patch32-256": 768,
    "google/siglip2-base-patch16-256": 768,
    "xlm-roberta-base-ViT-B-32": 512,
}


def test_every_model_can_be_fetched() -> None:
    models = catalogue.load()
    assert {name: spec.space.dim for name, spec in models.items() if name != "sample"} == MODELS
    for name in MODELS:
        for tower in models[name].towers:
            assert tower.files
            assert len({file.path for file in tower.files}) == len(tower.files)
            assert any(
                file.path.endswith((".safetensors", "pytorch_model.bin")) for file in tower.files
            )
            assert all(len(file.sha256) in (0, 64) for file in tower.files)
            assert tower.revision == "main" or len(tower.revision) == 40
            assert tower.path is None


def test_models_of_the_same_pictures_share_their_space() -> None:
    models = catalogue.load()
    key = models["clip-ViT-B-32-multilingual-v1"].space.key
    sharing = {name for name, spec in models.items() if spec.space.key == key}
    assert sharing == {
        "clip-ViT-B-32-multilingual-v1",
        "clip-ViT-B-32",
        "openai/clip-vit-base-patch32",
        "M-CLIP/M-BERT-Base-ViT-B",
        "M-CLIP/XLM-Roberta-Large-Vit-B-32",
    }
    assert len({spec.space.key for spec in models.values()}) == len(models) - len(sharing) + 1


def test_languages_are_codes_and_weak_ones_are_among_them() -> None:
    for name in MODELS:
        for text in catalogue.find(name).texts:
            assert text.languages[0] == "en"
            assert all(code.isalpha() and 2 <= len(code) <= 3 for code in text.languages)
            assert set(text.weak_languages) < set(text.languages)


def test_a_tower_takes_what_it_lacks_from_the_one_it_is_like() -> None:
    siglip = catalogue.find("google/siglip2-base-patch16-256")
    (text,) = siglip.texts
    assert text.repo == siglip.image.repo == "google/siglip2-base-patch16-256"
    assert text.files == siglip.image.files
    assert text.revision == siglip.image.revision
    assert siglip.image_input.size_px == 256


def test_people_are_told_how_large_and_quick_a_model_is_and_what_it_is_weak_in() -> None:
    names = languages.names()
    for spec in catalogue.load().values():
        if spec.space.is_sample or spec.id == "openai/clip-vit-base-patch32":
            continue
        assert not spec.note, "nobody wants to read it with every answer"
        assert "GB" in spec.about or "MB" in spec.about, spec.id
        assert any(word in spec.about for word in ("quick", "times as long", "takes")), spec.id
        if spec.id == "google/siglip2-base-patch16-256":
            assert "Weak in the same languages" in spec.about
            continue
        for code in {code for text in spec.texts for code in text.weak_languages}:
            assert names[code] in spec.about, (spec.id, code)
        for jargon in ("vector", "embed", "tower", "layer", "patch ", "px", "weights"):
            assert jargon not in spec.about, (spec.id, jargon)
