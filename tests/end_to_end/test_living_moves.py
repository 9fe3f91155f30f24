"""Photos that are moved, copied, tagged and restored: each costs as little as it may."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import exiv2
import pytest

from photosearch.core.userdata import UserChange
from tests.conftest import MakePicture
from tests.end_to_end.living import Living, copy_elsewhere, touch_later

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")

COLOURS = {"red": (230, 10, 10), "green": (10, 230, 10), "blue": (10, 10, 230)}


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture, living: Living) -> Path:
    """A folder of the library with three photos."""
    root = tmp_path / "photos"
    for name, colour in COLOURS.items():
        make_picture(root / f"{name}.jpg", colour)
    assert living.add(root) == 3
    return root


def places(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.jpg") if path.is_file())


def test_a_renamed_photo_keeps_its_id_and_what_is_said_of_it(living: Living, photos: Path) -> None:
    red = living.id_of(photos / "red.jpg")
    living.client.change_photos([red], UserChange(is_favourite=True, add_tags=("Rome",)))
    (photos / "red.jpg").rename(photos / "rot.jpg")
    living.until_places_are(*places(photos))
    assert living.id_of(photos / "rot.jpg") == red
    assert living.photo(photos / "rot.jpg").user.tags == ("Rome",)
    assert living.encoded == 3


def test_a_name_may_change_in_case_only(living: Living, photos: Path) -> None:
    red = living.id_of(photos / "red.jpg")
    (photos / "red.jpg").rename(photos / "RED.JPG")
    living.until_places_are(photos / "RED.JPG", *places(photos))
    assert living.id_of(photos / "RED.JPG") == red
    assert living.encoded == 3


def test_a_photo_moves_between_folders_and_between_roots(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    other = photos.with_name("other disk")
    make_picture(other / "yellow.jpg", (240, 240, 10))
    living.add(other)
    red, blue = living.id_of(photos / "red.jpg"), living.id_of(photos / "blue.jpg")
    (photos / "sub").mkdir()
    (photos / "red.jpg").rename(photos / "sub" / "red.jpg")
    (photos / "blue.jpg").rename(other / "blue.jpg")
    living.until_places_are(*places(photos), *places(other))
    assert living.id_of(photos / "sub" / "red.jpg") == red
    assert living.id_of(other / "blue.jpg") == blue
    assert living.encoded == 4


def test_files_may_change_places_with_each_other(living: Living, photos: Path) -> None:
    red, blue = living.id_of(photos / "red.jpg"), living.id_of(photos / "blue.jpg")
    (photos / "red.jpg").rename(photos / "aside")
    (photos / "blue.jpg").rename(photos / "red.jpg")
    (photos / "aside").rename(photos / "blue.jpg")
    living.until(lambda: living.id_of(photos / "red.jpg") == blue)
    assert living.id_of(photos / "blue.jpg") == red
    assert living.nearest("red") == "blue.jpg"
    assert living.encoded == 3


def test_a_directory_that_is_renamed_costs_nothing(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    for number in range(40):
        make_picture(photos / "2019" / "Rome" / f"{number}.jpg", (number * 5, 90, 40))
    living.until(lambda: living.client.status().counts.vector_count == 43)
    living.index()
    encoded = living.encoded
    ids = {path.name: living.id_of(path) for path in places(photos / "2019")}
    (photos / "2019").rename(photos / "Summer of 2019")
    living.until_places_are(*places(photos))
    assert {path.name: living.id_of(path) for path in places(photos / "Summer of 2019")} == ids
    assert living.encoded == encoded


def test_a_copy_and_a_hard_link_are_the_same_photo_at_several_places(
    living: Living, photos: Path
) -> None:
    copy_elsewhere(photos / "red.jpg", photos / "copies" / "red again.jpg")
    os.link(photos / "blue.jpg", photos / "copies" / "blue.jpg")
    living.until_places_are(*places(photos))
    assert living.id_of(photos / "copies" / "red again.jpg") == living.id_of(photos / "red.jpg")
    assert living.id_of(photos / "copies" / "blue.jpg") == living.id_of(photos / "blue.jpg")
    assert living.encoded == 3
    # A file with two names is there once.
    assert sorted(living.found("copies:1")) == ["blue.jpg", "green.jpg"]
    assert living.found("copies:>1") == ["red.jpg"]
    (photos / "red.jpg").unlink()
    living.until_places_are(*places(photos))
    assert living.nearest("red") == "red again.jpg", "what is left of it is shown"


def test_what_is_written_under_one_name_is_noticed_under_the_other(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    os.link(photos / "red.jpg", photos / "also red.jpg")
    living.until_places_are(*places(photos))
    make_picture(photos / "red.jpg", (240, 240, 10), size_px=(80, 80))
    living.until(lambda: living.nearest("yellow") in {"red.jpg", "also red.jpg"})
    living.until(lambda: living.id_of(photos / "red.jpg") == living.id_of(photos / "also red.jpg"))
    assert living.client.status().counts.photo_count == 3


def test_a_replaced_photo_is_another_one(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    red = living.id_of(photos / "red.jpg")
    draft = make_picture(photos.with_name("draft.jpg"), (240, 240, 10))
    draft.replace(photos / "red.jpg")
    living.until(lambda: living.id_of(photos / "red.jpg") != red)
    living.until(lambda: living.nearest("yellow") == "red.jpg")
    assert living.encoded == 4


def test_a_photo_that_is_written_over_in_place_is_read_again(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    make_picture(photos / "red.jpg", (240, 240, 10), size_px=(80, 80))
    living.until(lambda: living.nearest("yellow") == "red.jpg")
    assert living.client.status().counts.photo_count == 3


def test_a_backup_restored_with_another_time_costs_no_inference(
    living: Living, photos: Path
) -> None:
    red = living.id_of(photos / "red.jpg")
    content = (photos / "red.jpg").read_bytes()
    (photos / "red.jpg").unlink()
    living.until_places_are(*places(photos))
    (photos / "red.jpg").write_bytes(content)
    touch_later(photos / "red.jpg")
    living.until_places_are(*places(photos))
    assert living.id_of(photos / "red.jpg") == red
    assert living.nearest("red") == "red.jpg"
    assert living.encoded == 3


def test_tagging_with_another_program_costs_no_inference_and_loses_nothing(
    living: Living, photos: Path
) -> None:
    ids = {path: living.id_of(path) for path in places(photos)}
    living.client.change_photos(list(ids.values()), UserChange(add_tags=("kept",), rating=5))
    for path in ids:
        image = exiv2.ImageFactory.open(str(path))
        image.readMetadata()
        image.exifData()["Exif.Image.ImageDescription"] = "Grandma on the boat"
        image.writeMetadata()
    living.until(lambda: len(living.found('caption:"on the boat"')) == 3)
    assert {path: living.id_of(path) for path in ids} == ids
    assert sorted(living.found("tag:kept rating:5")) == sorted(path.name for path in ids)
    assert living.encoded == 3


def test_what_lies_only_on_one_disk_can_be_asked_for(
    living: Living, photos: Path, make_picture: MakePicture
) -> None:
    card = photos.with_name("Card")
    make_picture(card / "new.jpg", (240, 240, 10))
    copy_elsewhere(photos / "red.jpg", card / "red.jpg")
    living.add(card)
    assert living.found('only-on:"Card"') == ["new.jpg"]
    assert sorted(living.found("only-on:photos")) == ["blue.jpg", "green.jpg"]
    copy_elsewhere(card / "new.jpg", photos / "saved" / "new.jpg")
    living.until(lambda: living.found('only-on:"Card"') == [])
    assert living.encoded == 4


def test_raw_files_and_sidecars_belong_to_their_photo(living: Living, photos: Path) -> None:
    (photos / "red.nef").write_bytes(b"II*\0" + bytes(4000))
    (photos / "blue.jpg.xmp").write_text(_sidecar("Oma", rating=4), encoding="utf-8")
    living.until(lambda: living.found("tag:Oma") == ["blue.jpg"])
    assert living.found("rating:4") == ["blue.jpg"]
    living.index()
    assert living.client.status().counts.file_count == 3
    assert living.client.failures() == [], "the raw file is not read, its photo is"
    assert living.found("copies:>1") == []
    (photos / "blue.jpg.xmp").write_text(_sidecar("Opa", rating=2), encoding="utf-8")
    living.until(lambda: living.found("tag:Opa rating:2") == ["blue.jpg"])
    assert living.found("tag:Oma") == []
    assert living.encoded == 3
    (photos / "red.jpg").unlink()
    living.until(lambda: [one.path for one in living.client.failures()] == [photos / "red.nef"])


def _sidecar(tag: str, rating: int) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmp:Rating="{rating}"><dc:subject><rdf:Bag><rdf:li>{tag}</rdf:li></rdf:Bag>'
        "</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
