"""Which files are photos, judged by their names, and what Pillow must know to open them.

`index` calls `kind_of` for every file below a watched folder (any thread: pure). `register` is
called in the process that decodes, before its first picture.
"""

from __future__ import annotations

import os
from enum import StrEnum

import pillow_heif
from PIL import AvifImagePlugin, Image


class FileKind(StrEnum):
    """What a file is to us, by its name alone."""

    PHOTO = "photo"  #: read and indexed
    NOT_YET = "not_yet"  #: the user's picture or film, of a kind that a later version reads
    IGNORED = "ignored"  #: sidecars, documents, the system's own files


#: What Pillow may try on a file's *content*: a photo with the wrong suffix opens all the same, and
#: nothing outside this list (EPS would start Ghostscript) ever does. AVIF stands before HEIF:
#: both claim the brand "mif1", and only libavif says at once that it is none of its own.
PILLOW_FORMATS = (
    *("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF", "JPEG2000", "JXL"),
    *("ICO", "PPM"),
)

_PHOTO_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
        *(".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".dib"),
        *(".heic", ".heics", ".heif", ".heifs", ".hif", ".avif", ".avifs"),
        *(".jp2", ".j2k", ".jpf", ".jpx", ".jxl"),
        *(".ico", ".ppm", ".pgm", ".pbm", ".pnm", ".insp"),
    }
)

_FILM_SUFFIXES = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".qt", ".avi", ".mkv", ".webm", ".3gp", ".3g2", ".mts", ".m2ts"),
        *(".ts", ".wmv", ".asf", ".mpg", ".mpeg", ".m2v", ".vob", ".ogv", ".flv", ".mxf", ".insv"),
    }
)

#: Raw data of cameras.
RAW_SUFFIXES = frozenset(
    {
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf"),
        *(".rw2", ".raw", ".pef", ".srw", ".x3f", ".erf", ".kdc", ".dcr", ".mrw", ".mef", ".mos"),
        *(".iiq", ".3fr", ".fff", ".rwl", ".gpr"),
    }
)

_NOT_YET_SUFFIXES = _FILM_SUFFIXES | {".psd"}

#: Decoded in full, by slow codecs: a JPEG gives a reduced picture in a tenth of the time.
_COSTLY_SUFFIXES = RAW_SUFFIXES | {
    *(".heic", ".heics", ".heif", ".heifs", ".hif", ".avif", ".avifs"),
    *(".jxl", ".jp2", ".j2k", ".jpf", ".jpx"),
}

#: What other programs leave beside photos under a photo's name: macOS resource forks.
_FORK_PREFIX = b"._"


def suffix_of(name: bytes) -> str:
    """Returns the suffix of a file name.

    Args:
        name: File name or path, as the bytes the file system uses.

    Returns:
        Lower case with its dot, e.g. ".jpg"; "" where there is none (".hidden" has none).
    """
    return os.fsdecode(os.path.splitext(name)[1]).lower()  # noqa: PTH122 - pathlib takes no bytes


def kind_of(name: bytes) -> FileKind:
    """Judges a file by its name.

    Args:
        name: File name or path, as the bytes the file system uses.

    Returns:
        What to do with it. Whether it really is a picture, only decoding tells.
    """
    if os.path.basename(name).startswith(_FORK_PREFIX):  # noqa: PTH119 - pathlib takes no bytes
        return FileKind.IGNORED
    suffix = suffix_of(name)
    if suffix in _PHOTO_SUFFIXES or suffix in RAW_SUFFIXES:
        return FileKind.PHOTO
    return FileKind.NOT_YET if suffix in _NOT_YET_SUFFIXES else FileKind.IGNORED


def is_costly(name: bytes) -> bool:
    """True for kinds that take several times as long to decode as a JPEG of the same size."""
    return suffix_of(name) in _COSTLY_SUFFIXES


def is_raw_name(name: str) -> bool:
    """True for a name that cameras give to raw data."""
    return suffix_of(os.fsencode(name)) in RAW_SUFFIXES


def raw_format(name: str) -> str:
    """Returns what a raw file's format is called in its facts, e.g. "NEF"."""
    suffix = suffix_of(os.fsencode(name))
    return suffix[1:].upper() if suffix in RAW_SUFFIXES else "RAW"


def is_raw_format(name: str) -> bool:
    """True for what `raw_format` returns."""
    return name == "RAW" or f".{name.lower()}" in RAW_SUFFIXES


def openable() -> tuple[str, ...]:
    """Lists those of `PILLOW_FORMATS` whose codec is installed. Call `register` before."""
    Image.init()
    return tuple(name for name in PILLOW_FORMATS if name in Image.OPEN)


def register() -> None:
    """Makes this process ready to open every format. Calling it twice is harmless.

    One thread for each file: the children already are one per core.
    """
    try:
        # There is no wheel for every system; without it, JPEG XL is said to be unsupported.
        from pillow_jxl import JpegXLImagePlugin
    except ImportError:
        pass
    else:
        JpegXLImagePlugin.DECODE_THREADS = 0
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
