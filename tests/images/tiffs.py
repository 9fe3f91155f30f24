"""TIFF files laid out by hand: either order of bytes, BigTIFF, strips and tiles anywhere."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BYTE, ASCII, SHORT, LONG, UNDEFINED = 1, 2, 3, 4, 7
_CODES = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", UNDEFINED: "B"}

Tag = tuple[int, Sequence[int]]


@dataclass(frozen=True)
class Page:
    """A page: what it says, and the bytes of its strips or tiles."""

    tags: Mapping[int, Tag]
    pieces: Sequence[bytes]
    is_tiled: bool = False
    #: Entries that the file says instead of what is so; None where it says nothing.
    lies: Mapping[int, Tag | None] = field(default_factory=dict)


def grey_page(
    width_px: int = 12, height_px: int = 8, *, rows: int = 3, first: int = 1, **lies: Tag | None
) -> Page:
    """Grey pixels that count upwards from `first`, uncompressed, in strips of some rows."""
    pixels = bytes((first + n) % 251 for n in range(width_px * height_px))
    tags = {**_tags(width_px, height_px), 0x0116: (LONG, [rows])}
    pieces = [pixels[at : at + rows * width_px] for at in range(0, len(pixels), rows * width_px)]
    return Page(tags, pieces, lies={int(name[1:], 16): tag for name, tag in lies.items()})


def tiled_page(first: int = 1) -> Page:
    """Six tiles of 16x16 pixels."""
    pieces = [bytes((first + n * m) % 251 for m in range(256)) for n in range(6)]
    return Page({**_tags(40, 32), 0x0142: (LONG, [16]), 0x0143: (LONG, [16])}, pieces, True)


def planes_page() -> Page:
    """Red, green and blue pixels, each in a plane of two strips."""
    tags = {**_tags(12, 8), 0x0116: (LONG, [4]), 0x011C: (SHORT, [2]), 0x0106: (SHORT, [2])}
    tags |= {0x0102: (SHORT, [8, 8, 8]), 0x0115: (SHORT, [3])}
    pieces = [
        bytes(range(48 * half + plane + 1, 48 * half + plane + 49))
        for plane in range(3)
        for half in range(2)
    ]
    return Page(tags, pieces)


def _tags(width_px: int, height_px: int) -> dict[int, Tag]:
    shorts = {0x0102: 8, 0x0103: 1, 0x0106: 1, 0x0115: 1}
    tags: dict[int, Tag] = {tag: (SHORT, [value]) for tag, value in shorts.items()}
    return tags | {0x0100: (LONG, [width_px]), 0x0101: (LONG, [height_px])}


def tiff_of(
    *pages: Page,
    order: str = "<",
    is_big: bool = False,
    gap: int = 0,
    is_backwards: bool = False,
    more: Mapping[int, Tag] | None = None,
    end: int = 0,
) -> bytes:
    """Lays pages out in a file.

    Args:
        pages: In their order.
        order: Of bytes, as `struct` says it.
        is_big: BigTIFF.
        gap: Bytes of something else before each strip.
        is_backwards: The last strip lies first.
        more: Further tags of each page.
        end: Where the last directory says that the next one stands.
    """
    word, start = ("Q", 16) if is_big else ("I", 8)
    out = bytearray((b"II" if order == "<" else b"MM").ljust(start, b"\0"))
    out[2:8] = struct.pack(order + "HHH", 43 if is_big else 42, 8 if is_big else 0, 0)
    link = start - struct.calcsize(word)
    for page in pages:
        places = {}
        pieces = list(enumerate(page.pieces))
        for number, piece in reversed(pieces) if is_backwards else pieces:
            out += b"\xaa" * gap
            places[number] = len(out)
            out += piece
        out += b"\0" * (len(out) % 2)
        tags = {**page.tags, **(more or {})}
        offsets_tag, lengths_tag = (0x0144, 0x0145) if page.is_tiled else (0x0111, 0x0117)
        tags[offsets_tag] = (LONG, [places[number] for number, _piece in pieces])
        tags[lengths_tag] = (LONG, [len(piece) for piece in page.pieces])
        said = {tag: value for tag, value in {**tags, **page.lies}.items() if value is not None}
        struct.pack_into(order + word, out, link, len(out))
        link = _put_directory(out, said, order, word)
    struct.pack_into(order + word, out, link, end)
    return bytes(out)


def _put_directory(out: bytearray, tags: Mapping[int, Tag], order: str, word: str) -> int:
    """Writes a directory and its values; returns where the place of the next one is said."""
    inline = struct.calcsize(word)
    table = bytearray(struct.pack(order + ("Q" if word == "Q" else "H"), len(tags)))
    values_at = len(out) + len(table) + (4 + 2 * inline) * len(tags) + inline
    values = b""
    for tag, (kind, numbers) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)
        place = packed.ljust(inline, b"\0")
        if len(packed) > inline:
            place = struct.pack(order + word, values_at + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        table += struct.pack(order + "HH" + word, tag, kind, len(numbers)) + place
    link = len(out) + len(table)
    out += table + b"\0" * inline + values
    return link
