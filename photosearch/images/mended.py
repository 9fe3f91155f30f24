"""Makes the beginning of a file look like a whole one, so that its metadata can be read.

Used by `header`, in a decoder process, on files that were cut short or read in part only.
"""

from __future__ import annotations

_END_OF_JPEG = b"\xff\xd9"
#: JPEG's segments without a length: restarts, start, end.
_BARE_MARKERS = frozenset({*range(0xD0, 0xDA), 0x01})
_START_OF_SCAN = 0xDA


def mend_head(encoded: bytes) -> bytes | None:
    """Returns bytes whose containers end where the bytes do; None where there is nothing to mend.

    Args:
        encoded: The beginning of a JPEG, PNG or WebP file, or of one made of ISO boxes (HEIF,
            AVIF, JPEG XL, Canon's raw files).
    """
    if encoded[:2] == b"\xff\xd8":
        return _mend_jpeg(encoded)
    if encoded[:4] == b"\x89PNG":
        return _mend_png(encoded)
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return _mend_riff(encoded)
    if encoded[4:8] in {b"ftyp", b"JXL "}:
        return _mend_boxes(encoded)
    return None


def _mend_jpeg(encoded: bytes) -> bytes | None:
    at = 2
    while at + 4 <= len(encoded) and encoded[at] == 0xFF:
        marker = encoded[at + 1]
        if marker == _START_OF_SCAN:
            return None  # all that matters is there
        if marker == 0xFF:
            at += 1
            continue
        length = 0 if marker in _BARE_MARKERS else int.from_bytes(encoded[at + 2 : at + 4], "big")
        if at + 2 + length > len(encoded):
            break
        at += 2 + length
    return encoded[:at] + _END_OF_JPEG


def _mend_png(encoded: bytes) -> bytes:
    at = 8
    while at + 12 <= len(encoded):
        length = int.from_bytes(encoded[at : at + 4], "big")
        if at + 12 + length > len(encoded):
            break
        at += 12 + length
    return encoded[:at] + b"\0\0\0\0IEND\xaeB`\x82"


def _mend_riff(encoded: bytes) -> bytes:
    at = 12
    while at + 8 <= len(encoded):
        length = int.from_bytes(encoded[at + 4 : at + 8], "little")
        if at + 8 + length > len(encoded):
            break
        at += 8 + length + length % 2
    whole = encoded[:at]
    return b"RIFF" + (len(whole) - 8).to_bytes(4, "little") + whole[8:]


def _mend_boxes(encoded: bytes) -> bytes | None:
    """Shortens the last box to what is there of it; nothing in it moves."""
    at = 0
    while at + 8 <= len(encoded):
        length = int.from_bytes(encoded[at : at + 4], "big")
        if length == 1 and at + 16 <= len(encoded):
            length = int.from_bytes(encoded[at + 8 : at + 16], "big")
        if length < 8:
            return None  # to the end of the file, or nonsense
        if at + length > len(encoded):
            there = len(encoded) - at
            is_long = encoded[at : at + 4] == b"\0\0\0\1"
            spot = at + 8 if is_long else at
            size = there.to_bytes(8 if is_long else 4, "big")
            return encoded[:spot] + size + encoded[spot + len(size) :]
        at += length
    return None if at == len(encoded) else encoded[:at]
