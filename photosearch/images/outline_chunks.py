"""The shape and metadata of PNG and WebP files, for `listing`; neither carries a thumbnail."""

from __future__ import annotations

import zlib
from contextlib import suppress

from photosearch.images.orientation import orientation_of, turned_size
from photosearch.images.outline import Outline
from photosearch.images.sizes import webp_size
from photosearch.images.window import TooFarError, Window

_CHUNKS_MAX = 64
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_PNG_METADATA = (b"eXIf", b"iTXt", b"tEXt", b"zTXt", b"tIME")
_METADATA_MAX_BYTES = 100_000


def outline_png(window: Window) -> Outline:
    """Reads the chunks before the pixels, and those that end the file.

    Raises:
        TooFarError: It would be more than is allowed.
    """
    head = window.read(8, 25)
    size_px = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
    kept = [_PNG_SIGNATURE, head]
    at = 33
    for _ in range(_CHUNKS_MAX):
        length, kind = _png_chunk(window, at)
        if kind in {b"", b"IDAT", b"IEND"}:
            break
        if kind in _PNG_METADATA and length < _METADATA_MAX_BYTES:
            with suppress(TooFarError):
                kept.append(window.read(at, 12 + length))
        at += 12 + length
    # Thousands of chunks of pixels may lie between: what ends the file is looked for from there.
    kept += _png_end_chunks(window.tail() if window.size_bytes > at else b"")
    exif = next((chunk[8:-4] for chunk in kept[2:] if chunk[4:8] == b"eXIf"), None)
    xmp = next((chunk for chunk in kept[2:] if b"XML:com.adobe.xmp\0" in chunk[:40]), None)
    orientation = orientation_of(exif, xmp)
    header = b"".join(kept) + _PNG_END
    return Outline("PNG", turned_size(size_px, orientation), header)


def outline_webp(window: Window) -> Outline:
    """Reads the chunks' headers, and those that hold metadata.

    Raises:
        TooFarError: It would be more than is allowed.
    """
    size_px = webp_size(window.read(0, 40))
    exif = xmp = None
    kept: list[bytes] = []
    end = min(window.size_bytes, 8 + int.from_bytes(window.read(4, 4), "little"))
    at = 12
    for _ in range(_CHUNKS_MAX):
        head = window.read(at, 8)
        if at + 8 > end or len(head) < 8:
            break
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if kind == b"VP8X" or (kind in {b"EXIF", b"XMP "} and length < _METADATA_MAX_BYTES):
            try:
                body = window.read(at + 8, length)
            except TooFarError:
                break
            kept.append(head + body + b"\0" * (length % 2))
            exif = body if kind == b"EXIF" else exif
            xmp = body if kind == b"XMP " else xmp
        at += 8 + length + length % 2
    orientation = orientation_of(exif, xmp)
    inside = b"WEBP" + b"".join(kept)
    header = b"RIFF" + len(inside).to_bytes(4, "little") + inside
    return Outline("WEBP", turned_size(size_px, orientation), header)


def _png_chunk(window: Window, at: int) -> tuple[int, bytes]:
    head = window.read(at, 8)
    return int.from_bytes(head[:4], "big"), head[4:8] if len(head) == 8 else b""


def _png_end_chunks(tail: bytes) -> list[bytes]:
    """Finds chunks of metadata in the end of a file, by their names and check sums."""
    found: list[bytes] = []
    at = 4
    while True:
        starts = [start for kind in _PNG_METADATA if (start := tail.find(kind, at)) >= 0]
        if not starts:
            return found
        start = min(starts) - 4
        length = int.from_bytes(tail[start : start + 4], "big")
        chunk = tail[start : start + 12 + length]
        if len(chunk) == 12 + length and zlib.crc32(chunk[4:-4]) == int.from_bytes(
            chunk[-4:], "big"
        ):
            found.append(chunk)
            at = start + len(chunk) + 4
        else:
            at = start + 8
