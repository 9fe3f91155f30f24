"""Raw data of cameras: the preview that the camera put into the file, else the data developed.

Called by `decode` in a decoder process. The only module that knows LibRaw, by rawpy, which is
loaded with the first raw file.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError
from photosearch.images import formats
from photosearch.images.guard import (
    FOREIGN_ERRORS,
    DecodeLimits,
    check_size,
    open_image,
    reason_of,
)
from photosearch.images.header import read_header
from photosearch.images.icc import adobe_rgb
from photosearch.images.metadata import read_orientation
from photosearch.images.orientation import SIDEWAYS, turned_size
from photosearch.images.outline_tiff import TIFF_LIKE_RAW, is_dng, is_tiff, outline_tiff
from photosearch.images.tags import text_of
from photosearch.images.window import Window

#: A smaller preview has not enough pixels for the encoder's crop.
PREVIEW_MIN_PX = 448
#: Cameras set to 16:9 or 1:1 keep the sensor's whole shape in the raw data; what is further from
#: it is a preview of something else.
_SHAPE_TOLERANCE = 0.5
#: LibRaw's turns, as EXIF counts.
_TURNS = {0: 1, 3: 3, 5: 8, 6: 6}
_SIGNATURE = re.compile(
    rb"II\*\0....CR\x02|....ftypcrx |FUJIFILMCCD-RAW |FOVb|\0MRM|II\x1a\0\0\0HEAPCCDR", re.DOTALL
)
#: Of Sigma's files, of which nobody here reads the header.
_UNREAD_HEADER = b"FOVb"
_MAKE_CHARS = 100
#: EXIF's numbers for "Adobe RGB": the standard's, and that of some cameras.
_UNCALIBRATED, _ADOBE = 0xFFFF, 2


@dataclass(frozen=True, slots=True)
class RawPicture:
    """A raw file's picture.

    Attributes:
        image: Loaded; a JPEG preview may be reduced.
        size_px: Its width and height before any reduction.
        orientation: EXIF orientation that is still to be applied to it.
        upright_px: Width and height of the photo that the data would give, upright.
    """

    image: Image.Image
    size_px: tuple[int, int]
    orientation: int
    upright_px: tuple[int, int]


def is_raw(encoded: bytes, name: str) -> bool:
    """Tells raw data from pictures, by what is in the file; the name decides among TIFF's kin."""
    if _SIGNATURE.match(encoded) or encoded[:4] in TIFF_LIKE_RAW:
        return True
    if not is_tiff(encoded[:16]):
        return False
    return formats.is_raw_name(name) or is_dng(Window(encoded, len(encoded)))


def open_raw(
    encoded: bytes, stamp: FileStamp | None, shortest_px: int, limits: DecodeLimits
) -> RawPicture:
    """Decodes the preview, where it is large enough, else develops the data at half the size.

    Args:
        encoded: The file's bytes.
        stamp: Goes into errors.
        shortest_px: A preview may be reduced as long as its shortest side has this many pixels.
        limits: What the picture may cost.

    Raises:
        DecodeError: At stage DECODE.
    """
    import rawpy

    def refused(code: FailureCode, detail: str = "") -> DecodeError:
        reason = FailureReason(code, {"detail": detail} if detail else {})
        return DecodeError(Stage.DECODE, reason, stamp)

    previews = _Previews(encoded, shortest_px, limits)
    try:
        with rawpy.imread(io.BytesIO(encoded)) as raw:
            full_px = (int(raw.sizes.width), int(raw.sizes.height))
            check_size(full_px, stamp, limits)
            turn = _TURNS.get(int(raw.sizes.flip), 1)
            with suppress(rawpy.LibRawError, *FOREIGN_ERRORS):
                preview = previews.usable(raw.extract_thumb().data, full_px, turn)
                if preview is not None:
                    return preview
            developed = Image.fromarray(
                raw.postprocess(
                    half_size=True,
                    use_camera_wb=True,
                    output_color=rawpy.ColorSpace.sRGB,
                    output_bps=8,
                    user_flip=0,
                )
            )
            return RawPicture(developed, developed.size, turn, turned_size(full_px, turn))
    except (MemoryError, rawpy.LibRawUnsufficientMemoryError) as error:
        raise refused(FailureCode.OUT_OF_MEMORY) from error
    except (rawpy.LibRawFileUnsupportedError, rawpy.NotSupportedError) as error:
        # A camera that LibRaw does not know yet; its preview is a JPEG all the same.
        known = previews.by_directory()
        if known is not None:
            return known
        if _names_camera(encoded):
            raise refused(FailureCode.UNSUPPORTED, "raw data of an unknown kind") from error
        raise refused(FailureCode.DAMAGED, "its header names no camera") from error
    except rawpy.LibRawIOError as error:
        raise refused(FailureCode.TRUNCATED) from error
    except (rawpy.LibRawError, *FOREIGN_ERRORS) as error:
        raise DecodeError(Stage.DECODE, reason_of(error, encoded, []), stamp) from error


class _Previews:
    """Judges and decodes the pictures in a raw file."""

    def __init__(self, encoded: bytes, shortest_px: int, limits: DecodeLimits) -> None:
        self._encoded = encoded
        self._shortest_px = shortest_px
        self._limits = limits

    def usable(
        self, data: bytes | npt.NDArray[np.uint8], full_px: tuple[int, int], turn: int
    ) -> RawPicture | None:
        """Decodes a preview; None where it is too small, broken, or of something else.

        Args:
            data: JPEG bytes, or RGB pixels.
            full_px: The raw data's width and height, as they lie.
            turn: EXIF orientation of the raw data.
        """
        upright_px = turned_size(full_px, turn)
        if not isinstance(data, bytes):
            image = Image.fromarray(data)
            if not _is_usable(image.size, full_px):
                return None
            own_turn = _turn_of(image.size, full_px, turn, None)
            return RawPicture(image, image.size, own_turn, upright_px)
        try:
            with open_image(data, None, self._limits) as opened:
                size_px = opened.size
                if not _is_usable(size_px, full_px):
                    return None
                opened.draft(None, (self._shortest_px, self._shortest_px))
                opened.load()
                says = ExifTags.Base.Orientation in opened.getexif()
                own_turn = _turn_of(
                    size_px, full_px, turn, read_orientation(opened) if says else None
                )
                image = opened.copy()
                image.info["icc_profile"] = opened.info.get("icc_profile") or self._profile()
        except DecodeError:
            return None  # then the data themselves
        return RawPicture(image, size_px, own_turn, upright_px)

    def by_directory(self) -> RawPicture | None:
        """Finds a preview without LibRaw's help."""
        if not is_tiff(self._encoded[:16]):
            return None
        outline = outline_tiff(Window(self._encoded, len(self._encoded)), "")
        if not isinstance(outline.preview, bytes) or not all(outline.size_px):
            return None
        lying_px = turned_size(outline.size_px, outline.preview_turn)
        return self.usable(outline.preview, lying_px, outline.preview_turn)

    def _profile(self) -> bytes | None:
        """Returns the profile of what the camera was set to: it knows no third."""
        space = read_header(self._encoded).details.get(ExifTags.Base.ColorSpace)
        return adobe_rgb() if space in {_ADOBE, _UNCALIBRATED} else None


def _names_camera(encoded: bytes) -> bool:
    """Tells a camera that is not known yet from a header of which nothing is left."""
    if encoded.startswith(_UNREAD_HEADER):
        return True
    return bool(text_of(read_header(encoded).main.get(ExifTags.Base.Make), _MAKE_CHARS))


def _is_usable(preview_px: tuple[int, int], full_px: tuple[int, int]) -> bool:
    if min(preview_px) < PREVIEW_MIN_PX:
        return False
    shape = max(preview_px) / min(preview_px)
    return abs(shape / (max(full_px) / max(1, min(full_px))) - 1) <= _SHAPE_TOLERANCE


def _turn_of(
    preview_px: tuple[int, int], full_px: tuple[int, int], turn: int, own_turn: int | None
) -> int:
    """Returns how a preview is turned upright: some cameras put it in as it lay, some upright."""
    if turn in SIDEWAYS:
        is_upright = (preview_px[0] > preview_px[1]) != (full_px[0] > full_px[1])
        return 1 if is_upright and preview_px[0] != preview_px[1] else turn
    return turn if own_turn is None else own_turn
