"""Leaves out of a PNG what unpacks to more than Pillow bears: comments and profiles, never pixels.

Used by `guard`, in a decoder process. Pillow gives up the whole picture for such a chunk
(`PngImagePlugin.MAX_TEXT_CHUNK`), and none of them is worth a photo.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from PIL import PngImagePlugin

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
#: Of all texts together, packed as they are; half of what Pillow bears.
_TEXTS_MAX_BYTES = PngImagePlugin.MAX_TEXT_MEMORY // 2


def without_inflated(encoded: bytes) -> bytes:
    """Returns a file as it is, or a PNG without its chunks that unpack to too much."""
    if not encoded.startswith(_SIGNATURE):
        return encoded
    dropped = list(_inflated(encoded))
    if not dropped:
        return encoded
    kept, end = [], 0
    for start, behind in dropped:
        kept.append(encoded[end:start])
        end = behind
    return b"".join([*kept, encoded[end:]])


def _inflated(encoded: bytes) -> Iterator[tuple[int, int]]:
    """Yields where chunks begin and end that are not to be kept."""
    at, texts_bytes = len(_SIGNATURE), 0
    while at + 8 <= len(encoded):
        length, kind = int.from_bytes(encoded[at : at + 4], "big"), encoded[at + 4 : at + 8]
        end = at + 12 + length
        if kind in _TEXTS or kind == b"iCCP":
            size = _unpacked_bytes(kind, encoded[at + 8 : end - 4])
            texts_bytes += size or 0 if kind in _TEXTS else 0
            if size is None or texts_bytes > _TEXTS_MAX_BYTES:
                yield at, end
        at = end


def _unpacked_bytes(kind: bytes, body: bytes) -> int | None:
    """How long a chunk's content is unpacked; None where it is longer than Pillow bears."""
    packed = b""
    rest = body.partition(b"\0")[2]
    if kind in {b"zTXt", b"iCCP"}:
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] == b"\1":
        packed = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if not packed:
        return len(body)
    unpacking = zlib.decompressobj()
    try:
        size = len(unpacking.decompress(packed, PngImagePlugin.MAX_TEXT_CHUNK))
    except zlib.error:
        return len(body)  # Pillow passes over what cannot be unpacked
    return None if unpacking.unconsumed_tail else size
