"""What the header says, from every format; nonsense is left out and never fails a photo."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from photosearch.core.photo import CaptureTime, PhotoFacts
from photosearch.images.decode import decode

from .samples import WHOLE, encoded, quartered

MAKE, MODEL, CHANGED = 0x010F, 0x0110, 0x0132
TAKEN, TAKEN_SUBSEC, TAKEN_OFFSET = 0x9003, 0x9291, 0x9011
DIGITISED, DIGITISED_OFFSET = 0x9004, 0x9012


def facts_of(
    main: dict[int, object] | None = None,
    details: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
    name: str = "JPEG",
) -> PhotoFacts:
    exif = Image.Exif()
    exif.update(main or {})
    for ifd, values in ((0x8769, details), (0x8825, gps)):
        if values is not None:
            exif.get_ifd(ifd).update(values)
    return decode(encoded(quartered(), name, exif=exif.tobytes()), WHOLE).facts


def position(*values: object) -> dict[int, object]:
    return dict(enumerate(values, start=1))


BERLIN = position("N", (52.0, 31.0, 12.0), "E", (13.0, 24.0, 36.0))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_everything_is_read_from_every_format(name: str) -> None:
    facts = facts_of(
        {MAKE: "Canon", MODEL: "EOS 7D"},
        {TAKEN: "2010:08:13 21:00:01", TAKEN_SUBSEC: "85", TAKEN_OFFSET: "-08:30"},
        BERLIN,
        name,
    )
    assert facts == PhotoFacts(
        format=name,
        width_px=96,
        height_px=64,
        taken=CaptureTime(datetime(2010, 8, 13, 21, 0, 1, 850_000), -510, "exif"),
        camera_make="Canon",
        camera_model="EOS 7D",
        latitude_deg=pytest.approx(52.52),
        longitude_deg=pytest.approx(13.41),
        city="Berlin",
        country="Germany",
    )


def test_page_of_many_keeps_its_facts() -> None:
    exif = Image.Exif()
    exif[MAKE] = "Scanner"
    pages = [quartered(), quartered(50, 50)]
    for compression in ("raw", "tiff_lzw"):
        whole = encoded(
            pages[0],
            "TIFF",
            save_all=True,
            append_images=pages[1:],
            exif=exif,
            compression=compression,
        )
        facts = decode(whole, WHOLE).facts
        assert (facts.camera_make, facts.width_px) == ("Scanner", 96)


def test_nothing_is_known_of_a_bare_picture() -> None:
    facts = facts_of()
    assert facts == PhotoFacts("JPEG", 96, 64)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NIKON CORPORATION   \0\0", "NIKON CORPORATION"),
        ("Kod\tak\n", "Kod ak"),
        ("  \0", None),
        ("\0after", None),
        (b"bytes\0\0", "bytes"),
    ],
)
def test_camera_is_trimmed(written: object, read: str | None) -> None:
    facts = facts_of({MAKE: written, MODEL: written})
    assert (facts.camera_make, facts.camera_model) == (read, read)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2001:02:03 04:05:06", datetime(2001, 2, 3, 4, 5, 6)),
        ("2001-02-03T04:05:06", datetime(2001, 2, 3, 4, 5, 6)),
        ("2001:02:03 04:05:06\0", datetime(2001, 2, 3, 4, 5, 6)),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2001:02:30 04:05:06", None),
        ("2001:02:03 25:05:06", None),
        ("2001:02:03", None),
        ("0001:01:01 00:00:00", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_dates(written: str, read: datetime | None) -> None:
    taken = facts_of(details={TAKEN: written}).taken
    assert (taken.local if taken else None) == read


def test_older_dates_stand_in_for_a_useless_one() -> None:
    zeros = "0000:00:00 00:00:00"
    digitised = facts_of(
        {CHANGED: "2022:01:01 00:00:00"},
        {TAKEN: zeros, DIGITISED: "2003:03:03 03:03:03", DIGITISED_OFFSET: "+01:00"},
    )
    assert digitised.taken == CaptureTime(datetime(2003, 3, 3, 3, 3, 3), 60, "exif")
    changed = facts_of({CHANGED: "2022:01:01 00:00:00"}, {TAKEN: zeros, TAKEN_OFFSET: "+01:00"})
    assert changed.taken == CaptureTime(datetime(2022, 1, 1), None, "exif")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+02:00", 120),
        ("-03:30", -210),
        ("+0545", 345),
        ("Z", 0),
        ("+99:00", None),
        ("   :  ", None),
    ],
)
def test_offsets(written: str, read: int | None) -> None:
    taken = facts_of(details={TAKEN: "2001:02:03 04:05:06", TAKEN_OFFSET: written}).taken
    assert taken is not None
    assert taken.offset_min == read


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [("5", 500_000), ("050", 50_000), ("1234567", 123_456), ("", 0), ("x", 0), ("-1", 0)],
)
def test_sub_seconds(written: str, microsecond: int) -> None:
    taken = facts_of(details={TAKEN: "2001:02:03 04:05:06", TAKEN_SUBSEC: written}).taken
    assert taken is not None
    assert taken.local.microsecond == microsecond


def test_south_and_west_are_negative() -> None:
    facts = facts_of(gps=position("S", (33.0, 30.0, 0.0), "W\0", (70.0, 0.0, 0.0)))
    assert (facts.latitude_deg, facts.longitude_deg) == (pytest.approx(-33.5), pytest.approx(-70))


@pytest.mark.parametrize(
    "gps",
    [
        {},
        position("N", (52.0, 31.0, 12.0)),
        position("N", (95.0, 0.0, 0.0), "E", (13.0, 0.0, 0.0)),
        position("N", (52.0, 0.0, 0.0), "E", (181.0, 0.0, 0.0)),
        position("", (52.0, 0.0, 0.0), "", (13.0, 0.0, 0.0)),
        position("N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0)),
        position("N", (IFDRational(52, 0),) * 3, "E", (IFDRational(13, 0),) * 3),
        position("N", (52.0,), "E", ()),
    ],
)
def test_no_place_rather_than_a_wrong_one(gps: dict[int, object]) -> None:
    facts = facts_of({MAKE: "Canon"}, gps=gps)
    assert (facts.latitude_deg, facts.longitude_deg) == (None, None)
    assert facts.camera_make == "Canon"


def test_degrees_and_minutes_as_fractions() -> None:
    gps = position("N", (Fraction(52), Fraction(631, 20), Fraction(0)), "E", (13.0, 0.0, 0.0))
    gps[2] = tuple(IFDRational(part.numerator, part.denominator) for part in gps[2])
    assert facts_of(gps=gps).latitude_deg == pytest.approx(52 + 31.55 / 60)


GOOD_EXIF = Image.Exif()
GOOD_EXIF[MAKE] = "Canon"
GOOD_EXIF.get_ifd(0x8769)[TAKEN] = "2010:08:13 21:00:01"
GOOD_EXIF.get_ifd(0x8825).update(BERLIN)
GOOD_BYTES = GOOD_EXIF.tobytes()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(6, len(GOOD_BYTES) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    st.integers(6, len(GOOD_BYTES)),
)
def test_broken_exif_never_costs_the_photo(changes: list[tuple[int, int]], length: int) -> None:
    broken = bytearray(GOOD_BYTES)
    for at, value in changes:
        broken[at] = value
    facts = decode(encoded(quartered(), "JPEG", exif=bytes(broken[:length])), WHOLE).facts
    assert {facts.width_px, facts.height_px} == {96, 64}
