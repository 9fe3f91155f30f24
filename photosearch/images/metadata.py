"""What a photo's header says: when, with what, where.

Called by `decode` in a decoder process. Cameras, phones and editors write anything: whatever
cannot be read is left out, and nothing here fails a photo.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from PIL import ExifTags, Image

from photosearch.core.photo import CaptureTime, PhotoFacts
from photosearch.images.caption import read_caption
from photosearch.images.exposure import read_exposure, read_rating
from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.tags import Tags, text_of

_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T]+(\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_OLDEST_YEAR = 1826  # the first photograph
_OFFSET_MAX_MIN = 14 * 60  # Kiribati
_TEXT_CHARS = 100


def read_orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation that is still to be applied to a *loaded* picture, 1..8.

    Pillow's TIFF loader and pillow_heif turn the pixels themselves and take the tag away; for AVIF
    Pillow leaves the pixels alone and makes a tag of the container's own turn.
    """
    orientation = _tags(image, None).get(ExifTags.Base.Orientation, 1)
    is_valid = isinstance(orientation, int) and 1 <= orientation <= 8
    return orientation if is_valid and isinstance(orientation, int) else 1


def read_facts(image: Image.Image, upright_px: tuple[int, int]) -> PhotoFacts:
    """Reads what the header says. Never fails.

    Args:
        image: A loaded picture (a PNG's EXIF may stand behind its pixels).
        upright_px: Full width and height, turned upright.
    """
    main = _tags(image, None)
    details = _tags(image, ExifTags.IFD.Exif)
    latitude_deg, longitude_deg = _position(_tags(image, ExifTags.IFD.GPSInfo))
    exposure = read_exposure(details)
    return PhotoFacts(
        format=image.format or "",
        width_px=upright_px[0],
        height_px=upright_px[1],
        taken=_capture_time(main, details),
        camera_make=_text(main.get(ExifTags.Base.Make)) or None,
        camera_model=_text(main.get(ExifTags.Base.Model)) or None,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        lens=exposure.lens,
        iso=exposure.iso,
        aperture=exposure.aperture,
        exposure_s=exposure.exposure_s,
        focal_mm=exposure.focal_mm,
        rating=read_rating(main),
        caption=read_caption(main, details),
    )


def _tags(image: Image.Image, ifd: int | None) -> Tags:
    """Returns one directory of the EXIF data, empty where it is missing or broken."""
    try:
        exif = image.getexif()
        directory: Tags = exif if ifd is None else exif.get_ifd(ifd)
        tags = list(directory)
    except FOREIGN_ERRORS:
        return {}
    found: dict[int, object] = {}
    for tag in tags:
        try:
            found[tag] = directory[tag]  # decoded here: a broken value costs itself only
        except FOREIGN_ERRORS:
            continue
    return found


def _text(value: object) -> str:
    return text_of(value, _TEXT_CHARS)


def _capture_time(main: Tags, details: Tags) -> CaptureTime | None:
    """Takes the first usable of: taken, digitised, file changed."""
    base = ExifTags.Base
    candidates = (
        (
            details.get(base.DateTimeOriginal),
            details.get(base.SubsecTimeOriginal),
            details.get(base.OffsetTimeOriginal),
        ),
        (
            details.get(base.DateTimeDigitized),
            details.get(base.SubsecTimeDigitized),
            details.get(base.OffsetTimeDigitized),
        ),
        (main.get(base.DateTime), details.get(base.SubsecTime), details.get(base.OffsetTime)),
    )
    for date, subsec, offset in candidates:
        local = _local_time(_text(date), _text(subsec))
        if local is not None:
            return CaptureTime(local, _offset_min(_text(offset)), "exif")
    return None


def _local_time(date: str, subsec: str) -> datetime | None:
    match = _DATE.match(date)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    if year < _OLDEST_YEAR:
        return None
    try:
        local = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None  # 2013:02:30, 25:61:61
    digits = subsec if subsec.isascii() and subsec.isdigit() else "0"
    return local + timedelta(microseconds=int(digits[:6].ljust(6, "0")))


def _offset_min(text: str) -> int | None:
    if text == "Z":
        return 0
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return (-minutes if match[1] == "-" else minutes) if minutes <= _OFFSET_MAX_MIN else None


def _position(gps: Tags) -> tuple[float | None, float | None]:
    """Returns latitude and longitude in degrees, or None for both."""
    latitude = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90.0)
    longitude = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180.0)
    if latitude is None or longitude is None:
        return None, None
    if latitude == 0.0 and longitude == 0.0:
        return None, None  # what cameras write that have no fix; nobody photographs in that sea
    return latitude, longitude


def _degrees(gps: Tags, tag: int, ref_tag: int, refs: str, limit: float) -> float | None:
    """Returns one coordinate, signed; None without its N, S, E or W: a wrong place is worse."""
    parts = gps.get(tag)
    ref = _text(gps.get(ref_tag))[:1].upper()
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3 or not ref or ref not in refs:
        return None
    try:
        value = math.fsum(float(part) / (1, 60, 3600)[power] for power, part in enumerate(parts))
    except FOREIGN_ERRORS:
        return None
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if ref == refs[1] else value
