"""OpenCLIP's layouts against vectors that OpenCLIP itself computed; see `golden/`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photosearch.embed import loaders
from photosearch.errors import ModelMissingError
from tests.embed import parity, tiny_models, tiny_open_clip

pytestmark = pytest.mark.model

GOLDEN = np.load(Path(__file__).parent / "golden" / "open_clip.npz")


@pytest.fixture(scope="module")
def xlm(tmp_path_factory: pytest.TempPathFactory) -> tiny_models.Tiny:
    return tiny_open_clip.open_clip_xlm(tmp_path_factory.mktemp("open") / "xlm")


def test_vision_transformer(xlm: tiny_models.Tiny, tmp_path: Path) -> None:
    assert xlm.image
    parity.assert_pictures_match(xlm.image, tmp_path, GOLDEN["pictures"])


def test_texts_of_an_xlm_roberta(xlm: tiny_models.Tiny, tmp_path: Path) -> None:
    assert xlm.text
    parity.assert_texts_match(xlm.text, tmp_path, GOLDEN["texts"])


def test_resnet(tmp_path: Path) -> None:
    tiny = tiny_open_clip.open_clip_resnet(tmp_path / "resnet")
    assert tiny.image
    parity.assert_pictures_match(tiny.image, tmp_path, GOLDEN["resnet"])


@pytest.mark.parametrize(
    ("part", "key"), [("vision_cfg", "timm_model_name"), ("text_cfg", "no_causal_mask")]
)
def test_towers_that_compute_something_else_are_refused(
    tmp_path: Path, part: str, key: str
) -> None:
    tiny = tiny_open_clip.open_clip_xlm(tmp_path / "xlm")
    path = tiny.directory / "open_clip_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["model_cfg"][part][key] = "yes"
    tiny_models.write_json(path, config)
    spec = tiny.image if part == "vision_cfg" else tiny.text
    assert spec
    with pytest.raises(ModelMissingError, match=f"with {key} is not known"):
        loaders.load(spec, tiny.directory)
