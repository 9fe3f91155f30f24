"""The arithmetic of the grid against a slow, obvious one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from photosearch.gui.widgets.grid_geometry import GAP_PX, HEADING_PX, GridGeometry


@st.composite
def drawn_geometries(draw: st.DrawFn) -> GridGeometry:
    count = draw(st.integers(0, 300))
    starts = draw(st.sets(st.integers(1, count - 1), max_size=3)) if count > 1 else set()
    return GridGeometry(
        width_px=draw(st.integers(1, 3000)),
        count=count,
        wanted_tile_px=draw(st.integers(96, 320)),
        left_px=20,
        right_px=8,
        top_px=8,
        starts=tuple(sorted(starts)),
    )


geometries = drawn_geometries()


@given(geometries)
def test_tiles_do_not_touch_and_fill_the_width(geometry: GridGeometry):
    rects = [geometry.rect(position) for position in range(geometry.count)]
    if geometry.columns > 1 and geometry.columns <= min((*geometry.starts, geometry.count)):
        right = geometry.rect(geometry.columns - 1).right() + 1
        assert geometry.width_px - 8 - geometry.columns < right <= geometry.width_px - 8
        assert geometry.tile_px >= geometry.wanted_tile_px
    for one, next_one in pairwise(rects):
        assert not one.adjusted(0, 0, GAP_PX - 1, GAP_PX - 1).intersects(next_one)
    if rects:
        assert geometry.height_px == rects[-1].bottom() + 1 + 8


@given(geometries, st.integers(0, 3000), st.integers(0, 5000))
def test_the_tile_below_a_point_is_the_one_that_contains_it(geometry: GridGeometry, x: int, y: int):
    found = [
        position for position in range(geometry.count) if geometry.rect(position).contains(x, y)
    ]
    assert [geometry.position_at(QPoint(x, y))] == (found or [None])


@given(geometries, st.integers(0, 5000), st.integers(0, 2000))
def test_what_is_in_sight_includes_every_tile_that_shows(
    geometry: GridGeometry, top: int, height: int
):
    band = QRect(0, top, geometry.width_px + 3000, height + 1)
    touching = [
        position for position in range(geometry.count) if geometry.rect(position).intersects(band)
    ]
    visible = geometry.positions_between(top, top + height)
    assert set(touching) <= set(visible)
    assert len(visible) <= len(touching) + 2 * geometry.columns


@given(geometries)
def test_a_heading_stands_between_the_tiles_around_it(geometry: GridGeometry):
    for number, start in enumerate(geometry.starts):
        heading = geometry.heading_rect(number)
        assert heading.height() == HEADING_PX
        assert geometry.rect(start - 1).bottom() < heading.top()
        assert heading.bottom() < geometry.rect(start).top()
        assert geometry.rect(start).left() == geometry.left_px, "a band begins a row"


@given(geometries.filter(lambda geometry: geometry.count > 0), st.data(), st.integers(-40, 40))
def test_up_and_down_lead_to_the_row_that_is_seen_there(
    geometry: GridGeometry, data: st.DataObject, rows: int
):
    here = data.draw(st.integers(0, geometry.count - 1))
    there = geometry.rect(geometry.moved(here, rows))
    tops = sorted({geometry.rect(position).top() for position in range(geometry.count)})
    wanted = tops.index(geometry.rect(here).top()) + rows
    assert there.top() == tops[min(max(wanted, 0), len(tops) - 1)]
    assert there.left() <= geometry.rect(here).left()


@given(
    geometries,
    st.integers(-50, 3000),
    st.integers(-50, 3000),
    st.integers(1, 2000),
    st.integers(1, 2000),
)
def test_a_band_selects_exactly_what_it_touches(
    geometry: GridGeometry, x: int, y: int, width: int, height: int
):
    band = QRect(x, y, width, height)
    touching = {
        position for position in range(geometry.count) if geometry.rect(position).intersects(band)
    }
    selected = {position for found in geometry.ranges_in(band) for position in found}
    assert selected == touching
