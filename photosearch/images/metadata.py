"""What a photo's file says: when, with what, where, and what somebody said of it.

Called in a decoder process. Cameras, phones and editors write anything: whatever cannot be read is
left out, and nothing here fails a photo.

Where several places say the same, the first of these counts that says something sensible:

- What the user says (stars, caption, people): sidecar, XMP, EXIF, IPTC. Keywords: all of them.
- When it was taken: EXIF's time of capture, XMP's (exif:DateTimeOriginal, photoshop:DateCreated,
  xmp:CreateDate), EXIF's time of digitising, IPTC's, EXIF's time of change, the satellites', the
  file's name. Where a sidecar says another time than that, the sidecar counts: raw files are not
  written to, and so it is where their times are corrected. (Metadata Working Group, Guidelines 2.0:
  within a file, EXIF before XMP before IPTC.) Where two say the same, what the one lacks of
  sub-seconds and offset is taken from the other. An offset that nobody says is the distance of the
  camera's clock from the satellites' time, where that is nearly whole half hours.
- Where: sidecar, EXIF, XMP; town and country are those of the position, and only without one what
  somebody wrote: sidecar, XMP, IPTC.
- The camera and its settings: EXIF, XMP, the camera's own notes.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import ExifTags, Image

from photosearch.core.photo import PhotoFacts
from photosearch.images.caption import read_caption
from photosearch.images.capture_time import read_capture_time
from photosearch.images.exposure import read_exposure, read_rating
from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.header import (
    Header,
    Properties,
    pillow_orientation,
    read_header,
    read_sidecar,
)
from photosearch.images.position import read_position, read_whereabouts, read_xmp_position
from photosearch.images.said import read_keywords, read_people, read_xmp_rating
from photosearch.images.tags import Tags, text_of

log = logging.getLogger(__name__)

_TEXT_CHARS = 100
_XMP_LENSES = ("Xmp.exifEX.LensModel", "Xmp.aux.Lens")
#: The camera and its settings as XMP has them, for files whose EXIF was thrown away.
_AS_EXIF = {
    "Xmp.tiff.Make": ExifTags.Base.Make,
    "Xmp.tiff.Model": ExifTags.Base.Model,
    "Xmp.exif.FNumber": ExifTags.Base.FNumber,
    "Xmp.exif.ExposureTime": ExifTags.Base.ExposureTime,
    "Xmp.exif.FocalLength": ExifTags.Base.FocalLength,
    "Xmp.exif.ISOSpeedRatings": ExifTags.Base.ISOSpeedRatings,
    "Xmp.exifEX.PhotographicSensitivity": ExifTags.Base.ISOSpeedRatings,
}


def read_orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation that is still to be applied to a *loaded* picture, 1..8.

    Pillow's TIFF loader and pillow_heif turn the pixels themselves and take the tag away; for AVIF
    Pillow leaves the pixels alone and makes a tag of the container's own turn.
    """
    return pillow_orientation(image)


def read_facts(
    source: Path | bytes,
    format: str,  # noqa: A002 - as in `PhotoFacts`
    upright_px: tuple[int, int],
    name: bytes | None = None,
    sidecar: bytes | None = None,
) -> PhotoFacts:
    """Reads what a file says. Never fails.

    Args:
        source: The file, of which only the parts with metadata are read; or its bytes, of which
            the end may be missing.
        format: The container's name as Pillow says it.
        upright_px: Full width and height, turned upright; zeros where they are not known.
        name: The file's name, for the date in it.
        sidecar: What the XMP file beside it holds.
    """
    try:
        return _facts(source, format, upright_px, name, sidecar)
    except FOREIGN_ERRORS:
        # A gap in what is left out; it is ours to mend, and must not cost the photo.
        log.warning("metadata of a %s file could not be read", format, exc_info=True)
        return PhotoFacts(format, *upright_px)


def _facts(
    source: Path | bytes,
    container: str,
    upright_px: tuple[int, int],
    name: bytes | None,
    sidecar: bytes | None,
) -> PhotoFacts:
    header = read_header(source)
    beside: Properties = {} if sidecar is None else read_sidecar(sidecar)
    xmp_tags = _xmp_tags(header.xmp)
    main = {**xmp_tags, **header.main}
    lenses = [*_first_texts(header.xmp, _XMP_LENSES), header.lens]
    exposure = read_exposure({**xmp_tags, **header.details}, lenses)
    position = (
        read_xmp_position(beside) or read_position(header.gps) or read_xmp_position(header.xmp)
    )
    whereabouts = read_whereabouts(position, beside, header.xmp, header.iptc)
    return PhotoFacts(
        format=container,
        width_px=upright_px[0],
        height_px=upright_px[1],
        taken=read_capture_time(header, beside, name),
        camera_make=text_of(main.get(ExifTags.Base.Make), _TEXT_CHARS) or None,
        camera_model=text_of(main.get(ExifTags.Base.Model), _TEXT_CHARS) or None,
        latitude_deg=None if position is None else position[0],
        longitude_deg=None if position is None else position[1],
        lens=exposure.lens,
        iso=exposure.iso,
        aperture=exposure.aperture,
        exposure_s=exposure.exposure_s,
        focal_mm=exposure.focal_mm,
        rating=_rating(header, beside),
        caption=read_caption(header, beside),
        keywords=tuple(read_keywords(beside, header.xmp, header.main, header.iptc)),
        people=tuple(read_people(beside) or read_people(header.xmp)),
        city=whereabouts.town,
        country=whereabouts.country,
    )


def _rating(header: Header, beside: Properties) -> int | None:
    for rating in (read_xmp_rating(beside), read_xmp_rating(header.xmp), read_rating(header.main)):
        if rating is not None:
            return rating
    return None


def _first_texts(properties: Properties, keys: tuple[str, ...]) -> list[str]:
    return [text for key in keys for text in properties.get(key, ())[:1]]


def _xmp_tags(properties: Properties) -> Tags:
    found: dict[int, object] = {}
    for key, tag in _AS_EXIF.items():
        for text in properties.get(key, ())[:1]:
            number = _fraction(text)
            found.setdefault(tag, text if number is None else number)
    return found


def _fraction(text: str) -> float | None:
    numerator, slash, denominator = text.partition("/")
    try:
        return float(numerator) / float(denominator) if slash else float(numerator)
    except (ValueError, ArithmeticError):
        return None
