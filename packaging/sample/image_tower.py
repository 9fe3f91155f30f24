"""Train the image tower: a cosine classifier over concepts and places on composed pictures.

Called by `build.py train-image`.  The schedule goes by the clock, so that a slower machine gets
fewer steps rather than a longer run; a checkpoint every few minutes lets a stopped run go on where
it was.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own abbreviation
from augment import GRID, KEPT_PATCHES, PATCH_PX, Backgrounds, Batch, Composer
from muon import Muon
from sprites import VariantBank, load_bank
from torch import nn
from transformers import CLIPVisionModelWithProjection
from vision import PIXEL_MEAN, PIXEL_STD, SPACE_DIM, embed, new_tower

log = logging.getLogger(__name__)

BATCH = 256
#: Sharpness of the classifier: what a cosine is multiplied by.
SCALE = 24.0
LABEL_SMOOTHING = 0.03
MATRIX_RATE, OTHER_RATE = 0.008, 2e-3
WARM_UP, DECAY_FROM = 0.02, 0.55
#: Shares of the time until which there are only windows, and until which half of the batches are.
WINDOWS_UNTIL, MIXED_UNTIL = 0.28, 0.42
#: Until then only some patches of a frame are looked at, which nearly doubles the steps.
SPARSE_UNTIL = 0.82
CHECKPOINT_EVERY_S = 180


@dataclass(frozen=True, slots=True)
class ImageRun:
    """What one training run needs.

    Attributes:
        work: Folder with `bank.npz`, `backgrounds.npz`, `gallery.npz`; the checkpoint goes there.
        classes: Number of classes.
        minutes: Wall-clock budget.
        seed: Seed of everything.
        threads: Torch threads.
    """

    work: Path
    classes: int
    minutes: float
    seed: int = 1
    threads: int = 2


def load_backgrounds(work: Path) -> Backgrounds | None:
    """Read the painted backgrounds, None when there are none yet."""
    path = work / "backgrounds.npz"
    if not path.exists():
        return None
    with np.load(path) as stored:
        return Backgrounds(stored["pixels"], stored["place"])


class Source:
    """Composes the batches that each moment of the schedule wants."""

    def __init__(self, run: ImageRun, bank: VariantBank, steps: int) -> None:
        """Take the bank, and the painted backgrounds if they are there already."""
        self._run = run
        self._bank = bank
        self._rng = np.random.default_rng([run.seed, steps])
        self._painted = False
        self._composer = Composer(bank, run.classes, None, run.seed + steps)

    def next(self, progress: float) -> Batch:
        """Compose a batch for `progress`, 0 at the start and 1 at the end."""
        backgrounds = None if self._painted else load_backgrounds(self._run.work)
        if backgrounds is not None:
            self._painted = True
            self._composer = Composer(
                self._bank, self._run.classes, backgrounds, int(self._rng.integers(1 << 30))
            )
        if progress < WINDOWS_UNTIL or (progress < MIXED_UNTIL and self._rng.random() < 0.5):
            return self._composer.windows(BATCH)
        kept = KEPT_PATCHES if progress < SPARSE_UNTIL else GRID * GRID
        return self._composer.frames(BATCH, 0.3 if progress < MIXED_UNTIL else 0.5, kept)


def rate_factor(progress: float) -> float:
    """Return the learning rate's factor: warm-up, flat, then linear to zero."""
    if progress < WARM_UP:
        return max(0.02, progress / WARM_UP)
    return min(1.0, max(0.0, (1 - progress) / (1 - DECAY_FROM)))


def start_patches(bank: VariantBank, classes: int, seed: int) -> torch.Tensor:
    """Return normalised patches of composed frames, float32 (n, 3 * patch * patch)."""
    pixels = Composer(bank, classes, None, seed).frames(600, 0.5).pixels
    scaled = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - PIXEL_MEAN) / PIXEL_STD
    return F.unfold(scaled, PATCH_PX, stride=PATCH_PX).transpose(1, 2).flatten(0, 1)


class Trainer:
    """The tower, its classifier and both optimizers."""

    def __init__(self, run: ImageRun) -> None:
        """Start, or go on from the checkpoint in the work folder."""
        torch.manual_seed(run.seed)
        self.run = run
        self.elapsed_s = 0.0
        self.steps = 0
        self.bank = load_bank(run.work / "bank.npz")
        self.tower = new_tower(start_patches(self.bank, run.classes, run.seed))
        directions = F.normalize(torch.randn(run.classes, SPACE_DIM), dim=-1)
        self.directions = nn.Parameter(directions)
        inner = [p for n, p in self.tower.named_parameters() if p.ndim == 2 and ".layers." in n]
        chosen = {id(p) for p in inner}
        rest = [p for p in self.tower.parameters() if id(p) not in chosen]
        self.matrices = Muon(inner, MATRIX_RATE, decay=0.1)
        self.others = torch.optim.AdamW(
            [{"params": rest}, {"params": [self.directions]}], OTHER_RATE, weight_decay=0.01
        )
        self.checkpoint = run.work / "image.pt"
        if self.checkpoint.exists():
            self._resume()

    def _resume(self) -> None:
        stored = torch.load(self.checkpoint, weights_only=False)
        self.tower.load_state_dict(stored["tower"])
        self.directions.data.copy_(stored["directions"])
        self.matrices.load_state_dict(stored["matrices"])
        self.others.load_state_dict(stored["others"])
        self.elapsed_s, self.steps = stored["elapsed_s"], stored["steps"]

    def save(self) -> None:
        """Write the checkpoint."""
        partial = self.checkpoint.with_suffix(".part")
        torch.save(
            {
                "tower": self.tower.state_dict(),
                "directions": self.directions.data,
                "matrices": self.matrices.state_dict(),
                "others": self.others.state_dict(),
                "elapsed_s": self.elapsed_s,
                "steps": self.steps,
            },
            partial,
        )
        partial.rename(self.checkpoint)

    def step(self, batch: Batch, factor: float) -> tuple[float, float]:
        """Train on one batch.

        Args:
            batch: The pictures.
            factor: Of the learning rates.

        Returns:
            The loss, and the share of pictures whose best class is among their own.
        """
        for optimizer, rate in ((self.matrices, MATRIX_RATE), (self.others, OTHER_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
        target = torch.from_numpy(batch.target)
        vectors = embed(self.tower, torch.from_numpy(batch.pixels), torch.from_numpy(batch.patches))
        vectors = F.normalize(vectors, dim=-1)
        directions = F.normalize(self.directions, dim=-1)
        cosines = vectors @ directions.T
        smooth = target * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / target.shape[1]
        sharp = F.cross_entropy(SCALE * cosines, smooth)
        near = 1 - (vectors * F.normalize(target @ directions, dim=-1)).sum(1).mean()
        loss = sharp + near
        self.matrices.zero_grad()
        self.others.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.tower.parameters(), 1.0)
        self.matrices.step()
        self.others.step()
        self.steps += 1
        right = target.gather(1, cosines.argmax(1, keepdim=True)) > 0
        return float(loss.detach()), float(right.float().mean())


@torch.no_grad()
def gallery_recall(
    tower: CLIPVisionModelWithProjection, directions: torch.Tensor, gallery: Path
) -> tuple[float, float, float, float]:
    """Return top-1 and top-5 of picture to class, then recall@1 and @5 of class to picture.

    Args:
        tower: The image tower.
        directions: The classes' vectors.
        gallery: An .npz with `pixels` and `concept`, renderings kept apart from training.
    """
    with np.load(gallery) as stored:
        pixels = torch.from_numpy(stored["pixels"])
        concept = torch.from_numpy(stored["concept"])
    vectors = torch.cat([embed(tower, part) for part in torch.split(pixels, 128)])
    cosines = F.normalize(vectors, dim=-1) @ F.normalize(directions, dim=-1).T
    best = cosines[:, : int(concept.max()) + 1].topk(5, 1).indices == concept[:, None]
    found = cosines.T[concept].topk(5, 1).indices == torch.arange(len(concept))[:, None]
    return (
        float(best[:, 0].float().mean()),
        float(best.any(1).float().mean()),
        float(found[:, 0].float().mean()),
        float(found.any(1).float().mean()),
    )


def train(run: ImageRun) -> None:
    """Train until the budget is spent.

    Args:
        run: What to train on, and for how long.
    """
    torch.set_num_threads(run.threads)
    torch.set_flush_denormal(True)  # tiny gradients would run many times slower
    trainer = Trainer(run)
    source = Source(run, trainer.bank, trainer.steps)
    before = checkpointed = time.monotonic()
    losses, rights = [], []
    while trainer.elapsed_s < 60 * run.minutes:
        progress = trainer.elapsed_s / (60 * run.minutes)
        loss, right = trainer.step(source.next(progress), rate_factor(progress))
        losses.append(loss)
        rights.append(right)
        now = time.monotonic()
        trainer.elapsed_s += now - before
        before = now
        if trainer.steps % 25 == 0:
            log.info(
                "step %d, %.0f s: loss %.3f, right %.3f",
                trainer.steps,
                trainer.elapsed_s,
                np.mean(losses),
                np.mean(rights),
            )
            losses, rights = [], []
        if now - checkpointed > CHECKPOINT_EVERY_S:
            trainer.save()
            _report(trainer)
            checkpointed = before = time.monotonic()
    trainer.save()
    _report(trainer)


def _report(trainer: Trainer) -> None:
    gallery = trainer.run.work / "gallery.npz"
    if gallery.exists():
        figures = gallery_recall(trainer.tower, trainer.directions.data, gallery)
        log.info("unseen pictures: top-1 %.3f top-5 %.3f, recall@1 %.3f @5 %.3f", *figures)
