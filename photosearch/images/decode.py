"""One reading of one file: pixels for the encoder, a thumbnail, and what the header says.

`decoders.DecoderPool` calls `decode` in its children, where a hostile file costs itself only. It
switches Pillow's globals (see `guard`): one thread at a time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.core.photo import DecodedPhoto, SamePhoto
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images import formats
from photosearch.images.guard import DEFAULT_LIMITS, DecodeLimits, open_image
from photosearch.images.identity import content_hash, undivided_hash, whole_hash
from photosearch.images.listing import outline_of
from photosearch.images.metadata import read_facts, read_orientation
from photosearch.images.orientation import turned_size
from photosearch.images.pixels import crop_for, cut_out, reduce_plain, srgb_conversion, turn_upright
from photosearch.images.raw import is_raw, open_raw
from photosearch.images.source import SourceBytes, read_source
from photosearch.images.thumbs import encode_thumbnail, shrink
from photosearch.images.window import Window

#: Pictures are reduced to a shortest side of at least this before the one good resize: twice the
#: usual crop. Vectors then differ from a full decode's by less than 1e-4 (centred cosine).
_REDUCED_MIN_PX = 448

# HEIC is decoded in full, though it carries a thumbnail and this takes 0.6 s: phones' thumbnails
# have 320x240 pixels, fewer than `_REDUCED_MIN_PX` asks for. Of the one such file at hand the
# thumbnail's vector is that of the picture within a cosine of 0.997, by the sample model, which
# sees 64 pixels; that larger models see no difference in what was enlarged, it does not show.

#: Formats of which libjpeg can decode a half, a quarter or an eighth: a third of the time.
_DRAFT_FORMATS = frozenset({"JPEG", "MPO"})

#: A JPEG with others behind it is one to its owner.
_FORMAT_NAMES = {"MPO": "JPEG"}

_TIFF_BITS, _TIFF_PLANES, _SEPARATE = 258, 284, 2


@dataclass(frozen=True, slots=True)
class _Picture:
    """An open picture.

    Attributes:
        image: Loaded; may be reduced.
        size_px: Its width and height before.
        orientation: EXIF orientation that is still to be applied to it.
        format: As in `PhotoFacts`.
        upright_px: The photo's width and height, upright.
    """

    image: Image.Image
    size_px: tuple[int, int]
    orientation: int
    format: str
    upright_px: tuple[int, int]


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
    return _decode(read, _content_hash(read), image_input, limits, part)


def decode_again(
    path: Path,
    image_input: ImageInput,
    expected: bytes,
    limits: DecodeLimits = DEFAULT_LIMITS,
) -> DecodedPhoto | SamePhoto:
    """Reads a file, and decodes it where it is not what is expected there.

    Args:
        path: The file.
        image_input: The crop that is wanted of another content.
        expected: Hash of a content of which all is known; one by which earlier programs named
            such contents, too.
        limits: What the picture may cost.

    Raises:
        DecodeError: As `decode`.
    """
    formats.register()
    read = read_source(path, limits.file_bytes)
    found, whole = _content_hash(read), whole_hash(read.encoded)
    if expected not in {found, whole}:
        if expected != undivided_hash(read.encoded):
            return _decode(read, found, image_input, limits, None, whole)
        whole = expected  # by which the store knows it
    outline = outline_of(Window(read.encoded, len(read.encoded)), read.name)
    name = os.fsencode(read.name) or None
    facts = read_facts(read.encoded, outline.format, outline.size_px, name, read.sidecar)
    return SamePhoto(read.stamp, found, facts, read.traits, whole)


def _content_hash(read: SourceBytes) -> bytes:
    return content_hash(read.encoded, is_raw=is_raw(read.encoded, read.name))


def _decode(
    read: SourceBytes,
    found: bytes,
    image_input: ImageInput,
    limits: DecodeLimits,
    part: Box | None,
    whole: bytes = b"",
) -> DecodedPhoto:
    shortest_px = max(_REDUCED_MIN_PX, 2 * image_input.size_px)
    if part is not None:  # as many pixels of it as of a whole picture
        shortest_px = math.ceil(shortest_px / min(part.width, part.height))
    with _opened(read, shortest_px, limits) as picture:
        image, orientation = picture.image, picture.orientation
        name = os.fsencode(read.name) or None
        facts = read_facts(read.encoded, picture.format, picture.upright_px, name, read.sidecar)
        small = reduce_plain(image, shortest_px)
        to_srgb = srgb_conversion(image.info.get("icc_profile"), small.mode)
        if part is None:
            square = crop_for(small, image_input, picture.size_px, orientation)
            crop = turn_upright(to_srgb(square), orientation)
        else:
            piece = cut_out(turn_upright(small, orientation), part)
            crop = to_srgb(crop_for(piece, image_input, piece.size, orientation=1))
        thumbnail = encode_thumbnail(turn_upright(to_srgb(shrink(small)), orientation))
    return DecodedPhoto(
        stamp=read.stamp,
        content_hash=found,
        crop=np.array(crop, dtype=np.uint8),
        thumbnail=thumbnail,
        facts=facts,
        traits=read.traits,
        whole_hash=whole or whole_hash(read.encoded),
    )


@contextmanager
def _opened(read: SourceBytes, shortest_px: int, limits: DecodeLimits) -> Iterator[_Picture]:
    """Opens and loads a picture, reduced where that is cheap.

    Raises:
        DecodeError: At stage DECODE, also for errors in the `with`.
    """
    if is_raw(read.encoded, read.name):
        raw = open_raw(read.encoded, read.stamp, shortest_px, limits)
        name = formats.raw_format(read.name)
        yield _Picture(raw.image, raw.size_px, raw.orientation, name, raw.upright_px)
        return
    with open_image(read.encoded, read.stamp, limits) as image:
        size_px = image.size
        if image.format in _DRAFT_FORMATS:
            image.draft(None, (shortest_px, shortest_px))
        image.load()
        _refuse_planes(image)
        orientation = read_orientation(image)
        if image.format == "JXL" and not getattr(image, "jpeg", False):
            orientation = 1  # turned by the codec, unless it gave the JPEG that it was made of
        name = _FORMAT_NAMES.get(image.format or "", image.format or "")
        yield _Picture(image, size_px, orientation, name, turned_size(size_px, orientation))


def _refuse_planes(image: Image.Image) -> None:
    """Refuses what Pillow decodes to wrong colours: TIFF with more than 8 bits, each in a plane.

    Raises:
        ValueError: It is such a picture.
    """
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_TIFF_BITS, (8,))
    if tags.get(_TIFF_PLANES) == _SEPARATE and len(bits) > 1 and max(bits) > 8:
        raise ValueError("colours of more than 8 bits in separate planes are not supported")
