"""Thumbnails from the small pictures that files carry, for tiles at once.

Called by `listing` in a decoder process.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.pixels import reduce_plain, srgb_conversion, turn_upright
from photosearch.images.thumbs import encode_thumbnail, shrink

#: Smaller ones show nothing on a tile.
_LEAST_PX = 60
#: Larger ones are not what they seem: a preview costs at most a few ms.
_MOST_PIXELS = 6_000_000
#: How far a preview's shape may be from the picture's, once its bars are off.
_SHAPE_TOLERANCE = 0.06
#: Levels up to which a bar counts as black: JPEG leaves traces.
_BLACK = 24


def tile_of(
    preview: bytes | Image.Image, turn: int, size_px: tuple[int, int], *, has_own_shape: bool
) -> bytes | None:
    """Makes a thumbnail of a preview.

    Args:
        preview: JPEG bytes, or a decoded picture.
        turn: EXIF orientation by which it is turned upright.
        size_px: The photo's width and height, upright.
        has_own_shape: It need not have the photo's: cameras crop the previews of raw data.

    Returns:
        JPEG bytes, upright, without bars; None where the preview is broken or of something else.
    """
    try:
        if isinstance(preview, bytes):
            with Image.open(io.BytesIO(preview), formats=("JPEG",)) as opened:
                if opened.width * opened.height > _MOST_PIXELS:
                    return None
                opened.draft(None, (256, 256))
                opened.load()
                image: Image.Image = opened
                profile = opened.info.get("icc_profile")
        else:
            image, profile = preview, preview.info.get("icc_profile")
        plain = reduce_plain(image, 256)
        upright = turn_upright(srgb_conversion(profile, plain.mode)(shrink(plain)), turn)
        cut = without_bars(upright, size_px)
        if cut is None and has_own_shape:
            cut = upright
        return None if cut is None else encode_thumbnail(cut)
    except (*FOREIGN_ERRORS, MemoryError):
        return None


def without_bars(image: Image.Image, size_px: tuple[int, int]) -> Image.Image | None:
    """Cuts off the black bars that fill up a preview of another shape.

    EXIF thumbnails are 160x120, whatever the photo's shape.

    Args:
        image: RGB, upright.
        size_px: The photo's width and height; (0, 0) where it is not known.

    Returns:
        The picture in the photo's shape; None where it has another without being padded.
    """
    width_px, height_px = size_px
    if min(image.size) < _LEAST_PX // 2 or max(image.size) < _LEAST_PX:
        return None
    if not width_px or not height_px:
        return image
    wanted = width_px / height_px
    shape = image.width / image.height
    if abs(shape / wanted - 1) <= _SHAPE_TOLERANCE / 2:
        return image
    if shape < wanted:  # bars above and below
        inner = image.width, max(1, round(image.width / wanted))
    else:
        inner = max(1, round(image.height * wanted)), image.height
    left, top = (image.width - inner[0]) // 2, (image.height - inner[1]) // 2
    box = (left, top, left + inner[0], top + inner[1])
    if not _is_black_outside(image, box):
        return image if abs(shape / wanted - 1) <= _SHAPE_TOLERANCE else None
    return image.crop(box)


def _is_black_outside(image: Image.Image, box: tuple[int, int, int, int]) -> bool:
    levels = np.asarray(image.convert("L"))
    left, top, right, bottom = box
    # The row or column beside the picture holds some of its colours.
    bars = (
        levels[: max(0, top - 1)],
        levels[bottom + 1 :],
        levels[:, : max(0, left - 1)],
        levels[:, right + 1 :],
    )
    filled = [bar for bar in bars if bar.size]
    return bool(filled) and all(float(bar.mean()) <= _BLACK for bar in filled)
