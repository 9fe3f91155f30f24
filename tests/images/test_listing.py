"""The first reading: what a header says, few bytes, and never a pixel."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from photosearch.core.decoded import SamePhoto
from photosearch.core.failure import FailureCode
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError
from photosearch.images import formats
from photosearch.images.decode import decode, decode_again
from photosearch.images.listing import BUDGET_BYTES, list_photo
from tests.benchmarks.photos import with_thumbnail

from .raws import cr3, dng, jpeg_of, raf
from .samples import (
    QUARTERS,
    STORED_AS,
    WHOLE,
    encoded,
    png_of_size,
    quarter_colours,
    quartered,
    scenery,
    with_orientation,
)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF", "JPEG2000", "JXL", "PPM")


def written(tmp_path: Path, whole: bytes, name: str = "a.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(whole)
    return path


def exif_of(**more: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Maker", "Model", "2020:01:02 03:04:05"
    for tag, value in more.items():
        exif[int(tag[1:], 16)] = value
    return exif


def camera_jpeg(
    picture: Image.Image, orientation: int = 1, thumbnail: Image.Image | None = None
) -> bytes:
    """A JPEG as a camera writes it, with a thumbnail of 160x120 however the picture is shaped."""
    small = thumbnail or picture.resize((160, 120))
    block = with_thumbnail(exif_of(x0112=orientation).tobytes(), encoded(small))
    return encoded(picture, exif=block)


def thumbnail_of(path: Path) -> Image.Image:
    thumbnail = list_photo(path).thumbnail
    assert thumbnail is not None
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert "exif" not in image.info
        image.load()
        return image


@pytest.mark.parametrize("image_format", FORMATS)
def test_size_and_format_are_those_of_the_second_reading(tmp_path: Path, image_format: str) -> None:
    path = written(tmp_path, encoded(scenery(201, 150), image_format))
    listed, decoded = list_photo(path), decode(path, WHOLE)
    assert listed.facts == decoded.facts
    assert (listed.facts.width_px, listed.facts.height_px) == (201, 150)
    assert (listed.stamp, listed.traits) == (decoded.stamp, decoded.traits)
    again = decode_again(path, WHOLE, decoded.content_hash)
    assert isinstance(again, SamePhoto)
    assert (again.facts, again.traits) == (decoded.facts, decoded.traits)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_upright(tmp_path: Path, image_format: str, orientation: int) -> None:
    path = written(tmp_path, with_orientation(quartered(), image_format, orientation))
    facts = list_photo(path).facts
    assert (facts.width_px, facts.height_px) == (96, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_thumbnail_of_a_camera_is_upright(tmp_path: Path, orientation: int) -> None:
    turn = STORED_AS.get(orientation)
    upright = quartered(640, 480)
    stored = upright if turn is None else upright.transpose(turn)
    size_px = (120, 160) if stored.width < stored.height else (160, 120)
    path = written(tmp_path, camera_jpeg(stored, orientation, stored.resize(size_px)))
    assert quarter_colours(thumbnail_of(path)) == QUARTERS


@pytest.mark.parametrize(
    ("size_px", "inner_px"),
    [((900, 600), (160, 107)), ((1600, 900), (160, 90)), ((600, 600), (120, 120))],
)
def test_bars_are_cut_off(
    tmp_path: Path, size_px: tuple[int, int], inner_px: tuple[int, int]
) -> None:
    padded = Image.new("RGB", (160, 120))
    left, top = (160 - inner_px[0]) // 2, (120 - inner_px[1]) // 2
    padded.paste(Image.new("RGB", inner_px, (200, 180, 160)), (left, top))
    path = written(tmp_path, camera_jpeg(Image.new("RGB", size_px, (200, 180, 160)), 1, padded))
    thumbnail = thumbnail_of(path)
    assert thumbnail.width / thumbnail.height == pytest.approx(size_px[0] / size_px[1], rel=0.03)
    inside = np.asarray(thumbnail)[3:-3, 3:-3]
    assert inside.min() > 100


def test_thumbnail_of_another_picture_is_not_taken(tmp_path: Path) -> None:
    """Left there by a program that cropped the picture, and not its thumbnail."""
    bright = Image.new("RGB", (160, 120), "white")
    path = written(tmp_path, camera_jpeg(Image.new("RGB", (300, 900), "white"), 1, bright))
    assert list_photo(path).thumbnail is None


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0" + b"x" * 500])
def test_broken_thumbnail_is_none(tmp_path: Path, broken: bytes) -> None:
    block = with_thumbnail(exif_of().tobytes(), broken)
    path = written(tmp_path, encoded(quartered(), exif=block))
    listed = list_photo(path)
    assert listed.thumbnail is None
    assert listed.facts.camera_make == "Maker"


def test_thumbnail_of_a_heif(tmp_path: Path) -> None:
    path = written(tmp_path, heif_with_thumbnail(scenery(640, 480)), "a.heic")
    thumbnail = thumbnail_of(path)
    assert thumbnail.size == (256, 192)
    full = Image.open(io.BytesIO(decode(path, WHOLE).thumbnail)).resize(thumbnail.size)
    assert np.abs(np.asarray(full, float) - np.asarray(thumbnail, float)).mean() < 12


def heif_with_thumbnail(picture: Image.Image) -> bytes:
    formats.register()
    stream = io.BytesIO()
    picture.save(stream, "HEIF", quality=90, thumbnails=[256], exif=exif_of().tobytes())
    return stream.getvalue()


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_previews_of_raw_files_are_tiles(tmp_path: Path, orientation: int) -> None:
    shown = quartered(640, 480) if orientation == 1 else quartered(480, 640)
    turn = STORED_AS.get(orientation)
    stored = shown if turn is None else shown.transpose(turn)
    exif = exif_of(x0100=6000, x0101=4000, x0112=orientation).tobytes().removeprefix(b"Exif\0\0")
    small, large = jpeg_of(stored.resize((160, 120))), jpeg_of(stored)
    camera = camera_jpeg(stored, orientation)
    for name, whole, size_px in (
        ("a.dng", dng(quartered(960, 640), preview=large, orientation=orientation), (960, 640)),
        ("a.cr3", cr3(small, large, exif), (6000, 4000)),
        ("a.raf", raf(camera), (640, 480)),
    ):
        path = written(tmp_path, whole, name)
        facts = list_photo(path).facts
        upright_px = size_px if orientation == 1 else size_px[::-1]
        assert (facts.format, facts.width_px, facts.height_px) == (name[2:].upper(), *upright_px)
        assert quarter_colours(thumbnail_of(path)) == QUARTERS
        assert facts.camera_make == "Maker"


def large_files() -> dict[str, Callable[[], bytes]]:
    """Files of some MB, with the metadata where it costs most to find."""
    picture = scenery(1000, 750)
    exif = exif_of().tobytes()
    raw_exif = exif_of(x0100=6000, x0101=4000).tobytes().removeprefix(b"Exif\0\0")
    return {
        "a.jpg": lambda: encoded(picture, exif=with_thumbnail(exif, encoded(scenery(160, 120)))),
        "a.png": lambda: png_with_exif_at_its_end(encoded(picture, "PNG"), exif),
        "a.webp": lambda: encoded(picture, "WEBP", lossless=True, exif=exif, method=0),
        "a.tif": lambda: tiff_with_directory_at_its_end(picture),
        "a.heic": lambda: heif_with_thumbnail(picture),
        "a.avif": lambda: encoded(picture, "AVIF", quality=95, speed=10, exif=exif),
        "a.jxl": lambda: encoded(picture, "JXL", lossless=True, effort=1, exif=exif),
        "a.dng": lambda: dng(picture, preview=jpeg_of(scenery(600, 450))),
        "a.cr3": lambda: cr3(jpeg_of(scenery(160, 120)), jpeg_of(picture), raw_exif),
        "a.bmp": lambda: encoded(picture, "BMP"),
        "a.gif": lambda: encoded(picture, "GIF"),
        "a.jp2": lambda: encoded(picture, "JPEG2000"),
    }


def png_with_exif_at_its_end(whole: bytes, exif: bytes) -> bytes:
    body = b"eXIf" + exif.removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return whole[:-12] + chunk + whole[-12:]


def tiff_with_directory_at_its_end(picture: Image.Image) -> bytes:
    """As libtiff writes it; Pillow puts its own in front."""
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[0x010F] = "Maker"
    whole = encoded(picture, "TIFF", tiffinfo=info, compression="tiff_adobe_deflate")
    assert struct.unpack("<I", whole[4:8])[0] > len(whole) // 2
    return whole


@linux_only
@pytest.mark.parametrize("name", sorted(large_files()))
def test_few_bytes_are_read(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, large_files()[name](), name)
    list_photo(path)  # what is imported only now is not the file's
    before = read_bytes()
    listed = list_photo(path)
    assert path.stat().st_size > BUDGET_BYTES
    cost = read_bytes() - before - OWN_COST
    assert 0 < cost <= BUDGET_BYTES
    assert listed.facts.width_px > 500
    if name[2:] not in {"bmp", "gif", "jp2"}:
        assert listed.facts.camera_make == "Maker"


def read_bytes() -> int:
    """What this process has read so far, by all its threads."""
    text = Path("/proc/self/io").read_text(encoding="ascii")
    return int(text.split("rchar: ")[1].split()[0])


#: Of asking: the length of the first answer.
OWN_COST = len(Path("/proc/self/io").read_bytes()) if Path("/proc/self/io").exists() else 0


def test_header_beyond_what_may_be_read_says_less(tmp_path: Path) -> None:
    whole = encoded(quartered(), exif=exif_of().tobytes())
    segment = b"\xff\xed\xff\xff" + b"x" * 65533
    path = written(tmp_path, whole[:2] + segment * 40 + whole[2:] + b"\0" * 3_000_000)
    listed = list_photo(path)
    assert listed.thumbnail is None
    assert len(listed.traits.quick_hash) == 16
    assert decode(path, WHOLE).facts.camera_make == "Maker"


def test_quick_hash_is_the_same_however_the_file_is_read(tmp_path: Path) -> None:
    for size_bytes in (1, 100, 65536, 65537, 131072, 131073, 500_000):
        whole = encoded(quartered()).ljust(size_bytes, b"\7")
        path = written(tmp_path, whole)
        assert list_photo(path).traits.quick_hash == decode(path, WHOLE).traits.quick_hash


def test_what_is_no_picture_says_nothing(tmp_path: Path) -> None:
    listed = list_photo(written(tmp_path, b"To whom it may concern"))
    assert (listed.facts.format, listed.facts.width_px, listed.thumbnail) == ("", 0, None)


def test_what_cannot_be_read_fails(tmp_path: Path) -> None:
    cases = {tmp_path / "gone.jpg": FailureCode.VANISHED, tmp_path: FailureCode.NOT_A_FILE}
    cases[written(tmp_path, b"", "empty.jpg")] = FailureCode.EMPTY
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe.jpg")
        cases[tmp_path / "pipe.jpg"] = FailureCode.NOT_A_FILE
    for path, code in cases.items():
        with pytest.raises(DecodeError) as caught:
            list_photo(path)
        assert caught.value.reason.code is code


def test_size_bomb_is_listed_by_its_word(tmp_path: Path) -> None:
    assert list_photo(written(tmp_path, png_of_size(60_000, 60_000))).facts.width_px == 60_000


def test_link_is_known_for_one_and_has_the_number_of_what_it_leads_to(tmp_path: Path) -> None:
    path = written(tmp_path, encoded(quartered()))
    link = tmp_path / "link.jpg"
    link.symlink_to(path)
    for traits in (list_photo(link).traits, decode(link, WHOLE).traits):
        assert traits.is_link
        assert traits.file_id == list_photo(path).traits.file_id
    assert not list_photo(path).traits.is_link
    assert not decode(path, WHOLE).traits.is_link


SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="%d"/></rdf:RDF></x:xmpmeta>"""


def test_sidecar_is_read_with_its_photo(tmp_path: Path) -> None:
    path = written(tmp_path, encoded(quartered()))
    assert list_photo(path).traits.sidecar is None
    beside = tmp_path / "a.XMP"
    beside.write_bytes(SIDECAR % 2)
    own = tmp_path / "a.jpg.xmp"
    for sidecar, rating in ((beside, 2), (own, 5)):
        sidecar.write_bytes(SIDECAR % rating)
        status = sidecar.stat()
        for read in (list_photo(path), decode(path, WHOLE)):
            assert read.facts.rating == rating
            assert read.traits.sidecar == FileStamp(status.st_size, status.st_mtime_ns)


def test_sidecar_that_is_too_large_is_noted_and_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, encoded(quartered()))
    own = tmp_path / "a.jpg.xmp"
    own.write_bytes((SIDECAR % 5).ljust(1_000_001))
    listed = list_photo(path)
    assert listed.facts.rating is None
    assert listed.traits.sidecar is not None


@pytest.mark.parametrize(
    "image_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "JXL", "TIFF", "CR3"]
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_never_fails(
    tmp_path_factory: pytest.TempPathFactory, image_format: str, data: st.DataObject
) -> None:
    if image_format == "CR3":
        exif = exif_of().tobytes().removeprefix(b"Exif\0\0")
        whole = bytearray(cr3(jpeg_of(quartered()), jpeg_of(quartered()), exif)[:20_000])
    else:
        whole = bytearray(encoded(quartered(), image_format, exif=exif_of().tobytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, min(len(whole), 1500) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / f"damaged-{image_format}"
    path.write_bytes(whole[: data.draw(st.integers(1, len(whole)))])
    assert len(list_photo(path).traits.quick_hash) == 16
