"""Whether HEVC data look whole without being decoded (ISO 23008-2, 7.3.1 and 7.4.2).

Called by `preview`: where a preview stands for its picture, nobody decodes that, and what was cut,
zeroed or written over would go unnoticed.
"""

from __future__ import annotations

from photosearch.images.boxes import BoxError, Item, read_items, walk
from photosearch.images.parts import UnsureError
from photosearch.images.parts_boxes import item_data, picture_items

_CODED = frozenset({b"hvc1", b"hev1"})
#: Items that only say how others come together.
_COMPOSED = frozenset({b"grid", b"iden", b"iovl"})
#: In the decoder's configuration: how many bytes the length of a unit has.
_LENGTH_AT = 21
_HEADER_BYTES = 2
#: Kinds of units: pictures that need no other picture, and the last one that the standard defines.
_FIRST_INTRA, _LAST_INTRA, _LAST_KIND = 16, 21, 40
#: Encoders put a 3 between, so that none of these ever stands inside a unit. Zeroed blocks do.
_NEVER_INSIDE = (b"\0\0\0", b"\0\0\1", b"\0\0\2")


def looks_whole(encoded: bytes) -> bool:
    """Whether the picture in a HEIF file is made of sound units of HEVC data. Never fails.

    Wrong bits inside a unit are not seen by this, nor by many a decoder.
    """
    view = memoryview(encoded)
    try:
        (meta,) = (box for box in walk(view, 0, len(encoded)) if box.kind == b"meta")
        items = read_items(view, meta)
        for number in picture_items(items):
            item = items.by_number[number]
            if item.kind in _COMPOSED:
                continue
            data = b"".join(item_data(view, items, item))
            if item.kind not in _CODED or not _is_sound(data, _length_bytes(item)):
                return False
    except (BoxError, UnsureError, ValueError, IndexError):
        return False
    return True


def _length_bytes(item: Item) -> int:
    for described, _is_essential in item.properties:
        if described[4:8] == b"hvcC":
            return (described[8 + _LENGTH_AT] & 3) + 1
    raise UnsureError("no configuration")


def _is_sound(data: bytes, length_bytes: int) -> bool:
    at, has_picture = 0, False
    while at < len(data):
        begin = at + length_bytes
        end = begin + int.from_bytes(data[at:begin], "big")
        if end > len(data) or end - begin <= _HEADER_BYTES:
            return False
        kind = data[begin] >> 1  # above it stands a bit that is never set
        if kind > _LAST_KIND or any(data.find(mark, begin, end) >= 0 for mark in _NEVER_INSIDE):
            return False
        has_picture |= _FIRST_INTRA <= kind <= _LAST_INTRA
        at = end
    return has_picture
