from __future__ import annotations

import pytest
from PIL import Image

from photosearch.images import formats
from photosearch.images.formats import FileKind, kind_of, register, suffix_of


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        (b"a.jpg", ".jpg"),
        (b"A.B.JPeG", ".jpeg"),
        (b"dir.d/photo", ""),
        (b".jpg", ""),
        (b"caf\xe9.HEIC", ".heic"),
        (b"trailing.", "."),
    ],
)
def test_suffix_is_lower_case_with_its_dot(name: bytes, suffix: str) -> None:
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"a.JPG", FileKind.PHOTO),
        (b"sub/b.heic", FileKind.PHOTO),
        (b"caf\xe9.tiff", FileKind.PHOTO),
        (b"clip.MOV", FileKind.NOT_YET),
        (b"raw.CR3", FileKind.PHOTO),
        (b"new.jxl", FileKind.PHOTO),
        (b"a.jpg.xmp", FileKind.IGNORED),
        (b"Thumbs.db", FileKind.IGNORED),
        (b"manual.pdf", FileKind.IGNORED),
        (b"sub/._a.jpg", FileKind.IGNORED),
        (b"jpg", FileKind.IGNORED),
        (b".jpg", FileKind.IGNORED),
    ],
)
def test_kind_is_told_by_the_name(name: bytes, kind: FileKind) -> None:
    assert kind_of(name) is kind


def test_every_photo_suffix_belongs_to_a_format_that_opens_here() -> None:
    register()
    Image.init()
    ours = {".jif": "JPEG", ".dib": "BMP", ".mpo": "JPEG", ".insp": "JPEG"}
    names = Image.registered_extensions() | ours
    for suffix in formats._PHOTO_SUFFIXES:
        assert names[suffix] in formats.PILLOW_FORMATS
        assert names[suffix] in Image.OPEN


def test_register_twice_is_harmless() -> None:
    register()
    register()
    assert Image.ID.count("HEIF") == 1
