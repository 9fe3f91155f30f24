"""Makes of a picture what a copy from elsewhere looks like, to show that it is still found.

Used by the demo and by tests; in the caller's process, on our own pictures only.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

_TURN_DEGREES = 5.0
#: Cut off at each side: enough to lose the corners that turning leaves empty.
_CUT = 0.08
_JPEG_QUALITY = 40


def altered_copy(path: Path) -> bytes:
    """Returns a picture turned by some degrees, cropped, and compressed hard: JPEG bytes.

    Args:
        path: A picture that Pillow opens without plug-ins.
    """
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    turned = upright.rotate(_TURN_DEGREES, resample=Image.Resampling.BICUBIC)
    cut_x_px, cut_y_px = round(turned.width * _CUT), round(turned.height * _CUT)
    inner = turned.crop((cut_x_px, cut_y_px, turned.width - cut_x_px, turned.height - cut_y_px))
    encoded = io.BytesIO()
    inner.save(encoded, "JPEG", quality=_JPEG_QUALITY)
    return encoded.getvalue()
