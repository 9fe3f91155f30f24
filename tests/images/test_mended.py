"""Beginnings of files, made to look like whole ones."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosearch.images.mended import mend_head

from .samples import encoded, quartered

STARTS = (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x10ftypheic", b"")


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_every_beginning_can_be_mended(name: str) -> None:
    whole = encoded(quartered(), name)
    for cut in range(len(whole)):
        mended = mend_head(whole[:cut])
        assert mended is None or len(mended) <= cut + 12


def test_what_is_whole_is_left_alone() -> None:
    for name in ("JPEG", "HEIF", "AVIF"):
        assert mend_head(encoded(quartered(), name)) is None


def test_a_mended_png_ends_as_one() -> None:
    whole = encoded(quartered(), "PNG")
    mended = mend_head(whole[:-30])
    assert mended is not None
    with Image.open(io.BytesIO(mended)) as image:
        assert image.size == (96, 64)


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes(start: bytes, rest: bytes) -> None:
    mend_head(start + rest)
