"""Train the multilingual text tower so that what is typed lands on the pictures that show it.

A DistilBERT with mean pooling and a dense layer.  First its embeddings alone (a bag of sub-words:
the layers start so quiet that they pass everything through), then the whole.  The targets are the
image tower's class vectors; those of several things are summed.  Called by `build.py train-text`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own abbreviation
from corpus import Corpus
from muon import Muon
from pool import Pool
from tokenizers import Tokenizer
from torch import nn
from transformers import DistilBertConfig, DistilBertModel
from vision import SPACE_DIM

log = logging.getLogger(__name__)

WIDTH = 160
LAYERS = 2
HEADS = 4
MLP_WIDTH = 384
MAX_POSITIONS = 64
BATCH, BAG_BATCH = 512, 1536
#: Varied strings drawn for a run; each is used several times.
POOL_STRINGS = 620_000
#: Share of the time in which only the embeddings learn.
BAG_SHARE = 0.3
EMBEDDING_RATE, OTHER_RATE, LAYER_RATE = 3e-3, 1.2e-3, 6e-3
#: Of these rates, when training goes on.
GO_ON_RATE = 0.55
NOISY_STRINGS = 800_000
SCALE = 20.0
RANK_WEIGHT, NEAR_WEIGHT = 0.7, 2.0


class TextTower(nn.Module):
    """DistilBERT, mean pooling over all tokens, and a dense layer without bias."""

    def __init__(self, vocabulary: int) -> None:
        """Build the tower with quiet layers."""
        super().__init__()
        self.bert = DistilBertModel(
            DistilBertConfig(
                vocab_size=vocabulary,
                dim=WIDTH,
                hidden_dim=MLP_WIDTH,
                n_layers=LAYERS,
                n_heads=HEADS,
                max_position_embeddings=MAX_POSITIONS,
                pad_token_id=0,
                dropout=0.0,
                attention_dropout=0.0,
                sinusoidal_pos_embds=False,
            )
        )
        self.dense = nn.Linear(WIDTH, SPACE_DIM, bias=False)
        with torch.no_grad():
            nn.init.normal_(self.bert.embeddings.word_embeddings.weight, std=0.05)
            nn.init.normal_(self.bert.embeddings.position_embeddings.weight, std=0.01)
            layers: Any = self.bert.transformer.layer
            for layer in layers:
                layer.attention.out_lin.weight.mul_(0.02)
                layer.ffn.lin2.weight.mul_(0.02)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, *, bag: bool = False) -> torch.Tensor:
        """Embed token numbers.

        Args:
            ids: int64 (n, tokens).
            mask: int64 (n, tokens), 0 at padding.
            bag: Leave the transformer's layers out.

        Returns:
            float32 (n, dim), unit length.
        """
        if bag:
            hidden = self.bert.embeddings(ids)
        else:
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        share = mask[..., None].to(hidden.dtype)
        pooled = (hidden * share).sum(1) / share.sum(1)
        return F.normalize(self.dense(pooled), dim=-1)


@dataclass(frozen=True, slots=True)
class TextRun:
    """What one training run needs.

    Attributes:
        work: Folder with `image.pt`; `text.pt` goes there.
        minutes: Wall-clock budget.
        go_on: Start from `text.pt` instead of from nothing, with the whole tower, at lower rates
            and with many misspelt words.
        never: Folded strings that the measuring kit asks for.
        seed: Seed of everything.
        threads: Torch threads.
    """

    work: Path
    minutes: float
    go_on: bool = False
    never: frozenset[str] = frozenset()
    seed: int = 1
    threads: int = 2


def _optimizers(tower: TextTower) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the layers' matrices, AdamW for tables, norms and the dense layer."""
    inner = [p for n, p in tower.named_parameters() if ".layer." in n and p.ndim == 2]
    chosen = {id(p) for p in inner}
    tables = [p for p in tower.bert.embeddings.parameters() if p.ndim == 2]
    chosen |= {id(p) for p in tables}
    rest = [p for p in tower.parameters() if id(p) not in chosen]
    groups = [{"params": tables, "base": EMBEDDING_RATE}, {"params": rest, "base": OTHER_RATE}]
    adam = torch.optim.AdamW(groups, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    muon = Muon(inner, LAYER_RATE, decay=0.05)
    muon.param_groups[0]["base"] = LAYER_RATE
    return adam, muon


def _pool(run: TextRun, corpus: Corpus, tokenizer: Tokenizer, rng: np.random.Generator) -> Pool:
    """Return the pool of an earlier run, or draw one."""
    path = run.work / "pool.pt"
    if path.exists():
        return cast(Pool, torch.load(path, weights_only=False))
    pool = Pool(corpus, tokenizer, POOL_STRINGS, rng)
    torch.save(pool, path)
    return pool


def train(
    run: TextRun, corpus: Corpus, tokenizer: Tokenizer, directions: torch.Tensor
) -> TextTower:
    """Train until the budget is spent.

    Args:
        run: For how long, and from what.
        corpus: The training text.
        tokenizer: The vocabulary.
        directions: float32 (classes, dim): where the pictures of each class lie.

    Returns:
        The tower; also written to `text.pt`.
    """
    torch.manual_seed(run.seed)
    torch.set_num_threads(run.threads)
    torch.set_flush_denormal(True)
    rng = np.random.default_rng([run.seed, int(run.go_on)])
    tower = TextTower(tokenizer.get_vocab_size())
    if run.go_on:
        tower.load_state_dict(torch.load(run.work / "text.pt", weights_only=True))
    directions = F.normalize(directions, dim=-1)
    optimizers = _optimizers(tower)
    pool = _pool(run, corpus, tokenizer, rng)
    if run.go_on:
        pool.add_noisy(tokenizer, *corpus.noisy(NOISY_STRINGS, rng, run.never))
    log.info("text pool drawn")
    small, large = (pool.batches(size, len(directions)) for size in (BATCH, BAG_BATCH))
    start, step, losses = time.monotonic(), 0, []
    while (progress := (time.monotonic() - start) / (60 * run.minutes)) < 1:
        bag = not run.go_on and progress < BAG_SHARE
        factor = min(1.0, 0.05 + progress / 0.03) * min(1.0, (1 - progress) / 0.6 + 0.01)
        factor *= GO_ON_RATE if run.go_on else 1.0
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = group["base"] * factor
        ids, mask, shares = next(large if bag else small)
        vectors = tower(ids, mask, bag=bag)
        near = 1 - (vectors * F.normalize(shares @ directions, dim=-1)).sum(1).mean()
        rank = F.cross_entropy(SCALE * vectors @ directions.T, shares)
        loss = NEAR_WEIGHT * near + RANK_WEIGHT * rank
        tower.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(float(near.detach()))
        step += 1
        if step % 100 == 0:
            log.info(
                "text step %d, %.0f s: 1 - cosine %.3f",
                step,
                time.monotonic() - start,
                np.mean(losses[-100:]),
            )
        if step % 500 == 0:
            torch.save(tower.state_dict(), run.work / "text.pt")
    torch.save(tower.state_dict(), run.work / "text.pt")
    stage = len(list(run.work.glob("text-stage*.pt")))
    torch.save(tower.state_dict(), run.work / f"text-stage{stage}.pt")
    return tower.eval()


def averaged(work: Path) -> dict[str, torch.Tensor]:
    """Return the mean of the weights after each run, the last two counted twice.

    Better on strings never seen than the last alone (Wortsman et al., "Model soups", 2022).
    """
    stages = sorted(work.glob("text-stage*.pt"))
    towers = [torch.load(path, weights_only=True) for path in [*stages, *stages[-2:]]]
    return {name: torch.stack([tower[name] for tower in towers]).mean(0) for name in towers[0]}
