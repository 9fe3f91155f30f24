"""Finds the EXIF and XMP that exiv2 passes over: in GIF, and in HEIF of some programs.

Used by `header`, in a decoder process. exiv2 knows no XMP in GIF, and passes over items of HEIF
whose place is said by an offset alone, without a base, as exiftool writes it into files of libheif.
Nothing here fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch.images.boxes import BoxError, Item, Items, box_at, read_items

#: A longer one is no photo's metadata.
_PACKET_MAX_BYTES = 16_000_000
#: A file that is not in memory yet is read up to here.
_FILE_MAX_BYTES = 64_000_000
_GIF = (b"GIF87a", b"GIF89a")
#: XMP stands in a GIF as it is, behind the name of its block. What follows it leads a reader who
#: takes its bytes for lengths out again.
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
_GIF_XMP_END = b"\x01\xff\xfe\xfd\xfc"


@dataclass(frozen=True, slots=True)
class Packets:
    """Metadata as they stand in a file.

    Attributes:
        exif: A TIFF file of tags only; b"" without.
        xmp: An XMP packet; b"" without.
    """

    exif: bytes = b""
    xmp: bytes = b""


NO_PACKETS = Packets()


def packets_in(source: Path | bytes) -> Packets:
    """Returns what exiv2 may have passed over, nothing for other formats.

    Args:
        source: A file; or its bytes, of which some may be missing.
    """
    encoded = source if isinstance(source, bytes) else _read(source)
    if encoded.startswith(_GIF):
        return Packets(xmp=_gif_xmp(encoded))
    if encoded[4:8] != b"ftyp":
        return NO_PACKETS
    try:
        return _in_boxes(encoded)
    except BoxError:
        return NO_PACKETS


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            if not head.startswith(_GIF) and head[4:] != b"ftyp":
                return b""
            return head + file.read(_FILE_MAX_BYTES)
    except OSError:
        return b""


def _gif_xmp(encoded: bytes) -> bytes:
    start = encoded.find(_GIF_XMP)
    if start < 0:
        return b""
    start += len(_GIF_XMP)
    end = encoded.find(_GIF_XMP_END, start, start + _PACKET_MAX_BYTES)
    return encoded[start : max(start, end)]


def _in_boxes(encoded: bytes) -> Packets:
    at, size = 0, len(encoded)
    while at < size:
        box = box_at(encoded[at : at + 16], at, size)
        if box.kind == b"meta":
            items = read_items(encoded, box)
            found = {_kind(item): item for item in reversed(items.by_number.values())}
            exif = _data(encoded, items, found.get("exif"))
            # Four bytes say how far behind them the TIFF header is.
            start = 4 + int.from_bytes(exif[:4], "big")
            return Packets(exif[start:], _data(encoded, items, found.get("xmp")))
        at = box.end
    return NO_PACKETS


def _kind(item: Item) -> str:
    if item.kind == b"Exif":
        return "exif"
    return "xmp" if item.kind == b"mime" and b"rdf+xml" in item.content_type else ""


def _data(encoded: bytes, items: Items, item: Item | None) -> bytes:
    """Returns an item's data; b"" where a part is missing."""
    if item is None or item.is_elsewhere:
        return b""
    base, limit = items.inside if item.is_inside else (0, len(encoded))
    parts = []
    for offset, length in item.extents:
        start = base + offset
        if not 0 < length <= _PACKET_MAX_BYTES or start + length > limit:
            return b""
        parts.append(encoded[start : start + length])
        if sum(map(len, parts)) > _PACKET_MAX_BYTES:
            return b""
    return b"".join(parts)
