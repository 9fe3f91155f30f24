"""How a picture has to be turned, by the metadata blocks that say it.

Used by `identity` and `listing`, which know the blocks but have no picture open. The answers are
those that Pillow gives for the picture itself (`Image.getexif`).
"""

from __future__ import annotations

import re
import warnings

from PIL import ExifTags, Image

from photosearch.images.guard import FOREIGN_ERRORS

#: Orientations that lay the picture on its side.
SIDEWAYS = frozenset({5, 6, 7, 8})

#: As Pillow looks for it.
_IN_XMP = re.compile(rb'tiff:Orientation(="|>)([0-9])')


def orientation_of(exif: bytes | None, xmp: bytes | None = None) -> int:
    """Returns the orientation, 1..8; 1 where nothing valid is said.

    Args:
        exif: An EXIF block, with or without its "Exif" and two zeros.
        xmp: An XMP packet, which is asked where the EXIF block does not say.
    """
    said: object = None
    if exif:
        tags = Image.Exif()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is broken
                tags.load(exif)
                said = tags.get(ExifTags.Base.Orientation)
        except FOREIGN_ERRORS:
            said = None
    if said is None and xmp and (match := _IN_XMP.search(xmp)) is not None:
        said = int(match[2])
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def turned_size(size_px: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Returns width and height after turning."""
    width_px, height_px = size_px
    return (height_px, width_px) if orientation in SIDEWAYS else size_px
