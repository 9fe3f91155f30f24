"""Makes thumbnails smaller still, for libraries that only stand for real ones."""

from __future__ import annotations

import io

from PIL import Image


def reduced_jpeg(jpeg: bytes, short_side_px: int, quality: int) -> bytes:
    """Returns a picture at a smaller size.

    Args:
        jpeg: A JPEG.
        short_side_px: What its shorter side has afterwards; it is never enlarged.
        quality: JPEG quality, 1..95.
    """
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        scale = min(1.0, short_side_px / min(image.size))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()
