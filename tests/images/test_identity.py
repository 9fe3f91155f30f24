"""Contents keep their names when other programs write metadata, and change them with a pixel."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from hashlib import blake2b

import exiv2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from photosearch.core.ports import DecodeError
from photosearch.images.decode import decode
from photosearch.images.identity import QUICK_BYTES, content_hash, quick_hash, whole_hash

from .samples import WHOLE, encoded, quartered, scenery

TEXTS = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
)


def retagged(whole: bytes, text: str, *, has_comment: bool = False) -> bytes:
    """What a program makes of a file that writes EXIF, XMP and IPTC into it."""
    image = exiv2.ImageFactory.open(whole)
    image.readMetadata()
    exif, xmp, iptc = exiv2.ExifData(), exiv2.XmpData(), exiv2.IptcData()
    exif["Exif.Image.Artist"] = text
    exif["Exif.Photo.DateTimeOriginal"] = "2020:02:02 02:02:02"
    xmp["Xmp.dc.subject"] = text
    xmp["Xmp.xmp.Rating"] = "4"
    iptc["Iptc.Application2.Keywords"] = text
    image.setExifData(exif)
    image.setXmpData(xmp)
    image.setIptcData(iptc)
    if has_comment:
        image.setComment(text)
    image.writeMetadata()
    stream = image.io()
    stream.open()
    return bytes(stream.data())


@lru_cache
def picture_of(image_format: str, **options: object) -> bytes:
    return encoded(scenery(200, 150), image_format, **options)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@settings(max_examples=25, deadline=None)
@given(text=TEXTS)
def test_another_programs_tags_leave_the_name(image_format: str, text: str) -> None:
    whole = picture_of(image_format)
    tagged = retagged(whole, text, has_comment=image_format == "JPEG")
    assert tagged != whole
    assert whole_hash(tagged) != whole_hash(whole)
    assert content_hash(tagged) == content_hash(whole)
    assert content_hash(retagged(tagged, text + text)) == content_hash(whole)


def test_tags_leave_the_name_of_a_progressive_jpeg() -> None:
    whole = encoded(scenery(200, 150), progressive=True)
    assert content_hash(retagged(whole, "a")) == content_hash(whole)


@pytest.mark.parametrize("image_format", ["HEIF", "AVIF", "JXL"])
def test_pictures_with_and_without_metadata_have_one_name(image_format: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    plain = encoded(scenery(200, 150), image_format, quality=80)
    tagged = encoded(scenery(200, 150), image_format, quality=80, exif=exif.tobytes(), xmp=b"<x/>")
    assert plain != tagged
    assert content_hash(plain) == content_hash(tagged)
    other = scenery(200, 150).copy()
    other.putpixel((60, 60), (255, 0, 255))
    assert content_hash(encoded(other, image_format, quality=95)) != content_hash(plain)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000"])
@settings(max_examples=15, deadline=None)
@given(x=st.integers(0, 199), y=st.integers(0, 149))
def test_one_pixel_makes_another_name(image_format: str, x: int, y: int) -> None:
    options: dict[str, object] = {"lossless": True} if image_format == "WEBP" else {}
    picture = scenery(200, 150).copy()
    before = encoded(picture, image_format, **options)
    red, green, blue = picture.getpixel((x, y))
    picture.putpixel((x, y), (255 - red, (green + 128) % 256, 255 - blue))
    assert content_hash(encoded(picture, image_format, **options)) != content_hash(before)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_part_of_the_name(image_format: str) -> None:
    names = set()
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        names.add(content_hash(encoded(quartered(), image_format, exif=exif.tobytes())))
    assert len(names) == 8
    # and to say that nothing is to be done is to say nothing
    assert content_hash(encoded(quartered(), image_format)) in names


def test_orientation_in_xmp_counts_where_exif_is_silent() -> None:
    def tagged(orientation: int) -> bytes:
        packet = b'<x tiff:Orientation="%d"/>' % orientation
        return encoded(quartered(), xmp=packet)

    assert content_hash(tagged(6)) != content_hash(tagged(1))
    exif = Image.Exif()
    exif[0x0112] = 6
    assert content_hash(tagged(6)) == content_hash(encoded(quartered(), exif=exif.tobytes()))


@pytest.mark.parametrize("turn", [0, 90])
def test_turn_of_a_heif_is_part_of_the_name(turn: int) -> None:
    whole = bytearray(encoded(quartered(), "HEIF", exif=_turned_exif(6)))
    at = whole.index(b"irot") + 4
    before = content_hash(bytes(whole))
    whole[at] = (whole[at] + 1 + turn // 90) % 4
    assert content_hash(bytes(whole)) != before


def _turned_exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("image_format", ["HEIF", "AVIF", "PNG", "WEBP"])
def test_transparency_is_part_of_the_name(image_format: str) -> None:
    names = set()
    for level in (255, 128, 0):
        picture = quartered().convert("RGBA")
        picture.putalpha(level)
        names.add(content_hash(encoded(picture, image_format, quality=90)))
    assert len(names) == 3


def test_profile_is_part_of_the_name() -> None:
    from photosearch.images.icc import adobe_rgb

    for image_format in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        plain = encoded(quartered(), image_format)
        assert content_hash(plain) != content_hash(
            encoded(quartered(), image_format, icc_profile=adobe_rgb())
        )


def test_film_behind_a_still_is_not_part_of_its_name() -> None:
    whole = encoded(scenery(200, 150))
    assert content_hash(whole + b"\0\0\0\x18ftypmp42" + b"film" * 1000) == content_hash(whole)
    assert content_hash(whole + whole) == content_hash(whole)  # an MPO's second view


def test_chunks_of_a_pngs_pixels_may_be_divided_anyhow() -> None:
    whole = picture_of("PNG")
    at = whole.index(b"IDAT") - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    pixels = whole[at + 8 : at + 8 + length]

    def chunk(body: bytes) -> bytes:
        check = zlib.crc32(b"IDAT" + body)
        return struct.pack(">I", len(body)) + b"IDAT" + body + struct.pack(">I", check)

    divided = whole[:at] + chunk(pixels[:99]) + chunk(pixels[99:]) + whole[at + 12 + length :]
    assert content_hash(divided) == content_hash(whole)


def test_texts_of_a_png_are_left_out() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "hello")
    info.add_itxt("Title", "hello", zip=True)
    assert content_hash(encoded(scenery(200, 150), "PNG", pnginfo=info)) == content_hash(
        picture_of("PNG")
    )


@pytest.mark.parametrize(
    "image_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "JXL", "TIFF", "GIF", "JPEG2000"]
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_never_fails_and_two_ways_never_meet(image_format: str, data: st.DataObject) -> None:
    whole = bytearray(encoded(quartered(), image_format))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    name = content_hash(damaged)
    assert len(name) == 16
    assert name != whole_hash(damaged)


@lru_cache
def tagged_picture_of(image_format: str) -> bytes:
    return retagged(encoded(quartered(12, 8), image_format), "somebody")


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "JPEG2000"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_keeps_its_name_through_damage_looks_the_same(
    image_format: str, data: st.DataObject
) -> None:
    expected = tagged_picture_of(image_format)
    whole = bytearray(expected)
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.sampled_from([0, 1, 0xFF, whole[at] ^ 1, whole[at] ^ 0x80]))
    if content_hash(bytes(whole)) == content_hash(expected):
        try:
            crop = decode(bytes(whole), WHOLE).crop
        except DecodeError:
            return
        assert (crop == decode(expected, WHOLE).crop).all()


@given(st.binary(max_size=300))
def test_rubbish_is_named_by_all_of_it(rubbish: bytes) -> None:
    assert content_hash(rubbish) == blake2b(rubbish, digest_size=16, person=b"whole").digest()
    assert whole_hash(rubbish) == blake2b(rubbish, digest_size=16).digest()


def test_quick_hash_sees_size_beginning_and_end() -> None:
    head, tail = b"h" * QUICK_BYTES, b"t" * QUICK_BYTES
    name = quick_hash(10**9, head, tail)
    assert len(name) == 16
    others = (quick_hash(10**9 + 1, head, tail), quick_hash(10**9, tail, head))
    assert name not in others


def test_two_frames_of_one_picture_are_another_animation() -> None:
    first, second = quartered(), quartered().transpose(Image.Transpose.ROTATE_180)
    for image_format in ("PNG", "WEBP", "GIF"):
        stream = io.BytesIO()
        first.save(stream, image_format, save_all=True, append_images=[second])
        assert content_hash(stream.getvalue()) != content_hash(encoded(first, image_format))
