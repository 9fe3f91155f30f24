"""Lens, settings, stars and captions of the header; what no person or lens said is left out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.TiffImagePlugin import IFDRational

from photosearch.images.caption import read_caption
from photosearch.images.exposure import read_exposure, read_rating
from photosearch.images.header import Header

from .test_metadata import MAKE, MODEL, facts_of

SOFTWARE, DESCRIPTION, TITLE, WINDOWS_COMMENT, COMMENT = 0x0131, 0x010E, 0x9C9B, 0x9C9C, 0x9286
RATING, RATING_PERCENT = 0x4746, 0x4749
EXPOSURE, F_NUMBER, ISO, ISO_INDEX = 0x829A, 0x829D, 0x8827, 0x8832
SHUTTER, APERTURE, FOCAL, LENS = 0x9201, 0x9202, 0x920A, 0xA434


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_everything_is_read_from_every_format(name: str) -> None:
    facts = facts_of(
        {RATING: 4, DESCRIPTION: "Oma am Meer"},
        {
            LENS: "EF24-105mm f/4L IS USM\0",
            ISO: 1600,
            F_NUMBER: IFDRational(28, 10),
            EXPOSURE: IFDRational(1, 200),
            FOCAL: IFDRational(105, 1),
        },
        name=name,
    )
    assert facts.lens == "EF24-105mm f/4L IS USM"
    assert (facts.iso, facts.aperture, facts.exposure_s, facts.focal_mm) == (1600, 2.8, 0.005, 105)
    assert (facts.rating, facts.caption) == (4, "Oma am Meer")


def test_settings_stand_in_for_each_other() -> None:
    facts = facts_of(
        details={
            ISO: 65535,
            ISO_INDEX: 102400,
            APERTURE: IFDRational(3, 1),
            SHUTTER: IFDRational(-2, 1),
        }
    )
    assert (facts.iso, facts.exposure_s) == (102400, 4.0)
    assert facts.aperture == pytest.approx(2.82843)


@pytest.mark.parametrize(
    "details",
    [
        {ISO: 0, F_NUMBER: 0.0, EXPOSURE: 0.0, FOCAL: 0.0, LENS: "----"},
        {F_NUMBER: IFDRational(0, 0), EXPOSURE: IFDRational(1, 0), FOCAL: IFDRational(5, 0)},
        {ISO: b"800", F_NUMBER: "f/2", EXPOSURE: "1/60", FOCAL: "50 mm", LENS: "0.0 mm f/0.0"},
        {ISO: (), F_NUMBER: (), EXPOSURE: -1, FOCAL: 1e9, SHUTTER: 1e300, APERTURE: -1e300},
        {ISO: None, F_NUMBER: float("nan"), EXPOSURE: float("inf"), LENS: 7},
    ],
)
def test_nothing_rather_than_nonsense(details: dict[int, object]) -> None:
    found = read_exposure(details)
    assert (found.lens, found.iso, found.aperture) == (None, None, None)
    assert (found.exposure_s, found.focal_mm) == (None, None)


@pytest.mark.parametrize(
    ("main", "stars"),
    [
        ({RATING: 5}, 5),
        ({RATING: 0}, 0),
        ({RATING: 9}, None),
        ({RATING: -1}, None),
        ({RATING: "x", RATING_PERCENT: 75}, 4),
        ({RATING_PERCENT: 1}, 1),
        ({RATING_PERCENT: 99}, 5),
        ({RATING_PERCENT: 0}, 0),
        ({}, None),
    ],
)
def test_stars(main: dict[int, object], stars: int | None) -> None:
    assert read_rating(main) == stars


@pytest.mark.parametrize(
    ("main", "details", "caption"),
    [
        ({DESCRIPTION: "  Oma\r\n am Meer \0"}, {}, "Oma am Meer"),
        ({DESCRIPTION: "Grüße aus Köln".encode().decode("latin-1")}, {}, "Grüße aus Köln"),
        ({DESCRIPTION: "Grüße"}, {}, "Grüße"),
        ({DESCRIPTION: "OLYMPUS DIGITAL CAMERA         "}, {}, None),
        ({DESCRIPTION: "SAMSUNG"}, {}, None),
        ({DESCRIPTION: "Scan-O-Matic 5", MODEL: "Scan-O-Matic 5"}, {}, None),
        ({DESCRIPTION: "Acme"}, {}, "Acme"),
        ({DESCRIPTION: "Acme", MAKE: "ACME"}, {}, None),
        ({DESCRIPTION: "edf_vivid"}, {}, None),
        ({DESCRIPTION: "cof" + "_a" * 25 + "!"}, {}, "cof" + "_a" * 25 + "!"),
        ({DESCRIPTION: '{"what": "settings"}'}, {}, None),
        ({DESCRIPTION: "12345"}, {}, None),
        ({DESCRIPTION: "A" * 90}, {}, None),
        ({DESCRIPTION: "SAMSUNG", TITLE: "Тёща\0".encode("utf-16-le")}, {}, "Тёща"),
        ({WINDOWS_COMMENT: tuple("富士山".encode("utf-16-le"))}, {}, "富士山"),
        ({}, {COMMENT: b"ASCII\0\0\0At the lake"}, "At the lake"),
        ({}, {COMMENT: b"UNICODE\0" + "Am See".encode("utf-16-le")}, "Am See"),
        ({}, {COMMENT: b"UNICODE\0" + "Am See".encode("utf-16-be")}, "Am See"),
        ({}, {COMMENT: b"\0" * 8 + b"Plain"}, "Plain"),
        ({}, {COMMENT: b"ASCII\0\0\0" + b" " * 200}, None),
        ({}, {COMMENT: b"ASCII\0\0\0filter: 0; jpegRotation: 90; mode: 1"}, None),
        ({}, {COMMENT: b"\xff\xd8\x00"}, None),
        ({DESCRIPTION: 7}, {COMMENT: (1, 2)}, None),
    ],
)
def test_captions_are_what_people_wrote(
    main: dict[int, object], details: dict[int, object], caption: str | None
) -> None:
    assert read_caption(Header(main, details)) == caption


def test_a_long_caption_is_cut() -> None:
    found = read_caption(Header({DESCRIPTION: "word " * 1000}))
    assert found is not None
    assert 400 < len(found) <= 500


values = st.one_of(
    st.none(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.binary(max_size=40),
    st.tuples(st.integers(), st.integers()),
    st.builds(IFDRational, st.integers(-9, 9), st.integers(-9, 9)),
)
TAGS = [
    *(MAKE, MODEL, SOFTWARE, DESCRIPTION, TITLE, WINDOWS_COMMENT, COMMENT, RATING, RATING_PERCENT),
    *(EXPOSURE, F_NUMBER, ISO, ISO_INDEX, SHUTTER, APERTURE, FOCAL, LENS),
]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(TAGS), values))
def test_whatever_stands_there_costs_only_itself(tags: dict[int, object]) -> None:
    found = read_exposure(tags)
    assert found.iso is None or found.iso >= 1
    for number in (found.aperture, found.exposure_s, found.focal_mm):
        assert number is None or 0 < number < 1e6
    assert read_rating(tags) in {None, 0, 1, 2, 3, 4, 5}
    caption = read_caption(Header(tags, tags))
    assert caption is None or caption.strip() == caption != ""
