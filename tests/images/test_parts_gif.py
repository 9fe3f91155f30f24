"""GIFs keep their names with comments and XMP in them, and change them with what is seen."""

from __future__ import annotations

import io
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.images.identity import content_hash, undivided_hash

from .samples import encoded, quartered, scenery
from .test_identity import TEXTS

#: What leads a reader of lengths out of an XMP packet (XMP specification, part 3).
_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_TRAILER = b"\x3b"


@lru_cache
def animation(duration_ms: int = 100, loop: int = 0) -> bytes:
    first, second = quartered(40, 30).quantize(8), quartered(40, 30).rotate(180).quantize(8)
    stream = io.BytesIO()
    options = {"append_images": [second], "duration": duration_ms, "loop": loop}
    first.save(stream, "GIF", save_all=True, **options)
    return stream.getvalue()


def comment(text: bytes) -> bytes:
    blocks = (text[at : at + 255] for at in range(0, len(text), 255))
    return b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def xmp(text: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + b"<x:xmpmeta>" + text + b"</x:xmpmeta>" + _MAGIC


def behind_the_screen(whole: bytes, *blocks: bytes) -> bytes:
    start = 13 + (3 << (whole[10] & 7) + 1 if whole[10] & 0x80 else 0)
    return whole[:start] + b"".join(blocks) + whole[start:]


@given(text=TEXTS.map(str.encode), times=st.integers(1, 50), rest=st.binary(max_size=40))
def test_comments_and_xmp_leave_the_name(text: bytes, times: int, rest: bytes) -> None:
    for whole in (animation(), encoded(scenery(50, 40).quantize(16), "GIF")):
        name = content_hash(whole)
        assert name != undivided_hash(whole)
        for blocks in ([comment(text * times)], [xmp(text * times)], [xmp(text), comment(text)]):
            assert content_hash(behind_the_screen(whole, *blocks)) == name
            assert content_hash(whole[:-1] + b"".join(blocks) + _TRAILER) == name
        assert content_hash(whole + rest) == name
        assert content_hash(whole.replace(b"GIF89a", b"GIF87a", 1)) == name


def test_a_comment_between_frames_leaves_the_name() -> None:
    whole = animation()
    second_at = whole.rindex(b"\x21\xf9\x04")
    tagged = whole[:second_at] + comment(b"between") + whole[second_at:]
    assert content_hash(tagged) == content_hash(whole)


def test_how_frames_follow_each_other_is_part_of_the_name() -> None:
    others = {content_hash(animation(*options)) for options in ((100, 0), (100, 3), (200, 0))}
    assert len(others) == 3
    unknown = b"\x21\xff\x0bSOMETHING10\x01\x07\0"
    assert content_hash(behind_the_screen(animation(), unknown)) != content_hash(animation())


@given(data=st.data())
def test_each_byte_of_a_picture_counts(data: st.DataObject) -> None:
    whole = animation()
    at = data.draw(st.integers(6, len(whole) - 2))
    changed = bytearray(whole)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert content_hash(bytes(changed)) != content_hash(whole)


@pytest.mark.parametrize(
    ("fault", "file"),
    [
        ("no trailer", animation()[:-1]),
        ("cut in a frame", animation()[:-20]),
        ("cut in the screen", animation()[:9]),
        ("no frame", b"GIF89a" + bytes(7) + _TRAILER),
        ("something else", behind_the_screen(animation(), b"?")),
        ("a comment without end", animation()[:-1] + b"\x21\xfe\xffcut"),
        ("XMP that leads nowhere", animation()[:-1] + xmp(b"a")[:-100]),
        ("blocks without number", b"GIF89a" + bytes(7) + b"," + bytes(10) + b"\1\0" * (1 << 22)),
    ],
)
def test_what_is_odd_is_named_by_all_of_it(fault: str, file: bytes) -> None:
    assert content_hash(file) == undivided_hash(file), fault
