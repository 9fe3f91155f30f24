"""An answer that comes in parts, and the bands it falls into."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.chip import Chip, ChipKind
from photosearch.core.query import Order, PhotoTerm, Query
from photosearch.core.result import Band, SearchResult, Why
from photosearch.gui.models.answer import Section, all_photos, answer_to
from tests.results import result_of

BANDS = [Band.NAMED, Band.STRONG, Band.STRONG, Band.WEAK]


def found(ids: list[int], limit: int = 100, **fields: object) -> SearchResult:
    return result_of(Query(text="dog", limit=limit), ids, **fields)


def test_bands_are_sections_and_the_last_reaches_to_the_end():
    answer = answer_to(found([9, 8, 7, 6], bands=np.array(BANDS, np.uint8), total_count=50))
    assert answer.count == 50
    assert answer.sections == (
        Section(Band.NAMED, 0, 1),
        Section(Band.STRONG, 1, 3),
        Section(Band.WEAK, 3, 50),
    )


def test_a_band_whose_end_has_not_come_is_open():
    bands = np.full(3, Band.STRONG, np.uint8)
    (section,) = answer_to(found([3, 2, 1], bands=bands, total_count=50)).sections
    assert section == Section(Band.STRONG, 0, 50, is_open=True)
    (whole,) = answer_to(found([3, 2, 1], bands=bands)).sections
    assert not whole.is_open


def test_there_are_no_bands_without_an_order_of_likeness():
    newest = Query(text="dog", order=Order.NEWEST)
    assert answer_to(result_of(newest, [3, 2, 1])).sections == ()
    assert answer_to(found([3, 2, 1], no_good_match=True)).sections == ()
    assert answer_to(found([])).sections == ()
    assert all_photos(np.arange(3)).sections == ()
    filters = (Chip(ChipKind.FILTER, "2021", "date:2021", 0, 9),)
    assert answer_to(found([3, 2, 1], chips=filters)).sections == ()
    named = np.array(BANDS, np.uint8)
    assert answer_to(found([4, 3, 2, 1], bands=named, no_good_match=True)).sections
    like = result_of(Query((PhotoTerm(1),), text="date:2021"), [3, 2, 1], chips=filters)
    assert answer_to(like).sections, "a picture is something to be seen"


def test_what_is_known_of_a_row():
    result = found(
        [3, 2],
        confidences=np.array([0.9, 0.4], np.float32),
        whys=np.array([Why.IMAGE | Why.NAME, Why.IMAGE], np.uint8),
        burst_counts=np.array([12, 1], np.int32),
        total_count=9,
    )
    match = answer_to(result).match(0)
    assert match is not None
    assert (match.why, match.burst_count) == (Why.IMAGE | Why.NAME, 12)
    assert answer_to(result).match(2) is None, "it has not come"


@given(st.data())
def test_what_has_come_keeps_its_place_whatever_changes(data: st.DataObject):
    ids = st.lists(st.integers(1, 40), unique=True)
    first, longer = data.draw(ids), data.draw(ids)
    total = data.draw(st.integers(0, 60))

    def answered(found_ids: list[int], limit: int) -> SearchResult:
        size = len(found_ids)
        drawn = st.lists(st.sampled_from(list(Band)), min_size=size, max_size=size)
        bands = np.array(sorted(data.draw(drawn)), np.uint8)
        return found(found_ids, limit, bands=bands, total_count=max(total, size))

    before = answer_to(answered(first, max(1, len(first))))
    after = before.extended(answered(longer, len(longer) + data.draw(st.integers(0, 1))))

    assert after.ids[: len(first)].tolist() == first
    assert set(after.ids.tolist()) == {*first, *longer}
    assert after.count >= len(after.ids)
    assert after.result is not None
    assert len(after.result.confidences) == len(after.result.whys) == len(after.ids)
    assert (np.diff(after.result.bands.astype(int)) >= 0).all()
    starts = [section.start for section in after.sections]
    assert starts == sorted(set(starts))
    assert not after.sections or after.sections[-1].stop == after.count
