"""The preview in a HEIF file, where it is good enough to be looked at in place of the picture.

Cameras put small pictures of the whole beside the whole one ("thmb" items). A phone's 12
megapixels take 0.6 s to decode, its preview some ms. Used by `decode`, for photos that are taken
in, and by `outline_boxes`, for tiles; in a decoder process.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pillow_heif
from PIL import Image

from photosearch.core.preview import PreviewKind
from photosearch.core.space import ImageInput
from photosearch.images.guard import FOREIGN_ERRORS, DecodeLimits
from photosearch.images.hevc import looks_whole
from photosearch.images.thumbs import thumbnail_size

#: Larger ones would save little.
_MOST_PIXELS = 6_000_000
#: More than any camera writes.
_PREVIEWS_MAX = 8
#: How much of the picture's own tile a preview's has to be: nobody sees that a phone's 320x240
#: makes one of 240 pixels instead of 256.
_TILE_SHARE = 0.93
#: By how many pixels a side may be off the picture's shape: encoders round to even numbers.
_ROUNDED_PX = 2
_PIXELS_PER_MP = 1_000_000


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview that could stand for its picture; nothing of it is decoded yet.

    Attributes:
        kind: Of the preview.
        picture_px: Width and height of the picture, upright.
    """

    kind: PreviewKind
    picture_px: tuple[int, int]
    _inside: pillow_heif.HeifThumbnail
    _picture: pillow_heif.HeifImage

    def load(self) -> Image.Image | None:
        """Decodes it: upright, with a profile in its `info` where one holds for it.

        Returns:
            None where it is broken, or of another size than was said.
        """
        said_px = self._inside.size
        try:
            image = _loaded(self._inside, self._picture)
        except (*FOREIGN_ERRORS, MemoryError):
            return None
        return image if image.size == said_px else None


def find_preview(encoded: bytes, image_input: ImageInput, limits: DecodeLimits) -> Preview | None:
    """Looks for a preview that could stand for the picture in a file. Never fails.

    It is out of the question where it would have to be enlarged for the encoder, where the tile
    would be a smaller one to look at, or where the picture does not look whole: then that is
    decoded, and it is said so. It shows the whole picture, transparency included.

    Args:
        encoded: The file's bytes.
        image_input: What the encoder wants to see.
        limits: What a picture may cost; of one beyond them, the preview does not count either.

    Returns:
        The largest; None where there is none.
    """
    if encoded[4:8] != b"ftyp":
        return None
    try:
        opened = pillow_heif.open_heif(io.BytesIO(encoded))
        if "avif" in opened.mimetype:
            return None
        picture = opened[opened.primary_index]
        if picture.size[0] * picture.size[1] > limits.megapixels * _PIXELS_PER_MP:
            return None
        fitting = [
            each for each in _previews_of(picture) if _is_enough(each, picture, image_input.size_px)
        ]
    except (*FOREIGN_ERRORS, MemoryError):
        return None
    if not fitting or not looks_whole(encoded):
        return None
    best = max(fitting, key=lambda each: each.size[0] * each.size[1])
    kind = PreviewKind("HEIF", max(best.size), min(best.size))
    return Preview(kind, picture.size, best, picture)


def first_preview(encoded: bytes) -> Image.Image | None:
    """Decodes the first preview of the picture in a HEIF file, whatever its size.

    Args:
        encoded: The file's bytes; what is not of the preview need not be there.

    Returns:
        None where there is none, or it is broken.
    """
    try:
        opened = pillow_heif.open_heif(io.BytesIO(encoded))
        picture = opened[opened.primary_index]
        return _loaded(picture.get_thumbnail(0), picture)
    except FOREIGN_ERRORS:
        return None


def _previews_of(picture: pillow_heif.HeifImage) -> Iterator[pillow_heif.HeifThumbnail]:
    for index in range(_PREVIEWS_MAX):
        try:
            yield picture.get_thumbnail(index)
        except IndexError:
            return


def _is_enough(
    preview: pillow_heif.HeifThumbnail, picture: pillow_heif.HeifImage, size_px: int
) -> bool:
    (width_px, height_px), (full_width_px, full_height_px) = preview.size, picture.size
    if preview.mode != picture.mode or not size_px <= min(preview.size):
        return False
    if not width_px * height_px <= min(_MOST_PIXELS, full_width_px * full_height_px // 2):
        return False
    tile_px, full_tile_px = thumbnail_size(preview.size), thumbnail_size(picture.size)
    if min(tile_px) < _TILE_SHARE * min(full_tile_px):
        return False
    return (
        abs(width_px - height_px * full_width_px / full_height_px) <= _ROUNDED_PX
        or abs(height_px - width_px * full_height_px / full_width_px) <= _ROUNDED_PX
    )


def _loaded(preview: pillow_heif.HeifThumbnail, picture: pillow_heif.HeifImage) -> Image.Image:
    """Decodes a preview. One without a profile of its own has the colours of its picture."""
    image: Image.Image = preview.to_pillow()
    if "icc_profile" in picture.info:
        image.info.setdefault("icc_profile", picture.info["icc_profile"])
    return image
