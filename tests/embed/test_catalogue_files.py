"""The files that the catalogue lists are all that a tower's loader needs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import CLIPTokenizer

from photosearch.embed import catalogue, loaders
from photosearch.embed.spec import TowerKind, TowerSpec
from photosearch.embed.tokens import tokens_of
from tests.embed import tiny_clip, tiny_open_clip, tiny_texts
from tests.embed.tiny_models import SIZE_PX, Tiny

pytestmark = pytest.mark.model


def clip_with_one_tokenizer_file(directory: Path) -> Tiny:
    tiny = tiny_clip.clip(directory)
    tokenizer = CLIPTokenizer.from_pretrained(directory, local_files_only=True)
    tokenizer.backend_tokenizer.save(str(directory / "tokenizer.json"))
    return tiny


REPOSITORIES: dict[str, Callable[[Path], Tiny]] = {
    "sentence-transformers/clip-ViT-B-32": tiny_clip.sentence_clip,
    "sentence-transformers/clip-ViT-B-32-multilingual-v1": tiny_texts.sentence_distilbert,
    "openai/clip-vit-base-patch32": clip_with_one_tokenizer_file,
    "M-CLIP/M-BERT-Base-ViT-B": tiny_texts.multilingual_clip_bert,
    "M-CLIP/M-BERT-Base-69": tiny_texts.multilingual_clip_bert,
    "M-CLIP/XLM-Roberta-Large-Vit-B-32": tiny_texts.multilingual_clip_xlm,
    "google/siglip2-base-patch32-256": tiny_clip.siglip,
    "google/siglip2-base-patch16-256": tiny_clip.siglip,
    "timm/resnet50x4_clip.openai": tiny_open_clip.open_clip_resnet,
    "laion/CLIP-ViT-B-32-xlm-roberta-base-laion5B-s13B-b90k": tiny_open_clip.open_clip_xlm,
}

TOWERS = {
    tower.id: tower
    for spec in catalogue.load().values()
    for tower in spec.towers
    if not spec.space.is_sample
}


@pytest.mark.parametrize("tower", TOWERS.values(), ids=TOWERS.keys())
def test_a_tower_loads_from_the_files_that_are_listed(tower: TowerSpec, tmp_path: Path) -> None:
    whole = REPOSITORIES[tower.repo](tmp_path / "whole")
    listed = replace(tower, path=tmp_path / "listed")
    for file in tower.files:
        target = listed.directory(tmp_path) / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(whole.directory / file.path, target)
    loaded = loaders.load(listed, listed.directory(tmp_path))
    with torch.inference_mode():
        if tower.kind is TowerKind.IMAGE:
            crops = torch.zeros(2, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8)
            assert loaded.module(crops).shape[0] == 2
        else:
            assert loaded.tokenizer
            tokens = tokens_of(loaded.tokenizer, ["a dog", "two dogs on the beach"])
            assert loaded.module(*map(torch.from_numpy, tokens)).shape[0] == 2
