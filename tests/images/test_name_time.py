"""Dates in file names: of phones, cameras, messengers, screens and people."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.images.name_time import time_in_name

AT_NOON = datetime(2019, 7, 14, 12)
AT_TIME = datetime(2019, 7, 14, 15, 30, 12)


@pytest.mark.parametrize(
    ("name", "local"),
    [
        (b"IMG_20190714_153012.jpg", AT_TIME),
        (b"IMG_20190714_153012_BURST001.jpg", AT_TIME),
        (b"MVIMG_20190714_153012.jpg", AT_TIME),
        (b"VID_20190714_153012.heic", AT_TIME),
        (b"20190714_153012(0).jpg", AT_TIME),
        (b"2019-07-14 15.30.12.jpg", AT_TIME),
        (b"2019-07-14_15-30-12_Oma.jpg", AT_TIME),
        (b"2019-07-14T15:30:12.png", AT_TIME),
        (b"Screenshot_20190714-153012.png", AT_TIME),
        (b"Screenshot_2019-07-14-15-30-12-123_com.app.png", AT_TIME.replace(microsecond=123_000)),
        (b"Screenshot 2019-07-14 at 15.30.12.png", AT_TIME),
        (b"Screenshot 2019-07-14 at 3.30.12 PM.png", AT_TIME),
        (b"signal-2019-07-14-153012.jpeg", AT_TIME),
        (b"photo_2019-07-14_15-30-12.jpg", AT_TIME),
        (b"WhatsApp Image 2019-07-14 at 15.30.12.jpeg", AT_TIME),
        (b"20190714153012.jpg", AT_TIME),
        (b"IMG-20190714-WA0001.jpg", AT_NOON),
        (b"2019-07-14.jpg", AT_NOON),
        (b"20190714.jpg", AT_NOON),
        (b"20190714 Oma\xff.jpg", AT_NOON),
        (b"Oma 14 (2019-07-14).jpg", AT_NOON),
        (b"1965-07-14 Oma.jpg", datetime(1965, 7, 14, 12)),
        (b"DSC_0412.jpg", None),
        (b"IMG_20191399_153012.jpg", None),
        (b"IMG_20190714_996012.jpg", None),
        (b"1563115812345.jpg", None),
        (b"FB_IMG_1563115812345.jpg", None),
        (b"123201907141530121.jpg", None),
        (b"order120190714x.jpg", None),
        (b"19650714.jpg", None),
        (b"1234-56-78.jpg", None),
        (b"", None),
    ],
)
def test_names(name: bytes, local: datetime | None) -> None:
    taken = time_in_name(name)
    assert (taken.local if taken else None) == local
    assert taken is None or (taken.source, taken.offset_min) == ("name", None)


def test_googles_camera_names_files_by_utc() -> None:
    taken = time_in_name(b"PXL_20210504_181530123.jpg")
    assert taken is not None
    assert (taken.local, taken.offset_min) == (datetime(2021, 5, 4, 18, 15, 30, 123_000), 0)


@given(st.binary(max_size=60))
def test_any_name_is_a_name(name: bytes) -> None:
    time_in_name(name)


@given(st.from_regex(rb"[A-Z]{0,4}[-_ ]?\d{4}[-_.]?\d\d[-_.]?\d\d[-_ ]?\d{0,6}", fullmatch=True))
def test_nearly_dates(name: bytes) -> None:
    taken = time_in_name(name)
    assert taken is None or str(taken.local.year).encode() in name
