"""When a photo was taken, by all that a file, its sidecar and its name say."""

from __future__ import annotations

from datetime import datetime

import pytest

from photosearch.core.photo import CaptureTime
from photosearch.images.capture_time import read_capture_time
from photosearch.images.header import Header

ORIGINAL, SUBSEC, OFFSET = 0x9003, 0x9291, 0x9011
DIGITISED, CHANGED = 0x9004, 0x0132
XMP_ORIGINAL, CREATED = "Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated"
IPTC_DAY, IPTC_CLOCK = "Iptc.Application2.DateCreated", "Iptc.Application2.TimeCreated"
NAME = b"IMG_20070101_070707.jpg"


def taken(
    details: dict[int, object] | None = None,
    xmp: dict[str, str] | None = None,
    *,
    main: dict[int, object] | None = None,
    iptc: dict[str, str] | None = None,
    gps: dict[int, object] | None = None,
    sidecar: dict[str, str] | None = None,
    name: bytes | None = None,
) -> CaptureTime | None:
    header = Header(
        main or {},
        details or {},
        gps or {},
        {key: (text,) for key, text in (xmp or {}).items()},
        {key: (text,) for key, text in (iptc or {}).items()},
    )
    return read_capture_time(header, {key: (text,) for key, text in (sidecar or {}).items()}, name)


def test_the_order_of_precedence() -> None:
    """Each step takes away what counted before."""
    details: dict[int, object] = {
        ORIGINAL: "2001:01:01 01:01:01",
        DIGITISED: "2003:03:03 03:03:03",
    }
    xmp = {XMP_ORIGINAL: "2002-02-02T02:02:02", "Xmp.xmp.CreateDate": "2002-12-12T02:02:02"}
    iptc = {IPTC_DAY: "2004-04-04", IPTC_CLOCK: "04:04:04+00:00"}
    main: dict[int, object] = {CHANGED: "2005:05:05 05:05:05"}
    gps: dict[int, object] = {7: (6.0, 6.0, 6.0), 0x1D: "2006:06:06"}
    sidecar = {CREATED: "2000-10-10T10:10:10"}

    def year() -> tuple[int, str] | None:
        found = taken(details, xmp, main=main, iptc=iptc, gps=gps, sidecar=sidecar, name=NAME)
        return found and (found.local.year, found.source)

    assert year() == (2000, "xmp")
    sidecar.clear()
    assert year() == (2001, "exif")
    del details[ORIGINAL]
    assert year() == (2002, "xmp")
    xmp.clear()
    assert year() == (2003, "exif")
    details.clear()
    assert year() == (2004, "iptc")
    iptc.clear()
    assert year() == (2005, "exif")
    main.clear()
    assert year() == (2006, "exif")
    gps.clear()
    assert year() == (2007, "name")
    assert taken() is None


@pytest.mark.parametrize(
    ("written", "local", "offset_min"),
    [
        ("2019-07-14T15:30:12.345+02:00", datetime(2019, 7, 14, 15, 30, 12, 345_000), 120),
        ("2019-07-14T15:30:12Z", datetime(2019, 7, 14, 15, 30, 12), 0),
        ("2019-07-14T15:30", datetime(2019, 7, 14, 15, 30), None),
        ("2019:07:14 15:30:12", datetime(2019, 7, 14, 15, 30, 12), None),
        ("2019-07-14", datetime(2019, 7, 14, 12), None),
        ("1965-07", datetime(1965, 7, 1, 12), None),
        ("1965", datetime(1965, 1, 1, 12), None),
    ],
)
def test_times_in_xmp(written: str, local: datetime, offset_min: int | None) -> None:
    assert taken(xmp={CREATED: written}) == CaptureTime(local, offset_min, "xmp")


@pytest.mark.parametrize(
    "written", ["", "0000-00-00", "2019-13-01", "1066-01-01", "2019-07-14T25:00:00", "yesterday"]
)
def test_no_time_rather_than_nonsense(written: str) -> None:
    assert taken(xmp={CREATED: written}) is None
    assert taken(iptc={IPTC_DAY: written}) is None


def test_what_one_place_lacks_another_has() -> None:
    exif: dict[int, object] = {ORIGINAL: "2019:07:14 15:30:12"}
    same = {XMP_ORIGINAL: "2019-07-14T15:30:12.345+02:00"}
    whole = CaptureTime(datetime(2019, 7, 14, 15, 30, 12, 345_000), 120, "exif")
    assert taken(exif, same) == whole
    assert taken(exif, sidecar=same) == whole
    iptc = {IPTC_DAY: "2019-07-14", IPTC_CLOCK: "15:30:12-04:00"}
    assert taken(exif, iptc=iptc) == CaptureTime(datetime(2019, 7, 14, 15, 30, 12), -240, "exif")
    other = {XMP_ORIGINAL: "2019-07-14T15:30:13.345+02:00"}
    assert taken(exif, other) == CaptureTime(datetime(2019, 7, 14, 15, 30, 12), None, "exif")


def test_a_sidecar_that_says_less_corrects_nothing() -> None:
    exif: dict[int, object] = {ORIGINAL: "2019:07:14 15:30:12", OFFSET: "+02:00"}
    as_taken = CaptureTime(datetime(2019, 7, 14, 15, 30, 12), 120, "exif")
    assert taken(exif, sidecar={CREATED: "2019-07-14"}) == as_taken
    assert taken(exif, sidecar={CREATED: "2019-07-14T13:30:12Z"}) == as_taken
    corrected = taken(exif, sidecar={CREATED: "2019-07-14T16:30:12+02:00"})
    assert corrected == CaptureTime(datetime(2019, 7, 14, 16, 30, 12), 120, "xmp")


@pytest.mark.parametrize(
    ("local", "clock", "offset_min"),
    [
        ("2019:07:14 15:30:12", (13.0, 30.0, 10.0), 120),
        ("2019:07:14 15:30:12", (10.0, 0.0, 40.0), 330),
        ("2019:07:15 01:30:12", (23.0, 30.0, 12.0), 120),
        ("2019:07:14 15:30:12", (13.0, 20.0, 0.0), None),  # an old fix, or a clock that is wrong
        ("2019:07:16 15:30:12", (13.0, 30.0, 12.0), None),
        ("2019:07:14 15:30:12", (25.0, 30.0, 12.0), None),
        ("2019:07:14 15:30:12", (float("nan"), 30.0, 12.0), None),
        ("2019:07:14 15:30:12", 13.0, None),
    ],
)
def test_an_offset_by_the_satellites(local: str, clock: object, offset_min: int | None) -> None:
    found = taken({ORIGINAL: local}, gps={7: clock, 0x1D: "2019:07:14"})
    assert found is not None
    assert found.offset_min == offset_min


def test_the_satellites_time_by_xmp() -> None:
    xmp = {"Xmp.exif.GPSTimeStamp": "2023-11-15T12:30:00Z"}
    assert taken({}, xmp=xmp) == CaptureTime(datetime(2023, 11, 15, 12, 30), 0, "xmp")


def test_what_the_camera_says_of_its_offset_goes_before_the_satellites() -> None:
    exif: dict[int, object] = {ORIGINAL: "2019:07:14 15:30:12", OFFSET: "+01:00"}
    found = taken(exif, gps={7: (13.0, 30.0, 12.0), 0x1D: "2019:07:14"})
    assert found is not None
    assert found.offset_min == 60
