"""Damages sound files in every way that disks, networks and malice do; each by seed and index."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile import blocks
from tests.hostile.sound import SoundFile, sound_files

#: What lengths and counts are when somebody means harm.
_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
#: What means something to one parser or another.
_TOKENS = (
    *(
        b"\xff\xd8",
        b"\xff\xd9",
        b"\xff\xda",
        b"\xff\xc4\0\x04",
        b"\xff\xdb\0\x43",
        b"\xff\xe1\xff\xff",
    ),
    *(b"IHDR", b"IDAT", b"IEND", b"eXIf", b"acTL", b"fdAT", b"zTXt", b"iCCP", b"tRNS", b"PLTE"),
    *(b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"EXIF", b"XMP ", b"RIFF", b"WEBP"),
    *(b"ftyp", b"meta", b"iloc", b"iinf", b"ipco", b"ispe", b"grid", b"hvcC", b"av1C", b"mdat"),
    *(b"\xff\x4f\xff\x51", b"\xff\x90", b"jp2c", b"colr", b"jxlc", b"jxlp", b"Exif\0\0"),
    *(b"GIF89a", b"\x21\xf9\x04", b"\x2c", b"II*\0", b"MM\0*", b"BM", b"P6 ", b"\0\0\1\0"),
)
_FEW_BYTES = 16
_MOST_FLIPS = 40


@dataclass(frozen=True)
class Mutation:
    """A file that was sound once.

    Attributes:
        index: Its number within the seed: with that it can be made again.
        kind: The sound file it was made from.
        recipe: What was done to it.
        suffix: Of its file name.
        encoded: Its bytes.
    """

    index: int
    kind: str
    recipe: str
    suffix: str
    encoded: bytes


def mutation(seed: int, index: int) -> Mutation:
    """Makes the mutation of this number; the same one each time, on every machine."""
    dice = random.Random(f"photosearch {seed} {index}")
    files = sound_files()
    file = files[index % len(files)]  # each kind as often as any other
    encoded, recipes, suffix = file.encoded, [], file.suffix
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        damage = dice.choice(_DAMAGES)
        encoded = damage(encoded, dice)
        recipes.append(damage.__name__.strip("_"))
    if dice.random() < 0.1:
        suffix = dice.choice(files).suffix
        recipes.append("renamed")
    if dice.random() < 0.5:  # else nothing behind a checksum would ever be reached
        encoded = blocks.with_checksums(encoded)
    return Mutation(index, file.kind, "+".join(recipes), suffix, encoded)


def bit_flipped(file: SoundFile, seed: int) -> bytes:
    """The same file with one to four bits turned round."""
    dice = random.Random(f"flip {file.kind} {seed}")
    damaged = bytearray(file.encoded)
    for _ in range(dice.randint(1, 4)):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def _flip_bits(encoded: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(encoded)
    for _ in range(dice.randint(1, _MOST_FLIPS) if damaged else 0):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def _overwrite(encoded: bytes, dice: random.Random) -> bytes:
    start, end = _span(encoded, dice)
    filler = dice.choice((b"\0", b"\xff", None))
    noise = dice.randbytes(end - start) if filler is None else filler * (end - start)
    return encoded[:start] + noise + encoded[end:]


def _cut_off(encoded: bytes, dice: random.Random) -> bytes:
    return encoded[: dice.randrange(len(encoded))] if encoded else encoded


def _cut_out(encoded: bytes, dice: random.Random) -> bytes:
    start, end = _span(encoded, dice)
    return encoded[:start] + encoded[end:]


def _repeat(encoded: bytes, dice: random.Random) -> bytes:
    start, end = _span(encoded, dice)
    return encoded[:end] + encoded[start:end] * dice.choice((1, 2, 50)) + encoded[end:]


def _swap_blocks(encoded: bytes, dice: random.Random) -> bytes:
    one, two = sorted((_span(encoded, dice), _span(encoded, dice)))
    if one[1] > two[0]:
        return _overwrite(encoded, dice)
    parts = (slice(0, one[0]), slice(*two), slice(one[1], two[0]), slice(*one))
    return b"".join(encoded[part] for part in parts) + encoded[two[1] :]


def _set_number(encoded: bytes, dice: random.Random) -> bytes:
    """Writes an extreme where a length, a count or a size may stand."""
    form = dice.choice(("B", ">H", "<H", ">I", "<I", ">Q", "<Q"))
    size = struct.calcsize(form)
    if len(encoded) < size:
        return encoded
    # Most numbers that matter stand near the beginning.
    reach = len(encoded) if dice.random() < 0.3 else min(len(encoded), 400)
    offset = dice.randrange(max(1, reach - size))
    number = dice.choice((*_EXTREMES, len(encoded), len(encoded) + 1, 1 << 63))
    packed = struct.pack(form, number & ((1 << 8 * size) - 1))
    return encoded[:offset] + packed + encoded[offset + size :]


def _splice(encoded: bytes, dice: random.Random) -> bytes:
    """The beginning of one file and the end of another."""
    other = dice.choice(sound_files()).encoded
    cut = dice.randrange(len(encoded) + 1)
    return encoded[:cut] + other[dice.choice((cut, dice.randrange(len(other)))) :]


def _put_token(encoded: bytes, dice: random.Random) -> bytes:
    token, offset = dice.choice(_TOKENS), dice.randrange(len(encoded) + 1)
    skipped = len(token) if dice.random() < 0.5 else 0
    return encoded[:offset] + token + encoded[offset + skipped :]


def _put_metadata(encoded: bytes, dice: random.Random) -> bytes:
    """A metadata block that is broken itself."""
    block = bytearray(dice.choice(blocks.hostile_blocks()))
    for _ in range(dice.randrange(_FEW_BYTES)):
        block[dice.randrange(len(block))] = dice.randrange(256)
    place = dice.choice((blocks.with_exif, blocks.with_xmp, blocks.with_profile))
    return place(encoded, bytes(block))


def _deflate_anew(encoded: bytes, dice: random.Random) -> bytes:
    """Damages what lies below a PNG's compression."""
    return blocks.with_pixels(encoded, lambda pixels: _flip_bits(pixels, dice)) or _flip_bits(
        encoded, dice
    )


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip_bits, _flip_bits, _overwrite, _cut_off, _cut_out, _repeat, _swap_blocks),
    *(_set_number, _set_number, _set_number, _splice, _put_token, _put_metadata, _deflate_anew),
)


def _span(encoded: bytes, dice: random.Random) -> tuple[int, int]:
    if not encoded:
        return 0, 0
    start = dice.randrange(len(encoded))
    length = dice.choice((1, 4, _FEW_BYTES, 256, 4096))
    return start, min(len(encoded), start + dice.randint(1, length))
