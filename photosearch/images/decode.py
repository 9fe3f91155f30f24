"""One reading of one file: pixels for the encoder, a thumbnail, and what the header says.

`decoders.DecoderPool` calls `decode` in its children, where a hostile file costs itself only. It
switches Pillow's globals (see `guard`): one thread at a time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from photosearch.core.decoded import DecodedPhoto, SamePhoto
from photosearch.core.preview import PreviewCrop, Previews
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images import formats
from photosearch.images.guard import DEFAULT_LIMITS, FOREIGN_ERRORS, DecodeLimits, open_image
from photosearch.images.identity import content_hash, undivided_hash, whole_hash
from photosearch.images.listing import outline_of
from photosearch.images.metadata import read_facts, read_orientation
from photosearch.images.orientation import turned_size
from photosearch.images.pixels import crop_for, cut_out, reduce_plain, srgb_conversion, turn_upright
from photosearch.images.preview import Preview, find_preview
from photosearch.images.raw import is_raw, open_raw
from photosearch.images.source import SourceBytes, read_source
from photosearch.images.thumbs import encode_thumbnail, shrink
from photosearch.images.window import Window

#: Pictures are reduced to a shortest side of at least this before the one good resize: twice the
#: usual crop. Vectors then differ from a full decode's by less than 1e-4 (centred cosine).
_REDUCED_MIN_PX = 448

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
    previews: Previews | None = None,
) -> DecodedPhoto:
    """Reads and decodes a picture.

    Args:
        source: Path of a file, or the encoded bytes of a picture that has none (its stamp then
            has the time 0).
        image_input: The crop that the encoder wants.
        limits: What the picture may cost.
        part: What the crop is of; the whole picture where None.
        previews: Which previews stand for their pictures, and spare the decoding; where None, none
            does, and none is compared. Of parts, none does either.

    Returns:
        Everything that is wanted of the file. Of an animation, its first frame.

    Raises:
        DecodeError: It cannot be read (stage READ) or is no sound picture (stage DECODE).
    """
    formats.register()
    read = read_source(source, limits.file_bytes)
    found = _content_hash(read)
    if part is None and previews is not None:
        return _decode_or_compare(read, found, image_input, limits, previews)
    return _decode(read, found, image_input, limits, part)


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


def _decode_or_compare(
    read: SourceBytes,
    found: bytes,
    image_input: ImageInput,
    limits: DecodeLimits,
    previews: Previews,
) -> DecodedPhoto:
    """Decodes a picture, its preview beside it, or that alone where it stands for the picture."""
    preview = find_preview(read.encoded, image_input, limits)
    if preview is None or preview.kind in previews.refused:
        return _decode(read, found, image_input, limits, None)
    small = _by_preview(read, found, preview, image_input)
    if small is not None and previews.stands_for_picture(preview.kind, found):
        return small
    photo = _decode(read, found, image_input, limits, None)
    return photo if small is None else replace(photo, preview=PreviewCrop(preview.kind, small.crop))


def _by_preview(
    read: SourceBytes, found: bytes, preview: Preview, image_input: ImageInput
) -> DecodedPhoto | None:
    """Returns a photo as its preview shows it; None where that is broken."""
    image, size_px = preview.load(), preview.picture_px
    if image is None:
        return None
    picture = _Picture(image, size_px, 1, preview.kind.format, size_px)
    try:
        return _seen(read, found, picture, image_input, _shortest_px(image_input, None), None)
    except (*FOREIGN_ERRORS, MemoryError):
        return None


def _decode(
    read: SourceBytes,
    found: bytes,
    image_input: ImageInput,
    limits: DecodeLimits,
    part: Box | None,
    whole: bytes = b"",
) -> DecodedPhoto:
    shortest_px = _shortest_px(image_input, part)
    with _opened(read, shortest_px, limits) as picture:
        return _seen(read, found, picture, image_input, shortest_px, part, whole)


def _shortest_px(image_input: ImageInput, part: Box | None) -> int:
    shortest_px = max(_REDUCED_MIN_PX, 2 * image_input.size_px)
    if part is None:
        return shortest_px
    return math.ceil(shortest_px / min(part.width, part.height))  # as many pixels of it as of all


def _seen(
    read: SourceBytes,
    found: bytes,
    picture: _Picture,
    image_input: ImageInput,
    shortest_px: int,
    part: Box | None,
    whole: bytes = b"",
) -> DecodedPhoto:
    """Makes all that is wanted of a picture that is open."""
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
