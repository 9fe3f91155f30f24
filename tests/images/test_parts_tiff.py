"""TIFFs keep their names wherever their strips lie, and change them with what is seen."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosearch.core.decoded import SamePhoto
from photosearch.images.decode import decode, decode_again
from photosearch.images.icc import adobe_rgb
from photosearch.images.identity import content_hash, undivided_hash, whole_hash
from photosearch.images.parts import UnsureError
from photosearch.images.tiff_pages import TiffPages
from tests.hostile import ifd

from .raws import dng, jpeg_of
from .samples import WHOLE, encoded, quartered, scenery
from .test_identity import TEXTS, retagged
from .tiffs import ASCII, BYTE, LONG, SHORT, Page, grey_page, planes_page, tiff_of, tiled_page

#: Modes and options of Pillow's writer.
_KINDS = {
    "plain": ("RGB", {}),
    "rows": ("RGB", {"tiffinfo": {0x0116: 7}}),
    "lzw": ("RGB", {"compression": "tiff_lzw", "tiffinfo": {0x0116: 16}}),
    "jpeg": ("RGB", {"compression": "jpeg"}),
    "deflate": ("RGBA", {"compression": "tiff_adobe_deflate"}),
    "fax": ("1", {"compression": "group4"}),
    "palette": ("P", {}),
    "cmyk": ("CMYK", {}),
    "big-endian": ("I;16B", {}),
    "fractions": ("F", {}),
}


@lru_cache
def picture_of(kind: str) -> bytes:
    mode, options = _KINDS[kind]
    picture = scenery(60, 40)
    if mode == "I;16B":
        picture = picture.convert("I").convert("I;16").convert("I").convert(mode)
    return encoded(picture.convert(mode), "TIFF", **options)


def is_whole(file: bytes) -> bool:
    """Whether nobody dares to take it apart."""
    return content_hash(file) == undivided_hash(file)


@pytest.mark.parametrize("kind", _KINDS)
@settings(max_examples=8, deadline=None)
@given(text=TEXTS)
def test_another_programs_tags_leave_the_name(kind: str, text: str) -> None:
    whole = picture_of(kind)
    tagged = retagged(whole, text)
    assert whole_hash(tagged) != whole_hash(whole)
    assert content_hash(tagged) == content_hash(whole)
    assert content_hash(retagged(tagged, text * 100)) == content_hash(whole)
    assert not is_whole(whole)


@given(
    order=st.sampled_from("<>"),
    is_big=st.booleans(),
    page=st.sampled_from([grey_page(), grey_page(40, 33, rows=1), tiled_page(), planes_page()]),
    gap=st.integers(0, 9),
    is_backwards=st.booleans(),
    rest=st.binary(max_size=50),
)
def test_where_pixels_lie_tells_nothing(
    order: str, is_big: bool, page: Page, gap: int, is_backwards: bool, rest: bytes
) -> None:
    plain = tiff_of(page, order=order)
    more = {0x013B: (ASCII, b"somebody\0"), 0x83BB: (BYTE, list(b"IPTC")), 0x0128: (SHORT, [2])}
    moved = tiff_of(page, order=order, is_big=is_big, gap=gap, is_backwards=is_backwards, more=more)
    assert content_hash(moved + rest) == content_hash(plain)
    assert not is_whole(plain)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(
    "page", [grey_page(), tiled_page(), planes_page()], ids=["strips", "tiles", "planes"]
)
def test_each_byte_of_the_pixels_counts(page: Page, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(page.pieces) - 1))
    piece = bytearray(page.pieces[number])
    piece[data.draw(st.integers(0, len(piece) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    pieces = [*page.pieces]
    pieces[number] = bytes(piece)
    other = Page(page.tags, pieces, page.is_tiled)
    assert content_hash(tiff_of(other)) != content_hash(tiff_of(page))


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x0106, (SHORT, [0])),  # white is 0
        (0x0112, (SHORT, [6])),
        (0x013D, (SHORT, [2])),
        (0x0153, (SHORT, [2])),  # numbers with a sign
        (0x8773, (BYTE, list(b"profile"))),
    ],
)
def test_what_pixels_look_like_is_part_of_the_name(tag: int, value: tuple[int, list[int]]) -> None:
    plain = tiff_of(grey_page())
    changed = tiff_of(grey_page(), more={tag: value})
    assert content_hash(changed) != content_hash(plain)
    assert not is_whole(changed)


def test_colours_are_part_of_the_name() -> None:
    picture = quartered().quantize(4)
    before = encoded(picture, "TIFF")
    picture.putpalette([*range(12)])
    assert content_hash(encoded(picture, "TIFF")) != content_hash(before)
    profiled = encoded(quartered(), "TIFF", icc_profile=adobe_rgb())
    assert content_hash(profiled) != content_hash(encoded(quartered(), "TIFF"))


def test_orientation_is_part_of_the_name_as_it_is_shown() -> None:
    def turned(orientation: int) -> bytes:
        return content_hash(tiff_of(grey_page(), more={0x0112: (SHORT, [orientation])}))

    def turned_by_xmp(orientation: int) -> bytes:
        packet = b'<x tiff:Orientation="%d"/>' % orientation
        return content_hash(tiff_of(grey_page(), more={0x02BC: (BYTE, list(packet))}))

    names = {orientation: turned(orientation) for orientation in range(1, 9)}
    assert len(set(names.values())) == 8
    assert names[1] == content_hash(tiff_of(grey_page())) == turned(0) == turned(9)
    assert [turned_by_xmp(orientation) for orientation in names] == [*names.values()]


def test_further_pages_count_and_smaller_views_do_not() -> None:
    cover, second, third = grey_page(), grey_page(first=5), grey_page(first=9)
    names = {content_hash(tiff_of(*pages)) for pages in ([cover], [cover, second], [cover, third])}
    assert len(names) == 3
    smaller = grey_page(6, 4, x00FE=(LONG, [1]))
    thumbnail = Page(
        {0x0103: (SHORT, [6]), 0x0201: (LONG, [8]), 0x0202: (LONG, [20])},
        [],
        lies={0x0111: None, 0x0117: None},
    )
    for view in (smaller, thumbnail):
        assert content_hash(tiff_of(cover, view)) == content_hash(tiff_of(cover))
        assert content_hash(tiff_of(cover, view, second)) == content_hash(tiff_of(cover, second))


@pytest.mark.parametrize(
    ("fault", "file"),
    [
        ("strips outside", tiff_of(grey_page(x0111=(LONG, [8, 40, 1 << 20])))),
        ("strips beyond 32 bits", tiff_of(grey_page(x0111=(LONG, [8, 40, 0xFFFFFFFF])))),
        ("strips too short", tiff_of(grey_page(x0117=(LONG, [36, 35, 24])))),
        ("strips of nothing", tiff_of(grey_page(x0103=(SHORT, [5]), x0117=(LONG, [36, 0, 24])))),
        ("a strip too few", tiff_of(grey_page(x0111=(LONG, [8, 40])))),
        ("lengths missing", tiff_of(grey_page(x0117=None))),
        ("places missing", tiff_of(grey_page(x0111=None))),
        ("strips and tiles", tiff_of(grey_page(x0144=(LONG, [8])))),
        ("no size", tiff_of(grey_page(x0100=None))),
        ("no width", tiff_of(grey_page(x0100=(LONG, [0])))),
        ("two widths", tiff_of(grey_page(x0100=(LONG, [12, 12])))),
        ("a width in words", tiff_of(grey_page(x0100=(ASCII, b"12\0")))),
        ("an endless height", tiff_of(grey_page(x0101=(LONG, [0xFFFFFFFF])))),
        ("rows without end", tiff_of(grey_page(x0101=(LONG, [1 << 30]), x0116=(LONG, [1])))),
        ("no rows", tiff_of(grey_page(x0116=(LONG, [0])))),
        ("JPEG of old", tiff_of(grey_page(x0103=(SHORT, [6])))),
        ("raw data", tiff_of(grey_page(xC612=(BYTE, [1, 4, 0, 0])))),
        ("a mosaic", tiff_of(grey_page(x0106=(SHORT, [32803])))),
        ("a preview", tiff_of(grey_page(x00FE=(LONG, [1])))),
        ("round and round", tiff_of(grey_page(), end=8 + 12 * 8)),
        ("a page outside", tiff_of(grey_page(), end=1 << 30)),
        ("directories in a circle", ifd.chain(3, is_cycle=True)),
        ("directories without pixels", ifd.chain(5000)),
        ("no directory", b"II*\0\0\0\0\0"),
        ("BigTIFF's numbers of another length", b"II+\0\x04\0\0\0" + b"\x10" + b"\0" * 30),
    ],
)
def test_what_is_odd_is_named_by_all_of_it(fault: str, file: bytes) -> None:
    assert is_whole(file), fault


def test_strips_that_are_one_another_are_hashed_no_oftener_than_the_file_is_long() -> None:
    same = tiff_of(grey_page(100, 300, rows=1, x0111=(LONG, [8] * 300)))
    assert not is_whole(same)
    costly = tiff_of(
        grey_page(100, 3000, rows=1, x0111=(LONG, [8] * 3000), x0117=(LONG, [90_000] * 3000))
    )
    assert is_whole(costly)


def test_directories_upon_each_other_are_read_no_oftener_than_the_file_is_long() -> None:
    """Each is 512 entries of a type that nobody knows, and the next begins within it."""
    entry = struct.pack("<HHII", 0x0200, 0x0200, 0x0200, 0x0200)
    start, count = 10, 2000
    file = bytearray(b"II*\0" + struct.pack("<I", start) + entry * count)
    for number in range(count // 2):
        at = start + 12 * number + 2 + 12 * 512
        file[at : at + 4] = struct.pack("<I", start + 12 * (number + 1))
    with pytest.raises(UnsureError, match="more than the file has"):
        list(TiffPages(bytes(file), frozenset()))
    assert is_whole(bytes(file))


def test_a_value_outside_the_file_makes_all_of_it_count() -> None:
    """Pillow reads no tag behind such a one, though it be somebody's name."""
    whole = bytearray(tiff_of(grey_page(), more={0x013B: (ASCII, b"somebody\0")}))
    at = whole.index(b"\x3b\x01\x02\0")
    whole[at + 8 : at + 12] = b"\xff\xff\xff\x0f"
    assert is_whole(bytes(whole))


@pytest.mark.parametrize("size", range(0, 420, 7))
def test_cut_short_it_is_named_by_all_that_is_left(size: int) -> None:
    whole = tiff_of(grey_page(), tiled_page(), is_backwards=True)
    assert is_whole(whole[:size])


def _by_name(directory: Path, name: str, file: bytes, expected: bytes) -> SamePhoto:
    path = directory / name
    path.write_bytes(file)
    same = decode_again(path, WHOLE, expected)
    assert isinstance(same, SamePhoto)
    return same


def test_raw_data_are_named_by_all_of_the_file(tmp_path: Path) -> None:
    """Most of a camera's tags decide what its data look like."""
    picture = tiff_of(grey_page())
    for name, file in (("a.nef", picture), ("a.tif", dng(quartered(960, 640)))):
        assert _by_name(tmp_path, name, file, undivided_hash(file)).content_hash == undivided_hash(
            file
        )
    with_preview = dng(quartered(960, 640), preview=jpeg_of(quartered(960, 640)))
    assert decode(with_preview, WHOLE).content_hash == undivided_hash(with_preview)


@pytest.mark.parametrize("earlier", [whole_hash, undivided_hash])
def test_a_name_that_an_earlier_program_gave_is_known_and_told(
    tmp_path: Path, earlier: Callable[[bytes], bytes]
) -> None:
    picture = tiff_of(grey_page())
    same = _by_name(tmp_path, "a.tif", picture, earlier(picture))
    assert (same.content_hash, same.whole_hash) == (content_hash(picture), earlier(picture))
    assert same.content_hash != earlier(picture)


def test_what_is_written_by_hand_here_is_what_is_read() -> None:
    for order in "<>":
        with Image.open(io.BytesIO(tiff_of(tiled_page(), order=order, gap=3))) as image:
            assert (image.size, image.getpixel((17, 0))) == ((40, 32), 2)
        with Image.open(io.BytesIO(tiff_of(planes_page(), order=order, gap=3))) as image:
            assert (image.size, image.getpixel((2, 1))) == ((12, 8), (15, 16, 17))
