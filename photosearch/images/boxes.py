"""The boxes that ISO media files are made of: HEIF, AVIF, JPEG XL, Canon's CR3 (ISO 14496-12).

Used by the modules that look into files without decoding them. Everything is bounds-checked:
whatever does not add up raises `BoxError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

#: More than any photo has; a hostile file may claim millions in a few bytes.
_ENTRIES_MAX = 100_000


class BoxError(ValueError):
    """The boxes do not add up."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies.

    Attributes:
        kind: Its four letters.
        start: Of its header.
        body: Of its content.
        end: Behind its last byte.
    """

    kind: bytes
    start: int
    body: int
    end: int


def walk(data: bytes | memoryview, start: int, end: int) -> Iterator[Box]:
    """Yields the boxes between two offsets.

    Raises:
        BoxError: One reaches beyond the end, or there are too many.
    """
    left = _ENTRIES_MAX
    while start < end:
        if not left:
            raise BoxError("too many boxes")
        left -= 1
        box = box_at(data[start : start + 16], start, end)
        yield box
        start = box.end


def box_at(head: bytes | memoryview, start: int, end: int) -> Box:
    """Reads one box's header.

    Args:
        head: The 16 bytes there, fewer at the end.
        start: Where they are from.
        end: Where the surrounding ends.

    Raises:
        BoxError: It is shorter than a header, or reaches beyond the end.
    """
    if len(head) < 8:
        raise BoxError("rest behind the last box")
    length, kind, body = int.from_bytes(head[:4], "big"), bytes(head[4:8]), start + 8
    if length == 1:
        length, body = int.from_bytes(head[8:16], "big"), start + 16
    stop = end if length == 0 else start + length
    if stop < body or stop > end:
        raise BoxError(f"a box of {length} bytes")
    return Box(kind, start, body, stop)


@dataclass(slots=True)
class Item:
    """One item of a HEIF file: a picture, a tile of one, a block of metadata.

    Attributes:
        kind: Its four letters, e.g. b"hvc1", b"grid", b"Exif", b"mime".
        content_type: Of a "mime" item.
        extents: Offset and length of each part; counted from the file's beginning, or from that
            of the "idat" box where `is_inside`.
        is_inside: The data stand in the "idat" box.
        is_elsewhere: The data are made from other items, or stand in another file.
        properties: The whole boxes that describe it, in order, with whether each must be known.
        references: Pairs of a kind (e.g. b"thmb", b"dimg") and the items it points to.
    """

    kind: bytes = b""
    content_type: bytes = b""
    extents: list[tuple[int, int]] = field(default_factory=list)
    is_inside: bool = False
    is_elsewhere: bool = False
    properties: list[tuple[bytes, bool]] = field(default_factory=list)
    references: list[tuple[bytes, tuple[int, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class Items:
    """What a "meta" box says.

    Attributes:
        primary: Number of the picture to show.
        by_number: All items.
        inside: Offset and end of the "idat" box's content in the bytes that were read.
    """

    primary: int = 0
    by_number: dict[int, Item] = field(default_factory=dict)
    inside: tuple[int, int] = (0, 0)


def read_items(data: bytes | memoryview, meta: Box) -> Items:
    """Reads a "meta" box.

    Args:
        data: Bytes that hold it; box offsets count in them.
        meta: The box.

    Raises:
        BoxError: It is malformed.
    """
    items = Items()
    associations: list[tuple[int, list[tuple[int, bool]]]] = []
    properties: list[bytes] = []
    for box in walk(data, meta.body + 4, meta.end):
        reader = _Fields(data, box.body, box.end)
        if box.kind == b"pitm":
            items.primary = reader.number(2 if reader.version() == 0 else 4)
        elif box.kind == b"iinf":
            _read_kinds(items, reader, data)
        elif box.kind == b"iloc":
            _read_places(items, reader)
        elif box.kind == b"iref":
            _read_references(items, reader, data)
        elif box.kind == b"idat":
            items.inside = (box.body, box.end)
        elif box.kind == b"iprp":
            for inner in walk(data, box.body, box.end):
                if inner.kind == b"ipco":
                    properties = [
                        bytes(data[one.start : one.end])
                        for one in walk(data, inner.body, inner.end)
                    ]
                elif inner.kind == b"ipma":
                    associations += _read_associations(_Fields(data, inner.body, inner.end))
    for number, indices in associations:
        item = items.by_number.get(number)
        for index, is_essential in indices:
            if item is not None and 1 <= index <= len(properties):
                item.properties.append((properties[index - 1], is_essential))
    return items


def shown_size(item: Item) -> tuple[int, int]:
    """Returns the size after cropping and turning, by the item's properties in order."""
    width_px = height_px = 0
    for box, _is_essential in item.properties:
        kind, body = box[4:8], box[8:]
        if kind == b"ispe":
            width_px, height_px = (int.from_bytes(body[at : at + 4], "big") for at in (4, 8))
        elif kind == b"clap" and len(body) >= 16:
            fields = [int.from_bytes(body[at : at + 4], "big") for at in range(0, 16, 4)]
            if fields[1] and fields[3]:
                width_px, height_px = fields[0] // fields[1], fields[2] // fields[3]
        elif kind == b"irot" and body[:1] and body[0] & 1:
            width_px, height_px = height_px, width_px
    return width_px, height_px


class _Fields:
    """Reads big-endian numbers one after the other."""

    def __init__(self, data: bytes | memoryview, start: int, end: int) -> None:
        self._data = data
        self.at = start
        self.end = end
        self.flags = 0

    def number(self, length: int) -> int:
        if self.at + length > self.end:
            raise BoxError("a box ends too early")
        value = int.from_bytes(self._data[self.at : self.at + length], "big")
        self.at += length
        return value

    def version(self) -> int:
        value = self.number(4)
        self.flags = value & 0xFFFFFF
        return value >> 24

    def count(self, length: int) -> int:
        value = self.number(length)
        if value > _ENTRIES_MAX:
            raise BoxError(f"{value} entries")
        return value


def _read_kinds(items: Items, reader: _Fields, data: bytes | memoryview) -> None:
    reader.count(2 if reader.version() == 0 else 4)
    for box in walk(data, reader.at, reader.end):
        entry = _Fields(data, box.body, box.end)
        version = entry.version()
        if box.kind != b"infe" or version < 2:
            raise BoxError("an item without a kind")
        item = items.by_number.setdefault(entry.number(2 if version == 2 else 4), Item())
        entry.number(2)  # protection
        item.kind = entry.number(4).to_bytes(4, "big")
        if item.kind == b"mime":
            texts = bytes(data[entry.at : entry.end]).split(b"\0")
            item.content_type = texts[1] if len(texts) > 1 else b""


def _read_places(items: Items, reader: _Fields) -> None:
    version = reader.version()
    sizes = reader.number(2)
    offset_length, length_length, base_length, index_length = (
        sizes >> 12,
        sizes >> 8 & 15,
        sizes >> 4 & 15,
        sizes & 15,
    )
    for _ in range(reader.count(2 if version < 2 else 4)):
        item = items.by_number.setdefault(reader.number(2 if version < 2 else 4), Item())
        method = reader.number(2) & 15 if version else 0
        source = reader.number(2)
        item.is_inside = method == 1
        item.is_elsewhere = method > 1 or source != 0
        base = reader.number(base_length)
        for _ in range(reader.count(2)):
            if version:
                reader.number(index_length)
            offset = base + reader.number(offset_length)
            item.extents.append((offset, reader.number(length_length)))


def _read_references(items: Items, reader: _Fields, data: bytes | memoryview) -> None:
    number_length = 2 if reader.version() == 0 else 4
    for box in walk(data, reader.at, reader.end):
        entry = _Fields(data, box.body, box.end)
        item = items.by_number.setdefault(entry.number(number_length), Item())
        targets = tuple(entry.number(number_length) for _ in range(entry.count(2)))
        item.references.append((box.kind, targets))


def _read_associations(reader: _Fields) -> list[tuple[int, list[tuple[int, bool]]]]:
    version = reader.version()
    found = []
    for _ in range(reader.count(4)):
        number = reader.number(2 if version == 0 else 4)
        indices = []
        for _ in range(reader.number(1)):
            if reader.flags & 1:
                value = reader.number(2)
                indices.append((value & 0x7FFF, bool(value & 0x8000)))
            else:
                value = reader.number(1)
                indices.append((value & 0x7F, bool(value & 0x80)))
        found.append((number, indices))
    return found
