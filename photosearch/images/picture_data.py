"""What the pixels of a picture are made of, apart from all else in its file.

Used by `identity`, which hashes it and says what is left out and why. Each format has a module of
its own (`parts_*`). Whatever is not as it should be raises `ValueError`, or `IndexError` where the
file ends too early.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from photosearch.images.parts import Part as Part
from photosearch.images.parts import Parts
from photosearch.images.parts_boxes import heif_parts, jxl_parts
from photosearch.images.parts_chunks import png_parts, webp_parts
from photosearch.images.parts_gif import gif_parts
from photosearch.images.parts_jp2 import J2K_SIGNATURE, JP2_SIGNATURE, j2k_parts, jp2_parts
from photosearch.images.parts_jpeg import jpeg_parts
from photosearch.images.parts_tiff import TIFF_SIGNATURES, tiff_parts
from photosearch.images.sizes import JXL_SIGNATURES

_HEIF_BRANDS = re.compile(rb"ftyp(hei[cmsx]|hev[cmsx]|mif[12]|msf1|avi[fs]|miaf)")
_GIF_SIGNATURES = (b"GIF87a", b"GIF89a")


def way_of(encoded: bytes) -> tuple[bytes, Callable[[bytes], Parts] | None]:
    """Returns how to take a file apart, and what that is called; None where nobody knows."""
    if encoded[:3] == b"\xff\xd8\xff":
        return b"jpeg", jpeg_parts
    if encoded[:8] == b"\x89PNG\r\n\x1a\n":
        return b"png", png_parts
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return b"webp", webp_parts
    if encoded.startswith(JXL_SIGNATURES):
        return b"jxl", jxl_parts
    if _HEIF_BRANDS.match(encoded, 4):
        return b"heif", heif_parts
    if encoded.startswith(TIFF_SIGNATURES):
        return b"tiff", tiff_parts
    if encoded.startswith(_GIF_SIGNATURES):
        return b"gif", gif_parts
    if encoded.startswith(JP2_SIGNATURE):
        return b"jp2", jp2_parts
    if encoded.startswith(J2K_SIGNATURE):
        return b"j2k", j2k_parts
    return b"", None
