"""The shape and metadata of JPEG XL files, for `listing`; they carry no thumbnail."""

from __future__ import annotations

from photosearch.images.boxes import box_at
from photosearch.images.outline import Outline
from photosearch.images.sizes import JXL_HEAD_BYTES, JXL_SIGNATURES, jxl_size
from photosearch.images.window import Window

_BOXES_MAX = 64
_METADATA_MAX_BYTES = 64_000


def outline_jxl(window: Window) -> Outline:
    """Reads the code stream's header and the container's metadata.

    Raises:
        ValueError: It is malformed.
        TooFarError: It would be more than is allowed.
    """
    head = window.read(0, JXL_HEAD_BYTES)
    if head.startswith(JXL_SIGNATURES[0]):
        return Outline("JXL", jxl_size(head), b"")
    kept = [head[:12]]
    size_px = (0, 0)
    at = len(JXL_SIGNATURES[1])
    for _ in range(_BOXES_MAX):
        if at >= window.size_bytes:
            break
        box = box_at(window.read(at, 16), at, window.size_bytes)
        if box.kind in {b"jxlc", b"jxlp"} and size_px == (0, 0):
            start = box.body + (4 if box.kind == b"jxlp" else 0)
            size_px = jxl_size(window.read(start, JXL_HEAD_BYTES))
        elif box.kind in {b"ftyp", b"Exif", b"xml "} and box.end - box.start < _METADATA_MAX_BYTES:
            kept.append(window.read(box.start, box.end - box.start))
        at = box.end
    return Outline("JXL", size_px, b"".join(kept))
