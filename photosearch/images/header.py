"""What stands in a file's EXIF, XMP and IPTC, as the library reads it, made plain.

Called by `metadata` in a decoder process. exiv2 reads the metadata of every format that we know,
and of raw files; `packets` finds what it passes over, and Pillow stands in where a file is too
damaged for it. Nothing here fails.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import ExifTags, Image

from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.mended import mend_head
from photosearch.images.packets import Packets, packets_in
from photosearch.images.tags import Tags

#: XMP properties and IPTC fields by exiv2's names ("Xmp.dc.subject"), each with all its texts; of
#: a text in several languages, the default first.
Properties = Mapping[str, tuple[str, ...]]

#: What Pillow may try on a file that exiv2 refuses; none of these decodes a pixel to open it.
_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in a file's metadata.

    Attributes:
        main: EXIF of the picture itself.
        details: EXIF of how it was taken; tags that stand in `main` by mistake count too.
        gps: EXIF of where it was taken.
        xmp: XMP properties.
        iptc: IPTC fields.
        lens: What the camera's own notes say of the lens; "" where that is not sure.
    """

    main: Tags = field(default_factory=dict)
    details: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)
    xmp: Properties = field(default_factory=dict)
    iptc: Properties = field(default_factory=dict)
    lens: str = ""


NO_HEADER = Header()


def read_header(source: Path | bytes) -> Header:
    """Reads a file's metadata, whatever is left of it.

    Args:
        source: A file, of which only the parts that hold metadata are read; or its bytes, of which
            the end may be missing.
    """
    header, is_whole = _by_exiv2(source)
    if not header.main or not header.xmp:
        header = _with_packets(header, packets_in(source))
    if is_whole:
        return header
    if isinstance(source, bytes):
        mended = mend_head(source)
        if mended is not None:
            header, is_whole = _by_exiv2(mended)
    return header if is_whole or header.main or header.xmp else _by_pillow(source, header)


def read_sidecar(packet: bytes) -> Properties:
    """Returns the properties of an XMP file; none where it is broken."""
    plain = packet.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not plain.startswith(b"<?"):
        plain = b'<?xml version="1.0"?>' + plain  # by which exiv2 knows that it is XMP
    return _by_exiv2(plain)[0].xmp


def _with_packets(header: Header, packets: Packets) -> Header:
    """Adds what exiv2 passed over to what it found."""
    if packets.exif and not header.main:
        found, _is_whole = _by_exiv2(packets.exif)
        header = replace(
            header, main=found.main, details=found.details, gps=found.gps, lens=found.lens
        )
    if packets.xmp and not header.xmp:
        header = replace(header, xmp=read_sidecar(packets.xmp))
    return header


def _by_exiv2(source: Path | bytes) -> tuple[Header, bool]:
    from photosearch.images.by_exiv2 import read_by_exiv2

    return read_by_exiv2(source)


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps Pillow's warnings, of broken EXIF for one, to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _by_pillow(source: Path | bytes, found: Header) -> Header:
    """Adds to what was found the EXIF that Pillow finds."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with _quietly(), Image.open(stream, formats=_PILLOW_FORMATS) as image:
            main = _pillow_tags(image, None)
            details = _pillow_tags(image, ExifTags.IFD.Exif)
            gps = _pillow_tags(image, ExifTags.IFD.GPSInfo)
            packet = image.info.get("xmp")
    except (*FOREIGN_ERRORS, MemoryError):
        return found
    xmp = read_sidecar(packet) if isinstance(packet, bytes) else {}
    return Header(main, {**main, **details}, gps, xmp or found.xmp, found.iptc)


def _pillow_tags(image: Image.Image, ifd: int | None) -> Tags:
    """Returns one directory of the EXIF data, empty where it is missing or broken."""
    try:
        exif = image.getexif()
        directory: Tags = exif if ifd is None else exif.get_ifd(ifd)
        tags = list(directory)
    except FOREIGN_ERRORS:
        return {}
    found: dict[int, object] = {}
    for tag in tags:
        with suppress(*FOREIGN_ERRORS):
            found[tag] = directory[tag]  # decoded here: a broken value costs itself only
    return found


def pillow_orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation that Pillow says is still to be applied, 1..8."""
    orientation = _pillow_tags(image, None).get(ExifTags.Base.Orientation, 1)
    is_valid = isinstance(orientation, int) and 1 <= orientation <= 8
    return orientation if is_valid and isinstance(orientation, int) else 1
