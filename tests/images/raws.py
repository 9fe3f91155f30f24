"""Raw files as cameras write them, small enough to be made by a test."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

from .samples import encoded

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SRATIONAL = 1, 2, 3, 4, 5, 10
_LENGTHS = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, _SRATIONAL: 8}

Entry = tuple[int, int, Sequence[int] | bytes]


def tiff(directories: Sequence[Sequence[Entry]], blobs: Sequence[bytes], order: str = "<") -> bytes:
    """Writes a TIFF file: data first (`blob_offsets` tells where), then a chain of directories."""
    out = bytearray(b"II*\0" if order == "<" else b"MM\0*") + b"\0" * 4
    for blob in blobs:
        out += blob + b"\0" * (len(blob) % 2)
    link = 4
    for entries in directories:
        start = len(out)
        out[link : link + 4] = struct.pack(order + "I", start)
        values_at = start + 2 + 12 * len(entries) + 4
        table, values = struct.pack(order + "H", len(entries)), b""
        for tag, kind, value in sorted(entries):
            data = value if isinstance(value, bytes) else _packed(kind, value, order)
            count = len(data) // _LENGTHS[kind]
            if len(data) <= 4:
                field = data.ljust(4, b"\0")
            else:
                field = struct.pack(order + "I", values_at + len(values))
                values += data + b"\0" * (len(data) % 2)
            table += struct.pack(order + "HHI", tag, kind, count) + field
        out += table + b"\0" * 4 + values
        link = start + len(table)
    return bytes(out)


def blob_offsets(blobs: Sequence[bytes]) -> list[int]:
    """Where `tiff` puts its blobs."""
    offsets, at = [], 8
    for blob in blobs:
        offsets.append(at)
        at += len(blob) + len(blob) % 2
    return offsets


def _packed(kind: int, values: Sequence[int], order: str) -> bytes:
    if kind in {_RATIONAL, _SRATIONAL}:
        code = "I" if kind == _RATIONAL else "i"
        return b"".join(struct.pack(order + code + code, value, 10000) for value in values)
    return struct.pack(
        order + str(len(values)) + {_BYTE: "B", _SHORT: "H", _LONG: "I"}[kind], *values
    )


def dng(
    picture: Image.Image,
    *,
    preview: bytes | None = None,
    orientation: int = 1,
    colour_space: int = 1,
) -> bytes:
    """A DNG of a picture as it lies on the sensor (red, green / green, blue), uncompressed.

    Args:
        picture: RGB, even sides.
        preview: JPEG bytes for the file's first directory.
        orientation: EXIF's.
        colour_space: As EXIF says it: 1 sRGB, 2 or 65535 Adobe RGB.
    """
    linear = (np.asarray(picture, np.float64) / 255) ** 2.2 * 4095
    mosaic = np.zeros(linear.shape[:2], "<u2")
    for y, x, band in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[y::2, x::2] = linear[y::2, x::2, band].round()
    blobs = [mosaic.tobytes(), preview or b"\0\0"]
    data_at, preview_at = blob_offsets(blobs)
    raw: list[Entry] = [
        (0x00FE, _LONG, [0]),
        (0x0100, _LONG, [picture.width]),
        (0x0101, _LONG, [picture.height]),
        (0x0102, _SHORT, [16]),
        (0x0103, _SHORT, [1]),
        (0x0106, _SHORT, [32803]),
        (0x0111, _LONG, [data_at]),
        (0x0115, _SHORT, [1]),
        (0x0116, _LONG, [picture.height]),
        (0x0117, _LONG, [len(blobs[0])]),
        (0x828D, _SHORT, [2, 2]),
        (0x828E, _BYTE, [0, 1, 1, 2]),
        (0xC61D, _LONG, [4095]),
    ]
    main: list[Entry] = [
        (0x010F, _ASCII, b"Maker\0"),
        (0x0110, _ASCII, b"Model\0"),
        (0x0112, _SHORT, [orientation]),
        (0xA001, _SHORT, [colour_space]),
        (0xC612, _BYTE, [1, 4, 0, 0]),
        (0xC614, _ASCII, b"Maker Model\0"),
        # XYZ to camera: the camera's colours are sRGB's.
        (0xC621, _SRATIONAL, [32405, -15371, -4985, -9693, 18760, 416, 556, -2040, 10572]),
        (0xC628, _RATIONAL, [10000, 10000, 10000]),
        (0xC65A, _SHORT, [21]),
    ]
    if preview is None:
        return tiff([[*main, *raw]], blobs)
    with_preview: list[Entry] = [
        *main,
        (0x00FE, _LONG, [1]),
        (0x0103, _SHORT, [7]),
        (0x0111, _LONG, [preview_at]),
        (0x0117, _LONG, [len(preview)]),
        *_preview_shape(preview),
    ]
    return tiff([with_preview, raw], blobs)


def _preview_shape(preview: bytes) -> list[Entry]:
    at = preview.index(b"\xff\xc0")
    height_px, width_px = struct.unpack(">HH", preview[at + 5 : at + 9])
    return [
        (0x0100, _LONG, [width_px]),
        (0x0101, _LONG, [height_px]),
        (0x0102, _SHORT, [8, 8, 8]),
        (0x0106, _SHORT, [6]),
        (0x0115, _SHORT, [3]),
        (0x0116, _LONG, [height_px]),
    ]


def raf(preview: bytes) -> bytes:
    """The beginning of a Fujifilm file, with its JPEG."""
    head = b"FUJIFILMCCD-RAW 0201FF123456X-Test".ljust(84, b"\0")
    return head + struct.pack(">II", 160, len(preview)) + b"\0" * 68 + preview + b"\0" * 5000


def cr3(thumbnail: bytes, preview: bytes, exif: bytes) -> bytes:
    """Canon's boxes around a thumbnail, a preview and EXIF, with no raw data."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + kind + content

    def pictured(kind: bytes, jpeg: bytes) -> bytes:
        return box(kind, b"\0" * 16 + jpeg)

    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    shown = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    inside = box(b"CMT1", exif) + pictured(b"THMB", thumbnail)
    return (
        box(b"ftyp", b"crx \0\0\0\1crx isom")
        + box(b"moov", box(b"uuid", canon + inside))
        + box(b"uuid", shown + b"\0" * 8 + pictured(b"PRVW", preview))
        + box(b"mdat", b"\0" * 400_000)
    )


def jpeg_of(picture: Image.Image, **options: object) -> bytes:
    return encoded(picture, "JPEG", **options)
