"""Which town and country a position lies in; and which city a name means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch import gazetteer
from photosearch.gazetteer import NOWHERE, Whereabouts


@pytest.mark.parametrize(
    ("position", "town", "country"),
    [
        ((41.9009, 12.4833), "Rome", "Italy"),  # the Trevi fountain: a quarter is no town
        ((48.8580, 2.2940), "Paris", "France"),
        ((48.8049, 2.1204), "Versailles", "France"),  # beside a city, and not of it
        ((52.4000, 13.0600), "Potsdam", "Germany"),
        ((51.4769, 0.0), "London", "United Kingdom"),
        ((47.5576, 10.7498), "Schwangau", "Germany"),  # 3,000 people; the border is 2 km away
        ((43.7350, 7.4200), "Monaco", "Monaco"),
        ((-33.8568, 151.2153), "Sydney", "Australia"),
        ((-17.8000, 177.4000), "Nadi", "Fiji"),
        ((40.7580, -73.9855), "New York City", "United States"),
    ],
)
def test_towns(position: tuple[float, float], town: str, country: str) -> None:
    assert gazetteer.towns().around(*position) == Whereabouts(town, country)


def test_far_from_towns_only_a_sure_country_is_said() -> None:
    towns = gazetteer.towns()
    assert towns.around(23.4, 5.0) == Whereabouts(None, "Algeria")  # in the Sahara
    assert towns.around(30.0, -40.0) == NOWHERE  # on the Atlantic
    assert towns.around(-89.9, 0.0) == NOWHERE
    assert towns.around(56.0, 3.2).town is None  # the North Sea, amid five countries


def test_the_line_of_the_date_is_no_border() -> None:
    towns = gazetteer.towns()
    assert towns.around(-16.5, 179.99) == towns.around(-16.5, -179.99)
    assert towns.around(-16.5, 179.99).country == "Fiji"


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_has_an_answer(latitude_deg: float, longitude_deg: float) -> None:
    found = gazetteer.towns().around(latitude_deg, longitude_deg)
    assert found.town is None or (found.town and found.country)


def test_a_name_means_the_largest_city() -> None:
    found = gazetteer.places().at("rom")
    assert found is not None
    assert (found.name, round(found.latitude_deg)) == ("Rome", 42)
    assert gazetteer.places().at("nowhere at all") is None
