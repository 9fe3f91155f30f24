"""The corpus: every way in which a file can be bad, made in a directory, with what it may give.

`test_corpus` takes it through the decoder pool and through a library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.core.failure import FailureCode
from tests.hostile import blocks, ifd, places
from tests.hostile.bombs import bombs
from tests.hostile.mutations import bit_flipped
from tests.hostile.sound import by_kind, exif_block, sound_files

#: What may be said of a picture that is broken: all that is about the file, and nothing else.
BROKEN = frozenset(
    {
        FailureCode.EMPTY,
        FailureCode.NOT_AN_IMAGE,
        FailureCode.TRUNCATED,
        FailureCode.DAMAGED,
        FailureCode.UNSUPPORTED,
        FailureCode.TOO_LARGE,
    }
)
#: A bomb may be told by the memory that it wants, too.
_EXPLODED = BROKEN | {FailureCode.OUT_OF_MEMORY}
_NOTHING: frozenset[FailureCode] = frozenset()
#: Kinds whose first picture is whole before the file ends.
_WITH_MORE_BEHIND = frozenset({"mpo", "png-animated", "gif-animated", "tiff-pages", "heif-preview"})


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        cut_percent: Between two truncations of a file.
        flip_count: Files with turned bits, over all kinds.
        frame_count: Frames of the animation that never ends.
        scan_count: How often a progressive picture is painted over.
        held_px: Side of the pictures that really hold what they claim.
        block_bytes: Length of the longest metadata.
    """

    cut_percent: int = 1
    flip_count: int = 5_000
    frame_count: int = 100_000
    scan_count: int = 400
    held_px: int = 15_000
    block_bytes: int = 20_000_000


WHOLE = Scale()
SMALL = Scale(25, 60, 2_000, 20, 1_500, 300_000)


@dataclass(frozen=True)
class Case:
    """A file and what it may give.

    Attributes:
        name: What is wrong with it.
        path: Where it is.
        may_succeed: A photo is a right outcome.
        codes: The failures that are right outcomes.
    """

    name: str
    path: Path
    may_succeed: bool
    codes: frozenset[FailureCode]


def write_corpus(directory: Path, scale: Scale) -> list[Case]:
    """Makes all of it below a directory; the same files each time."""
    cases = [
        *_contents(directory, scale),
        *_disguises(directory),
    ]
    picture = by_kind()["jpeg"].encoded
    for number, make in enumerate((places.odd_names, places.long_paths, places.no_files)):
        for place in make(directory / f"places{number}", picture):
            cases.append(Case(place.name, place.path, not place.codes, place.codes))
    return cases


def _contents(directory: Path, scale: Scale) -> Iterator[Case]:
    makers = (
        ("sound", sound()),
        ("cut", truncations(scale.cut_percent)),
        ("flips", flips(scale.flip_count)),
        ("headers", headers(scale.block_bytes)),
        ("bombs", _bombs(scale)),
    )
    for group, files in makers:
        (directory / group).mkdir(parents=True)
        for number, (name, suffix, encoded, may_succeed, codes) in enumerate(files):
            path = directory / group / f"{number:05}{suffix}"
            path.write_bytes(encoded)
            yield Case(f"{group} {name}", path, may_succeed, codes)


_Made = tuple[str, str, bytes, bool, frozenset[FailureCode]]


def sound() -> Iterator[_Made]:
    """One of each kind, unharmed: they must come out right."""
    for file in sound_files():
        yield file.kind, file.suffix, file.encoded, True, _NOTHING


def truncations(percent: int) -> Iterator[_Made]:
    """Every file, cut short again and again; what comes behind the first picture may lack."""
    for file in sound_files():
        for kept in range(0, 100, percent):
            encoded = file.encoded[: len(file.encoded) * kept // 100]
            may_succeed = file.kind in _WITH_MORE_BEHIND
            yield f"{file.kind} {kept} %", file.suffix, encoded, may_succeed, BROKEN


def flips(count: int) -> Iterator[_Made]:
    """Turned bits, seeded: each kind as often as any other."""
    files = sound_files()
    for number in range(count):
        file = files[number % len(files)]
        # A bit can make a large picture of a small one: memory may be what it fails for.
        yield f"{file.kind} {number}", file.suffix, bit_flipped(file, number), True, _EXPLODED


def headers(block_bytes: int) -> Iterator[_Made]:
    """Metadata from hell around sound pictures: none of it may cost the photo."""
    for kind in ("jpeg-progressive", "png-alpha", "webp", "tiff", "bmp"):
        file = by_kind()[kind]
        for number, block in enumerate(blocks.hostile_blocks()):
            for put in (blocks.with_exif, blocks.with_xmp, blocks.with_profile):
                name = f"{kind} {put.__name__} {number}"
                yield name, file.suffix, put(file.encoded, block), True, _NOTHING
    depth = block_bytes // 18
    for kind in ("png-alpha", "webp"):
        file = by_kind()[kind]
        for name, block in (
            ("chain", ifd.chain(depth)),
            ("nested", ifd.nested(depth)),
            ("caption", ifd.tiff({0x010E: ifd.text("x" * block_bytes)})),
        ):
            made = blocks.with_exif(file.encoded, block)
            yield f"{kind} long {name}", file.suffix, made, True, _NOTHING
        packet = blocks.xmp("<x:a xmlns:x='u'>" * (block_bytes // 17))
        yield f"{kind} long xmp", file.suffix, blocks.with_xmp(file.encoded, packet), True, _NOTHING
    jpeg = by_kind()["jpeg"]
    for name, marker, start in (
        ("exif", 0xE1, b"Exif\0\0" + exif_block().removeprefix(b"Exif\0\0")),
        ("profile", 0xE2, b"ICC_PROFILE\0\1\xff"),
        ("iptc", 0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff"),
        ("comment", 0xFE, b""),
    ):
        segments = [blocks.segment(marker, start.ljust(65_533, b"\x41"))] * (block_bytes // 65_533)
        made = blocks.with_segments(jpeg.encoded, *segments)
        yield f"jpeg long {name}", jpeg.suffix, made, True, _NOTHING


def _bombs(scale: Scale) -> Iterator[_Made]:
    for bomb in bombs(
        frame_count=scale.frame_count, scan_count=scale.scan_count, held_px=scale.held_px
    ):
        codes = _NOTHING if bomb.is_sound else _EXPLODED
        # What claims just less than is allowed, some codecs fill with grey.
        may_succeed = bomb.is_sound or not bomb.name.endswith("-claiming") or "just" in bomb.name
        yield bomb.name, bomb.suffix, bomb.encoded, may_succeed, codes


def _disguises(directory: Path) -> Iterator[Case]:
    """The content of one kind under another's name, and under another's signature."""
    (directory / "disguised").mkdir()
    files = sound_files()
    for number, file in enumerate(files):
        other = files[(number * 7 + 3) % len(files)]
        path = directory / "disguised" / f"{number:03}{other.suffix}"
        path.write_bytes(file.encoded)
        yield Case(f"{file.kind} named {other.kind}", path, True, _NOTHING)
        path = directory / "disguised" / f"{number:03} signed{file.suffix}"
        path.write_bytes(other.encoded[:16] + file.encoded[16:])
        yield Case(f"{file.kind} signed {other.kind}", path, True, BROKEN)
