"""Invented cameras: how they name files and what they write into EXIF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

#: How pixels are stored so that a viewer that obeys the tag shows them upright.
STORED = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Camera:
    """A make and model that does not exist.

    Attributes:
        make: EXIF Make.
        model: EXIF Model.
        pattern: strftime pattern of a file's stem, with `{number}` for the counter.
        has_gps: Whether it writes where it was.
        rotates: Whether it turns by tag instead of by pixels.
    """

    make: str
    model: str
    pattern: str
    has_gps: bool
    rotates: bool

    def file_name(self, taken: datetime, number: int) -> str:
        """Return the name of a picture's file."""
        return taken.strftime(self.pattern).format(number=number) + ".jpg"


CAMERAS = (
    Camera("Lumora", "Lumora X20", "IMG_{number:04d}", has_gps=False, rotates=True),
    Camera("Halden", "Pocket 7", "DSC{number:05d}", has_gps=False, rotates=True),
    Camera("Feather", "Feather One", "%Y%m%d_%H%M%S_{number:03d}", has_gps=True, rotates=True),
)


def stored_pixels(picture: Image.Image, orientation: int) -> Image.Image:
    """Return the pixels as the camera stores them for an orientation tag."""
    return picture.transpose(STORED[orientation]) if orientation in STORED else picture


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    minutes = abs(value) % 1 * 60
    return (
        IFDRational(int(abs(value)), 1),
        IFDRational(int(minutes), 1),
        IFDRational(round(minutes % 1 * 60 * 100), 100),
    )


def exif_bytes(
    camera: Camera,
    taken: datetime,
    orientation: int,
    place: tuple[float, float] | None,
    offset_hours: int | None,
    rng: np.random.Generator,
) -> bytes:
    """Return the EXIF block of one picture.

    Args:
        camera: Who took it.
        taken: Local capture time; its microseconds become SubSec.
        orientation: EXIF Orientation.
        place: Latitude and longitude of the event, or None.
        offset_hours: Hours from UTC to write, or None to leave the tag out.
        rng: Moves the position a little.
    """
    exif = Image.Exif()
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif[ExifTags.Base.Make] = camera.make
    exif[ExifTags.Base.Model] = camera.model
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = stamp
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = stamp
    details[ExifTags.Base.DateTimeDigitized] = stamp
    details[ExifTags.Base.SubsecTimeOriginal] = f"{taken.microsecond // 1000:03d}"
    if offset_hours is not None:
        details[ExifTags.Base.OffsetTimeOriginal] = f"{offset_hours:+03d}:00"
    if place is not None:
        latitude, longitude = (p + float(rng.normal(0, 0.01)) for p in place)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _degrees(latitude)
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _degrees(longitude)
    return exif.tobytes()
