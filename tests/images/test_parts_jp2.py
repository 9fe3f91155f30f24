"""JPEG 2000 keeps its name with metadata in it, in boxes or bare, and changes it with a pixel."""

from __future__ import annotations

import struct
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.images.identity import content_hash, undivided_hash

from .samples import encoded, scenery
from .test_identity import TEXTS, retagged


@lru_cache
def picture(*, is_bare: bool = False, comment: str = "") -> bytes:
    return encoded(scenery(60, 40), "JPEG2000", no_jp2=is_bare, comment=comment or None)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def in_header(whole: bytes, inner: bytes) -> bytes:
    """Puts a box at the end of the header's."""
    at = whole.index(b"jp2h") - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    header = struct.pack(">I", length + len(inner)) + whole[at + 4 : at + length] + inner
    return whole[:at] + header + whole[at + length :]


@settings(max_examples=15, deadline=None)
@given(text=TEXTS)
def test_another_programs_tags_leave_the_name(text: str) -> None:
    whole = picture()
    tagged = retagged(whole, text)
    assert tagged != whole
    assert content_hash(tagged) == content_hash(whole) != undivided_hash(whole)
    assert content_hash(retagged(tagged, text * 50)) == content_hash(whole)


@given(content=st.binary(max_size=60))
def test_other_boxes_leave_the_name(content: bytes) -> None:
    whole = picture()
    start = whole.index(b"jp2c") - 4
    for kind in (b"uuid", b"xml ", b"jumb"):
        assert content_hash(whole + box(kind, content)) == content_hash(whole)
        before = whole[:start] + box(kind, content) + whole[start:]
        assert content_hash(before) == content_hash(whole)
    resolution = box(b"res ", box(b"resc", bytes(10)))
    assert content_hash(in_header(whole, resolution)) == content_hash(whole)


@pytest.mark.parametrize("is_bare", [False, True])
def test_comments_in_the_stream_leave_the_name(is_bare: bool) -> None:
    names = {
        content_hash(picture(is_bare=is_bare, comment=comment)) for comment in ("", "a", "b" * 999)
    }
    assert len(names) == 1
    assert names != {undivided_hash(picture(is_bare=is_bare))}


def test_colours_are_part_of_the_name() -> None:
    whole = picture()
    at = whole.index(b"colr") + 4
    names = {content_hash(whole)}
    for number in (17, 18):  # grey, YCbCr
        changed = whole[: at + 3] + struct.pack(">I", number) + whole[at + 7 :]
        names.add(content_hash(changed))
    names.add(content_hash(in_header(whole, box(b"cdef", bytes(8)))))
    profile = box(b"colr", b"\x02\0\0profile")
    names.add(content_hash(whole[: at - 8] + profile + whole[at + 7 :]))
    assert len(names) == 5


@pytest.mark.parametrize("is_bare", [False, True])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_each_byte_of_the_stream_counts(is_bare: bool, data: st.DataObject) -> None:
    whole = picture(is_bare=is_bare)
    at = data.draw(st.integers(whole.index(b"\xff\x90"), len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert content_hash(bytes(changed)) != content_hash(whole)


def test_further_streams_are_part_of_the_name() -> None:
    further = picture() + box(b"jp2c", picture(is_bare=True))
    assert content_hash(further) not in {content_hash(picture()), undivided_hash(further)}


def _with_length(length: int) -> bytes:
    whole = picture()
    at = whole.index(b"jp2c") - 4
    return whole[:at] + struct.pack(">I", length) + whole[at + 4 :]


@pytest.mark.parametrize(
    ("fault", "file"),
    [
        ("a box too long", _with_length(1 << 30)),
        ("no stream", picture()[: picture().index(b"jp2c") - 4]),
        ("two headers", in_header(picture(), b"") + box(b"jp2h", b"")),
        ("something else as stream", picture().replace(b"\xff\x4f\xff\x51", b"else")),
        ("comments without number", b"\xff\x4f\xff\x51\0\2" + b"\xff\x64\0\2" * 10_001),
        ("boxes without number", picture() + box(b"free", b"") * 100_001),
        ("a bare stream cut in its header", picture(is_bare=True)[:40]),
        ("a bare stream of nothing", b"\xff\x4f\xff\x51\0\0"),
    ],
)
def test_what_is_odd_is_named_by_all_of_it(fault: str, file: bytes) -> None:
    assert content_hash(file) == undivided_hash(file), fault


def test_a_stream_up_to_the_files_end_is_the_same() -> None:
    assert content_hash(_with_length(0)) == content_hash(picture())
