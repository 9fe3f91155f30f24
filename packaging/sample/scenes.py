"""Compose a scene: things standing in a painted place, in scale, with shadows.

The album and the measuring kit are made of these.  Everything important stays inside the centre
square, which is all that CLIP's crop sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from places import paint
from scenery import Scenery

Box = tuple[float, float, float, float]
#: Several things in one picture are drawn smaller, by their number.
CROWDING = {1: 1.0, 2: 0.88, 3: 0.76, 4: 0.66}
DARK_PLACES = {"night", "city_night", "london"}
WATER_PLACES = {"sea"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to put into a scene.

    Attributes:
        key: The concept.
        height: Wanted height near the viewer, as a share of the picture's shorter side.
        role: "ground", "air" or "bust" (cut off by the lower edge, as in a portrait).
        spot: Centre across (0-1 of the centre square) and depth (0 far, 1 near), or None for
            wherever there is room.
        front: Painted after everything else.
    """

    key: str
    height: float
    role: str = "ground"
    spot: tuple[float, float] | None = None
    front: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished picture and where its things are.

    Attributes:
        image: RGB.
        boxes: (key, (x0, y0, x1, y1)) of each item, 0-1 of the picture.
    """

    image: Image.Image
    boxes: tuple[tuple[str, Box], ...]


def compose(
    place: str,
    items: list[Item],
    size: tuple[int, int],
    seed: int,
    sprites: dict[str, Image.Image],
    wobble: int | None = None,
) -> Composed:
    """Paint a place and put things in it.

    Args:
        place: One of the painted places.
        items: What to put in it; at most four.
        size: Width and height in px.
        seed: Decides the scenery and where things stand.
        sprites: RGBA picture of each concept.
        wobble: Seed of a small displacement of everything, as between the shots of a burst.
    """
    rng = np.random.default_rng([seed, 7])
    scenery = paint(place, *size, seed)
    canvas = scenery.image
    moved = np.random.default_rng([seed, wobble or 0])
    spots = _spots(items, rng)
    order = sorted(range(len(items)), key=lambda n: (items[n].front, spots[n][1]))
    boxes: list[tuple[str, Box]] = []
    for number in order:
        across, depth = spots[number]
        if wobble is not None:
            across += float(moved.normal(0, 0.02))
        mirrored = bool(rng.random() < 0.5)
        box = _put(canvas, scenery, items[number], (across, depth), sprites, mirrored, len(items))
        boxes.append((items[number].key, box))
    return Composed(canvas, tuple(boxes))


def _spots(items: list[Item], rng: np.random.Generator) -> list[tuple[float, float]]:
    """Spread the items that have no spot of their own over the centre square."""
    count = max(1, len(items))
    lanes = (np.arange(count) + 0.5) / count
    rng.shuffle(lanes)
    spots = []
    for lane, item in zip(lanes, items, strict=False):
        jitter = rng.uniform(-0.08, 0.08) if count > 1 else rng.uniform(-0.16, 0.16)
        depth = float(rng.uniform(0.35, 1.0))
        spots.append(item.spot or (float(np.clip(0.08 + 0.84 * (lane + jitter), 0.1, 0.9)), depth))
    return spots


def _put(
    canvas: Image.Image,
    scenery: Scenery,
    item: Item,
    spot: tuple[float, float],
    sprites: dict[str, Image.Image],
    mirrored: bool,
    count: int,
) -> Box:
    width, height = canvas.size
    side = min(width, height)
    sprite = sprites[item.key]
    depth = spot[1] if item.role == "ground" else 1.0
    tall = item.height * side * CROWDING[min(4, count)] * (0.68 + 0.32 * depth)
    scale = min(tall / sprite.height, 0.74 * side / sprite.width)
    shown = sprite.resize(
        (max(8, round(sprite.width * scale)), max(8, round(sprite.height * scale))),
        Image.Resampling.LANCZOS,
    )
    if mirrored:
        shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if scenery.place in DARK_PLACES and item.role != "air":
        shown = _dimmed(shown)
    half = shown.width / 2
    left_edge = (width - side) / 2
    cx = float(np.clip(left_edge + spot[0] * side, left_edge + half, left_edge + side - half))
    if item.role == "air":
        top, bottom = scenery.air
        foot = (top + (bottom - top) * spot[1]) * height + shown.height * 0.6
        foot = max(foot, shown.height + 0.02 * height)
    elif item.role == "bust":
        foot = height + 0.02 * shown.height
    else:
        far, near = scenery.ground
        foot = max((far + (near - far) * depth) * height, shown.height + 0.02 * height)
        _shadow(canvas, cx, foot, shown, scenery.place)
    x, y = round(cx - half), round(foot - shown.height)
    canvas.paste(shown, (x, y), shown)
    if scenery.place in WATER_PLACES and item.role == "ground":
        _waterline(canvas, cx, foot, shown.width)
    x0, y0, x1, y1 = x, y, x + shown.width, min(height, y + shown.height)
    return (x0 / width, y0 / height, x1 / width, y1 / height)


def _dimmed(sprite: Image.Image) -> Image.Image:
    """Return the sprite as it looks in lamp light."""
    dark = ImageEnhance.Brightness(sprite.convert("RGB")).enhance(0.82)
    red, green, blue = dark.split()
    cool = Image.merge("RGB", (red.point(lambda v: int(v * 0.94)), green, blue))
    cool.putalpha(sprite.getchannel("A"))
    return cool


def _shadow(canvas: Image.Image, cx: float, foot: float, sprite: Image.Image, place: str) -> None:
    tone = {"snow": (70, 96, 150), "sea": (20, 60, 100)}.get(place, (30, 26, 24))
    layer = Image.new("L", canvas.size, 0)
    wide, high = sprite.width * 0.46, max(3.0, sprite.width * 0.085)
    ImageDraw.Draw(layer).ellipse(
        (cx - wide + high * 0.6, foot - high * 1.2, cx + wide + high * 0.9, foot + high * 0.8),
        fill=120,
    )
    layer = layer.filter(ImageFilter.GaussianBlur(high * 0.45))
    canvas.paste(Image.new("RGB", canvas.size, tone), (0, 0), layer)


def _waterline(canvas: Image.Image, cx: float, foot: float, wide: int) -> None:
    """Draw foam where something lies in the water."""
    layer = Image.new("L", canvas.size, 0)
    draw = ImageDraw.Draw(layer)
    for row, share in enumerate((0.5, 0.4, 0.3)):
        y, thick = foot + row * 0.03 * wide, max(2.0, 0.022 * wide)
        draw.ellipse(
            (cx - share * wide, y - thick, cx + share * wide, y + thick), fill=210 - 50 * row
        )
    layer = layer.filter(ImageFilter.GaussianBlur(max(1.0, 0.01 * wide)))
    canvas.paste(Image.new("RGB", canvas.size, (228, 244, 248)), (0, 0), layer)
