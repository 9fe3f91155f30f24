"""Photos that are written over with something broken: nothing is lost, and no copy is made up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from photosearch.core.userdata import UserChange
from tests.conftest import MakePicture
from tests.end_to_end.living import Living, copy_elsewhere, touch_later

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")


@pytest.fixture
def nas(tmp_path: Path, make_picture: MakePicture, living: Living) -> Path:
    """A folder with two photos, the first of which lies on a card, too."""
    nas = tmp_path / "NAS"
    make_picture(nas / "red.jpg", (230, 10, 10))
    make_picture(nas / "green.jpg", (10, 230, 10))
    copy_elsewhere(nas / "red.jpg", tmp_path / "Card" / "red.jpg")
    assert living.add(nas, tmp_path / "Card") == 2
    return nas


def cut_short(path: Path) -> None:
    """Leaves the beginning of a file, as a copy that was broken off does."""
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 3)


def has_failed(living: Living, *paths: Path) -> bool:
    return {failure.path for failure in living.client.failures()} == set(paths)


def test_a_broken_file_does_not_count_as_saved(living: Living, nas: Path) -> None:
    saved, card = nas / "red.jpg", nas.with_name("Card") / "red.jpg"
    red, content = living.id_of(saved), saved.read_bytes()
    assert living.found("in:Card -only-on:Card copies:>0") == ["red.jpg"]
    living.client.change_photos([red], UserChange(rating=4))

    cut_short(saved)
    living.until(lambda: has_failed(living, saved))
    assert living.found("copies:>1") == []
    assert living.found("only-on:Card") == ["red.jpg"]
    assert living.found("in:Card -only-on:Card copies:>0") == []
    assert living.found("only-on:NAS") == ["green.jpg"]
    assert living.photo(saved).path == card, "the sound one is opened"
    assert living.nearest("red") == "red.jpg"

    card.write_bytes(bytes(len(content)))
    living.until(lambda: has_failed(living, saved, card))
    assert living.found("copies:0 rating:4") == ["red.jpg"]
    assert living.found("only-on:Card") == []
    assert living.nearest("red") == "red.jpg"
    assert living.client.thumbnails([red]).keys() == {red}

    saved.write_bytes(content)
    touch_later(saved)
    living.until(lambda: living.found("copies:1 only-on:NAS rating:4") == ["red.jpg"])
    card.write_bytes(content)
    living.until(lambda: living.found("copies:2") == ["red.jpg"])
    assert living.client.failures() == []
    assert living.id_of(card) == living.id_of(saved) == red
    assert living.encoded == 2


def test_a_broken_file_that_is_renamed_is_the_same_photo_and_still_broken(
    living: Living, nas: Path
) -> None:
    green = living.id_of(nas / "green.jpg")
    living.client.change_photos([green], UserChange(add_tags=("kept",)))
    cut_short(nas / "green.jpg")
    living.until(lambda: has_failed(living, nas / "green.jpg"))
    (nas / "green.jpg").rename(nas / "meadow.jpg")
    living.until(lambda: has_failed(living, nas / "meadow.jpg"))
    assert living.id_of(nas / "meadow.jpg") == green
    assert living.found("copies:0 tag:kept") == ["meadow.jpg"]
    assert living.client.status().counts.photo_count == 2
    assert living.encoded == 2
