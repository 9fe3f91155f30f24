from __future__ import annotations

import io

import pytest
from PIL import Image

from photosearch.images.decode import decode
from photosearch.images.thumbs import encode_thumbnail, thumbnail_size

from .samples import QUARTERS, WHOLE, encoded, quarter_colours, quartered


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (341, 256)),
        ((3000, 4000), (256, 341)),
        ((1000, 1000), (256, 256)),
        ((8000, 1000), (640, 80)),
        ((100, 50), (100, 50)),
        ((256, 600), (256, 600)),
        ((1, 1), (1, 1)),
        ((20000, 2), (640, 1)),
    ],
)
def test_size(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert thumbnail_size(size) == expected


def test_is_a_small_plain_jpeg() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    whole = encoded(quartered(1600, 1200), "JPEG", exif=exif.tobytes(), comment=b"secret place")
    thumbnail = decode(whole, WHOLE).thumbnail
    picture = Image.open(io.BytesIO(thumbnail))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (341, 256))
    assert quarter_colours(picture) == QUARTERS
    assert not picture.getexif()
    assert b"secret" not in thumbnail


def test_encoding_leaves_the_picture_as_it_was() -> None:
    picture = quartered()
    picture.info["comment"] = b"kept"
    assert b"kept" not in encode_thumbnail(picture)
    assert picture.info["comment"] == b"kept"
