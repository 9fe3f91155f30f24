"""A small sound file of every kind that is read: what all bad ones are made from."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import pillow_heif
from PIL import Image

from photosearch.images import formats
from tests.hostile import ifd
from tests.images.samples import scenery

#: Small enough to try thousands, large enough for several blocks of every codec.
SIZE_PX = (72, 56)


@dataclass(frozen=True)
class SoundFile:
    """A file that must come out right.

    Attributes:
        kind: Its name here, e.g. "tiff-16be".
        suffix: Of its file name, with the dot.
        encoded: Its bytes.
        size_px: Width and height of what is to be seen.
    """

    kind: str
    suffix: str
    encoded: bytes
    size_px: tuple[int, int] = SIZE_PX


@cache
def sound_files() -> tuple[SoundFile, ...]:
    """One of each kind that this system can write; the same bytes each time."""
    formats.register()
    Image.init()
    made = [*_with_pillow(), _heif(), _heif_with_preview(), _raw()]
    return tuple(file for file in made if _is_read(file.suffix))


def _is_read(suffix: str) -> bool:
    return formats.kind_of(f"x{suffix}".encode()) is formats.FileKind.PHOTO


def by_kind() -> dict[str, SoundFile]:
    return {file.kind: file for file in sound_files()}


def exif_block() -> bytes:
    """An ordinary one: camera, time, rating, orientation."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Photosearch", "Handmade", 1
    exif[0x4746] = 3
    exif[0x0132] = "2021:06:05 10:11:12"
    exif.get_ifd(0x8769).update({0x9003: "2021:06:05 10:11:12", 0x829A: 0.01, 0x8827: 100})
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)})
    return exif.tobytes()


def saved(picture: Image.Image, name: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, name, **options)
    return stream.getvalue()


def _with_pillow() -> list[SoundFile]:
    rgb = scenery(*SIZE_PX)
    grey = rgb.convert("L")
    deep = Image.new("I;16", SIZE_PX)
    deep.putdata([value * 257 for value in grey.get_flattened_data()])
    frames = {"save_all": True, "append_images": [rgb.rotate(90), rgb.rotate(180)]}
    plain: list[tuple[str, str, str, Image.Image, dict[str, object]]] = [
        ("jpeg", ".jpg", "JPEG", rgb, {"exif": exif_block()}),
        ("jpeg-progressive", ".jpg", "JPEG", rgb, {"progressive": True, "comment": b"a comment"}),
        ("jpeg-cmyk", ".jpg", "JPEG", rgb.convert("CMYK"), {}),
        ("jpeg-grey", ".jpeg", "JPEG", grey, {}),
        ("mpo", ".mpo", "MPO", rgb, {"save_all": True, "append_images": [rgb.rotate(180)]}),
        ("png", ".png", "PNG", rgb, {"exif": exif_block()}),
        ("png-16", ".png", "PNG", deep, {}),
        ("png-palette", ".png", "PNG", rgb.quantize(32), {"transparency": 3}),
        ("png-alpha", ".png", "PNG", rgb.convert("RGBA"), {}),
        ("png-animated", ".png", "PNG", rgb, frames),
        ("webp", ".webp", "WEBP", rgb, {"exif": exif_block()}),
        ("webp-lossless", ".webp", "WEBP", rgb.convert("RGBA"), {"lossless": True}),
        ("webp-animated", ".webp", "WEBP", rgb, frames),
        ("gif", ".gif", "GIF", rgb.quantize(64), {}),
        ("gif-animated", ".gif", "GIF", rgb.quantize(64), frames),
        ("tiff", ".tif", "TIFF", rgb, {}),
        ("tiff-lzw", ".tif", "TIFF", rgb, {"compression": "tiff_lzw"}),
        ("tiff-jpeg", ".tif", "TIFF", rgb, {"compression": "jpeg"}),
        ("tiff-deflate", ".tif", "TIFF", rgb, {"compression": "tiff_adobe_deflate"}),
        ("tiff-fax", ".tif", "TIFF", grey.convert("1"), {"compression": "group4"}),
        ("tiff-pages", ".tiff", "TIFF", rgb, frames),
        ("tiff-16", ".tif", "TIFF", deep, {}),
        ("tiff-16-big-endian", ".tif", "TIFF", deep.convert("I").convert("I;16B"), {}),
        ("tiff-32", ".tif", "TIFF", grey.convert("I"), {}),
        ("tiff-float", ".tif", "TIFF", grey.convert("F"), {}),
        ("bmp", ".bmp", "BMP", rgb, {}),
        ("bmp-palette", ".bmp", "BMP", rgb.quantize(16), {}),
        ("avif", ".avif", "AVIF", rgb, {"speed": 8, "exif": exif_block()}),
        ("jpeg2000", ".jp2", "JPEG2000", rgb, {}),
        ("jpeg2000-stream", ".j2k", "JPEG2000", rgb, {"no_jp2": True}),
        ("jxl", ".jxl", "JXL", rgb, {"exif": exif_block(), "use_container": True}),
        ("jxl-stream", ".jxl", "JXL", rgb, {"lossless": True}),
        ("ico", ".ico", "ICO", rgb.convert("RGBA").resize((48, 48)), {"sizes": [(48, 48)]}),
        ("pnm-colour", ".ppm", "PPM", rgb, {}),
        ("pnm-grey", ".pgm", "PPM", grey, {}),
        ("pnm-bits", ".pbm", "PPM", grey.convert("1"), {}),
    ]
    return [
        SoundFile(kind, suffix, saved(picture, name, **options), picture.size)
        for kind, suffix, name, picture, options in plain
        if name in Image.SAVE
    ]


def _heif() -> SoundFile:
    heif = pillow_heif.from_pillow(scenery(*SIZE_PX))
    stream = io.BytesIO()
    heif.save(stream, quality=60, exif=exif_block())
    return SoundFile("heif", ".heic", stream.getvalue())


def _heif_with_preview() -> SoundFile:
    """Smooth, so that it is short though its preview is large enough to stand for it."""
    size_px, preview_px = (546, 364), 384
    heif = pillow_heif.from_pillow(scenery(24, 16).resize(size_px))
    heif.info["thumbnails"] = [preview_px]
    stream = io.BytesIO()
    heif.save(stream, quality=30, exif=exif_block())
    return SoundFile("heif-preview", ".heic", stream.getvalue(), size_px)


def _raw() -> SoundFile:
    preview_px = (160, 120)
    preview = saved(scenery(*preview_px), "JPEG", quality=80)
    return SoundFile("dng", ".dng", ifd.dng(preview, preview_px, preview_px), preview_px)
