"""Painting with sizes as fractions of the picture: skies, hills, trees, clouds, houses.

The painters of `places.py` compose their scenery from these.  A `Brush` paints at twice the wanted
size and shrinks at the end, which smooths every edge.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
#: Painted at this many times the wanted size.
OVERSAMPLING = 2


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour `share` of the way from the first to the second."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(first, second, strict=True))
    return r, g, b


class Brush:
    """A canvas with a source of chance; all positions and sizes are 0 to 1 of width and height."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        """Open an empty canvas.

        Args:
            width: Wanted width in px.
            height: Wanted height in px.
            rng: Source of every variation.
        """
        self.rng = rng
        self._size = (width, height)
        self.width, self.height = width * OVERSAMPLING, height * OVERSAMPLING
        self.image = Image.new("RGB", (self.width, self.height))
        self.draw = ImageDraw.Draw(self.image)
        #: A length of 1 in this unit looks equally long across and down.
        self.unit = min(self.width, self.height)

    def finished(self, grain: float = 1.2) -> Image.Image:
        """Return the picture at the wanted size with a little paper grain."""
        small = self.image.resize(self._size, Image.Resampling.BOX)
        noise = self.rng.normal(0, grain, (self._size[1], self._size[0], 1)).astype(np.float32)
        return Image.fromarray(np.clip(np.asarray(small) + noise, 0, 255).astype(np.uint8))

    def jitter(self, colour: Colour, amount: float = 0.06) -> Colour:
        """Return a colour near the given one, in hue, saturation and lightness."""
        h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in colour))
        h += self.rng.normal(0, amount / 4)
        s = min(1.0, max(0.0, s + self.rng.normal(0, amount)))
        v = min(1.0, max(0.0, v + self.rng.normal(0, amount)))
        r, g, b = (round(c * 255) for c in colorsys.hsv_to_rgb(h % 1, s, v))
        return r, g, b

    def gradient(self, top: Colour, bottom: Colour, y0: float = 0.0, y1: float = 1.0) -> None:
        """Fill a band across the picture, blending downwards."""
        first, last = round(y0 * self.height), round(y1 * self.height)
        ramp = np.linspace(0, 1, max(1, last - first))[:, None, None]
        band = np.array(top) * (1 - ramp) + np.array(bottom) * ramp
        band = np.broadcast_to(band, (len(ramp), self.width, 3))
        self.image.paste(Image.fromarray(band.astype(np.uint8)), (0, first))

    def ridge(
        self, level: float, height: float, waves: int, rough: float = 0.0
    ) -> npt.NDArray[np.float64]:
        """Return a skyline: y (0-1) for each column, a sum of random waves about `level`."""
        x = np.linspace(0, 1, self.width)
        y = np.zeros(self.width)
        for number in range(1, waves + 1):
            phase, amount = self.rng.uniform(0, 6.28), self.rng.normal(0, 1 / number)
            y += amount * np.sin(6.28 * number * 0.6 * x + phase)
        if rough:
            knots = self.rng.normal(0, rough, 24)
            y += np.interp(x, np.linspace(0, 1, 24), knots)
        return cast(npt.NDArray[np.float64], level + height * y / max(1e-6, np.abs(y).max()))

    def land(
        self, ridge: npt.NDArray[np.float64], colour: Colour, below: Colour | None = None
    ) -> None:
        """Fill everything under a skyline, blending to `below` at the bottom edge."""
        skyline = ridge.astype(np.float32)
        rows = (np.arange(self.height, dtype=np.float32) / self.height)[:, None]
        under = rows >= skyline[None, :]
        depth = np.clip((rows - skyline[None, :]) / np.maximum(0.05, 1 - skyline[None, :]), 0, 1)
        end = np.array(below or colour, np.float32)
        paint = np.array(colour, np.float32) + (end - np.array(colour)) * depth[..., None]
        mask = Image.fromarray((under * 255).astype(np.uint8))
        self.image.paste(Image.fromarray(paint.astype(np.uint8)), (0, 0), mask)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.draw.rectangle(
            (x0 * self.width, y0 * self.height, x1 * self.width, y1 * self.height), fill=colour
        )

    def shape(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * self.width, y * self.height) for x, y in points], fill=colour)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, thick: float) -> None:
        """Draw a line; `thick` is a fraction of the shorter side."""
        self.draw.line(
            [(x * self.width, y * self.height) for x, y in points],
            fill=colour,
            width=max(1, round(thick * self.unit)),
            joint="curve",
        )

    def blob(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill an ellipse; the radii are fractions of the shorter side."""
        cx, cy, ax, ay = x * self.width, y * self.height, rx * self.unit, ry * self.unit
        self.draw.ellipse((cx - ax, cy - ay, cx + ax, cy + ay), fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Lighten a round area softly."""
        rows, columns = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        away = ((columns - x * self.width) ** 2 + (rows - y * self.height) ** 2) ** 0.5
        share = strength * np.exp(-((away / (radius * self.unit)) ** 2))
        mask = Image.fromarray((share * 255).astype(np.uint8))
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), mask)

    def soft(self, paint: Image.Image, blur: float) -> None:
        """Lay an RGBA layer over the picture, blurred by a fraction of the shorter side."""
        layer = paint.filter(ImageFilter.GaussianBlur(blur * self.unit))
        self.image.paste(layer.convert("RGB"), (0, 0), layer.getchannel("A"))

    def clouds(self, count: int, top: float, bottom: float, colour: Colour) -> None:
        """Puff some clouds between two heights."""
        layer = Image.new("RGBA", self.image.size, (*colour, 0))
        draw = ImageDraw.Draw(layer)
        for _ in range(count):
            x, y = self.rng.uniform(0, self.width), self.rng.uniform(top, bottom) * self.height
            size = self.rng.uniform(0.03, 0.075) * self.unit
            for _ in range(9):
                dx, dy = self.rng.normal(0, 1.5) * size, -abs(self.rng.normal(0, 0.45)) * size
                r = size * self.rng.uniform(0.5, 1.0)
                draw.ellipse(
                    (x + dx - r, y + dy - r * 0.62, x + dx + r, y + dy + r * 0.62),
                    fill=(*colour, 225),
                )
        self.soft(layer, 0.006)

    def sun(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Paint a glowing disc."""
        self.glow(x, y, radius * 3.2, colour, 0.75)
        self.blob(x, y, radius, radius, mixed(colour, (255, 255, 255), 0.55))

    def moon(self, x: float, y: float, radius: float) -> None:
        """Paint a moon with a halo and two craters."""
        self.glow(x, y, radius * 3, (190, 205, 245), 0.45)
        self.blob(x, y, radius, radius, (246, 243, 222))
        self.blob(x + 0.3 * radius, y - 0.2 * radius, radius * 0.2, radius * 0.2, (228, 224, 200))
        self.blob(x - 0.2 * radius, y + 0.3 * radius, radius * 0.14, radius * 0.14, (228, 224, 200))

    def stars(self, count: int, bottom: float) -> None:
        """Scatter stars above a height."""
        for _ in range(count):
            light = int(self.rng.integers(150, 256))
            size = self.rng.uniform(0.0012, 0.0035)
            place = self.rng.uniform(0, 1), self.rng.uniform(0, bottom)
            self.blob(*place, size, size, (light, light, min(255, light + 15)))

    def pine(self, x: float, y: float, tall: float, green: Colour, *, snowy: bool) -> None:
        """Stand a pine at (x, y), `tall` as a fraction of the shorter side."""
        up, across = tall * self.unit / self.height, tall * self.unit / self.width
        self.box(x - 0.035 * across, y - 0.15 * up, x + 0.035 * across, y, (96, 68, 48))
        for tier in range(4):
            base, tip = y - up * (0.1 + 0.2 * tier), y - up * (0.46 + 0.18 * tier)
            wide = across * (0.30 - 0.055 * tier)
            shade = mixed(green, (255, 255, 255), 0.04 * tier)
            self.shape([(x - wide, base), (x + wide, base), (x, tip)], shade)
            if snowy:
                top = (x + 0.1 * wide, tip + 0.45 * (base - tip))
                self.shape(
                    [
                        (x - 0.5 * wide, tip + 0.5 * (base - tip)),
                        (x, tip),
                        top,
                        (x - 0.15 * wide, top[1]),
                    ],
                    (244, 248, 255),
                )

    def tree(self, x: float, y: float, tall: float, green: Colour) -> None:
        """Stand a round leafy tree at (x, y)."""
        up, across = tall * self.unit / self.height, tall * self.unit / self.width
        self.shape(
            [
                (x - 0.06 * across, y),
                (x + 0.06 * across, y),
                (x + 0.03 * across, y - 0.5 * up),
                (x - 0.03 * across, y - 0.5 * up),
            ],
            (104, 76, 52),
        )
        for dx, dy, r, light in (
            (-0.14, 0.52, 0.2, -0.06),
            (0.15, 0.55, 0.2, -0.03),
            (0, 0.72, 0.25, 0.0),
            (-0.06, 0.78, 0.14, 0.12),
        ):
            tone = (255, 255, 255) if light > 0 else (0, 0, 0)
            self.blob(
                x + dx * across, y - dy * up, r * tall, r * tall, mixed(green, tone, abs(light))
            )
