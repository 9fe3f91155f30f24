"""Where a photo's XMP sidecar lies: the one rule for scanning and for reading. Any thread.

Programs write it as `a.jpg.xmp` (digiKam, darktable) or as `a.xmp` (Adobe); the former says which
of several files of one stem is meant, so it goes first.
"""

from __future__ import annotations

import os

from photosearch.core.photo import FileStamp

#: Of a sidecar's name, in lower case.
SIDECAR_SUFFIX = b".xmp"
#: As programs write it. Any mixture would cost a listing of the directory for each photo.
_SPELLINGS = (SIDECAR_SUFFIX, SIDECAR_SUFFIX.upper())


def is_sidecar(name: bytes) -> bool:
    """True for the name of an XMP file."""
    return name[-len(SIDECAR_SUFFIX) :].lower() == SIDECAR_SUFFIX


def sidecar_of(path: bytes) -> tuple[bytes, FileStamp] | None:
    """Finds the sidecar of a photo.

    Args:
        path: The photo's.

    Returns:
        The sidecar's path, and its stamp; None where there is none that can be looked at.
    """
    stem, suffix = os.path.splitext(path)  # noqa: PTH122 - pathlib takes no bytes
    for base in (path, stem) if suffix else (path,):
        for spelling in _SPELLINGS:
            try:
                info = os.stat(base + spelling)  # noqa: PTH116 - bytes
            except (OSError, ValueError):
                continue
            return base + spelling, FileStamp(info.st_size, info.st_mtime_ns)
    return None
