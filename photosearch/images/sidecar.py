"""Reads the XMP file that another program keeps beside a photo.

Called by `source` and `listing` in a decoder process. Where it lies is for `sidecars` to say, and
what stands in it for `metadata`.
"""

from __future__ import annotations

import os
from pathlib import Path

from photosearch.core.photo import FileStamp
from photosearch.images.reach import open_to_read, refusal
from photosearch.images.sidecars import sidecar_of

#: The largest seen, of a photo with thousands of retouched spots, has a fifth.
MAX_BYTES = 1_000_000


def read_sidecar(photo: Path) -> tuple[FileStamp | None, bytes | None]:
    """Reads a photo's sidecar. Never fails: what cannot be read is as if it were empty.

    Args:
        photo: The photo.

    Returns:
        Its stamp and its content; None for both where there is none. Of one that is too large,
        elsewhere or unreadable the stamp alone, so that it is not tried again until it changes.
    """
    found = sidecar_of(os.fsencode(photo))
    if found is None:
        return None, None
    path, stamp = os.fsdecode(found[0]), found[1]
    try:
        status = os.stat(path)  # noqa: PTH116 - any bytes
        if refusal(status) is not None or status.st_size > MAX_BYTES:
            return stamp, None
        with os.fdopen(open_to_read(path, None), "rb") as file:
            return stamp, file.read(MAX_BYTES)
    except OSError:
        return stamp, None
