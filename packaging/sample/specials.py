"""Things made of several concepts: a bowl of fruit, bananas on a tree, a man on a motorcycle."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image, ImageDraw


@dataclass(frozen=True, slots=True)
class Special:
    """A sprite put together from others.

    Attributes:
        parts: The concepts that it shows.
        size: Of its canvas in px.
        layers: (key, centre x, centre y, height) in px, painted in this order; the key "(bowl)" is
            the painted bowl.
    """

    parts: tuple[str, ...]
    size: tuple[int, int]
    layers: tuple[tuple[str, int, int, int], ...]


SPECIALS: MappingProxyType[str, Special] = MappingProxyType(
    {
        "bowl": Special(
            ("🍎", "🍌", "🍇", "🍊"),
            (360, 300),
            (
                ("🍇", 95, 105, 130),
                ("🍌", 180, 82, 150),
                ("🍎", 262, 110, 125),
                ("🍊", 165, 150, 105),
                ("(bowl)", 180, 215, 150),
            ),
        ),
        "banana tree": Special(
            ("🌳", "🍌"),
            (340, 360),
            (("🌳", 170, 180, 350), ("🍌", 110, 130, 130), ("🍌", 220, 150, 130)),
        ),
        "rider": Special(("🏍", "👨"), (320, 310), (("👨", 150, 88, 170), ("🏍", 160, 205, 205))),
    }
)


def with_specials(sprites: dict[str, Image.Image]) -> dict[str, Image.Image]:
    """Return the sprites with the put-together ones added.

    Args:
        sprites: RGBA picture of each concept.
    """
    return sprites | {key: _built(special, sprites) for key, special in SPECIALS.items()}


def _built(special: Special, sprites: dict[str, Image.Image]) -> Image.Image:
    canvas = Image.new("RGBA", special.size, (0, 0, 0, 0))
    for key, x, y, tall in special.layers:
        if key == "(bowl)":
            layer = _bowl(round(tall * 2.1), tall)
        else:
            sprite = sprites[key]
            wide = round(sprite.width * tall / sprite.height)
            layer = sprite.resize((wide, tall), Image.Resampling.LANCZOS)
        canvas.alpha_composite(layer, (max(0, x - layer.width // 2), max(0, y - layer.height // 2)))
    return canvas.crop(canvas.getbbox())


def _bowl(wide: int, tall: int) -> Image.Image:
    layer = Image.new("RGBA", (wide, tall), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.pieslice((4, -tall + 24, wide - 4, tall - 6), 0, 180, fill=(86, 132, 190, 255))
    draw.pieslice((wide // 2, -tall + 24, wide - 4, tall - 6), 0, 90, fill=(72, 114, 168, 255))
    draw.rounded_rectangle((0, 0, wide - 1, 26), 13, fill=(126, 168, 216, 255))
    draw.rounded_rectangle(
        (wide * 0.34, tall - 16, wide * 0.66, tall - 1), 6, fill=(66, 104, 156, 255)
    )
    return layer
