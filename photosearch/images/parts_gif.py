"""What the pixels of a GIF are made of, for `picture_data`: all but comments and XMP."""

from __future__ import annotations

from photosearch.images.parts import Parts, UnsureError

#: Behind the signature, whose version programs raise when they add a comment.
_SCREEN = 6
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
#: XMP stands as it is behind this name. Its bytes taken for lengths lead to what follows it, which
#: leads out: those who do not know it pass over it like over any other extension.
_XMP = b"\x0bXMP DataXMP"
#: Of all images and extensions together: as many as a file of 1 GB holds when they are full.
_BLOCKS_MAX = 1 << 22


def gif_parts(encoded: bytes) -> Parts:
    """Screen, colours, frames and how they follow each other; nothing behind the trailer."""
    view = memoryview(encoded)
    kept_from = _SCREEN
    at = _SCREEN + 7 + _colours_bytes(encoded[_SCREEN + 4])
    left = _BLOCKS_MAX
    has_pixels = False
    while (kind := encoded[at]) != _TRAILER:
        start = at
        is_kept = True
        if kind == _IMAGE:
            has_pixels = True
            # Place and size, the flags of its own colours, and a byte for the code's length.
            at += 10 + _colours_bytes(encoded[at + 9]) + 1
        elif kind == _EXTENSION:
            label = encoded[at + 1]
            at += 2
            is_kept = label != _COMMENT and not (
                label == _APPLICATION and encoded.startswith(_XMP, at)
            )
        else:
            raise UnsureError("block")
        at, left = _behind_blocks(encoded, at, left)
        if not is_kept:
            yield view[kept_from:start]
            kept_from = at
    if not has_pixels:
        raise UnsureError("no pixels")
    yield view[kept_from : at + 1]


def _colours_bytes(flags: int) -> int:
    """Returns the length of the table that stands behind these flags."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(encoded: bytes, at: int, left: int) -> tuple[int, int]:
    """Returns where a row of blocks ends, and how many more the file may have."""
    while length := encoded[at]:
        at += 1 + length
        left -= 1
        if left < 0:
            raise UnsureError("too many blocks")
    return at + 1, left
