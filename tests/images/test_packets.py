"""EXIF and XMP where exiv2 does not look: in GIF, and in HEIF as exiftool rewrites it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.space import ImageInput
from photosearch.images.by_exiv2 import read_by_exiv2
from photosearch.images.decode import decode
from photosearch.images.header import NO_HEADER, read_header
from photosearch.images.listing import list_photo
from photosearch.images.packets import NO_PACKETS, packets_in

from .packets import bag, packet, photo
from .samples import encoded, quartered

SAID = packet(bag("dc:subject", "Meer", "Oma") + "<xmp:Rating>4</xmp:Rating>")
EXIF: dict[int, object] = {0x010E: "at the sea", 0x010F: "Canon", 0x9003: "2010:08:13 21:00:01"}


def gif(xmp: bytes = SAID, *, at_end: bool = False) -> bytes:
    """A GIF with XMP as Adobe's specification has it."""
    plain = encoded(quartered(), "GIF")
    trailer = bytes([1, *range(255, -1, -1), 0])
    block = b"\x21\xff\x0bXMP DataXMP" + xmp + trailer
    colours_end = 13 + 3 * 2 ** ((plain[10] & 7) + 1)
    at = len(plain) - 1 if at_end else colours_end
    return plain[:at] + block + plain[at:]


def heif() -> bytes:
    """A HEIF of which the metadata's places are said by offsets without a base."""
    whole = bytearray(photo(SAID, "HEIF", EXIF))
    entry = whole.index(b"iloc") + 12  # number, source, base, count; offset and length of each part
    for _ in range(int.from_bytes(whole[entry - 2 : entry], "big")):
        whole[entry + 4 : entry + 8], whole[entry + 10 : entry + 14] = (
            whole[entry + 10 : entry + 14],
            whole[entry + 4 : entry + 8],
        )
        entry += 18
    return bytes(whole)


def test_exiv2_passes_over_both() -> None:
    """Where it comes to read them, this module may go."""
    for whole in (gif(), heif()):
        assert read_by_exiv2(whole)[0] == NO_HEADER


@pytest.mark.parametrize("whole", [gif(), gif(at_end=True), heif()])
def test_both_readings_find_the_keywords(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "photo"
    path.write_bytes(whole)
    assert read_header(path) == read_header(whole)
    for facts in (decode(path, ImageInput(64)).facts, list_photo(path).facts):
        assert (facts.keywords, facts.rating) == (("Meer", "Oma"), 4)


def test_exif_of_a_heif(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(heif())
    for facts in (decode(path, ImageInput(64)).facts, list_photo(path).facts):
        assert (facts.camera_make, facts.caption) == ("Canon", "at the sea")
        assert facts.taken is not None
        assert f"{facts.taken.local:%Y-%m-%d %H:%M:%S}" == "2010-08-13 21:00:01"


def test_other_formats_are_left_to_exiv2() -> None:
    for whole in (photo(SAID, "JPEG"), photo(SAID, "PNG"), b"", b"GIF89a", b"\0\0\0\x10ftypheic"):
        assert packets_in(whole) == NO_PACKETS


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_broken_says_less_and_never_fails(data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from([gif(), heif()])))
    for _ in range(data.draw(st.integers(0, 6))):
        broken[data.draw(st.integers(0, min(len(broken), 600) - 1))] = data.draw(
            st.integers(0, 255)
        )
    read_header(bytes(broken[: data.draw(st.integers(0, len(broken)))]))
