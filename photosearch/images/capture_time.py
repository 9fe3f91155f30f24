"""When a photo was taken, by all that a file says of it, in one order of precedence.

Called by `metadata` in a decoder process; its docstring tells the order. What cannot be is left
out, nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from PIL import ExifTags

from photosearch.core.photo import CaptureTime
from photosearch.images.header import Header, Properties
from photosearch.images.name_time import OLDEST_YEAR, time_in_name
from photosearch.images.tags import Tags, number_of, text_of

_EXIF_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T]+(\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
#: ISO 8601 as XMP has it: a year, a month or a day may stand alone. Some write EXIF's colons.
_XMP_DATE = re.compile(
    r"(\d{4})(?:[:-](\d\d)(?:[:-](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_OFFSET_MAX_MIN = 14 * 60  # Kiribati
#: A day without a time: noon is wrong by half a day at most, and never on another day.
_NO_TIME_HOUR = 12
_TEXT_CHARS = 100

_XMP_TAKEN = (
    *("Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated", "Xmp.xmp.CreateDate"),
    *("Xmp.exif.DateTimeDigitized",),
)
#: Date and time in one, whatever the name says.
_XMP_SATELLITES = ("Xmp.exif.GPSTimeStamp",)
#: How far the camera's clock and the satellites' may differ for their difference to be its offset.
_GPS_TOLERANCE = timedelta(seconds=75)
#: Nearly all clocks differ from UTC by whole half hours; what else fits by chance does so rarely.
_GPS_STEP_MIN = 30
_GPS_OFFSET_MIN_MIN = -12 * 60


def read_capture_time(
    header: Header, sidecar: Properties, name: bytes | None
) -> CaptureTime | None:
    """Takes the first usable time of: sidecar, EXIF, XMP, EXIF's digitised, IPTC, EXIF, name."""
    taken = _first_time(header, name)
    stated = _from_xmp(sidecar)
    if stated is not None and (taken is None or not _is_same(taken, stated)):
        taken = stated  # corrected there
    elif stated is not None and taken is not None:
        taken = _completed(taken, stated)
    if taken is not None and taken.offset_min is None and taken.source == "exif":
        return replace(taken, offset_min=_offset_by_gps(taken.local, header.gps))
    return taken


def _first_time(header: Header, name: bytes | None) -> CaptureTime | None:
    base = ExifTags.Base
    main, details = header.main, header.details
    original = _from_exif(
        details.get(base.DateTimeOriginal),
        details.get(base.SubsecTimeOriginal),
        details.get(base.OffsetTimeOriginal),
    )
    by_xmp, by_iptc = _from_xmp(header.xmp), _from_iptc(header.iptc)
    taken = (
        original
        or by_xmp
        or _from_exif(
            details.get(base.DateTimeDigitized),
            details.get(base.SubsecTimeDigitized),
            details.get(base.OffsetTimeDigitized),
        )
        or by_iptc
        or _from_exif(
            main.get(base.DateTime), details.get(base.SubsecTime), details.get(base.OffsetTime)
        )
        or _from_gps(header.gps)
        or _from_xmp(header.xmp, _XMP_SATELLITES)
        or (None if name is None else time_in_name(name))
    )
    for other in (by_xmp, by_iptc):
        if taken is not None and other is not None:
            taken = _completed(taken, other)
    return taken


def _is_same(one: CaptureTime, other: CaptureTime) -> bool:
    """Says whether two times are one, written with more and with less."""
    if one.local.replace(microsecond=0) == other.local.replace(microsecond=0):
        return True
    if one.offset_min is not None and other.offset_min is not None:
        difference = (one.local - timedelta(minutes=one.offset_min)) - (
            other.local - timedelta(minutes=other.offset_min)
        )
        return abs(difference) < timedelta(seconds=1)
    # A day or a minute alone says nothing against a time within it.
    is_day = other.local.time() == datetime.min.replace(hour=_NO_TIME_HOUR).time()
    return is_day and one.local.date() == other.local.date()


def _completed(taken: CaptureTime, other: CaptureTime) -> CaptureTime:
    """Adds sub-seconds and offset from another writing of the same time."""
    if taken.local.replace(microsecond=0) != other.local.replace(microsecond=0):
        return taken
    return replace(
        taken,
        local=taken.local if taken.local.microsecond else other.local,
        offset_min=other.offset_min if taken.offset_min is None else taken.offset_min,
    )


def _from_exif(date: object, subsec: object, offset: object) -> CaptureTime | None:
    match = _EXIF_DATE.match(text_of(date, _TEXT_CHARS))
    if match is None:
        return None
    local = _moment([int(part) for part in match.groups()], text_of(subsec, _TEXT_CHARS))
    if local is None:
        return None
    return CaptureTime(local, _offset_min(text_of(offset, _TEXT_CHARS)), "exif")


def _from_xmp(properties: Properties, keys: Sequence[str] = _XMP_TAKEN) -> CaptureTime | None:
    for key in keys:
        for text in properties.get(key, ())[:1]:
            match = _XMP_DATE.fullmatch(text_of(text, _TEXT_CHARS))
            if match is None:
                continue
            year, month, day, hour, minute, second, subsec, offset = match.groups()
            clock = (hour or _NO_TIME_HOUR, minute or 0, second or 0)
            local = _moment(
                [int(part) for part in (year, month or 1, day or 1, *clock)], subsec or ""
            )
            if local is not None:
                return CaptureTime(local, _offset_min(offset or ""), "xmp")
    return None


def _from_iptc(fields: Properties) -> CaptureTime | None:
    """An offset of zero is none: most programs write +00:00 where they know nothing."""
    date = fields.get("Iptc.Application2.DateCreated", ("",))[0]
    time = fields.get("Iptc.Application2.TimeCreated", ("",))[0]
    day = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", date)
    clock = re.match(r"(\d\d):?(\d\d):?(\d\d)(.*)", time)
    if day is None:
        return None
    parts = [int(part) for part in day.groups()]
    parts += [int(part) for part in clock.groups()[:3]] if clock else [_NO_TIME_HOUR, 0, 0]
    local = _moment(parts, "")
    offset_min = _offset_min(clock[4].strip()) if clock else None
    return None if local is None else CaptureTime(local, offset_min or None, "iptc")


def _moment(parts: list[int], subsec: str) -> datetime | None:
    if parts[0] < OLDEST_YEAR:
        return None
    try:
        local = datetime(*parts)  # type: ignore[arg-type]
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


def _from_gps(gps: Tags) -> CaptureTime | None:
    moment = _gps_moment(gps)
    return None if moment is None else CaptureTime(moment, 0, "exif")


def _offset_by_gps(local: datetime, gps: Tags) -> int | None:
    """The camera clock's distance from the satellites', which is UTC; None where it is not sure."""
    moment = _gps_moment(gps)
    if moment is None:
        return None
    difference = local - moment
    steps = round(difference / timedelta(minutes=_GPS_STEP_MIN))
    offset_min = steps * _GPS_STEP_MIN
    is_near = abs(difference - timedelta(minutes=offset_min)) <= _GPS_TOLERANCE
    return offset_min if is_near and _GPS_OFFSET_MIN_MIN <= offset_min <= _OFFSET_MAX_MIN else None


def _gps_moment(gps: Tags) -> datetime | None:
    """The satellites' time: UTC."""
    date = re.fullmatch(
        r"(\d{4})[:-](\d\d)[:-](\d\d)", text_of(gps.get(ExifTags.GPS.GPSDateStamp), _TEXT_CHARS)
    )
    clock = gps.get(ExifTags.GPS.GPSTimeStamp)
    if date is None or not isinstance(clock, tuple) or len(clock) != 3:
        return None
    hour, minute, second = map(number_of, clock)
    if hour is None or minute is None or second is None:
        return None
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second <= 60):
        return None
    day = _moment([int(part) for part in date.groups()] + [0, 0, 0], "")
    return day and day + timedelta(hours=hour, minutes=minute, seconds=second)
