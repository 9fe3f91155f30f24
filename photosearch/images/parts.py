"""What `picture_data`'s modules yield: parts of a file, in an order of their own."""

from __future__ import annotations

from collections.abc import Iterator

Part = bytes | memoryview
Parts = Iterator[Part]


class UnsureError(ValueError):
    """The file is not as it should be, so that nobody can tell what its picture is made of."""


def turn(orientation: int) -> bytes:
    """Returns the part that tells how the picture is turned (EXIF orientation, 1..8)."""
    return b"turn" + bytes([orientation])


def counted(kind: bytes, part: Part) -> Parts:
    """A part with its kind and length before it, so that no other parts read the same."""
    yield kind + len(part).to_bytes(8, "little")
    yield part
