from __future__ import annotations

import pytest
from hypothesis import given

from photosearch.core.query import Query
from photosearch.search import labels
from photosearch.search.parse import plan_of
from photosearch.search.plan import Plan
from tests.search.plans import plans


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("date:2021", "2021"),
        ("date:2021-07", "July 2021"),
        ("date:2021-07-04", "4 July 2021"),
        ("date:2019..2021", "2019 to 2021"),
        ("date:2021-06..2021-08", "June to August 2021"),
        ("date:2020-12..2021-02", "December 2020 to February 2021"),
        ("after:2021", "since 2021"),
        ("before:2021-07", "until 30 June 2021"),
        ("month:6..8", "June to August"),
        ("weekday:6", "Saturday"),
        ("hour:22..23", "22 h to 23 h"),
        ("iso:>800", "ISO 801 or more"),
        ("iso:<=200", "ISO up to 200"),
        ("exposure:1/60..1/30", "1/60 to 1/30 s"),
        ("aperture:1.4..2.8", "f/1.4 to 2.8"),
        ("size:>=5MB", "5 MB or more"),
        ("rating:>=3", "3 or more stars"),
        ("rating:1", "1 star"),
        ("type:heic", "HEIC"),
        ("in:2021/Rome", "in 2021/Rome"),
        ("name:IMG", "named IMG"),
        ("tag:dog", "tag dog"),
        ("lens:50", "lens 50"),
        ("camera:canon", "canon"),
        ("camera:d750", "d750"),
        ("camera:5d", "camera 5d"),
        ("type:foo", "type FOO"),
        ('tag:"a\u2028b"', "tag a b"),
        (f"name:{'x' * 200}", f"named {'x' * 79}…"),
        (f'"{"x" * 200}"', f"{'x' * 79}…"),
        ("x " * 200, f"{'x ' * 39}x…"),
        ("person:Oma", "with Oma"),
        ("-person:Oma", "not with Oma"),
        ("place:Rome", "taken in Rome"),
        ("place:Wien", "taken in Wien"),
        ("place:Rome OR place:Paris", "taken in Rome or taken in Paris"),
        ('only-on:"Disk A"', "only on Disk A"),
        ("copies:>1", "2 or more copies"),
        ("copies:1", "1 copy"),
        ("has:person", "with named people"),
        ("has:gps", "with a place"),
        ("is:favourite", "favourites"),
        ("-is:portrait", "not portrait"),
        ("date:2019 OR date:2020", "2019 or 2020"),
        ("near:1,-2 within:5km", "within 5 km of 1°N 2°W"),
        ('near:"Rome"', "near Rome"),
        ("-people dog", "without people"),
        ("dog OR cat", "dog or cat"),
        ("0.5:dog", "0.5 × dog"),  # noqa: RUF001 - the sign for times
        ("-like:/a/b.jpg[0,0,1,0.5] x", "without like part of b.jpg"),
    ],
)
def test_chips_are_called_as_people_say(text: str, label: str) -> None:
    assert plan_of(Query(text=text, understands=False)).chips[0].label == label


@given(plans())
def test_everything_has_a_name(plan: Plan) -> None:
    assert labels.of_filter(plan.where) or plan.where == Plan().where
    assert all(map(labels.of_term, plan.terms))
