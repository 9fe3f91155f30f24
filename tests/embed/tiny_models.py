"""Writes models of the real on-disk layouts, with small random weights: what they share.

What a directory holds is what the hub's repository of that kind holds, file by file; only the
sizes differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn
from transformers import (
    XLMRobertaConfig,
)

from photosearch.core.space import EmbeddingSpace, ImageInput, Resampling, Resize, space_key
from photosearch.embed.spec import Layout, ModelSpec, TowerKind, TowerSpec

SIZE_PX = 64
DIM = 32
WIDTH = 64
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
HALVES = (0.5, 0.5, 0.5)

#: Letters of the scripts that the built-in texts are written in.
ALPHABET = "".join(
    chr(code)
    for first, last in ((33, 127), (0xA1, 0x180), (0x386, 0x3D0), (0x400, 0x460), (0x905, 0x940))
    for code in range(first, last)
)
WORDS = ["a", "the", "in", "on", "with", "dog", "cat", "beach", "snow", "two", "dogs", "eine"]

ENCODER = {
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


@dataclass(frozen=True)
class Tiny:
    """A model on disk: where, and what the catalogue would say of it."""

    directory: Path
    image: TowerSpec | None
    text: TowerSpec | None

    def model(self) -> ModelSpec:
        assert self.image is not None
        assert self.text is not None
        space = EmbeddingSpace(space_key(self.image.weights), DIM, self.image.id, (self.text.id,))
        return ModelSpec("tiny", "Tiny", "", "CC0-1.0", space, self.image, (self.text,))


def fill(state: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """Fills weights with noise of a size at which every part of a network shows in its result.

    Depends on the names, shapes and seed alone, so that the same weights can be made elsewhere.
    """
    rng = np.random.default_rng(seed)
    filled = {}
    for name in sorted(state):
        shape = tuple(state[name].shape)
        if state[name].dtype == torch.int64:
            filled[name] = state[name]
            continue
        noise = torch.from_numpy(rng.standard_normal(shape).astype(np.float32))
        if name.endswith("running_var"):
            filled[name] = 0.5 + noise.abs()
        elif len(shape) > 1:
            filled[name] = noise / float(np.prod(shape[1:])) ** 0.5
        elif name.endswith("weight"):
            filled[name] = 1 + 0.1 * noise
        else:
            filled[name] = 0.1 * noise
    return filled


def randomise(module: nn.Module, seed: int) -> Any:
    module.load_state_dict(fill(module.state_dict(), seed))
    return module.eval()


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def image_tower(layout: Layout, directory: Path, *, is_siglip: bool = False) -> TowerSpec:
    return TowerSpec(
        id=f"tiny-{directory.name}-images",
        kind=TowerKind.IMAGE,
        layout=layout,
        repo="tiny",
        revision="1",
        weights="tiny@1",
        dim=DIM,
        image_input=ImageInput(SIZE_PX, Resize.SQUASH, Resampling.BILINEAR)
        if is_siglip
        else ImageInput(SIZE_PX),
        mean=HALVES if is_siglip else CLIP_MEAN,
        std=HALVES if is_siglip else CLIP_STD,
        path=directory,
    )


def text_tower(
    layout: Layout, directory: Path, max_tokens: int, *, pads_to_max: bool = False
) -> TowerSpec:
    return TowerSpec(
        id=f"tiny-{directory.name}-texts",
        kind=TowerKind.TEXT,
        layout=layout,
        repo="tiny",
        revision="1",
        weights="tiny-texts@1",
        dim=DIM,
        max_tokens=max_tokens,
        pads_to_max=pads_to_max,
        path=directory,
    )


def write_modules(directory: Path, *parts: tuple[str, str]) -> None:
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, (path, kind) in enumerate(parts)
    ]
    write_json(directory / "modules.json", modules)


def word_pieces(directory: Path) -> dict[str, int]:
    """Writes vocab.txt of a BERT that keeps capitals, and what says so."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2028", *ALPHABET]
    tokens += [f"##{letter}" for letter in ALPHABET] + [*WORDS, "Two", "London", "Katze"]
    tokens = list(dict.fromkeys(tokens))
    (directory / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    names = ("unk", "sep", "pad", "cls", "mask")
    special = {f"{name}_token": f"[{name.upper()}]" for name in names}
    write_json(directory / "special_tokens_map.json", special)
    return {token: number for number, token in enumerate(tokens)}


def xlm_roberta(directory: Path) -> XLMRobertaConfig:
    """Writes config.json and tokenizer.json of an XLM-R; returns the former."""
    directory.mkdir(parents=True, exist_ok=True)
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "▁", *ALPHABET]
    tokens += [f"▁{word}" for word in WORDS] + ["<mask>"]
    scores = [(token, -float(number)) for number, token in enumerate(dict.fromkeys(tokens))]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.save(str(directory / "tokenizer.json"))
    config = XLMRobertaConfig(
        vocab_size=len(scores),
        max_position_embeddings=514,
        type_vocab_size=1,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        **ENCODER,
    )
    config.save_pretrained(directory)
    return config
