"""Where a photo was taken, as its header says. No place is better than a wrong one.

Called by `metadata` in a decoder process. Nothing here fails.
"""

from __future__ import annotations

import math
import re

from PIL import ExifTags

from photosearch import gazetteer
from photosearch.gazetteer import Whereabouts
from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.header import Properties
from photosearch.images.tags import Tags, text_of

#: North positive and east positive, in degrees.
Position = tuple[float, float]

#: "52,31.2N", "52,31,12N", as XMP has it.
_XMP_DEGREES = re.compile(r"(\d{1,3})(?:,(\d{1,2}(?:\.\d+)?))?(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])")
_TEXT_CHARS = 100


def read_position(gps: Tags) -> Position | None:
    """Returns where EXIF says that a photo was taken."""
    return _checked(
        _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90.0),
        _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180.0),
    )


def read_xmp_position(properties: Properties) -> Position | None:
    """Returns where XMP says that a photo was taken."""
    return _checked(
        _xmp_degrees(properties, "Xmp.exif.GPSLatitude", "NS", 90.0),
        _xmp_degrees(properties, "Xmp.exif.GPSLongitude", "EW", 180.0),
    )


def read_whereabouts(
    position: Position | None, sidecar: Properties, xmp: Properties, iptc: Properties
) -> Whereabouts:
    """Returns town and country of a position; without one, what somebody wrote there."""
    if position is not None:
        return gazetteer.towns().around(*position)
    return Whereabouts(
        _written(sidecar, xmp, iptc, "Xmp.photoshop.City", "Iptc.Application2.City"),
        _written(sidecar, xmp, iptc, "Xmp.photoshop.Country", "Iptc.Application2.CountryName"),
    )


def _written(
    sidecar: Properties, xmp: Properties, iptc: Properties, xmp_key: str, iptc_key: str
) -> str | None:
    for properties, key in ((sidecar, xmp_key), (xmp, xmp_key), (iptc, iptc_key)):
        for text in properties.get(key, ())[:1]:
            plain = text_of(text, _TEXT_CHARS)
            if plain:
                return plain
    return None


def _checked(latitude: float | None, longitude: float | None) -> Position | None:
    if latitude is None or longitude is None:
        return None
    if latitude == 0.0 and longitude == 0.0:
        return None  # what cameras write that have no fix; nobody photographs in that sea
    return latitude, longitude


def _degrees(gps: Tags, tag: int, ref_tag: int, refs: str, limit: float) -> float | None:
    """Returns one coordinate, signed; None without its N, S, E or W."""
    parts = gps.get(tag)
    ref = text_of(gps.get(ref_tag), _TEXT_CHARS)[:1].upper()
    if not isinstance(parts, tuple) or not 1 <= len(parts) <= 3 or not ref or ref not in refs:
        return None
    try:
        value = math.fsum(float(part) / (1, 60, 3600)[power] for power, part in enumerate(parts))
    except FOREIGN_ERRORS:
        return None
    return _signed(value, is_negative=ref == refs[1], limit=limit)


def _xmp_degrees(properties: Properties, key: str, refs: str, limit: float) -> float | None:
    match = _XMP_DEGREES.fullmatch(text_of(properties.get(key, ("",))[0], _TEXT_CHARS).upper())
    if match is None or match[4] not in refs:
        return None
    value = math.fsum((float(match[1]), float(match[2] or 0) / 60, float(match[3] or 0) / 3600))
    return _signed(value, is_negative=match[4] == refs[1], limit=limit)


def _signed(value: float, *, is_negative: bool, limit: float) -> float | None:
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if is_negative else value
