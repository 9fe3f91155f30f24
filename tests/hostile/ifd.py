"""Writes TIFF directories by hand: raw files, and EXIF blocks that no writer would make."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10

_FORMATS = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "II", SRATIONAL: "ii"}
_HEADER_BYTES = 8


@dataclass(frozen=True)
class Value:
    """What a tag holds.

    Attributes:
        kind: One of the types above.
        items: Numbers, or pairs of them for rationals; the bytes themselves for text.
    """

    kind: int
    items: Sequence[int | tuple[int, int]] | bytes

    @property
    def count(self) -> int:
        return len(self.items)

    def packed(self) -> bytes:
        if isinstance(self.items, bytes):
            return self.items
        form = "<" + _FORMATS[self.kind]
        pairs = (item if isinstance(item, tuple) else (item,) for item in self.items)
        return b"".join(struct.pack(form, *pair) for pair in pairs)


def long(*numbers: int) -> Value:
    return Value(LONG, numbers)


def short(*numbers: int) -> Value:
    return Value(SHORT, numbers)


def text(words: str) -> Value:
    return Value(ASCII, words.encode() + b"\0")


def directory(tags: Mapping[int, Value], offset: int, next_offset: int = 0) -> bytes:
    """One directory with its values behind it.

    Args:
        tags: By number.
        offset: Where in the file it will stand.
        next_offset: Of the directory after it; 0 for none.
    """
    values_at = offset + 2 + 12 * len(tags) + 4
    entries, values = [], b""
    for tag, value in sorted(tags.items()):
        packed = value.packed()
        if len(packed) <= 4:
            place = packed.ljust(4, b"\0")
        else:
            place = struct.pack("<I", values_at + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        entries.append(struct.pack("<HHI", tag, value.kind, value.count) + place)
    head = struct.pack("<H", len(entries)) + b"".join(entries)
    return head + struct.pack("<I", next_offset) + values


def tiff(tags: Mapping[int, Value]) -> bytes:
    """A block with one directory: what EXIF is."""
    return struct.pack("<2sHI", b"II", 42, _HEADER_BYTES) + directory(tags, _HEADER_BYTES)


def chain(count: int, *, is_cycle: bool = False) -> bytes:
    """Directories that each name the next one, thousands deep or round and round."""
    size = len(directory({0x0112: short(1)}, 0))
    parts = [struct.pack("<2sHI", b"II", 42, _HEADER_BYTES)]
    for number in range(count):
        offset = _HEADER_BYTES + number * size
        is_last = number == count - 1
        following = (_HEADER_BYTES if is_cycle else 0) if is_last else offset + size
        parts.append(directory({0x0112: short(1)}, offset, following))
    return b"".join(parts)


def nested(count: int, *, is_cycle: bool = False) -> bytes:
    """An EXIF directory in an EXIF directory in one, and so on."""
    size = len(directory({0x8769: long(0)}, 0))
    parts = [struct.pack("<2sHI", b"II", 42, _HEADER_BYTES)]
    for number in range(count):
        is_last = number == count - 1
        inner = _HEADER_BYTES + (0 if is_last and is_cycle else (number + 1) * size)
        parts.append(directory({0x8769: long(inner)}, _HEADER_BYTES + number * size))
    return b"".join(parts)


def dng(preview: bytes, preview_px: tuple[int, int], sensor_px: tuple[int, int]) -> bytes:
    """The least that a raw file needs: a preview, and a mosaic of red, green and blue beside it.

    Args:
        preview: JPEG bytes.
        preview_px: Its width and height.
        sensor_px: Width and height of the mosaic, both even.
    """
    width_px, height_px = sensor_px
    mosaic = b"".join(
        struct.pack(f"<{width_px}H", *((x * 257 + y * 131) % 4096 for x in range(width_px)))
        for y in range(height_px)
    )
    preview_at = _HEADER_BYTES
    mosaic_at = preview_at + len(preview) + len(preview) % 2
    main_at = mosaic_at + len(mosaic)
    main: dict[int, Value] = {
        0x00FE: long(1),  # a reduced picture
        0x0100: long(preview_px[0]),
        0x0101: long(preview_px[1]),
        0x0102: short(8, 8, 8),
        0x0103: short(7),  # JPEG
        0x0106: short(6),  # YCbCr
        0x010F: text("Photosearch"),
        0x0110: text("Handmade"),
        0x0111: long(preview_at),
        0x0112: short(1),
        0x0115: short(3),
        0x0116: long(preview_px[1]),
        0x0117: long(len(preview)),
        0x014A: long(0),  # where the mosaic's directory stands, known below
        0xC612: Value(BYTE, (1, 4, 0, 0)),
        0xC614: text("Photosearch Handmade"),
        0xC621: Value(SRATIONAL, tuple((n, 1) for n in (1, 0, 0, 0, 1, 0, 0, 0, 1))),
        0xC628: Value(RATIONAL, ((1, 1), (1, 1), (1, 1))),
        0xC65A: short(21),  # daylight
    }
    raw_at = main_at + len(directory(main, main_at))
    main[0x014A] = long(raw_at)
    raw = {
        0x00FE: long(0),
        0x0100: long(width_px),
        0x0101: long(height_px),
        0x0102: short(16),
        0x0103: short(1),
        0x0106: short(32803),  # a mosaic
        0x0111: long(mosaic_at),
        0x0115: short(1),
        0x0116: long(height_px),
        0x0117: long(len(mosaic)),
        0x828D: short(2, 2),
        0x828E: Value(BYTE, (0, 1, 1, 2)),
        0xC61A: short(0),
        0xC61D: short(4095),
    }
    head = struct.pack("<2sHI", b"II", 42, main_at)
    body = head + preview + b"\0" * (len(preview) % 2) + mosaic
    return body + directory(main, main_at) + directory(raw, raw_at)
