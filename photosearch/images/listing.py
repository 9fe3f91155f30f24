"""What a file's header says, without its pixels: the first of the two readings.

`decoders.DecoderPool` calls `list_photo` in its children. Over a slow network share nothing but
bytes counts, so at most 256 KB of a file are read: its beginning and end, by which it is known
again, and where the header says that something stands.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from PIL import Image

from photosearch.core.decoded import ListedPhoto
from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import FileTraits, PhotoFacts
from photosearch.core.ports import DecodeError
from photosearch.images import formats
from photosearch.images.embedded import tile_of
from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.metadata import read_facts
from photosearch.images.orientation import orientation_of, turned_size
from photosearch.images.outline import UNKNOWN, Outline
from photosearch.images.outline_boxes import outline_boxes
from photosearch.images.outline_chunks import outline_png, outline_webp
from photosearch.images.outline_jpeg import outline_jpeg
from photosearch.images.outline_jxl import outline_jxl
from photosearch.images.outline_tiff import (
    FUJI,
    TIFF_LIKE_RAW,
    is_dng,
    is_tiff,
    outline_fuji,
    outline_tiff,
)
from photosearch.images.sidecar import read_sidecar
from photosearch.images.sizes import JXL_SIGNATURES
from photosearch.images.source import is_link, opened
from photosearch.images.window import Window

#: What may be read of one file; its sidecar, a small file of its own, comes on top.
BUDGET_BYTES = 256 * 1024


def list_photo(path: Path) -> ListedPhoto:
    """Reads what a file's header says.

    Args:
        path: The file.

    Returns:
        What was found. A header that says nothing, or is broken, gives facts that say nothing.

    Raises:
        DecodeError: At stage READ: the file is empty, gone, forbidden, no file, online only,
            unreadable.
    """
    formats.register()
    with opened(path) as file:
        if file.stamp.size_bytes == 0:
            raise DecodeError(Stage.READ, FailureReason(FailureCode.EMPTY), file.stamp)
        window = Window(file.descriptor, file.stamp.size_bytes, BUDGET_BYTES)
        quick = window.quick_hash()
        outline = outline_of(window, path.name)
    stamp, sidecar = read_sidecar(path)
    facts = facts_of(outline, path.name, sidecar)
    thumbnail = None
    if outline.preview is not None:
        thumbnail = tile_of(
            outline.preview,
            outline.preview_turn,
            outline.size_px,
            has_own_shape=formats.is_raw_format(outline.format),
        )
    traits = FileTraits(file.file_id, quick, stamp, is_link(path))
    return ListedPhoto(file.stamp, facts, thumbnail, traits)


def outline_of(window: Window, name: str) -> Outline:
    """Finds out what a file is by looking at its header. Never fails on what it finds there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _outline_of(window, name)
    except (*FOREIGN_ERRORS, MemoryError):
        return UNKNOWN


def _outline_of(window: Window, name: str) -> Outline:
    head = window.read(0, 16)
    if head[:3] == b"\xff\xd8\xff":
        return outline_jpeg(window)
    if head.startswith(JXL_SIGNATURES):
        return outline_jxl(window)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return outline_webp(window)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return outline_png(window)
    if head[4:8] == b"ftyp":
        return outline_boxes(window)
    if head == FUJI:
        return outline_fuji(window)
    if is_tiff(head):
        is_raw = head[:4] in TIFF_LIKE_RAW or formats.is_raw_name(name) or is_dng(window)
        return outline_tiff(window, formats.raw_format(name) if is_raw else "TIFF")
    return _by_pillow(window)


def facts_of(outline: Outline, name: str, sidecar: bytes | None) -> PhotoFacts:
    """Reads the facts from what the outline found."""
    return read_facts(outline.header, outline.format, outline.size_px, os.fsencode(name), sidecar)


def _by_pillow(window: Window) -> Outline:
    with Image.open(window.as_file(), formats=formats.openable()) as image:
        orientation = orientation_of(image.info.get("exif"), image.info.get("xmp"))
        return Outline(image.format or "", turned_size(image.size, orientation), window.sparse())
