"""Changes of what the user says of photos, and the way back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.userdata import UserChange, UserData
from photosearch.gui.edits import Edit, changed, reverting

words = st.sampled_from(["beach", "Rome", "dog", "Älg", "犬"])
some_words = st.lists(words, unique=True, max_size=4).map(
    lambda found: tuple(sorted(found, key=str.casefold))
)
users = st.builds(
    UserData,
    is_favourite=st.booleans(),
    rating=st.integers(0, 5),
    tags=some_words,
    albums=some_words,
)
changes = st.builds(
    UserChange,
    is_favourite=st.none() | st.booleans(),
    rating=st.none() | st.integers(0, 5),
    add_tags=some_words,
    remove_albums=some_words,
)


@given(st.dictionaries(st.integers(1, 9), users), changes)
def test_the_way_back_leads_back(before: dict[int, UserData], change: UserChange):
    edits = (Edit(tuple(before), change),)
    now = {photo_id: changed(user, change) for photo_id, user in before.items()}
    for edit in reverting(before, edits):
        for photo_id in edit.photo_ids:
            now[photo_id] = changed(now[photo_id], edit.change)
    assert now == before


@given(users, changes)
def test_a_change_made_twice_changes_nothing_more(user: UserData, change: UserChange):
    assert changed(changed(user, change), change) == changed(user, change)


def test_a_tag_that_differs_in_case_only_is_the_same():
    user = UserData(tags=("Beach",))
    assert changed(user, UserChange(add_tags=("beach", "dog"))).tags == ("Beach", "dog")
    assert changed(user, UserChange(remove_tags=("BEACH",))).tags == ()


def test_photos_that_were_so_already_are_left_alone():
    before = {1: UserData(is_favourite=True), 2: UserData()}
    edits = (Edit((1, 2, 3), UserChange(is_favourite=True)),)
    assert reverting(before, edits) == (Edit((2,), UserChange(is_favourite=False)),)
