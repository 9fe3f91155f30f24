"""Training pictures for the image tower: variants blended onto backgrounds, a batch at a time.

Called by `image_tower.py`, between two steps.  Early in training a picture is a small window that
holds one thing (cheap: few tokens); later it is the whole frame with one to four things in a
painted place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image
from sprites import LARGEST_PX, SMALLEST_PX, VariantBank

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
FRAME_PX = 96
PATCH_PX = 12
GRID = FRAME_PX // PATCH_PX
#: Side of the early windows in patches: 5 of 8 cost 2.5 times less than the whole frame.
WINDOW_PATCHES = 5
#: Of a frame's 64 patches, how many are kept in the middle of training: those with things, mostly.
KEPT_PATCHES = 34
#: A place counts half as much as a thing in the soft target.
PLACE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """Painted places to put things on.

    Attributes:
        pixels: uint8 (n, side, side, 3).
        place: int (n,), the place's class number.
    """

    pixels: Bytes
    place: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures and what is in them.

    Attributes:
        pixels: uint8 (n, side, side, 3); side is `FRAME_PX`, or less for windows.
        patches: int64 (n, k), the position in the frame's grid of each patch that is to be looked
            at, in the pixels' own order for a window.
        target: float32 (n, classes), rows sum to one.
    """

    pixels: Bytes
    patches: npt.NDArray[np.int64]
    target: Floats


class Composer:
    """Draws batches; everything random comes from one generator."""

    def __init__(
        self, bank: VariantBank, classes: int, backgrounds: Backgrounds | None, seed: int
    ) -> None:
        """Keep the sources.

        Args:
            bank: The variants of every thing.
            classes: Number of classes, things and places.
            backgrounds: Painted places, or None for plain ones only.
            seed: Seed of every choice.
        """
        self._bank = bank
        self._things = len(bank.offsets) // bank.per_concept
        self._classes = classes
        self._backgrounds = backgrounds
        self._rng = np.random.default_rng(seed)
        self._covered = np.zeros((FRAME_PX, FRAME_PX), np.bool_)
        self._noise = self._rng.normal(0, 1, 1 << 20).astype(np.float32)
        self._plain = [self._plain_background() for _ in range(600)]

    def windows(self, count: int) -> Batch:
        """Draw windows of `WINDOW_PATCHES` with one thing each."""
        side = WINDOW_PATCHES * PATCH_PX
        corner = self._rng.integers(0, GRID - WINDOW_PATCHES + 1, (count, 2))
        step = np.arange(WINDOW_PATCHES)
        patches = (corner[:, :1, None] + step[:, None]) * GRID + corner[:, 1:, None] + step
        pixels = np.empty((count, side, side, 3), np.uint8)
        target = np.zeros((count, self._classes), np.float32)
        for row in range(count):
            pixels[row], place = self._background(side)
            thing = int(self._rng.integers(self._things))
            variant = self._pick(thing, 28, 58)
            height, width = variant.shape[:2]
            slack_y, slack_x = max(0, side - height), max(0, side - width)
            self._blend(
                pixels[row],
                variant,
                int(self._rng.integers(-4, slack_y + 5)),
                int(self._rng.integers(-4, slack_x + 5)),
            )
            target[row, thing] = 1
            if place >= 0:
                target[row, place] = 0.15
        return self._finish(pixels, patches.reshape(count, -1), target)

    def frames(self, count: int, many: float, kept: int = GRID * GRID) -> Batch:
        """Draw whole frames.

        Args:
            count: Pictures in the batch.
            many: Share of the pictures with two to four things.
            kept: Patches to look at, those covered by things first.
        """
        cover = np.zeros((count, GRID * GRID), np.float32)
        pixels = np.empty((count, FRAME_PX, FRAME_PX, 3), np.uint8)
        target = np.zeros((count, self._classes), np.float32)
        for row in range(count):
            pixels[row], place = self._background(FRAME_PX)
            self._covered = np.zeros((FRAME_PX, FRAME_PX), np.bool_)
            if place >= 0:
                target[row, place] = PLACE_WEIGHT
            kind = self._rng.random()
            if kind < 0.03 and place >= 0:
                continue
            if kind < 1 - many:
                thing = int(self._rng.integers(self._things))
                self._place_one(pixels[row], self._pick(thing, 26, LARGEST_PX), (0, 0, 96, 96))
                target[row, thing] = 1
            else:
                self._place_many(pixels[row], target[row])
            blocks = self._covered.reshape(GRID, PATCH_PX, GRID, PATCH_PX)
            cover[row] = blocks.mean((1, 3)).reshape(-1)
        if kept == GRID * GRID:
            return self._finish(pixels, np.tile(np.arange(kept), (count, 1)), target)
        score = cover + 0.35 * self._rng.random(cover.shape)
        return self._finish(pixels, np.argsort(-score, 1)[:, :kept], target)

    def _place_many(self, canvas: Bytes, target: Floats) -> None:
        number = int(self._rng.choice([2, 2, 2, 3, 4]))
        halves = {
            2: [(0, 0, 52, 96), (44, 0, 96, 96)]
            if self._rng.random() < 0.7
            else [(0, 0, 96, 54), (0, 42, 96, 96)],
            3: [(0, 0, 50, 62), (46, 0, 96, 62), (0, 40, 96, 96)],
            4: [(0, 0, 50, 50), (46, 0, 96, 50), (0, 46, 50, 96), (46, 46, 96, 96)],
        }[number]
        twice = self._rng.random() < 0.12
        thing = int(self._rng.integers(self._things))
        for box in halves:
            if not twice:
                thing = int(self._rng.integers(self._things))
            largest = min(box[2] - box[0], box[3] - box[1]) * 1.15
            self._place_one(
                canvas, self._pick(thing, max(SMALLEST_PX, 0.55 * largest), largest), box
            )
            target[thing] = 1

    def _place_one(self, canvas: Bytes, variant: Bytes, box: tuple[int, int, int, int]) -> None:
        height, width = variant.shape[:2]
        left, top, right, bottom = box
        x = (
            left + self._rng.uniform() * (right - left - width)
            if width < right - left
            else ((left + right - width) / 2)
        )
        y = (
            top + self._rng.uniform() * (bottom - top - height)
            if height < bottom - top
            else ((top + bottom - height) / 2)
        )
        self._blend(canvas, variant, round(y), round(x))

    def _pick(self, thing: int, smallest_px: float, largest_px: float) -> Bytes:
        span = np.log(LARGEST_PX / SMALLEST_PX)
        last = self._bank.per_concept - 1
        low = int(np.ceil(np.log(smallest_px / SMALLEST_PX) / span * last))
        high = int(np.log(largest_px / SMALLEST_PX) / span * last)
        number = int(self._rng.integers(low, max(low, high) + 1))
        return self._bank.variant(thing * self._bank.per_concept + min(number, last))

    def _blend(self, canvas: Bytes, variant: Bytes, top: int, left: int) -> None:
        height, width = canvas.shape[:2]
        y0, x0 = max(0, top), max(0, left)
        y1, x1 = min(height, top + variant.shape[0]), min(width, left + variant.shape[1])
        part = variant[y0 - top : y1 - top, x0 - left : x1 - left]
        under = canvas[y0:y1, x0:x1]
        keep = (255 - part[..., 3:]).astype(np.uint16)
        if height == FRAME_PX:
            self._covered[y0:y1, x0:x1] |= part[..., 3] > 40
        canvas[y0:y1, x0:x1] = part[..., :3] + ((under * keep) >> 8).astype(np.uint8)

    def _background(self, side: int) -> tuple[Bytes, int]:
        """Return pixels and the place's class number, -1 for a plain one."""
        if self._backgrounds is None or self._rng.random() < 0.25:
            plain = self._plain[int(self._rng.integers(len(self._plain)))]
            y, x = self._rng.integers(0, plain.shape[0] - side + 1, 2)
            return plain[y : y + side, x : x + side], -1
        number = int(self._rng.integers(len(self._backgrounds.pixels)))
        whole = self._backgrounds.pixels[number]
        y, x = self._rng.integers(0, whole.shape[0] - side + 1, 2)
        crop = whole[y : y + side, x : x + side]
        if self._rng.random() < 0.5:
            crop = crop[:, ::-1]
        return crop, int(self._backgrounds.place[number])

    def _plain_background(self) -> Bytes:
        """A gradient with blotches, of any two colours."""
        rng, side = self._rng, 120
        first, second = rng.integers(0, 256, (2, 3))
        ramp = np.linspace(0, 1, side)[:, None, None]
        if rng.random() < 0.4:
            ramp = ramp.transpose(1, 0, 2)
        canvas = first * (1 - ramp) + second * ramp + np.zeros((side, side, 1))
        if rng.random() < 0.7:
            cells = int(rng.integers(3, 30))
            blotches = np.clip(rng.normal(128, rng.uniform(5, 45), (cells, cells, 3)), 0, 255)
            grown = Image.fromarray(blotches.astype(np.uint8)).resize(
                (side, side), Image.Resampling.BICUBIC
            )
            canvas = canvas + np.asarray(grown).astype(np.float32) - 128
        return cast(Bytes, np.clip(canvas, 0, 255).astype(np.uint8))

    def _finish(self, pixels: Bytes, patches: npt.NDArray[np.int64], target: Floats) -> Batch:
        """Vary brightness, contrast and grain, and scale the targets to sum to one."""
        count = len(pixels)
        gain = self._rng.uniform(0.8, 1.2, (count, 1, 1, 1)).astype(np.float32)
        shift = self._rng.uniform(-18, 18, (count, 1, 1, 1)).astype(np.float32)
        grain = (self._rng.random((count, 1, 1, 1)) ** 3 * 14).astype(np.float32)
        size = pixels[0].size
        starts = self._rng.integers(0, len(self._noise) - size, count)
        noise = np.stack([self._noise[s : s + size] for s in starts]).reshape(pixels.shape)
        varied = pixels * gain + shift + noise * grain
        target /= target.sum(1, keepdims=True)
        return Batch(np.clip(varied, 0, 255).astype(np.uint8), patches, target)
