"""Sizes of pictures whose codecs take memory, or decode, as soon as they are opened.

Of icons, too: the pictures in them need not have the size that their list says.

`guard` asks here before; `listing`'s modules know the size by it.
"""

from __future__ import annotations

import re
import struct

from photosearch.images.boxes import read_items, shown_size, walk

#: Of a bare code stream, and of one in a container.
JXL_SIGNATURES = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
#: How much of a code stream `jxl_size` needs.
JXL_HEAD_BYTES = 32
#: Width to height, by the number that stands for it.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
#: Bits of a side's length, by the two bits before it.
_LENGTH_BITS = (9, 13, 18, 30)
#: Where the code stream begins in a container: right behind the signatures, where all of it is in
#: one box, else behind the number of its part.
_JXL_STREAM = re.compile(rb"jxlc|jxlp....", re.DOTALL)

_ICON = b"\0\0\1\0"
#: More pictures than any icon holds.
_ICON_PICTURES_MAX = 256


def early_size(encoded: bytes) -> tuple[int, int] | None:
    """Returns width and height of a JPEG XL, WebP, HEIF or AVIF file, or of an icon's largest.

    None for others, for malformed ones, and for films.
    """
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return webp_size(encoded[:30])
    if encoded[4:8] == b"ftyp":
        return _heif_size(encoded)
    if encoded.startswith(_ICON):
        return _icon_size(encoded)
    if not encoded.startswith(JXL_SIGNATURES):
        return None
    start = 0
    if encoded.startswith(JXL_SIGNATURES[1]):
        box = _JXL_STREAM.search(encoded)
        start = len(encoded) if box is None else box.end()
    try:
        return jxl_size(encoded[start : start + JXL_HEAD_BYTES])
    except ValueError:
        return None


def _heif_size(encoded: bytes) -> tuple[int, int] | None:
    try:
        for box in walk(encoded, 0, len(encoded)):
            if box.kind == b"meta":
                items = read_items(encoded, box)
                primary = items.by_number.get(items.primary)
                return None if primary is None else shown_size(primary)
    except (ValueError, IndexError):
        pass
    return None


def _icon_size(encoded: bytes) -> tuple[int, int] | None:
    """Returns the size of the largest picture in an icon, by what the pictures say themselves."""
    count = min(int.from_bytes(encoded[4:6], "little"), _ICON_PICTURES_MAX)
    sizes = []
    for entry in range(count):
        at = int.from_bytes(encoded[18 + 16 * entry : 22 + 16 * entry], "little")
        head = encoded[at : at + 24]
        if len(head) < 24:
            continue
        if head.startswith(b"\x89PNG"):
            sizes.append(struct.unpack(">II", head[16:24]))
        else:  # a bitmap, twice as high for its mask
            width_px, height_px = struct.unpack("<ii", head[4:12])
            sizes.append((abs(width_px), abs(height_px) // 2))
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def webp_size(head: bytes) -> tuple[int, int]:
    """Returns the size of a WebP's canvas by its first 30 bytes; (0, 0) where it is malformed."""
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        width_px, height_px = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return width_px + 1, height_px + 1
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(head) >= 30:
        width_px, height_px = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        return width_px & 0x3FFF, height_px & 0x3FFF
    return 0, 0


def jxl_size(stream: bytes) -> tuple[int, int]:
    """Returns width and height, upright, of a code stream.

    Args:
        stream: Its first bytes, 32 are enough.

    Raises:
        ValueError: It is none, or too short.
    """
    if not stream.startswith(JXL_SIGNATURES[0]) or len(stream) < 16:
        raise ValueError("no JPEG XL code stream")
    bits = _Bits(stream[2:])
    is_small = bits.take(1)
    height_px = (bits.take(5) + 1) * 8 if is_small else _length(bits)
    ratio = _RATIOS.get(bits.take(3))
    if ratio is not None:
        width_px = height_px * ratio[0] // ratio[1]
    else:
        width_px = (bits.take(5) + 1) * 8 if is_small else _length(bits)
    is_default = bits.take(1)
    is_sideways = not is_default and bits.take(1) and bits.take(3) >= 4
    return (height_px, width_px) if is_sideways else (width_px, height_px)


def _length(bits: _Bits) -> int:
    return bits.take(_LENGTH_BITS[bits.take(2)]) + 1


class _Bits:
    """Bits of a code stream, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        return found
