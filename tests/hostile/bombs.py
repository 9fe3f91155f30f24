"""Files that cost far more than their size: by what they claim, or by what they hold."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from photosearch.images import formats
from tests.hostile import ifd
from tests.hostile.blocks import PNG_SIGNATURE, chunk, segment, with_segments
from tests.hostile.sound import by_kind
from tests.images.samples import png_of_size

_CLAIMED_PX = 60_000


@dataclass(frozen=True)
class Bomb:
    """A file that must not be believed.

    Attributes:
        name: What it does.
        suffix: Of its file name.
        encoded: Its bytes.
        is_sound: It holds a picture all the same, and a patient reader finds it.
    """

    name: str
    suffix: str
    encoded: bytes
    is_sound: bool = False


def bombs(*, frame_count: int, scan_count: int, held_px: int) -> list[Bomb]:
    """All of them, those for kinds that are read.

    Args:
        frame_count: Frames of the animation that never ends.
        scan_count: How often the same pixels are painted over.
        held_px: Side of the pictures that really hold what they claim.
    """
    made = [
        *_claims(),
        *_tiffs(),
        *_patched(),
        Bomb("png-holding", ".png", _flat_png(held_px), is_sound=True),
        *_inflated(),
        Bomb("gif-frames", ".gif", gif_of_frames(frame_count), is_sound=True),
        Bomb("jpeg-scans", ".jpg", _jpeg_of_scans(scan_count)),
    ]
    return [
        bomb
        for bomb in made
        if formats.kind_of(f"x{bomb.suffix}".encode()) is formats.FileKind.PHOTO
    ]


def gif_of_frames(count: int) -> bytes:
    """An animation of so many frames of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + b"\x20\x60\xa0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\1\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
    return head + (frame + b"\x02\x02\x44\x01\x00") * count + b";"


def _claims() -> list[Bomb]:
    """Headers that claim billions of pixels, with next to nothing behind."""
    side = _CLAIMED_PX
    gif = b"GIF89a" + struct.pack("<HHBBB", 0xFFFF, 0xFFFF, 0xF0, 0, 0) + b"\0\0\0\xff\xff\xff"
    gif_end = b"\x2c" + struct.pack("<HHHHB", 0, 0, 0xFFFF, 0xFFFF, 0) + b"\x02\x02\x44\x01\0;"
    webp = b"WEBPVP8X" + struct.pack("<IB3x", 10, 0x10) + b"\xfe\xff\x3f" * 2
    bmp = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, side, side, 1, 24, *[0] * 6)
    icon = struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(png_of_size(side, side)), 22)
    return [
        Bomb("png-claiming", ".png", png_of_size(side, side)),
        Bomb("png-widest", ".png", png_of_size(2**31 - 1, 2**31 - 1)),
        Bomb("png-narrow", ".png", png_of_size(2**31 - 1, 1)),
        Bomb("gif-claiming", ".gif", gif + gif_end),
        Bomb("webp-claiming", ".webp", b"RIFF" + struct.pack("<I", len(webp)) + webp),
        Bomb("bmp-claiming", ".bmp", bmp + b"\0" * 1000),
        Bomb("ico-claiming", ".ico", icon + png_of_size(side, side)),
        Bomb("pnm-claiming", ".ppm", b"P6 %d %d 255\n" % (side, side) + b"\0" * 1000),
        Bomb("pnm-endless-number", ".ppm", b"P6 " + b"9" * 100_000 + b" 1 255\n"),
        Bomb("jxl-claiming", ".jxl", _jxl_claiming(2**30, 2**30)),
        Bomb("jxl-just-claiming", ".jxl", _jxl_claiming(15_000, 15_000)),
    ]


def _tiffs() -> list[Bomb]:
    def page(width_px: int, height_px: int, **other: ifd.Value) -> bytes:
        tags = {
            0x0100: ifd.long(width_px),
            0x0101: ifd.long(height_px),
            0x0102: ifd.short(8),
            0x0103: ifd.short(1),
            0x0106: ifd.short(1),
            0x0111: ifd.long(8),
            0x0116: ifd.long(height_px),
            0x0117: ifd.long(width_px * height_px & 0xFFFFFFFF),
        }
        tags |= {int(tag[1:], 16): value for tag, value in other.items()}
        return ifd.tiff(tags)

    zeros = zlib.compress(b"\0" * 50_000_000, 9)
    strip_at = len(page(8000, 6000, t0103=ifd.short(8)))
    deflated = page(
        8000,
        6000,
        t0103=ifd.short(8),
        t0111=ifd.long(strip_at),
        t0117=ifd.long(len(zeros)),
    )
    strips = ifd.Value(ifd.LONG, tuple(range(8, 60_008)))
    return [
        Bomb("tiff-claiming", ".tif", page(_CLAIMED_PX, _CLAIMED_PX)),
        Bomb("tiff-largest", ".tif", page(2**32 - 1, 2**32 - 1)),
        Bomb("tiff-far-strip", ".tif", page(64, 48, t0111=ifd.long(2**32 - 2))),
        Bomb("tiff-strips", ".tif", page(64, 48, t0111=strips, t0117=strips)),
        Bomb("tiff-samples", ".tif", page(64, 48, t0115=ifd.short(65_535))),
        Bomb("tiff-tile", ".tif", page(64, 48, t0142=ifd.long(2**31), t0143=ifd.long(2**31))),
        Bomb("tiff-pages", ".tif", ifd.chain(100_000)),
        Bomb("tiff-cycle", ".tif", ifd.chain(5, is_cycle=True)),
        Bomb("tiff-holding", ".tif", deflated + zeros, is_sound=True),
        Bomb("raw-claiming", ".dng", ifd.dng(b"\xff\xd8\xff\xd9", (2**31, 2**31), (4, 4))),
    ]


def _patched() -> list[Bomb]:
    """Sound files whose headers claim another size than their pixels have."""
    sound = by_kind()
    small, large = (struct.pack(">II", side, side) for side in (15_000, _CLAIMED_PX))
    made = []
    for kind in ("heif", "avif"):
        file = sound[kind]
        at = file.encoded.index(b"ispe") + 8
        for claim, size in (("claiming", large), ("just-claiming", small)):
            made.append(Bomb(f"{kind}-{claim}", file.suffix, _put(file.encoded, at, size)))
    film = sound["webp-animated"]
    canvas = struct.pack("<I", 4_000_000)[:3]
    made.append(Bomb("webp-wide-claiming", ".webp", _put(film.encoded, 24, canvas)))
    stream = sound["jpeg2000-stream"]
    at = stream.encoded.index(b"\xff\x51") + 6
    for claim, size in (("claiming", large), ("just-claiming", small)):
        made.append(Bomb(f"jpeg2000-{claim}", ".j2k", _put(stream.encoded, at, size)))
    for kind in ("jpeg", "jpeg-progressive"):
        file = sound[kind]
        at = max(file.encoded.find(b"\xff\xc0"), file.encoded.find(b"\xff\xc2")) + 5
        for claim, side in (("claiming", 65_500), ("just-claiming", 15_000)):
            size = struct.pack(">HH", side, side)
            made.append(Bomb(f"{kind}-{claim}", ".jpg", _put(file.encoded, at, size)))
    return made


def _put(encoded: bytes, offset: int, number: bytes) -> bytes:
    return encoded[:offset] + number + encoded[offset + len(number) :]


def _flat_png(side_px: int) -> bytes:
    """A picture of one colour that really is this large, in some kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + side_px)
    pixels = b"".join(packer.compress(row) for _ in range(side_px)) + packer.flush()
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(chunk(kind, content) for kind, content in parts)


def _inflated() -> list[Bomb]:
    """Small pictures with a comment or a profile that unpacks to 200 MB, before the pixels."""
    packer = zlib.compressobj(9)
    zeros = b"\0" * 1_000_000
    packed = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    encoded = by_kind()["png"].encoded
    end = len(PNG_SIGNATURE) + 25
    parts = {
        "comment": chunk(b"zTXt", b"Comment\0\0" + packed),
        "xmp": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed),
        "profile": chunk(b"iCCP", b"icc\0\0" + packed),
        "texts": chunk(b"tEXt", b"Comment\0" + b"x" * 900_000) * 80,
    }
    return [
        Bomb(f"png-{name}", ".png", encoded[:end] + part + encoded[end:], is_sound=True)
        for name, part in parts.items()
    ]


def _jpeg_of_scans(count: int) -> bytes:
    """A large progressive picture that is painted over again and again, for nothing."""
    frame = struct.pack(">BHHB", 8, 8_000, 8_000, 1) + b"\1\x11\0"
    table = b"\0" + b"\1" + b"\0" * 15 + b"\0"
    parts = [segment(0xDB, b"\0" + b"\1" * 64), segment(0xC2, frame), segment(0xC4, table)]
    scan = segment(0xDA, b"\1\1\0\0\0\0") + b"\0" * 16
    return with_segments(b"\xff\xd8\xff\xd9", *parts, *[scan] * count)


def _jxl_claiming(width_px: int, height_px: int) -> bytes:
    """A JPEG XL stream that says its size, in the 30 bits that it has for that."""
    bits = 0b110 | (height_px - 1) << 3  # not in eighths; a number of 30 bits
    bits |= 0b11 << 36 | (width_px - 1) << 38  # no fixed ratio (three zeros); likewise
    bits |= 1 << 68  # everything else as usual
    return b"\xff\x0a" + bits.to_bytes(9, "little") + b"\0" * 200
