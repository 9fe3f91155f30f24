"""One reading of one file: pixels for the encoder, a thumbnail, and what the header says.

`decoders.DecoderPool` calls `decode` in its children, where a hostile file costs itself only. It
switches Pillow's globals (see `guard`): one thread at a time.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import ImageFile

from photosearch.core.photo import DecodedPhoto
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images import formats
from photosearch.images.guard import DEFAULT_LIMITS, DecodeLimits, open_image
from photosearch.images.metadata import read_facts, read_orientation
from photosearch.images.pixels import crop_for, cut_out, reduce_plain, srgb_conversion, turn_upright
from photosearch.images.source import read_source
from photosearch.images.thumbs import encode_thumbnail, shrink

#: Pictures are reduced to a shortest side of at least this before the one good resize: twice the
#: usual crop. Vectors then differ from a full decode's by less than 1e-4 (centred cosine).
_REDUCED_MIN_PX = 448

#: Formats of which libjpeg can decode a half, a quarter or an eighth: a third of the time.
_DRAFT_FORMATS = frozenset({"JPEG", "MPO"})

#: Orientations that lay the picture on its side.
_SIDEWAYS = frozenset({5, 6, 7, 8})


def decode(
    source: Path | bytes,
    image_input: ImageInput,
    limits: DecodeLimits = DEFAULT_LIMITS,
    *,
    part: Box | None = None,
) -> DecodedPhoto:
    """Reads and decodes a picture.

    Args:
        source: Path of a file, or the encoded bytes of a picture that has none (its stamp then
            has the time 0).
        image_input: The crop that the encoder wants.
        limits: What the picture may cost.
        part: What the crop is of; the whole picture where None.

    Returns:
        Everything that is wanted of the file. Of an animation, its first frame.

    Raises:
        DecodeError: It cannot be read (stage READ) or is no sound picture (stage DECODE).
    """
    formats.register()
    read = read_source(source, limits.file_bytes)
    shortest_px = max(_REDUCED_MIN_PX, 2 * image_input.size_px)
    if part is not None:  # as many pixels of it as of a whole picture
        shortest_px = math.ceil(shortest_px / min(part.width, part.height))
    with open_image(read.encoded, read.stamp, limits) as image:
        width_px, height_px = image.size
        _load_reduced(image, shortest_px)
        orientation = read_orientation(image)
        is_sideways = orientation in _SIDEWAYS
        upright_px = (height_px, width_px) if is_sideways else (width_px, height_px)
        facts = read_facts(read.encoded, image.format or "", upright_px)
        small = reduce_plain(image, shortest_px)
        to_srgb = srgb_conversion(image.info.get("icc_profile"), small.mode)
        if part is None:
            square = crop_for(small, image_input, (width_px, height_px), orientation)
            crop = turn_upright(to_srgb(square), orientation)
        else:
            piece = cut_out(turn_upright(small, orientation), part)
            crop = to_srgb(crop_for(piece, image_input, piece.size, orientation=1))
        thumbnail = encode_thumbnail(turn_upright(to_srgb(shrink(small)), orientation))
    return DecodedPhoto(
        stamp=read.stamp,
        content_hash=read.content_hash,
        crop=np.array(crop, dtype=np.uint8),
        thumbnail=thumbnail,
        facts=facts,
    )


def _load_reduced(image: ImageFile.ImageFile, shortest_px: int) -> None:
    if image.format in _DRAFT_FORMATS:
        image.draft(None, (shortest_px, shortest_px))
    image.load()
