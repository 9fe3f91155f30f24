"""What `listing` finds out about a file of any format."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Outline:
    """A picture's shape, and where to look further.

    Attributes:
        format: As in `PhotoFacts`; "" where it is not known.
        size_px: Width and height, upright; (0, 0) where they are not known.
        header: Bytes that hold the file's metadata as the file itself would, pixels left out.
        preview: A small picture that the file carries: JPEG bytes, or decoded; None without.
        preview_turn: EXIF orientation (1..8) by which it is turned upright.
    """

    format: str
    size_px: tuple[int, int]
    header: bytes
    preview: bytes | Image.Image | None = None
    preview_turn: int = 1


UNKNOWN = Outline("", (0, 0), b"")
