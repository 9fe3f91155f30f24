"""CLIP's own text tower: a tiny English one, taught to answer like the multilingual tower.

The layout of the real checkpoint holds one, so the sample's does too.  Its vocabulary is byte-
pair, as CLIP's is.  Called by `build.py export`.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own abbreviation
from corpus import Corpus
from export import CLIP_END, CLIP_START, clip_text_config
from pool import tokenised
from text_tower import TextTower
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from tokenizers.normalizers import Lowercase
from torch import nn
from transformers import CLIPTextModelWithProjection, CLIPTokenizer

log = logging.getLogger(__name__)

VOCABULARY = 2_600
BATCH = 256
RATE = 2e-3

Merges = list[tuple[str, str]]


def train_bpe(lines: list[str]) -> tuple[dict[str, int], Merges]:
    """Learn byte-pair tokens with CLIP's end-of-word mark.

    Args:
        lines: English training text.

    Returns:
        Vocabulary and merges, as `vocab.json` and `merges.txt` hold them.
    """
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Whitespace(),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
        min_frequency=2,
    )
    tokenizer.train_from_iterator(lines, trainer)
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    ordered = sorted(letters)
    tokens = [*ordered, *(f"{letter}</w>" for letter in ordered)]
    tokens += [a + b for a, b in merges]
    tokens = [*dict.fromkeys(tokens), CLIP_START, CLIP_END]
    return {token: number for number, token in enumerate(tokens)}, merges


def load_clip_tokenizer(folder: Path, vocabulary: dict[str, int], merges: Merges) -> CLIPTokenizer:
    """Write the byte-pair files to a folder and load them as CLIP's tokenizer does.

    Args:
        folder: Where to write.
        vocabulary: Token to number.
        merges: In order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    lines = "".join(f"{first} {second}\n" for first, second in merges)
    (folder / "merges.txt").write_text("#version: 0.2\n" + lines, encoding="utf-8")
    special = {
        "bos_token": CLIP_START,
        "eos_token": CLIP_END,
        "unk_token": CLIP_END,
        "pad_token": CLIP_END,
        "model_max_length": 77,
        "tokenizer_class": "CLIPTokenizer",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(special), encoding="utf-8")
    return cast(CLIPTokenizer, CLIPTokenizer.from_pretrained(str(folder)))


def train_clip_text(
    tokenizer: Tokenizer,
    teacher: TextTower,
    corpus: Corpus,
    clip_tokenizer: CLIPTokenizer,
    vocabulary: int,
    minutes: float,
    seed: int = 4,
) -> dict[str, torch.Tensor]:
    """Teach the English tower.

    Args:
        tokenizer: The multilingual tower's vocabulary.
        teacher: The multilingual tower.
        corpus: The training text, of which only English is used.
        clip_tokenizer: The loaded `CLIPTokenizer`.
        vocabulary: Number of its tokens.
        minutes: Wall-clock budget.
        seed: Of everything.

    Returns:
        Weights, named as in `CLIPModel`.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    student = CLIPTextModelWithProjection(clip_text_config(vocabulary))
    optimizer = torch.optim.AdamW(student.parameters(), RATE, weight_decay=0.01)
    start, step, losses = time.monotonic(), 0, []
    while (progress := (time.monotonic() - start) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, 0.05 + progress / 0.05) * (1 - progress)
        texts = corpus.english(BATCH, rng)
        with torch.no_grad():
            wanted = teacher(*tokenised(tokenizer, texts))
        encoded = clip_tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        given = F.normalize(student(**encoded).text_embeds, dim=-1)
        loss = 1 - (given * wanted).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % 100 == 0:
            log.info("clip text step %d: 1 - cosine %.3f", step, np.mean(losses[-100:]))
    return {k: v for k, v in student.state_dict().items() if "position_ids" not in k}
