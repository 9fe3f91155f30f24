"""Puts blocks into containers: metadata where each format keeps it, and checksums that hold."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from tests.hostile import ifd
from tests.hostile.sound import exif_block

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SEGMENT_MAX = 65_533
_XMP_ID = b"http://ns.adobe.com/xap/1.0/\0"


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG, with its checksum."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def chunks(encoded: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG, as far as they can be told."""
    offset = len(PNG_SIGNATURE)
    while offset + 8 <= len(encoded):
        length, kind = struct.unpack_from(">I4s", encoded, offset)
        yield kind, encoded[offset + 8 : offset + 8 + length]
        offset += 12 + length


def with_checksums(encoded: bytes) -> bytes:
    """Mends a PNG's checksums after damage; another file stays as it is."""
    if not encoded.startswith(PNG_SIGNATURE):
        return encoded
    return PNG_SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks(encoded))


def with_pixels(encoded: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    """Changes a PNG's pixels below their compression; None where it has none."""
    if not encoded.startswith(PNG_SIGNATURE):
        return None
    parts = list(chunks(encoded))
    packed = b"".join(content for kind, content in parts if kind == b"IDAT")
    try:
        pixels = change(zlib.decompress(packed))
    except zlib.error:
        return None
    made = PNG_SIGNATURE
    for kind, content in parts:
        if kind == b"IEND":
            made += chunk(b"IDAT", zlib.compress(pixels))
        if kind != b"IDAT":
            made += chunk(kind, content)
    return made


def segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(encoded: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments at its beginning."""
    return encoded[:2] + b"".join(segments) + encoded[2:]


def with_exif(encoded: bytes, block: bytes) -> bytes:
    """Puts an EXIF block where the format keeps it; at the end of a file of another format."""
    block = block.removeprefix(b"Exif\0\0")
    if encoded.startswith(b"\xff\xd8"):
        return with_segments(encoded, segment(0xE1, b"Exif\0\0" + block[: _SEGMENT_MAX - 6]))
    if encoded.startswith(PNG_SIGNATURE):
        return _behind_header(encoded, chunk(b"eXIf", block))
    return _riff(encoded, b"EXIF", block) or encoded + block


def with_xmp(encoded: bytes, block: bytes) -> bytes:
    """Puts an XMP packet where the format keeps it."""
    if encoded.startswith(b"\xff\xd8"):
        return with_segments(encoded, segment(0xE1, (_XMP_ID + block)[:_SEGMENT_MAX]))
    if encoded.startswith(PNG_SIGNATURE):
        content = b"XML:com.adobe.xmp\0\0\0\0\0" + block
        return _behind_header(encoded, chunk(b"iTXt", content))
    return _riff(encoded, b"XMP ", block) or encoded + block


def with_profile(encoded: bytes, block: bytes) -> bytes:
    """Puts a colour profile where the format keeps it."""
    if encoded.startswith(b"\xff\xd8"):
        content = b"ICC_PROFILE\0\1\1" + block
        return with_segments(encoded, segment(0xE2, content[:_SEGMENT_MAX]))
    if encoded.startswith(PNG_SIGNATURE):
        return _behind_header(encoded, chunk(b"iCCP", b"icc\0\0" + zlib.compress(block)))
    return _riff(encoded, b"ICCP", block) or encoded + block


def _behind_header(encoded: bytes, block: bytes) -> bytes:
    end = len(PNG_SIGNATURE) + 25
    return encoded[:end] + block + encoded[end:]


def _riff(encoded: bytes, kind: bytes, block: bytes) -> bytes | None:
    """A WebP with one more block at its end; None for what is none."""
    if encoded[:4] != b"RIFF":
        return None
    body = encoded[8:] + kind + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@cache
def hostile_blocks() -> tuple[bytes, ...]:
    """Metadata that no program should trust, none longer than 60 KB."""
    endless = {0x010E: ifd.text("a caption")}
    wrong_count = bytearray(ifd.tiff(endless))
    wrong_count[14:18] = b"\xff\xff\xff\xff"
    zero_divided = {0x829A: ifd.Value(ifd.RATIONAL, ((1, 0), (0, 0), (2**32 - 1, 1)))}
    return (
        exif_block().removeprefix(b"Exif\0\0"),
        ifd.chain(2_000),
        ifd.chain(3, is_cycle=True),
        ifd.nested(2_000),
        ifd.nested(3, is_cycle=True),
        bytes(wrong_count),
        ifd.tiff(zero_divided),
        b"MM\0*\0\0\0\x08" + b"\xff" * 100,
        b"II*\0\x08\0\0\0\0\0",
        xmp("<x:a xmlns:x='u'>" * 3_000),
        xmp("<?xml version='1.0'?><!DOCTYPE l [" + _LAUGHS + "]><l>&e9;</l>"),
        xmp(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{'&#x0;' * 9}</x:xmpmeta>"),
        b"\x1c\x02\x19\xff\xff" + b"keyword" * 20,
        b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff" + b"\x1c\x02\x19\0\x05Ocean" * 9,
        b"\0\0\xff\xffADBE\x04\x30\0\0mntrRGB XYZ " + b"\xff" * 120,
    )


_LAUGHS = "<!ENTITY e0 'ha'>" + "".join(
    f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10)
)


def xmp(inner: str) -> bytes:
    return f"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>{inner}<?xpacket end='w'?>".encode()
