"""What the sample model knows: emoji of everyday things and painted places.

`concepts.toml` lists them; the position of a concept in `Concepts.keys` is its class number in the
image tower, places last.  Every other module of the recipe takes its concepts from here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CONCEPTS_TOML = Path(__file__).with_name("concepts.toml")
FONT_PATH = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
#: The only size at which the bitmap font has glyphs.
FONT_SIZE_PX = 109


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing with a picture.

    Attributes:
        key: What names the concept everywhere: the emoji itself, or a word for a tinted one.
        glyph: What the font draws for it.
        tint: Hue in degrees that replaces the glyph's own, or None.
        group: The heading it stands under in `concepts.toml`.
    """

    key: str
    glyph: str
    tint: int | None
    group: str


@dataclass(frozen=True, slots=True)
class Concepts:
    """All concepts in class order.

    Attributes:
        things: The concepts that have a sprite.
        places: The names of the painted places.
    """

    things: tuple[Concept, ...]
    places: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The class names: the things' keys, then the places."""
        return tuple(c.key for c in self.things) + self.places

    def index(self) -> dict[str, int]:
        """Return the class number of each key."""
        return {key: number for number, key in enumerate(self.keys)}


def load_concepts(path: Path = CONCEPTS_TOML) -> Concepts:
    """Read the concept list.

    Args:
        path: The TOML file.

    Returns:
        The concepts in class order.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    things = [
        Concept(char, char, None, group)
        for group, chars in table["emoji"].items()
        for char in "".join(chars.split())
    ]
    things += [Concept(e["key"], e["glyph"], e.get("tint"), "extra") for e in table["extra"]]
    return Concepts(tuple(things), tuple(table["places"]["names"]))


def draw_sprite(concept: Concept, font: ImageFont.FreeTypeFont) -> Image.Image:
    """Draw a concept's glyph, cropped to its ink.

    Args:
        concept: What to draw.
        font: The colour font at `FONT_SIZE_PX`.

    Returns:
        An RGBA picture, about 128 px.
    """
    canvas = Image.new("RGBA", (200, 160), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((10, 10), concept.glyph, font=font, embedded_color=True)
    sprite = canvas.crop(canvas.getbbox())
    if concept.tint is not None:
        sprite = _tinted(sprite, concept.tint)
    return sprite


def _tinted(sprite: Image.Image, hue_degrees: int) -> Image.Image:
    """Turn the reddish pixels to another hue; leaves and stems keep theirs."""
    hsv = np.array(sprite.convert("RGB").convert("HSV"))
    reddish = (hsv[..., 0] < 25) | (hsv[..., 0] > 225)
    hsv[..., 0] = np.where(reddish, int(hue_degrees / 360 * 255), hsv[..., 0])
    rgb = Image.fromarray(hsv, "HSV").convert("RGB")
    rgb.putalpha(sprite.getchannel("A"))
    return rgb


def draw_sprites(concepts: Concepts) -> list[Image.Image]:
    """Draw every thing's sprite, in class order.

    Args:
        concepts: The concept list.

    Returns:
        One RGBA picture per thing.
    """
    font = ImageFont.truetype(FONT_PATH, FONT_SIZE_PX)
    return [draw_sprite(concept, font) for concept in concepts.things]
