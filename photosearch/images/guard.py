"""Opens untrusted bytes with Pillow: size guard, format list, and one place for its errors.

Called by `decode` in a decoder process. Pillow keeps its limits in module globals and says why a
file could not be identified in warnings only; both are dealt with here and nowhere else. Since
globals and warning filters are the process's, one thread at a time may decode.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageFile, UnidentifiedImageError

from photosearch.core.failure import FailureArgs, FailureCode, FailureReason, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError
from photosearch.images import formats
from photosearch.images.inflated import without_inflated
from photosearch.images.sizes import JXL_SIGNATURES, early_size

_PIXELS_PER_MP = 1_000_000
#: Wider than any panorama. Pillow gathers a row from small pieces and copies it with each: a row
#: of millions, in a WebP of some kilobytes, would keep a child busy for a minute.
_SIDE_MAX_PX = 200_000
_DETAIL_CHARS = 200

#: All that Pillow and its codecs are seen to raise on damaged files.
FOREIGN_ERRORS = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, LookupError),
    *(ArithmeticError, AssertionError, RuntimeError, BufferError, struct.error, zlib.error),
    Image.DecompressionBombError,
)

_CUT_SHORT_SIGNS = ("truncated", "end of file", "unexpected end", "premature end")
#: Signatures of kinds that a later version reads.
_NOT_YET_SIGNATURES = (
    *((signature, "JPEG XL") for signature in JXL_SIGNATURES),
    (b"8BPS", "Photoshop"),
)
#: How Pillow says that a JPEG has more bits than its libjpeg takes.
_JPEG_BITS = re.compile(r"cannot handle ([0-9]+)-bit layers")
_UNSUPPORTED_SIGNS = ("unsupported", "not supported", "unknown pixel mode")


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a picture may cost.

    Attributes:
        megapixels: Most pixels, by its header. 250: above every camera and stitched phone
            panorama, and still 1 GB of memory once decoded.
        file_bytes: Longest file.
    """

    megapixels: int = 250
    file_bytes: int = 1 << 30


DEFAULT_LIMITS = DecodeLimits()


@contextmanager
def open_image(
    encoded: bytes, stamp: FileStamp | None, limits: DecodeLimits
) -> Iterator[ImageFile.ImageFile]:
    """Opens a picture; the pixels are decoded inside the `with`, and errors there are ours too.

    Args:
        encoded: The file's bytes.
        stamp: Goes into the error.
        limits: What the picture may cost.

    Yields:
        The picture, its size checked, no pixel decoded yet.

    Raises:
        DecodeError: At stage DECODE, for anything that goes wrong in here or in the `with`.
    """
    saved = Image.MAX_IMAGE_PIXELS, Image.WARN_POSSIBLE_FORMATS, ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        try:
            # Headers only, so no limit yet: Pillow's error would not tell the size.
            Image.MAX_IMAGE_PIXELS = None
            Image.WARN_POSSIBLE_FORMATS = True
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            # Some codecs take the memory, or decode, when they are opened.
            if early := early_size(encoded):
                check_size(early, stamp, limits)
            stream = io.BytesIO(without_inflated(encoded))
            with Image.open(stream, formats=formats.openable()) as image:
                check_size(image.size, stamp, limits)
                # For what hides behind the header: tiles, frames larger than the canvas.
                Image.MAX_IMAGE_PIXELS = limits.megapixels * _PIXELS_PER_MP
                yield image
        except DecodeError:
            raise
        except MemoryError as error:
            reason = FailureReason(FailureCode.OUT_OF_MEMORY)
            raise DecodeError(Stage.DECODE, reason, stamp) from error
        except FOREIGN_ERRORS as error:
            reason = reason_of(error, encoded, [str(note.message) for note in notes])
            raise DecodeError(Stage.DECODE, reason, stamp) from error
        finally:
            (
                Image.MAX_IMAGE_PIXELS,
                Image.WARN_POSSIBLE_FORMATS,
                ImageFile.LOAD_TRUNCATED_IMAGES,
            ) = saved


def check_size(size: tuple[int, int], stamp: FileStamp | None, limits: DecodeLimits) -> None:
    """Refuses what has too many pixels, or too many in a row.

    Raises:
        DecodeError: At stage DECODE.
    """
    width_px, height_px = size
    if width_px * height_px > limits.megapixels * _PIXELS_PER_MP:
        args: FailureArgs = {
            "width_px": width_px,
            "height_px": height_px,
            "limit_mp": limits.megapixels,
        }
        reason = FailureReason(FailureCode.TOO_LARGE, args)
        raise DecodeError(Stage.DECODE, reason, stamp)
    if max(size) > _SIDE_MAX_PX:
        detail = f"{width_px} x {height_px} pixels"
        reason = FailureReason(FailureCode.UNSUPPORTED, {"detail": detail})
        raise DecodeError(Stage.DECODE, reason, stamp)


def reason_of(error: BaseException, encoded: bytes, notes: list[str]) -> FailureReason:
    """Finds the code for what Pillow raised.

    Args:
        error: What was raised.
        encoded: The file's bytes.
        notes: Pillow's warnings; one for each format whose signature is there but which failed.
    """
    if isinstance(error, UnidentifiedImageError):
        notes = [note for note in notes if "opening failed" in note]
        if not notes:
            return _unknown_kind(encoded)
        text = "; ".join(notes)
    else:
        text = str(error) or type(error).__name__
    lowered = text.lower()
    if (
        isinstance(error, EOFError)
        or any(sign in lowered for sign in _CUT_SHORT_SIGNS)
        or _is_cut_short(encoded)
    ):
        return FailureReason(FailureCode.TRUNCATED)
    if encoded.startswith(JXL_SIGNATURES):  # its plug-in says how it could be built, and no more
        text = "the decoder of JPEG XL stopped, maybe because the end is missing"
    if bits := _JPEG_BITS.search(lowered):
        text = f"JPEG with {bits[1]} bits a colour"
        return FailureReason(FailureCode.UNSUPPORTED, {"detail": text})
    is_unsupported = any(sign in lowered for sign in _UNSUPPORTED_SIGNS)
    code = FailureCode.UNSUPPORTED if is_unsupported else FailureCode.DAMAGED
    return FailureReason(code, {"detail": " ".join(text.split())[:_DETAIL_CHARS]})


def _unknown_kind(encoded: bytes) -> FailureReason:
    """Tells a picture or film of another kind from what is no picture at all."""
    for signature, kind in _NOT_YET_SIGNATURES:
        if encoded.startswith(signature):
            return FailureReason(FailureCode.UNSUPPORTED, {"detail": kind})
    if encoded[4:8] == b"ftyp":  # a film, or a Canon raw file
        brand = encoded[8:12].decode("ascii", "replace").strip()
        return FailureReason(FailureCode.UNSUPPORTED, {"detail": brand})
    return FailureReason(FailureCode.NOT_AN_IMAGE)


def _is_cut_short(encoded: bytes) -> bool:
    """Tells by the container's own lengths whether the end is missing; for broken files only."""
    if encoded[:4] == b"RIFF":
        return len(encoded) < 8 + int.from_bytes(encoded[4:8], "little")
    if encoded[:4] == b"\x89PNG":
        return b"IEND" not in encoded
    if encoded[:3] == b"GIF":
        return not encoded.endswith(b";")
    if encoded[4:8] not in {b"ftyp", b"JXL "}:
        return False
    offset = 0
    while offset + 8 <= len(encoded):  # ISO boxes: length, type, content
        length = int.from_bytes(encoded[offset : offset + 4], "big")
        if length < 8:  # 0: to the end of the file; 1: a 64-bit length
            return False
        offset += length
    return offset != len(encoded)
