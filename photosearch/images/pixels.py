"""Brings whatever a file holds to small 8-bit sRGB: depth, palette, alpha, CMYK, ICC.

Called by `decode` in a decoder process. Changing what comes out of here means a new
`PREPROCESS_VERSION`.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from photosearch.core.query import Box
from photosearch.core.space import ImageInput, Resampling, Resize

_WHITE = 255

#: Where values of an unknown range end: the smallest that covers them is taken for white.
_FLOAT_CEILINGS = (1.0, 255.0, 65535.0)
_INTEGER_CEILINGS = (255.0, 65535.0)
_UNSIGNED_CEILINGS = (*_INTEGER_CEILINGS, 2.0**24 - 1, 2.0**32 - 1)
_CEILINGS = {"f": _FLOAT_CEILINGS, "i": _INTEGER_CEILINGS, "u": _UNSIGNED_CEILINGS}
#: TIFF's tags for bits and kind of its numbers (1: unsigned, as where it is missing).
_BITS, _NUMBER_KIND = 258, 339

#: Orientations whose turn runs along the file's x, or y, from its end to its beginning.
_MIRRORED_X = frozenset({2, 3, 7, 8})
_MIRRORED_Y = frozenset({3, 4, 6, 7})

_RESAMPLING = {
    Resampling.BICUBIC: Image.Resampling.BICUBIC,
    Resampling.BILINEAR: Image.Resampling.BILINEAR,
}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def reduce_plain(image: Image.Image, shortest_px: int) -> Image.Image:
    """Reduces a picture and makes it opaque.

    Args:
        image: A loaded picture of any mode.
        shortest_px: The shortest side stays at least this long, unless it was shorter already.

    Returns:
        L, RGB or CMYK in the picture's own colour space, transparent parts on white, not turned
        yet.

    Raises:
        ValueError: Pillow knows no way from this mode to RGB.
    """
    plain = _to_plain_mode(image)
    factor = min(plain.size) // shortest_px
    return _on_white(plain.reduce(factor) if factor > 1 else plain)


def srgb_conversion(profile: bytes | None, mode: str) -> Callable[[Image.Image], Image.Image]:
    """Finds the way to sRGB, which then goes over the small results only.

    Args:
        profile: The picture's ICC profile. Without a usable one it is taken for sRGB.
        mode: L, RGB or CMYK.

    Returns:
        A function from a picture of this mode to RGB.
    """
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            description = source.profile.profile_description or ""
            if mode != "RGB" or "srgb" not in description.lower():
                target = ImageCms.createProfile("sRGB")
                return ImageCms.buildTransform(source, target, mode, "RGB").apply
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken or foreign profile: the colours are off a little, the photo is not lost
    return _to_rgb


def crop_for(
    image: Image.Image, image_input: ImageInput, full_px: tuple[int, int], orientation: int
) -> Image.Image:
    """Makes the square that an image tower sees, in one resize.

    Args:
        image: L, RGB or CMYK, as it lies in the file; may be reduced.
        image_input: Side and way.
        full_px: Width and height before any reduction.
        orientation: EXIF orientation (1..8) by which the square is turned upright afterwards.

    Returns:
        The same mode, `size_px` square.
    """
    size_px = image_input.size_px
    box = (0.0, 0.0, float(image.width), float(image.height))
    if image_input.resize is Resize.CENTRE_CROP:
        shortest_px = min(full_px)
        left, right = _centre_span(full_px[0], shortest_px, size_px, orientation in _MIRRORED_X)
        top, bottom = _centre_span(full_px[1], shortest_px, size_px, orientation in _MIRRORED_Y)
        box = (
            left * image.width,
            top * image.height,
            right * image.width,
            bottom * image.height,
        )
    return image.resize((size_px, size_px), _RESAMPLING[image_input.resampling], box=box)


def cut_out(image: Image.Image, part: Box) -> Image.Image:
    """Returns a part of an upright picture, at least one pixel of it."""
    left = min(int(part.left * image.width), image.width - 1)
    top = min(int(part.top * image.height), image.height - 1)
    right = max(round(part.right * image.width), left + 1)
    bottom = max(round(part.bottom * image.height), top + 1)
    return image.crop((left, top, right, bottom))


def _centre_span(
    length_px: int, shortest_px: int, size_px: int, is_mirrored: bool
) -> tuple[float, float]:
    """Returns where the centre square begins and ends along a side of a picture, 0..1.

    CLIP's processor first resizes to a whole number of pixels and then cuts at a whole pixel
    (transformers, `CLIPImageProcessor`); half a pixel beside it shows in the vector of a tower
    with small patches. So the span is the one that its cut stands for.
    """
    resized_px = int(size_px * length_px / shortest_px)
    first_px = (resized_px - size_px) // 2
    if is_mirrored:  # an odd rest is cut off at the end of the upright picture
        first_px = resized_px - size_px - first_px
    return first_px / resized_px, (first_px + size_px) / resized_px


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turns a picture as its EXIF orientation (1..8) says."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Returns the picture as L, LA, RGB, RGBA or CMYK: what can be averaged."""
    mode = image.mode
    if mode in {"L", "RGB"} and "transparency" in image.info:  # one colour stands for "nothing"
        return image.convert("RGBA")
    if mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    if mode in {"I", "F"} or mode.startswith("I;16"):
        return Image.fromarray(_to_8_bits(_grey_values(image)))
    if mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _grey_values(image: Image.Image) -> npt.NDArray[np.generic]:
    """Returns the numbers as the file means them: Pillow takes all of 32 bits for signed."""
    values = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    is_unsigned = tags.get(_BITS) == (32,) and tags.get(_NUMBER_KIND, (1,)) == (1,)
    return values.view(np.uint32) if image.mode == "I" and is_unsigned else values


def _to_8_bits(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Scales grey values to 0..255.

    Args:
        values: (height, width), uint16 (black 0, white 65535), or int32, uint32 or float32 of a
            range that the file does not tell.

    Returns:
        uint8 (height, width).
    """
    if values.dtype.itemsize == 2:
        high_bytes: npt.NDArray[np.uint8] = (values.astype(np.uint16) >> 8).astype(np.uint8)
        return high_bytes
    ceilings = _CEILINGS[values.dtype.kind]
    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0 or high > ceilings[-1]:  # no usual range: from the darkest to the brightest
        white = high - low
        numbers = numbers - low
    else:
        white = next(ceiling for ceiling in ceilings if high <= ceiling)
    scaled: npt.NDArray[np.uint8] = np.rint(numbers * (_WHITE / (white or 1.0))).astype(np.uint8)
    return scaled


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in {"LA", "RGBA"}:
        return image
    opaque_mode = "L" if image.mode == "LA" else "RGB"
    ground = Image.new(opaque_mode, image.size, "white")
    ground.paste(image.convert(opaque_mode), mask=image.getchannel("A"))
    return ground


def _to_rgb(image: Image.Image) -> Image.Image:
    return image.convert("RGB")
